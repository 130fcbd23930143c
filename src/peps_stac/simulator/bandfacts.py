"""What the metadata say of each band and satellite.

Central wavelengths and widths are computed from ESA's spectral responses (fact sheet on MUSCATE,
section 7); irradiances are those in ESA's products.
"""

import math
from dataclasses import dataclass

from peps_stac.simulator.chance import between
from peps_stac.simulator.materials import BANDS

R1_BANDS = ("B2", "B3", "B4", "B8")
R2_BANDS = ("B5", "B6", "B7", "B8A", "B11", "B12")
GROUPS = {"R1": R1_BANDS, "R2": R2_BANDS}
"""Bands by resolution: 10 m and 20 m in a full-size product; bits of SAT follow this order."""


@dataclass(frozen=True, slots=True)
class BandFacts:
    """One band of one satellite."""

    band: str
    resolution: int
    """Metres a pixel in a full-size product."""
    centre: float
    """Nanometres."""
    width: float
    """Nanometres, at half of the maximum."""
    irradiance: float
    """W/m2/um."""
    gain: float

    @property
    def limits(self) -> tuple[int, int]:
        """Shortest and longest wavelength in the response, nanometres."""
        reach = 0.62 * self.width + 4
        return math.floor(self.centre - reach), math.ceil(self.centre + reach)

    def response(self) -> tuple[float, ...]:
        """Relative response at every nanometre between the limits: flat in the middle."""
        low, high = self.limits
        steps = (abs(nm - self.centre) / (self.width / 2) for nm in range(low, high + 1))
        return tuple(round(math.exp(-math.log(2) * step**8), 6) for step in steps)


_RESOLUTIONS = (10, 10, 10, 20, 20, 20, 10, 20, 20, 20)
_CENTRES = {
    "A": (492.7, 559.8, 664.6, 704.1, 740.5, 782.8, 832.8, 864.7, 1613.7, 2202.4),
    "B": (492.3, 558.9, 664.9, 703.8, 739.1, 779.7, 832.9, 864.0, 1610.4, 2185.7),
    "C": (489.0, 560.6, 666.5, 707.1, 741.1, 784.7, 834.6, 865.6, 1612.0, 2191.3),
}
_WIDTHS = {
    "A": (64.3, 34.8, 30.6, 14.0, 13.6, 19.0, 104.8, 20.5, 89.7, 173.6),
    "B": (64.9, 35.1, 30.3, 14.1, 13.6, 19.0, 104.9, 20.7, 93.5, 183.4),
    "C": (65.3, 35.4, 30.4, 15.3, 15.3, 20.3, 95.8, 20.0, 88.2, 183.2),
}
_IRRADIANCES = {
    "A": (1941.63, 1822.61, 1512.79, 1425.56, 1288.32, 1163.19, 1036.39, 955.19, 245.59, 85.25),
    "B": (1959.75, 1824.93, 1512.79, 1425.78, 1291.13, 1175.57, 1041.28, 953.93, 247.08, 87.75),
}


def band_facts(platform: str) -> tuple[BandFacts, ...]:
    """The ten bands of `SENTINEL2A` and its sisters; one not known looks like 2A."""
    letter = platform[-1]
    return tuple(
        BandFacts(band, resolution, centre, width, irradiance, _gain(platform, band))
        for band, resolution, centre, width, irradiance in zip(
            BANDS,
            _RESOLUTIONS,
            _CENTRES.get(letter, _CENTRES["A"]),
            _WIDTHS.get(letter, _WIDTHS["A"]),
            _IRRADIANCES.get(letter, _IRRADIANCES["A"]),
            strict=True,
        )
    )


def _gain(platform: str, band: str) -> float:
    far = band in ("B11", "B12")
    return round(between(30, 110, platform, band) if far else between(3.5, 7, platform, band), 5)
