"""What a MAJA product can show, by the keys of its Assets, before anything is written.

A product's file is one Asset, but for the atmosphere: its file holds two bands, and where each
becomes a COG of its own it is two Assets.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from peps_stac.domain import L2AProduct, ProductFile
from peps_stac.muscate.bands import BANDS
from peps_stac.muscate.masks import MASKS

METADATA_KEY: Final = "metadata"
QUICKLOOK_KEY: Final = "quicklook"
PROCESSING_KEY: Final = "processing-information"
VISUAL_KEY: Final = "visual"
THUMBNAIL_KEY: Final = "thumbnail"

TRUE_COLOUR: Final = ("B04", "B03", "B02")
"""Keys of red, green and blue, of which `visual` and `thumbnail` are made."""

ATMOSPHERE: Final = ("WVC", "AOT")
"""What the bands of an ATB file are, from 1."""


class AssetMode(StrEnum):
    """In what form the files of a product are kept."""

    COG = "cog"
    """Each raster as a COG in the catalog, with statistics and previews."""
    RAW = "raw"
    """As MAJA wrote them: unpacked into the catalog, or where they lay unpacked already."""
    ZIP = "zip"
    """Rasters inside the archive as delivered."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One file of a product, or one band of it, that is an Asset by itself."""

    key: str
    """Such as `B02`, `SRE_B02`, `WVC_R1`, `CLM_R1` or `DTF_R1-D05`."""
    file: ProductFile
    part: str | None = None
    """WVC or AOT, the band of an ATB file; None: the whole file."""

    @property
    def band(self) -> int | None:
        """The band that `part` is, from 1; None for the whole file."""
        return None if self.part is None else ATMOSPHERE.index(self.part) + 1


def layers_of(product: L2AProduct) -> tuple[Layer, ...]:
    """Reflectance first, then atmosphere, masks and the rest; ATB whole and by its bands."""
    return tuple(layer for file in sorted(product.files, key=_rank) for layer in _of(product, file))


def keys_of(product: L2AProduct, mode: AssetMode) -> tuple[str, ...]:
    """Keys of all Assets that a product can have in a mode, in the order of an Item."""
    keys = [layer.key for layer in layers_of(product) if _is_of(layer, mode)]
    can_be_drawn = mode is AssetMode.COG and set(TRUE_COLOUR) <= set(keys)
    drawn = (VISUAL_KEY, THUMBNAIL_KEY) if can_be_drawn else ()
    return in_order([*keys, *drawn, METADATA_KEY])


def known_keys(mode: AssetMode) -> tuple[str, ...]:
    """Keys that an Item of any product may have in a mode, in the order of an Item."""
    left_out = _WHOLE_ATMOSPHERE if mode is AssetMode.COG else _SPLIT_ATMOSPHERE + _DRAWN
    return tuple(key for key in _ALL if key not in left_out)


def in_order(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys in the order of an Item; those that nobody knows last."""
    return tuple(sorted(keys, key=lambda key: (_PLACE.get(key, len(_PLACE)), key)))


def is_first_choice(product: L2AProduct, file: ProductFile) -> bool:
    """Whether a band is the one that `B02` and `blue` stand for: FRE, or SRE where that is all."""
    return file.kind == "FRE" or all(other.kind != "FRE" for other in product.files)


def asset_key(product: L2AProduct, file: ProductFile) -> str:
    """The key of a whole file's Asset, such as `B02`, `SRE_B02`, `CLM_R1` or `DTF_R1-D05`.

    Plain band names are FRE, or SRE in a product that has no FRE.
    """
    if file.band is not None:
        name = BANDS[file.band].name
        return name if is_first_choice(product, file) else f"{file.kind}_{name}"
    if file.detector is not None:
        return f"{file.kind}_{file.group}-D{file.detector}"
    named = {"QKL": QUICKLOOK_KEY, "JPI": PROCESSING_KEY}
    return named.get(file.kind) or f"{file.kind}_{file.group}"


def _of(product: L2AProduct, file: ProductFile) -> Iterator[Layer]:
    yield Layer(asset_key(product, file), file)
    if file.kind == "ATB":
        yield from (Layer(f"{part}_{file.group}", file, part) for part in ATMOSPHERE)


def _is_of(layer: Layer, mode: AssetMode) -> bool:
    """Whether a mode has this layer: COGs have one band each."""
    if mode is AssetMode.COG:
        return layer.file.kind != "ATB" or layer.part is not None
    return layer.part is None


_KIND_ORDER = ("FRE", "SRE", "ATB", *MASKS, "QKL", "JPI")


def _rank(file: ProductFile) -> tuple[int, int, str, str]:
    band = list(BANDS).index(file.band) if file.band else -1
    return _KIND_ORDER.index(file.kind), band, file.group or "", file.detector or ""


_GROUPS = ("R1", "R2")
_DETECTORS = range(1, 13)
_WHOLE_ATMOSPHERE = tuple(f"ATB_{group}" for group in _GROUPS)
_SPLIT_ATMOSPHERE = tuple(f"{part}_{group}" for group in _GROUPS for part in ATMOSPHERE)
_DRAWN = (VISUAL_KEY, THUMBNAIL_KEY)
_ALL = (
    *(band.name for band in BANDS.values()),
    *(f"SRE_{band.name}" for band in BANDS.values()),
    *_WHOLE_ATMOSPHERE,
    *_SPLIT_ATMOSPHERE,
    *(f"{mask}_{group}" for mask in MASKS if mask != "DTF" for group in _GROUPS),
    *(f"DTF_{group}-D{detector:02d}" for group in _GROUPS for detector in _DETECTORS),
    *_DRAWN,
    QUICKLOOK_KEY,
    PROCESSING_KEY,
    METADATA_KEY,
)
_PLACE = {key: place for place, key in enumerate(_ALL)}
