"""The files of an L2A product as Assets, in the spelling that every reader of today opens.

Each fact of a raster stands twice: in the words of STAC 1.1 (`bands`, `data_type`, `nodata`) and
in those of the eo and raster extensions v1 (`eo:bands`, `raster:bands`), because odc-stac takes
band names from the latter and stackstac scales, and both fail or mislead without. Grids stand on
each Asset: one Item has two.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pystac

from peps_stac.domain import Grid, L2AProduct
from peps_stac.muscate.bands import BANDS, Band, wavelength
from peps_stac.muscate.masks import EDG_VALUES, MASKS, Bit, MaskValue, bits
from peps_stac.stac.layers import (
    METADATA_KEY,
    THUMBNAIL_KEY,
    VISUAL_KEY,
    Layer,
    in_order,
    is_first_choice,
    layers_of,
)

_Fields = dict[str, Any]

_FAMILIES = {
    "FRE": "Surface reflectance corrected for slopes (FRE)",
    "SRE": "Surface reflectance, not corrected for slopes (SRE)",
}
_ATMOSPHERE = {
    "WVC": "Water vapour content",
    "AOT": "Aerosol optical thickness at 550 nm",
}
_INTEGER = "uint8"


@dataclass(frozen=True, slots=True)
class AssetFile:
    """What is known of the file of an Asset, beyond what the product says."""

    href: str
    """As the Item's file has to write it."""
    size: int | None = None
    """Bytes; None: not told."""
    is_cog: bool = False
    """Whether it is a COG; many readers show no other GeoTIFF."""
    statistics: Mapping[str, float] = field(default_factory=dict)
    """`bands[].statistics` of a single band, in STAC's words; only what is known."""
    grid: Grid | None = None
    """As the file itself says; None: as the product says of the group."""


def assets_of(product: L2AProduct, files: Mapping[str, AssetFile]) -> dict[str, pystac.Asset]:
    """The Assets that have a file: reflectance first, then masks, then the rest.

    Args:
        product: Whose files are described.
        files: By key of the Asset; a layer that is missing here gets none.
    """
    found = {
        layer.key: _asset(product, layer, files[layer.key])
        for layer in layers_of(product)
        if layer.key in files
    }
    for key, describe in _OWN.items():
        if key in files:
            found[key] = describe(files[key])
    if THUMBNAIL_KEY in found:
        found = {key: with_thumbnail_beside(key, asset) for key, asset in found.items()}
    return {key: found[key] for key in in_order(found)}


def with_thumbnail_beside(key: str, asset: pystac.Asset) -> pystac.Asset:
    """The Asset of an Item that has a `thumbnail`, whose role the quicklook then gives up."""
    if key == THUMBNAIL_KEY or "thumbnail" not in (asset.roles or ()):
        return asset
    changed = asset.clone()
    changed.roles = [role for role in asset.roles or () if role != "thumbnail"]
    return changed


def _asset(product: L2AProduct, layer: Layer, file: AssetFile) -> pystac.Asset:
    describe = _DESCRIPTIONS.get(layer.file.kind, _mask)
    title, media_type, roles, fields = describe(product, layer)
    if file.grid:
        fields |= _grid_fields(file.grid)
    if file.statistics:
        [band] = fields["bands"]
        fields["bands"] = [{**band, "statistics": dict(file.statistics)}]
    return pystac.Asset(
        file.href,
        title=title,
        media_type=pystac.MediaType.COG if file.is_cog else media_type,
        roles=roles,
        extra_fields={**fields, **_size_field(file.size)},
    )


def _metadata(file: AssetFile) -> pystac.Asset:
    return pystac.Asset(
        file.href,
        title="Metadata of the product (MTD_ALL)",
        media_type=pystac.MediaType.XML,
        roles=["metadata"],
        extra_fields=_size_field(file.size),
    )


def _visual(file: AssetFile) -> pystac.Asset:
    """No `eo:bands`: readers would take it for a second asset of the name `red`."""
    names = ("red", "green", "blue")
    fields: _Fields = {**_grid_fields(file.grid)} if file.grid else {}
    fields |= {
        "data_type": _INTEGER,
        "nodata": 0,
        "bands": [{"name": name, "eo:common_name": name} for name in names],
    }
    return pystac.Asset(
        file.href,
        title="True colour, reflectance 0 to 0.3, for viewing only",
        media_type=pystac.MediaType.COG,
        roles=["visual", "overview"],
        extra_fields={**fields, **_size_field(file.size)},
    )


def _thumbnail(file: AssetFile) -> pystac.Asset:
    return pystac.Asset(
        file.href,
        title="True colour, small",
        media_type=pystac.MediaType.JPEG,
        roles=["thumbnail"],
        extra_fields=_size_field(file.size),
    )


_OWN: Final[Mapping[str, Callable[[AssetFile], pystac.Asset]]] = {
    VISUAL_KEY: _visual,
    THUMBNAIL_KEY: _thumbnail,
    METADATA_KEY: _metadata,
}

_Description = tuple[str, str, list[str], _Fields]


def _reflectance(product: L2AProduct, layer: Layer) -> _Description:
    file = layer.file
    band = BANDS[str(file.band)]
    grid = product.grids[str(file.group)]
    facts = _band_facts(product, band, with_common_name=is_first_choice(product, file))
    raster = _raster_band(grid, "int16", product.reflectance_nodata, product.reflectance_scale)
    fields = {
        **_grid_fields(grid),
        "data_type": "int16",
        "nodata": product.reflectance_nodata,
        "bands": [{"name": band.name, **{f"eo:{name}": fact for name, fact in facts.items()}}],
        "eo:bands": [{"name": band.name, **facts}],
        "raster:bands": [raster],
    }
    title = f"{_FAMILIES[file.kind]}, {band.name} ({band.common_name}), {_metres(grid)}"
    return title, pystac.MediaType.GEOTIFF, ["data", "reflectance"], fields


