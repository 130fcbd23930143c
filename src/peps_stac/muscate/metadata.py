"""`*_MTD_ALL.xml`, from which everything else in a product is found.

Written by MAJA 3.1 to 4.x and by Theia's chain before it: root `Muscate_Metadata_Document`
without namespace, format 1.16. What identifies the product and places it on the ground is
required; all else may be missing, and is then None. Two facts are not in this file: the version
of MAJA and the true footprint.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, TypeVar

from peps_stac.domain import Grid, L2AProduct, ProductFile, ViewAngles
from peps_stac.errors import ResponseError
from peps_stac.muscate.document import (
    Document,
    attribute_of,
    instant_of,
    number_of,
    text_of,
    whole_of,
)
from peps_stac.muscate.files import interpolation_bits, list_files
from peps_stac.muscate.masks import usual_interpolation
from peps_stac.muscate.names import ProductName, platform_of

LONGEST_PASS: Final = timedelta(minutes=15)
"""From the start of a datatake to the sensing of its last tile."""

_ROOT = "Muscate_Metadata_Document"
_OTHER_ROOTS = {
    "Earth_Explorer_File": "a file of MAJA's native (Earth Explorer) format",
    "Earth_Explorer_Header": "a file of MAJA's native (Earth Explorer) format",
    "Level-1C_User_Product": "ESA's L1C",
    "Level-1C_Tile_ID": "ESA's L1C",
    "Level-2A_User_Product": "ESA's own L2A (Sen2Cor)",
    "Level-2A_Tile_ID": "ESA's own L2A (Sen2Cor)",
    "JobProcessingInformations": "the processing information of a product",
}
_ONLY = "only Sentinel-2 L2A of MAJA in MUSCATE format is read"

_ABOUT = "Product_Characteristics"
_PLACE = "Geoposition_Informations"
_ANGLES = "Geometric_Informations/Mean_Value_List"
_VALUES = "Radiometric_Informations"

_LEVEL_IN_ID = re.compile(r"_(L\d[A-Z]?)_")
_EPSG = re.compile(r"(?:.*:)?(?P<code>32[67](?:0[1-9]|[1-5]\d|60))(?:\.0*)?")
_ESA_L1C = re.compile(r"S2[A-Z]_MSIL1C_(?P<start>\d{8}T\d{6})_")
_GROUP = re.compile(r"R\d")
_Number = TypeVar("_Number", int, float)

_MOST_PIXELS = 100_000
# Metres, wider than any tile: further out, UTM has no place on the ground.
_EASTINGS = (-1e6, 2e6)
_NORTHINGS = (-1e6, 1.1e7)


def read_metadata(content: bytes, path: str) -> L2AProduct:
    """The product that a `*_MTD_ALL.xml` describes.

    A product that MAJA declared not valid lists no images, so none is asked for here.

    Args:
        content: The file.
        path: Where it stands in its archive or folder; becomes `metadata_path`.

    Raises:
        ResponseError: Not a Sentinel-2 L2A product of MAJA, or a required fact is missing.
    """
    document = Document.parse(content, path.rpartition("/")[2])
    _refuse_others(document)
    product_id = document.required(f"{_ABOUT}/PRODUCT_ID")
    name = _name_of(document, product_id)
    acquired = instant_of(document.required(f"{_ABOUT}/ACQUISITION_DATE"))
    platform = platform_of(document.required(f"{_ABOUT}/PLATFORM")) or name.platform
    scales = f"{_VALUES}/{{}}_QUANTIFICATION_VALUE"
    special = _named(document, f"{_VALUES}/Special_Values_List/SPECIAL_VALUE")
    quality = _quality(document)
    grids = _grids(document)
    l1c_name, datatake_start = _input(document, acquired or name.acquired)
    return L2AProduct(
        product_id=product_id,
        acquired=acquired or document.fail("ACQUISITION_DATE tells no time"),
        platform=platform,
        tile=name.tile,
        epsg=_epsg(document),
        grids=grids,
        metadata_path=path,
        files=_files(document, grids),
        version=document.text(f"{_ABOUT}/PRODUCT_VERSION"),
        profile=document.text("Metadata_Identification/METADATA_PROFILE"),
        produced=instant_of(document.text(f"{_ABOUT}/PRODUCTION_DATE")),
        absolute_orbit=_orbit(document),
        sun_zenith=number_of(document.text(f"{_ANGLES}/Sun_Angles/ZENITH_ANGLE")),
        sun_azimuth=number_of(document.text(f"{_ANGLES}/Sun_Angles/AZIMUTH_ANGLE")),
        view_angles=dict(_view_angles(document)),
        reflectance_scale=_scale(document, scales.format("REFLECTANCE"), 10_000),
        water_vapour_scale=_scale(document, scales.format("WATER_VAPOR_CONTENT"), 20),
        aerosol_scale=_scale(document, scales.format("AEROSOL_OPTICAL_THICKNESS"), 200),
        reflectance_nodata=_or(whole_of(special.get("nodata")), -10_000),
        water_vapour_nodata=_or(whole_of(special.get("water_vapor_content_nodata")), 0),
        aerosol_nodata=_or(whole_of(special.get("aerosol_optical_thickness_nodata")), 0),
        solar_irradiance=dict(_solar_irradiance(document)),
        cloud_cover=_percent(quality.get("CloudPercent")),
        snow_cover=_percent(quality.get("SnowPercent")),
        l1c_name=l1c_name,
        datatake_start=datatake_start,
        interpolation_bits=interpolation_bits(document)
        or usual_interpolation(name.version, name.profile),
    )


def _refuse_others(document: Document) -> None:
    tag = document.root.tag
    if tag != _ROOT:
        document.fail(f"this is {_OTHER_ROOTS.get(tag, f'a document {tag[:50]!r}')}; {_ONLY}")
    platform = document.required(f"{_ABOUT}/PLATFORM")
    level = document.text(f"{_ABOUT}/PRODUCT_LEVEL") or _level_of_id(document)
    if level.upper() != "L2A" or platform_of(platform) is None:
        document.fail(
            f"this is a product of level {level[:20]}, satellite {platform[:20]}; {_ONLY}"
        )


def _level_of_id(document: Document) -> str:
    match = _LEVEL_IN_ID.search(document.required(f"{_ABOUT}/PRODUCT_ID"))
    return match[1] if match else "unknown"


def _name_of(document: Document, product_id: str) -> ProductName:
    """The parsed id; the zone that the metadata name must be its tile."""
    try:
        name = ProductName.parse(product_id)
    except ResponseError as error:
        document.fail(f"PRODUCT_ID: {error}")
    zones = document.elements("Dataset_Identification/GEOGRAPHICAL_ZONE")
    for zone in zones:
        text = (text_of(zone) or "").upper().removeprefix("T")
        if attribute_of(zone, "type") in ("", "Tile") and text and text != str(name.tile):
            document.fail(f"PRODUCT_ID says tile {name.tile}, GEOGRAPHICAL_ZONE {text_of(zone)!r}")
    return name


def _epsg(document: Document) -> int:
    system = f"{_PLACE}/Coordinate_Reference_System/Horizontal_Coordinate_System"
    text = document.required(f"{system}/HORIZONTAL_CS_CODE")
    match = _EPSG.fullmatch(text)
    if match is None:
        document.fail(f"HORIZONTAL_CS_CODE {text[:50]!r} is not the EPSG code of a UTM zone")
    return int(match["code"])


def _grids(document: Document) -> dict[str, Grid]:
    groups = f"{_PLACE}/Geopositioning/Group_Geopositioning_List/Group_Geopositioning"
    grids: dict[str, Grid] = {}
    for element in document.elements(groups):
        group = attribute_of(element, "group_id")
        names = ("ULX", "ULY", "XDIM", "YDIM", "NROWS", "NCOLS")
        numbers = [number_of(text_of(element.find(name))) for name in names]
        if _GROUP.fullmatch(group):
            grids[group] = _grid(document, group, numbers)
    return grids or document.fail("no Group_Geopositioning, so nothing says where the tile lies")


def _grid(document: Document, group: str, numbers: list[float | None]) -> Grid:
    ulx, uly, xdim, ydim, rows, columns = (_or(number, float("nan")) for number in numbers)
    # Written so that a NaN fails every comparison.
    is_sound = (
        1 <= rows <= _MOST_PIXELS
        and 1 <= columns <= _MOST_PIXELS
        and rows.is_integer()
        and columns.is_integer()
        and xdim > 0
        and abs(ydim) > 0
        and _EASTINGS[0] <= ulx <= ulx + columns * xdim <= _EASTINGS[1]
        and _NORTHINGS[0] <= uly - rows * abs(ydim) <= uly <= _NORTHINGS[1]
    )
    if not is_sound:
        document.fail(f"Group_Geopositioning {group} tells no grid: {numbers}")
    return Grid(ulx, uly, xdim, -abs(ydim), int(rows), int(columns))


def _files(document: Document, grids: dict[str, Grid]) -> tuple[ProductFile, ...]:
    files = list_files(document)
    for file in files:
        if file.group is not None and file.group not in grids:
            document.fail(f"no grid for group {file.group} of the listed file {file.path}")
    return files


def _orbit(document: Document) -> int | None:
    orbit = whole_of(document.text(f"{_ABOUT}/ORBIT_NUMBER"))
    return orbit if orbit is not None and orbit > 0 else None


def _view_angles(document: Document) -> Iterator[tuple[str, ViewAngles]]:
    angles = f"{_ANGLES}/Mean_Viewing_Incidence_Angle_List/Mean_Viewing_Incidence_Angle"
    for element in document.elements(angles):
        zenith = number_of(text_of(element.find("ZENITH_ANGLE")))
        azimuth = number_of(text_of(element.find("AZIMUTH_ANGLE")))
        if zenith is not None and azimuth is not None:
            yield attribute_of(element, "band_id"), ViewAngles(zenith, azimuth)


def _solar_irradiance(document: Document) -> Iterator[tuple[str, float]]:
    bands = f"{_VALUES}/Spectral_Band_Informations_List/Spectral_Band_Informations"
    for element in document.elements(bands):
        irradiance = number_of(text_of(element.find("SOLAR_IRRADIANCE")))
        if irradiance is not None and irradiance > 0:
            yield attribute_of(element, "band_id"), irradiance


def _quality(document: Document) -> dict[str, str]:
    """The indexes of level N2, this product's own; others (`Geo`, `Natif`) stand beside it."""
    lists = "Quality_Informations/Current_Product/Product_Quality_List[@level='N2']"
    return _named(document, f"{lists}/Product_Quality/Global_Index_List/QUALITY_INDEX")


