"""What the bits and values of MAJA's masks say.

Bit 0 is the lowest; MAJA's own `bit_number` counts from 1. Outside the image every mask but EDG
is 0 there, which reads as "clear": only EDG tells where there are no data.

Sources: CESBIO, "MAJA / Sentinel-2 output format"; the writer of MAJA 3.1 and 4.x.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from peps_stac.muscate.bands import BANDS, Band


@dataclass(frozen=True, slots=True)
class Bit:
    """One bit of a mask: 1 means that `name` holds."""

    offset: int
    name: str
    """Lower case, joined by underscores, or the name of a band."""
    description: str
    roles: tuple[str, ...] = ()
    """Words of the STAC best practices and the eo extension; empty where none fits."""


@dataclass(frozen=True, slots=True)
class MaskValue:
    """One value of a mask that is not made of bits."""

    value: int
    name: str
    description: str
    nodata: bool = False


@dataclass(frozen=True, slots=True)
class MaskLayer:
    """One kind of mask."""

    title: str
    roles: tuple[str, ...]


MASKS: Final[Mapping[str, MaskLayer]] = {
    "CLM": MaskLayer("Clouds and their shadows", ("data", "cloud", "cloud-shadow")),
    "MG2": MaskLayer(
        "Geophysical mask", ("data", "water-mask", "snow-ice", "cloud", "cloud-shadow")
    ),
    "EDG": MaskLayer("Edge of the image", ("data", "data-mask")),
    "SAT": MaskLayer("Saturated pixels", ("data", "saturation")),
    "IAB": MaskLayer("Interpolated water vapour and aerosols", ("data",)),
    "DFP": MaskLayer("Defective pixels", ("data",)),
    "DTF": MaskLayer("Footprint of a detector", ("data",)),
}

EDG_VALUES: Final = (
    MaskValue(0, "valid", "Inside the image"),
    MaskValue(1, "nodata", "Outside the image", nodata=True),
)

_CLOUD = ("cloud",)
_SHADOW = ("cloud-shadow",)

_CLM: Final = (
    Bit(0, "cloud_or_shadow", "All clouds but the thinnest, and shadows", _CLOUD + _SHADOW),
    Bit(1, "cloud", "All clouds but the thinnest", _CLOUD),
    Bit(2, "cloud_by_reflectance", "Clouds found by a threshold on one date", _CLOUD),
    Bit(3, "cloud_by_change", "Clouds found by change in time", _CLOUD),
    Bit(4, "thin_cloud", "Thinnest clouds, and the extension of clouds", _CLOUD),
    Bit(5, "shadow_of_seen_cloud", "Shadows of clouds inside the image", _SHADOW),
    Bit(6, "shadow_of_unseen_cloud", "Shadows of clouds outside the image", _SHADOW),
    Bit(7, "cirrus", "High clouds found at 1.38 micrometres", _CLOUD),
)

_DOUBT: Final = (
    "; bits 4 and 5 may be swapped in products of MAJA 4, whose writer and metadata disagree"
)

_MG2: Final = (
    Bit(0, "water", "Water", ("water-mask",)),
    Bit(1, "cloud", "All clouds but the thinnest (bit 1 of CLM)", _CLOUD),
    Bit(2, "snow", "Snow", ("snow-ice",)),
    Bit(3, "cloud_shadow", "Shadows of clouds (bits 5 and 6 of CLM)", _SHADOW),
    Bit(4, "topographic_shadow", f"Shadow of the relief{_DOUBT}"),
    Bit(5, "hidden_surface", f"Hidden by the relief{_DOUBT}"),
    Bit(6, "sun_too_low", "Sun too low for a correction of the slope"),
    Bit(7, "tangent_sun", "Sun tangent to the ground"),
)

_INTERPOLATED: Final[Mapping[str, str]] = {
    "WVC": "Water vapour content was interpolated",
    "AOT": "Aerosol optical thickness was interpolated",
}

_PER_BAND: Final[Mapping[str, str]] = {
    "SAT": "is saturated",
    "DFP": "is defective",
    "DTF": "was seen by this detector",
}

_LAST_VERSION_WITHOUT_WVC: Final = (1, 5)


def bits(kind: str, group: str, interpolation: Mapping[int, str]) -> tuple[Bit, ...]:
    """The bits of one mask, the lowest first; none for EDG or a kind that is not in `MASKS`.

    Args:
        kind: CLM, MG2, IAB, SAT, DFP or DTF.
        group: R1 or R2; the bits of SAT, DFP and DTF are the bands of the group.
        interpolation: The bits of IAB, which differ between versions: offset -> WVC or AOT.
    """
    if kind in _PER_BAND:
        return tuple(
            Bit(offset, band.name, f"{band.name} {_PER_BAND[kind]}", _band_roles(kind))
            for offset, band in enumerate(_bands_of(group))
        )
    if kind == "IAB":
        return tuple(
            Bit(offset, f"{name}_interpolated", _INTERPOLATED[name])
            for offset, name in sorted(interpolation.items())
        )
    return {"CLM": _CLM, "MG2": _MG2}.get(kind, ())


def usual_interpolation(version: str | None, profile_letter: str) -> dict[int, str]:
    """The bits of IAB where the metadata do not list them: offset -> WVC or AOT.

    Theia's products up to version 1.5 (letter D) have no mask of water vapour; MAJA run on
    ESA's L1C writes version 1.0, letter C, and has both (SNAP's reader; a product of 3.1.1).
    """
    numbers = tuple(int(part) for part in version.split(".")) if version else ()
    if profile_letter == "D" and () < numbers <= _LAST_VERSION_WITHOUT_WVC:
        return {0: "AOT"}
    return {0: "WVC", 1: "AOT"}


def _bands_of(group: str) -> Iterable[Band]:
    return (band for band in BANDS.values() if band.group == group)


def _band_roles(kind: str) -> tuple[str, ...]:
    return ("saturation",) if kind == "SAT" else ()
