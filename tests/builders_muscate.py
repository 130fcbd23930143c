"""MAJA products in MUSCATE format, synthetic: metadata as MAJA spells them, files of few bytes."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

R1_BANDS = ("B2", "B3", "B4", "B8")
R2_BANDS = ("B5", "B6", "B7", "B8A", "B11", "B12")
GROUPS = ("R1", "R2")
MG2_NATURES = (
    "Water",
    "Cloud",
    "Snow",
    "Cloud_Shadow",
    "Topography_Shadow",
    "Hidden_Surface",
    "Sun_Too_Low",
    "Tangent_Sun",
)
RASTER = b"II*\0"


@dataclass(frozen=True)
class Style:
    """How a product is spelled; the default is MAJA's own on ESA's L1C, of a whole tile."""

    name: str = "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_C_V1-0"
    acquired: str = "2017-11-27T10:58:27.648Z"
    zone: str = "T31TCJ"
    platform: str = "SENTINEL2B"
    level: str = "L2A"
    version: str | None = "1.0"
    profile: str = "USER"
    orbit: str = "3808"
    families: tuple[str, ...] = ("SRE", "FRE")
    masks: tuple[str, ...] = ("IAB", "CLM", "EDG", "SAT", "MG2")
    detectors: tuple[str, ...] = ()
    has_atmosphere: bool = True
    quicklook: str | None = "jpg"
    has_data: bool = True
    has_old_natures: bool = False
    validity: str = "L2VALD"
    number: str = "{}"
    """How whole numbers are written: `{:.1f}` for floats."""
    padding: str = ""
    """Around every text: blanks and line breaks."""
    prefix: str = ""
    """Before every path: `./`."""
    epsg: str = "32631"
    ulx: int = 300000
    uly: int = 4900020
    cloud: str = "54"
    l1c: str | None = "SENTINEL2B_20171127-105827-648_L1C_T31TCJ_C_V1-0"
    datatake: str = "2017-11-27T10:53:49.026Z"
    maja: str = "3.1.1"


def a_style(**changes: Any) -> Style:  # noqa: ANN401 -- the fields of Style
    """The default style with some facts changed."""
    return replace(Style(), **changes)


def a_southern_style() -> Style:
    """T32MNE touches the equator from the south: its upper edge is at 10 000 000 m."""
    return a_style(
        name="SENTINEL2A_20170402-093844-724_L2A_T32MNE_C_V1-4",
        acquired="2017-04-02T09:38:44.724Z",
        zone="T32MNE",
        platform="SENTINEL2A",
        version="1.4",
        epsg="32732",
        ulx=499980,
        uly=10000000,
        l1c=None,
    )


def a_metadata(style: Style | None = None) -> bytes:
    """An `MTD_ALL.xml`."""
    style = style or Style()
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<Muscate_Metadata_Document>
{_identity(style)}
<Product_Organisation><Muscate_Product>
{"".join(_organisation(style))}
</Muscate_Product></Product_Organisation>
{_place(style)}
{_angles(style)}
{_radiometry(style)}
{_quality(style)}
{_production(style)}
</Muscate_Metadata_Document>
"""
    return text.encode()


def a_jpi(style: Style | None = None) -> bytes:
    """A `JPI_ALL.xml`."""
    style = style or Style()
    flags = {
        "Processing_Mode": "BACKWARD_MODE",
        "Validity_Flag": style.validity,
        "CAMS_Processing": "Activated",
    }
    pairs = "".join(
        f"<Processing_Flags_And_Modes><Key>{key}</Key><Value>{value}</Value>"
        "</Processing_Flags_And_Modes>"
        for key, value in flags.items()
    )
    body = f"<Processing_Flags_And_Modes_List>{pairs}</Processing_Flags_And_Modes_List>"
    return f"<JobProcessingInformations>{body}</JobProcessingInformations>".encode()


def a_header(style: Style | None = None) -> bytes:
    """A `HDR.xml`."""
    style = style or Style()
    return f"""<Earth_Explorer_File xmlns="http://eop-cfi.esa.int/CFI"><Earth_Explorer_Header>
<Fixed_Header><Source><System>MAJA</System><Creator_Version>{style.maja}</Creator_Version>
<Creation_Date>UTC=2018-10-25T17:34:03</Creation_Date></Source></Fixed_Header>
</Earth_Explorer_Header></Earth_Explorer_File>""".encode()


def files_of(style: Style | None = None) -> dict[str, bytes]:
    """Every file of a product, by path below its own folder."""
    style = style or Style()
    rasters = [path for paths in _listed(style).values() for path in paths]
    files = {f"{style.name}_MTD_ALL.xml": a_metadata(style), **dict.fromkeys(rasters, RASTER)}
    if style.quicklook:
        files[f"{style.name}_QKL_ALL.{style.quicklook}"] = b"\xff\xd8"
    if style.has_data:
        files[f"DATA/{style.name}_JPI_ALL.xml"] = a_jpi(style)
        files[f"DATA/{style.name}_PVD_ALL/HDR.xml"] = a_header(style)
    return files