def _named(document: Document, path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in document.elements(path):
        found.setdefault(attribute_of(element, "name"), text_of(element) or "")
    return found


def _input(document: Document, acquired: datetime) -> tuple[str | None, datetime | None]:
    """Name of the L1C that went in, and the start of its datatake where one can be told.

    ESA's name tells the start to the second. Else it is the date of the input, unless that is
    the time of the tile itself or too far from it.
    """
    jobs = "Production_Informations/Processing_Jobs_List/Job/Products_List/Inputs_List/PRODUCT"
    for element in document.elements(jobs):
        name = text_of(element.find("PRODUCT_ID")) or ""
        if "L1C" not in name:
            continue
        match = _ESA_L1C.match(name)
        start = instant_of(match["start"]) if match else None
        stated = instant_of(text_of(element.find("ACQUISITION_DATE")))
        return name, _start_of_pass(stated, acquired) or _start_of_pass(start, acquired)
    return None, None


def _start_of_pass(start: datetime | None, acquired: datetime) -> datetime | None:
    if start is None or not timedelta(seconds=1) < acquired - start <= LONGEST_PASS:
        return None
    return start


def _scale(document: Document, path: str, usual: float) -> float:
    """What one count is worth; the files state how many counts make a unit."""
    counts = number_of(document.text(path))
    return 1 / (counts if counts is not None and counts > 0 else usual)


def _percent(text: str | None) -> float | None:
    number = number_of(text)
    return number if number is not None and 0 <= number <= 100 else None  # noqa: PLR2004 -- percent


def _or(value: _Number | None, default: _Number) -> _Number:
    return default if value is None else value
