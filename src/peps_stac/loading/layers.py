"""What can be loaded of a MAJA product, by name, and where each Item has it.

Common names mean the Assets with plain keys: FRE, or SRE in a product without FRE, never the
`SRE_` ones. The two bands of a raw ATB file go by the names that they have as COGs.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pystac

from peps_stac.errors import RequestError
from peps_stac.muscate.bands import BANDS, GROUPS
from peps_stac.muscate.masks import MASKS, bits
from peps_stac.stac.layers import ATMOSPHERE

EDGE: Final = "EDG"
CLOUDS: Final = "CLM"
SATURATION: Final = "SAT"


class Kind(StrEnum):
    """What the numbers are."""

    REFLECTANCE = "reflectance"
    ATMOSPHERE = "atmosphere"
    BITS = "bits"
    """A mask of bits: no number for "no data", 0 means "no"."""
    EDGE = "edge"
    """0 inside the image, 1 outside."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One band that every loaded Item has."""

    key: str
    """Of the Asset, or of the one it would be as a COG (`WVC_R1`)."""
    kind: Kind
    group: str
    """R1 or R2: the masks that go with it."""
    saturation_bit: int | None = None
    """Its bit in the SAT mask of its group; None for what does not saturate."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How numbers in a file become what they mean: `raw * scale + offset`."""

    data_type: str
    nodata: int | None
    scale: float
    offset: float
    unit: str


@dataclass(frozen=True, slots=True)
class Raster:
    """One layer of one Item."""

    path: str
    """Absolute."""
    band: int | None
    """From 1; None: the only one of the file."""
    tells_nodata: bool
    """Whether the file itself says what its nodata value is: COGs do, MAJA's own do not."""
    shape: tuple[int, int]
    transform: tuple[float, ...]
    """Six numbers, as `proj:transform`."""
    encoding: Encoding

    def href(self, *, with_nodata: bool) -> str:
        """What GDAL opens as a file of one band, and on demand as one that tells its nodata."""
        options = [] if self.band is None else [f"bands={self.band}"]
        if with_nodata and not self.tells_nodata and self.encoding.nodata is not None:
            options.append(f"a_nodata={self.encoding.nodata}")
        # GDAL takes only its own spelling of an address in there.
        path = self.path.replace("s3://", "/vsis3/", 1) if options else self.path
        return f"vrt://{path}?{'&'.join(options)}" if options else path

    @property
    def resolution(self) -> float:
        """Metres a pixel."""
        return self.transform[0]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """`(xmin, ymin, xmax, ymax)`, metres, CRS of the Item."""
        rows, columns = self.shape
        pixel, _, west, _, down, north = self.transform
        return west, north + down * rows, west + pixel * columns, north


# eo 2.0 tells the three red edges apart; in eo 1 all are `rededge`, which names none.
_RED_EDGES: Final[Mapping[str, str]] = {
    "rededge071": "B05",
    "rededge075": "B06",
    "rededge078": "B07",
}
_NAMES: Final[Mapping[str, str]] = {
    **{band.common_name: band.name for band in BANDS.values() if band.common_name != "rededge"},
    **_RED_EDGES,
}
_BAND_OF: Final = {band.name: band for band in BANDS.values()}
_REFLECTANCE = re.compile(r"(?:SRE_)?(?P<band>B\w\w)")
_ATMOSPHERE = re.compile(rf"(?:{'|'.join(ATMOSPHERE)})_(?P<group>R[12])")
_MASK = re.compile(rf"(?P<mask>{'|'.join(MASKS)})_(?P<group>R[12])(?:-D\d\d)?")