def write_zip(path: Path, style: Style | None = None, folder: str | None = None) -> Path:
    """A product as a zip, below one folder of its name, or another, or none (blank)."""
    style = style or Style()
    top = style.name if folder is None else folder
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files_of(style).items():
            archive.writestr(f"{top}/{name}" if top else name, content)
    return path


def write_folder(path: Path, style: Style | None = None) -> Path:
    """A product unpacked below a folder."""
    for name, content in files_of(style).items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return path


def _element(style: Style, tag: str, text: str, attributes: str = "") -> str:
    head = f"{tag} {attributes}" if attributes else tag
    return f"<{head}>{style.padding}{escape(text)}{style.padding}</{tag}>\n"


def _identity(style: Style) -> str:
    version = _element(style, "PRODUCT_VERSION", style.version) if style.version else ""
    zone = _element(style, "GEOGRAPHICAL_ZONE", style.zone, 'type="Tile"')
    orbit = _element(style, "ORBIT_NUMBER", style.number.format(int(style.orbit)), 'type="Orbit"')
    return f"""<Metadata_Identification>
{_element(style, "METADATA_PROFILE", style.profile)}</Metadata_Identification>
<Dataset_Identification>{zone}</Dataset_Identification>
<Product_Characteristics>
{_element(style, "PRODUCT_ID", style.name)}
{_element(style, "ACQUISITION_DATE", style.acquired)}
{_element(style, "PRODUCTION_DATE", "2017-11-28T00:29:24Z")}
{version}{_element(style, "PRODUCT_LEVEL", style.level)}
{_element(style, "PLATFORM", style.platform)}{orbit}</Product_Characteristics>"""


def _listed(style: Style) -> dict[str, list[str]]:
    """Paths of the rasters by kind."""
    if style.validity == "L2NOTV":
        return {}
    name = style.name
    listed = {
        family: [f"{name}_{family}_{band}.tif" for band in R1_BANDS + R2_BANDS]
        for family in style.families
    }
    if style.has_atmosphere:
        listed["ATB"] = [f"{name}_ATB_{group}.tif" for group in GROUPS]
    for mask in style.masks:
        listed[mask] = [f"MASKS/{name}_{mask}_{group}.tif" for group in GROUPS]
    if style.detectors:
        listed["DTF"] = [
            f"MASKS/{name}_DTF_{group}-D{detector}.tif"
            for detector in style.detectors
            for group in GROUPS
        ]
    return listed


def _organisation(style: Style) -> Iterator[str]:
    listed = _listed(style)
    if style.quicklook:
        path = f"{style.prefix}{style.name}_QKL_ALL.{style.quicklook}"
        yield _element(style, "QUICKLOOK", path, 'bands_id="B4,B3,B2"')
    images = [kind for kind in ("SRE", "FRE", "ATB") if kind in listed]
    if images:
        yield f"<Image_List>{''.join(_image(style, kind, listed[kind]) for kind in images)}"
        yield "</Image_List>"
    masks = [kind for kind in listed if kind not in images]
    if masks:
        yield f"<Mask_List>{''.join(_mask(style, kind, listed[kind]) for kind in masks)}"
        yield "</Mask_List>"
    if style.has_data:
        private = f"{style.prefix}DATA/{style.name}_PVD_ALL"
        jpi = f"{style.prefix}DATA/{style.name}_JPI_ALL.xml"
        for path in (private, jpi):
            data = _element(style, "DATA_FILE", path, 'group_id="ALL"')
            yield f"<Data_List><Data><Data_File_List>{data}</Data_File_List></Data></Data_List>"


def _image(style: Style, kind: str, paths: list[str]) -> str:
    natures = {
        "SRE": ["Surface_Reflectance"],
        "FRE": ["Flat_Reflectance"],
        "ATB": ["Water_Vapor_Content", "Aerosol_Optical_Thickness"],
    }[kind]
    return "".join(
        f"<Image><Image_Properties>{_element(style, 'NATURE', nature)}</Image_Properties>"
        f"<Image_File_List>{''.join(_file(style, 'IMAGE_FILE', path) for path in paths)}"
        "</Image_File_List></Image>"
        for nature in natures
    )


def _mask(style: Style, kind: str, paths: list[str]) -> str:
    bits = {
        "IAB": {1: "AOT_Interpolation"}
        if style.has_old_natures
        else {1: "WVC_Interpolation", 2: "AOT_Interpolation"},
        "CLM": {0: "Cloud" if style.has_old_natures else "Detailed_Cloud"},
        "MG2": {0: "Geophysics"}
        if style.has_old_natures
        else dict(enumerate(MG2_NATURES, start=1)),
        "EDG": {0: "Edge"},
        "SAT": {1: "Saturation"},
        "DFP": {1: "Defective_Pixel"},
        "DTF": {1: "Detector_Footprint"},
    }.get(kind, {0: kind})
    return "".join(
        f"<Mask><Mask_Properties>{_element(style, 'NATURE', nature)}</Mask_Properties>"
        "<Mask_File_List>"
        + "".join(_file(style, "MASK_FILE", path, bit) for path in paths)
        + "</Mask_File_List></Mask>"
        for bit, nature in bits.items()
    )


