"""The files of an L2A product as Assets, in the spelling that every reader of today opens.

Each fact of a raster stands twice: in the words of STAC 1.1 (`bands`, `data_type`, `nodata`) and
in those of the eo and raster extensions v1 (`eo:bands`, `raster:bands`), because odc-stac takes
band names from the latter and stackstac scales, and both fail or mislead without. Grids stand on
each Asset: one Item has two.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pystac

from peps_stac.domain import Grid, L2AProduct, ProductFile
from peps_stac.muscate.bands import BANDS, Band, wavelength
from peps_stac.muscate.masks import EDG_VALUES, MASKS, Bit, MaskValue, bits

METADATA_KEY: Final = "metadata"
QUICKLOOK_KEY: Final = "quicklook"
PROCESSING_KEY: Final = "processing-information"

_Fields = dict[str, Any]

_FAMILIES = {
    "FRE": "Surface reflectance corrected for slopes (FRE)",
    "SRE": "Surface reflectance, not corrected for slopes (SRE)",
}
_ORDER = ("FRE", "SRE", "ATB", *MASKS, "QKL", "JPI")
_INTEGER = "uint8"


def asset_key(product: L2AProduct, file: ProductFile) -> str:
    """The key of a file's Asset, such as `B02`, `SRE_B02`, `CLM_R1` or `DTF_R1-D05`.

    Plain band names are FRE, or SRE in a product that has no FRE.
    """
    if file.band is not None:
        name = BANDS[file.band].name
        return name if _is_first_choice(product, file) else f"{file.kind}_{name}"
    if file.detector is not None:
        return f"{file.kind}_{file.group}-D{file.detector}"
    named = {"QKL": QUICKLOOK_KEY, "JPI": PROCESSING_KEY}
    return named.get(file.kind) or f"{file.kind}_{file.group}"


def assets_of(
    product: L2AProduct, hrefs: Mapping[str, str], sizes: Mapping[str, int]
) -> dict[str, pystac.Asset]:
    """One Asset a file that has an href: reflectance first, then masks, then the rest.

    Args:
        product: Whose files are described.
        hrefs: By path relative to the metadata file; the metadata file itself by its name. A
            file that is missing here gets no Asset.
        sizes: Bytes, by the same paths; a missing one is not told.
    """
    found = {
        asset_key(product, file): _asset(product, file, hrefs[file.path], sizes.get(file.path))
        for file in sorted(product.files, key=_rank)
        if file.path in hrefs
    }
    name = product.metadata_path.rpartition("/")[2]
    if name in hrefs:
        found[METADATA_KEY] = pystac.Asset(
            hrefs[name],
            title="Metadata of the product (MTD_ALL)",
            media_type=pystac.MediaType.XML,
            roles=["metadata"],
            extra_fields=_size_field(sizes.get(name)),
        )
    return found


def _asset(product: L2AProduct, file: ProductFile, href: str, size: int | None) -> pystac.Asset:
    describe = _DESCRIPTIONS.get(file.kind, _mask)
    title, media_type, roles, fields = describe(product, file)
    return pystac.Asset(
        href,
        title=title,
        media_type=media_type,
        roles=roles,
        extra_fields={**fields, **_size_field(size)},
    )


_Description = tuple[str, str, list[str], _Fields]


def _reflectance(product: L2AProduct, file: ProductFile) -> _Description:
    band = BANDS[str(file.band)]
    grid = product.grids[str(file.group)]
    facts = _band_facts(product, band, with_common_name=_is_first_choice(product, file))
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


def _atmosphere(product: L2AProduct, file: ProductFile) -> _Description:
    """One file, two bands; `nodata` stands on the Asset only where both agree."""
    grid = product.grids[str(file.group)]
    named = [
        {"name": "WVC", "description": "Water vapour content"},
        {"name": "AOT", "description": "Aerosol optical thickness at 550 nm"},
    ]
    nodata = (product.water_vapour_nodata, product.aerosol_nodata)
    water = _raster_band(grid, _INTEGER, nodata[0], product.water_vapour_scale)
    aerosols = _raster_band(grid, _INTEGER, nodata[1], product.aerosol_scale)
    fields = {
        **_grid_fields(grid),
        "data_type": _INTEGER,
        **({"nodata": nodata[0]} if nodata[0] == nodata[1] else {}),
        "bands": [{**band, "nodata": value} for band, value in zip(named, nodata, strict=True)],
        "eo:bands": named,
        "raster:bands": [{**water, "unit": "g/cm2"}, aerosols],
    }
    title = f"Water vapour and aerosols (ATB), {_metres(grid)}"
    return title, pystac.MediaType.GEOTIFF, ["data"], fields


def _mask(product: L2AProduct, file: ProductFile) -> _Description:
    """No nodata: 0 means "no" in every mask, and EDG tells what lies outside the image."""
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


def _quicklook(_: L2AProduct, file: ProductFile) -> _Description:
    is_png = file.path.lower().endswith(".png")
    media_type = pystac.MediaType.PNG if is_png else pystac.MediaType.JPEG
    return "Quicklook, not georeferenced", media_type, ["thumbnail", "overview"], {}


def _processing(_: L2AProduct, __: ProductFile) -> _Description:
    return "How MAJA ran (JPI)", pystac.MediaType.XML, ["metadata"], {}


_DESCRIPTIONS: Final[Mapping[str, Callable[[L2AProduct, ProductFile], _Description]]] = {
    "FRE": _reflectance,
    "SRE": _reflectance,
    "ATB": _atmosphere,
    "QKL": _quicklook,
    "JPI": _processing,
}


def _is_first_choice(product: L2AProduct, file: ProductFile) -> bool:
    """Whether a band is the one that `B02` and `blue` stand for, among FRE and SRE."""
    return file.kind == "FRE" or all(other.kind != "FRE" for other in product.files)


def _rank(file: ProductFile) -> tuple[int, int, str, str]:
    band = list(BANDS).index(file.band) if file.band else -1
    return _ORDER.index(file.kind), band, file.group or "", file.detector or ""


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
    return int(number) if number.is_integer() else number
