"""The ten bands of a MAJA product, and how each Sentinel-2 satellite sees them.

Wavelengths are the response-weighted means, and widths those at half of the maximum, of ESA's
spectral responses v4.0 of 2024 (COPE-GSEG-EOPG-TN-15-0007). They differ between satellites, so
a satellite that is not in the table gets none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

GROUPS: Final[Mapping[str, int]] = {"R1": 10, "R2": 20}
"""Metres a pixel of each resolution group."""


@dataclass(frozen=True, slots=True)
class Band:
    """One band, whichever satellite took it."""

    maja: str
    """MAJA's name, without leading zero: B2."""
    name: str
    """ESA's name, as STAC catalogues write it: B02."""
    common_name: str
    """Of the STAC eo extension v1."""
    group: str
    """Resolution group: R1 or R2."""

    @property
    def gsd(self) -> int:
        """Metres a pixel."""
        return GROUPS[self.group]


@dataclass(frozen=True, slots=True)
class Wavelength:
    """How one satellite sees one band, micrometres."""

    center: float
    full_width_half_max: float


BANDS: Final[Mapping[str, Band]] = {
    band.maja: band
    for band in (
        Band("B2", "B02", "blue", "R1"),
        Band("B3", "B03", "green", "R1"),
        Band("B4", "B04", "red", "R1"),
        Band("B5", "B05", "rededge", "R2"),
        Band("B6", "B06", "rededge", "R2"),
        Band("B7", "B07", "rededge", "R2"),
        Band("B8", "B08", "nir", "R1"),
        Band("B8A", "B8A", "nir08", "R2"),
        Band("B11", "B11", "swir16", "R2"),
        Band("B12", "B12", "swir22", "R2"),
    )
}
"""By MAJA's name, in the order of wavelength."""

# Nanometres: (mean wavelength, width), in the order of BANDS.
_NANOMETRES: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "sentinel-2a": (
        (492.7, 64.3),
        (559.8, 34.8),
        (664.6, 30.6),
        (704.1, 14.0),
        (740.5, 13.6),
        (782.8, 19.0),
        (832.8, 104.8),
        (864.7, 20.5),
        (1613.7, 89.7),
        (2202.4, 173.6),
    ),
    "sentinel-2b": (
        (492.3, 64.9),
        (558.9, 35.1),
        (664.9, 30.3),
        (703.8, 14.1),
        (739.1, 13.6),
        (779.7, 19.8),
        (832.9, 104.9),
        (864.0, 20.7),
        (1610.4, 93.5),
        (2185.7, 183.4),
    ),
    "sentinel-2c": (
        (489.0, 65.3),
        (560.6, 35.4),
        (666.5, 30.4),
        (707.1, 15.3),
        (741.1, 15.3),
        (784.7, 20.3),
        (834.6, 95.8),
        (865.6, 20.0),
        (1612.0, 90.3),
        (2191.3, 183.2),
    ),
}


def wavelength(platform: str, band: str) -> Wavelength | None:
    """How a satellite (`sentinel-2a`) sees a band (`B8A`); None when the table has neither."""
    if platform not in _NANOMETRES or band not in BANDS:
        return None
    center, width = _NANOMETRES[platform][list(BANDS).index(band)]
    return Wavelength(_micrometres(center), _micrometres(width))


def _micrometres(nanometres: float) -> float:
    return round(nanometres / 1000, 4)  # the tables give tenths of a nanometre