def layer_named(name: str) -> Layer:
    """The layer of a key (`B04`, `SRE_B04`, `WVC_R1`, `CLM_R2`) or common name (`red`).

    Raises:
        RequestError: Nothing in a MAJA product has this name.
    """
    key = _NAMES.get(name, name)
    if (match := _REFLECTANCE.fullmatch(key)) and match["band"] in _BAND_OF:
        band = _BAND_OF[match["band"]]
        in_group = [bit.name for bit in bits(SATURATION, band.group, {})]
        return Layer(key, Kind.REFLECTANCE, band.group, in_group.index(band.name))
    if match := _ATMOSPHERE.fullmatch(key):
        return Layer(key, Kind.ATMOSPHERE, match["group"])
    if match := _MASK.fullmatch(key):
        return Layer(key, Kind.EDGE if match["mask"] == EDGE else Kind.BITS, match["group"])
    raise RequestError(f"no band {name!r}; {_hint(name)}")


def mask_layer(mask: str, group: str) -> Layer:
    """The layer of EDG, CLM or SAT that goes with a group."""
    return layer_named(f"{mask}_{group}")


def has(item: pystac.Item, layer: Layer) -> bool:
    """Whether an Item has a layer, as an Asset of its own or as a band of ATB."""
    return layer.key in item.assets or _whole_atmosphere(layer) in item.assets


def raster_of(item: pystac.Item, layer: Layer) -> Raster:
    """Where an Item has a layer.

    Raises:
        RequestError: It has it not, or does not say what a reader needs to know.
    """
    if not has(item, layer):
        raise RequestError(
            f"Item {item.id!r} has no {layer.key}; choose other bands or Items "
            "(what `add --exclude` left out, a later `add` can bring)"
        )
    is_single = layer.key in item.assets
    asset = item.assets[layer.key if is_single else str(_whole_atmosphere(layer))]
    index = 0 if is_single else ATMOSPHERE.index(layer.key[:3])
    fields = asset.extra_fields
    try:
        rows, columns = fields["proj:shape"]
        return Raster(
            path=str(asset.get_absolute_href()),
            band=None if is_single else index + 1,
            tells_nodata=asset.media_type == pystac.MediaType.COG,
            shape=(rows, columns),
            transform=tuple(fields["proj:transform"][:6]),
            encoding=_encoding(fields["raster:bands"][index]),
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        message = f"Item {item.id!r}, {layer.key}: no grid or data type ({error!r})"
        raise RequestError(f"{message}; only Items that peps-stac wrote can be loaded") from error


def shared_encoding(layer: Layer, rasters: Iterable[Mapping[Layer, Raster]]) -> Encoding:
    """The one encoding that a layer has in all Items.

    Raises:
        RequestError: They differ.
    """
    first, *others = dict.fromkeys(files[layer].encoding for files in rasters)
    if others:
        message = f"{layer.key} is encoded in different ways: {first} and {others[0]}"
        raise RequestError(f"{message}; load these Items apart")
    return first


def epsg_of(item: pystac.Item) -> int:
    """EPSG code of an Item's rasters, also where pystac has dropped `proj:epsg` on reading.

    Raises:
        KeyError: It says none.
    """
    code = item.properties.get("proj:epsg")
    return int(code or item.properties["proj:code"].removeprefix("EPSG:"))


def _encoding(band: Mapping[str, Any]) -> Encoding:
    return Encoding(
        data_type=band["data_type"],
        nodata=band.get("nodata"),
        scale=band.get("scale", 1),
        offset=band.get("offset", 0),
        unit=band.get("unit", "1"),
    )


def _whole_atmosphere(layer: Layer) -> str | None:
    return f"ATB_{layer.group}" if layer.kind is Kind.ATMOSPHERE else None


def _hint(name: str) -> str:
    if name == "rededge":
        return "three bands are red edges: give B05, B06 or B07"
    if name in BANDS:
        return f"give {BANDS[name].name}"
    if name.startswith("ATB"):
        return f"it has two bands: give WVC_{name[4:] or 'R1'} or AOT_{name[4:] or 'R1'}"
    names = ", ".join([*_BAND_OF, *_NAMES])
    groups = ", ".join(f"{kind}_{group}" for kind in (*ATMOSPHERE, *MASKS) for group in GROUPS)
    return f"there are {names}; {groups}; and SRE_B02 and so on"