def _atmosphere(product: L2AProduct, layer: Layer) -> _Description:
    """One file, two bands, or one of them; `nodata` stands on the Asset where all agree."""
    grid = product.grids[str(layer.file.group)]
    values = {"WVC": product.water_vapour_nodata, "AOT": product.aerosol_nodata}
    water = _raster_band(grid, _INTEGER, values["WVC"], product.water_vapour_scale)
    aerosols = _raster_band(grid, _INTEGER, values["AOT"], product.aerosol_scale)
    rasters = {"WVC": {**water, "unit": "g/cm2"}, "AOT": aerosols}
    parts = [part for part in _ATMOSPHERE if layer.part in (None, part)]
    named = [{"name": part, "description": _ATMOSPHERE[part]} for part in parts]
    own = {"nodata": values[parts[0]]} if len({values[part] for part in parts}) == 1 else {}
    fields = {
        **_grid_fields(grid),
        "data_type": _INTEGER,
        **own,
        "bands": [
            {**band, "nodata": values[part]} for band, part in zip(named, parts, strict=True)
        ],
        "eo:bands": named,
        "raster:bands": [rasters[part] for part in parts],
    }
    what = (
        f"{_ATMOSPHERE[layer.part]} ({layer.part})"
        if layer.part
        else "Water vapour and aerosols (ATB)"
    )
    return f"{what}, {_metres(grid)}", pystac.MediaType.GEOTIFF, ["data"], fields


def _mask(product: L2AProduct, layer_of_mask: Layer) -> _Description:
    """No nodata: 0 means "no" in every mask, and EDG tells what lies outside the image."""
    file = layer_of_mask.file
    layer, group = MASKS[file.kind], str(file.group)
    grid = product.grids[group]
    name = file.kind if file.detector is None else f"{file.kind}_D{file.detector}"
    fields = {
        **_grid_fields(grid),
        "data_type": _INTEGER,
        "bands": [{"name": name}],
        "eo:bands": [{"name": name}],
        "raster:bands": [{"data_type": _INTEGER, "spatial_resolution": _plain(grid.xdim)}],
    }
    if found := bits(file.kind, group, product.interpolation_bits):
        fields["classification:bitfields"] = [_bit_field(bit) for bit in found]
    if file.kind == "EDG":
        fields["classification:classes"] = [_class(value) for value in EDG_VALUES]
    detector = f" {file.detector}" if file.detector else ""
    title = f"{layer.title}{detector} ({file.kind}), {_metres(grid)}"
    return title, pystac.MediaType.GEOTIFF, list(layer.roles), fields


def _quicklook(_: L2AProduct, layer: Layer) -> _Description:
    is_png = layer.file.path.lower().endswith(".png")
    media_type = pystac.MediaType.PNG if is_png else pystac.MediaType.JPEG
    return "Quicklook, not georeferenced", media_type, ["thumbnail", "overview"], {}


def _processing(_: L2AProduct, __: Layer) -> _Description:
    return "How MAJA ran (JPI)", pystac.MediaType.XML, ["metadata"], {}


_DESCRIPTIONS: Final[Mapping[str, Callable[[L2AProduct, Layer], _Description]]] = {
    "FRE": _reflectance,
    "SRE": _reflectance,
    "ATB": _atmosphere,
    "QKL": _quicklook,
    "JPI": _processing,
}


def _band_facts(product: L2AProduct, band: Band, *, with_common_name: bool) -> _Fields:
    facts: _Fields = {"common_name": band.common_name} if with_common_name else {}
    if seen := wavelength(product.platform, band.maja):
        facts["center_wavelength"] = seen.center
        facts["full_width_half_max"] = seen.full_width_half_max
    if band.maja in product.solar_irradiance:
        facts["solar_illumination"] = product.solar_irradiance[band.maja]
    return facts


def _raster_band(grid: Grid, data_type: str, nodata: int, scale: float) -> _Fields:
    return {
        "data_type": data_type,
        "nodata": nodata,
        "scale": scale,
        "offset": 0,
        "spatial_resolution": _plain(grid.xdim),
    }


def _grid_fields(grid: Grid) -> _Fields:
    return {
        "gsd": _plain(grid.xdim),
        "proj:shape": [grid.rows, grid.columns],
        "proj:transform": [_plain(number) for number in grid.transform],
    }


def _bit_field(bit: Bit) -> _Fields:
    return {
        "name": bit.name,
        "offset": bit.offset,
        "length": 1,
        "description": bit.description,
        "classes": [
            {"value": 0, "name": f"not_{bit.name}"},
            {"value": 1, "name": bit.name},
        ],
        **({"roles": list(bit.roles)} if bit.roles else {}),
    }


def _class(value: MaskValue) -> _Fields:
    fields = {"value": value.value, "name": value.name, "description": value.description}
    return {**fields, "nodata": True} if value.nodata else fields


def _size_field(size: int | None) -> _Fields:
    return {} if size is None else {"file:size": size}


def _metres(grid: Grid) -> str:
    return f"{grid.xdim:g} m"


def _plain(number: float) -> float:
    """The same number, without `.0`: whole metres are written as such."""
    return int(number) if float(number).is_integer() else number