def _file(style: Style, tag: str, path: str, bit: int = 0) -> str:
    number = f'bit_number="{bit}"' if bit else ""
    return _element(style, tag, style.prefix + path, number)


def _place(style: Style) -> str:
    groups = "".join(
        f'<Group_Geopositioning group_id="{group}">'
        + "".join(
            _element(style, tag, style.number.format(value))
            for tag, value in (
                ("ULX", style.ulx),
                ("ULY", style.uly),
                ("XDIM", size),
                ("YDIM", -size),
                ("NROWS", 109800 // size),
                ("NCOLS", 109800 // size),
            )
        )
        + "</Group_Geopositioning>"
        for group, size in (("R1", 10), ("R2", 20))
    )
    code = _element(style, "HORIZONTAL_CS_CODE", style.epsg)
    return f"""<Geoposition_Informations><Coordinate_Reference_System>
<Horizontal_Coordinate_System>{code}</Horizontal_Coordinate_System></Coordinate_Reference_System>
<Geopositioning><Group_Geopositioning_List>{groups}</Group_Geopositioning_List></Geopositioning>
</Geoposition_Informations>"""


def _angles(style: Style) -> str:
    views = "".join(
        f'<Mean_Viewing_Incidence_Angle band_id="{band}">{_direction(style, zenith, azimuth)}'
        "</Mean_Viewing_Incidence_Angle>"
        for band, zenith, azimuth in (
            ("B1", "80", "180"),
            *((band, "8.0", "359") for band in R1_BANDS + R2_BANDS[:1]),
            *((band, "8.5", "1") for band in R2_BANDS[1:]),
        )
    )
    return f"""<Geometric_Informations><Mean_Value_List>
<Sun_Angles>{_direction(style, "66.25", "170.5")}</Sun_Angles>
<Mean_Viewing_Incidence_Angle_List>{views}</Mean_Viewing_Incidence_Angle_List>
</Mean_Value_List></Geometric_Informations>"""


def _direction(style: Style, zenith: str, azimuth: str) -> str:
    return _element(style, "ZENITH_ANGLE", zenith, 'unit="deg"') + _element(
        style, "AZIMUTH_ANGLE", azimuth, 'unit="deg"'
    )


def _radiometry(style: Style) -> str:
    scales = "".join(
        _element(style, f"{name}_QUANTIFICATION_VALUE", style.number.format(value))
        for name, value in (
            ("REFLECTANCE", 10000),
            ("WATER_VAPOR_CONTENT", 20),
            ("AEROSOL_OPTICAL_THICKNESS", 200),
        )
    )
    special = "".join(
        _element(style, "SPECIAL_VALUE", style.number.format(value), f'name="{name}"')
        for name, value in (
            ("nodata", -10000),
            ("water_vapor_content_nodata", 0),
            ("aerosol_optical_thickness_nodata", 0),
        )
    )
    irradiance = _element(style, "SOLAR_IRRADIANCE", "1959.7", 'unit="W/m²/µm"')
    band = f'<Spectral_Band_Informations band_id="B2">{irradiance}</Spectral_Band_Informations>'
    return f"""<Radiometric_Informations>{scales}
<Special_Values_List>{special}</Special_Values_List>
<Spectral_Band_Informations_List>{band}</Spectral_Band_Informations_List>
</Radiometric_Informations>"""


def _quality(style: Style) -> str:
    lists = "".join(
        f'<Product_Quality_List level="{level}"><Product_Quality><Global_Index_List>'
        + _element(style, "QUALITY_INDEX", cloud, 'name="CloudPercent"')
        + _element(style, "QUALITY_INDEX", "3", 'name="SnowPercent"')
        + "</Global_Index_List></Product_Quality></Product_Quality_List>"
        for level, cloud in (("Natif", "99"), ("N2", style.cloud))
    )
    return (
        f"<Quality_Informations><Current_Product>{lists}</Current_Product></Quality_Informations>"
    )


def _production(style: Style) -> str:
    if style.l1c is None:
        return ""
    product = _element(style, "PRODUCT_ID", style.l1c) + _element(
        style, "ACQUISITION_DATE", style.datatake
    )
    return f"""<Production_Informations><Processing_Jobs_List><Job><Products_List>
<Inputs_List><PRODUCT>{product}</PRODUCT></Inputs_List>
</Products_List></Job></Processing_Jobs_List></Production_Informations>"""
