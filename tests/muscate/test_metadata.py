import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders_muscate import a_metadata, a_southern_style, a_style
from peps_stac.domain import Grid, MgrsTile, ViewAngles
from peps_stac.domain.markup import MAX_BYTES
from peps_stac.errors import ResponseError
from peps_stac.muscate.metadata import read_metadata
from recorded import SHARED, needs_recorded

PATH = "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_C_V1-0_MTD_ALL.xml"


def test_everything_the_metadata_say_is_read() -> None:
    product = read_metadata(a_metadata(), f"folder/{PATH}")

    assert product.product_id == "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_C_V1-0"
    assert product.acquired == datetime(2017, 11, 27, 10, 58, 27, 648000, tzinfo=UTC)
    assert product.platform == "sentinel-2b"
    assert product.tile == MgrsTile.parse("31TCJ")
    assert product.epsg == 32631
    assert product.grids == {
        "R1": Grid(300000, 4900020, 10, -10, 10980, 10980),
        "R2": Grid(300000, 4900020, 20, -20, 5490, 5490),
    }
    assert product.metadata_path == f"folder/{PATH}"
    assert product.version == "1.0"
    assert product.profile == "USER"
    assert product.produced == datetime(2017, 11, 28, 0, 29, 24, tzinfo=UTC)
    assert product.absolute_orbit == 3808
    assert (product.sun_zenith, product.sun_azimuth) == (66.25, 170.5)
    assert product.view_angles["B8"] == ViewAngles(8.0, 359.0)
    assert product.view_angles["B8A"] == ViewAngles(8.5, 1.0)
    assert product.solar_irradiance == {"B2": 1959.7}
    assert (product.cloud_cover, product.snow_cover) == (54.0, 3.0)
    assert product.l1c_name == "SENTINEL2B_20171127-105827-648_L1C_T31TCJ_C_V1-0"
    assert product.datatake_start == datetime(2017, 11, 27, 10, 53, 49, 26000, tzinfo=UTC)


def test_scales_and_nodata_are_what_one_count_is_worth() -> None:
    product = read_metadata(a_metadata(), PATH)

    assert product.reflectance_scale == 0.0001
    assert product.water_vapour_scale == 0.05
    assert product.aerosol_scale == 0.005
    assert product.reflectance_nodata == -10000
    assert (product.water_vapour_nodata, product.aerosol_nodata) == (0, 0)


def test_cloud_cover_is_that_of_the_product_not_of_its_input() -> None:
    """The level `Natif` stands before `N2` here and says 99."""
    assert read_metadata(a_metadata(), PATH).cloud_cover == 54.0


def test_facts_that_are_missing_are_none() -> None:
    content = a_metadata(a_style(version=None, l1c=None, quicklook=None, has_data=False))
    for tag in ("METADATA_PROFILE", "PRODUCTION_DATE", "ORBIT_NUMBER", "QUALITY_INDEX"):
        content = re.sub(rf"<{tag}.*?</{tag}>".encode(), b"", content, flags=re.DOTALL)
    for tag in ("Geometric_Informations", "Radiometric_Informations"):
        content = re.sub(rf"<{tag}>.*</{tag}>".encode(), b"", content, flags=re.DOTALL)
    product = read_metadata(content, PATH)

    assert product.version is None
    assert product.profile is None
    assert product.produced is None
    assert product.absolute_orbit is None
    assert product.sun_zenith is None
    assert product.view_angles == {}
    assert product.solar_irradiance == {}
    assert product.cloud_cover is None
    assert product.snow_cover is None
    assert product.l1c_name is None
    assert product.datatake_start is None
    assert product.reflectance_scale == 0.0001
    assert product.reflectance_nodata == -10000


@pytest.mark.parametrize(
    "required",
    ["PRODUCT_ID", "ACQUISITION_DATE", "PLATFORM", "HORIZONTAL_CS_CODE", "Group_Geopositioning"],
)
def test_a_required_fact_that_is_missing_is_named(required: str) -> None:
    pattern = rf"<{required}[ >].*?</{required}>".encode()
    content = re.sub(pattern, b"", a_metadata(), flags=re.DOTALL)

    with pytest.raises(ResponseError, match=rf"MTD_ALL.xml: no .*{required}"):
        read_metadata(content, PATH)


@pytest.mark.parametrize(
    ("number", "padding", "epsg"),
    [
        ("{:.1f}", "", "EPSG:32631"),
        ("{:e}", "\n    ", "urn:ogc:def:crs:EPSG::32631"),
        ("{}", " \t", "32631.0"),
    ],
)
def test_numbers_blanks_and_codes_are_read_however_they_are_written(
    number: str, padding: str, epsg: str
) -> None:
    lenient = read_metadata(
        a_metadata(a_style(number=number, padding=padding, epsg=epsg, prefix="./")), PATH
    )

    assert lenient == read_metadata(a_metadata(), PATH)


def test_a_tile_south_of_the_equator_has_a_southern_zone_and_northing() -> None:
    product = read_metadata(a_metadata(a_southern_style()), PATH)

    assert product.epsg == 32732
    assert product.grids["R1"].bounds == (499980, 9890200, 609780, 10000000)


def test_a_satellite_that_maja_did_not_know_is_read() -> None:
    style = a_style(name="SENTINEL2D_20301127-105827-648_L2A_T31TCJ_C_V5-0", platform="SENTINEL2D")

    assert read_metadata(a_metadata(style), PATH).platform == "sentinel-2d"


def test_other_levels_of_a_group_beside_the_two_do_no_harm() -> None:
    """Old products of Theia list a group R3, 60 m."""
    third = (
        b'<Group_Geopositioning group_id="R3"><ULX>300000</ULX><ULY>4900020</ULY><XDIM>60</XDIM>'
        b"<YDIM>-60</YDIM><NROWS>1830</NROWS><NCOLS>1830</NCOLS></Group_Geopositioning>"
    )
    content = a_metadata().replace(
        b"<Group_Geopositioning_List>", b"<Group_Geopositioning_List>" + third
    )

    assert read_metadata(content, PATH).grids["R3"].rows == 1830


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"level": "L1C"}, "level L1C, satellite SENTINEL2B"),
        ({"level": "L3A", "platform": "SENTINEL2X"}, "level L3A, satellite SENTINEL2X"),
        ({"platform": "VENUS"}, "satellite VENUS"),
        ({"platform": "LANDSAT8"}, "satellite LANDSAT8"),
    ],
)
def test_other_products_of_muscate_are_refused_by_what_they_are(
    changes: dict[str, str], told: str
) -> None:
    with pytest.raises(ResponseError, match=rf"this is a product of .*{told}.*; only Sentinel-2"):
        read_metadata(a_metadata(a_style(**changes)), PATH)


@pytest.mark.parametrize(
    ("root", "told"),
    [
        ('<Earth_Explorer_File xmlns="http://eop-cfi.esa.int/CFI"/>', "native"),
        ('<n1:Level-1C_User_Product xmlns:n1="https://psd-14.example"/>', "ESA's L1C"),
        ('<n1:Level-2A_User_Product xmlns:n1="https://psd-14.example"/>', "Sen2Cor"),
        ("<html><body>Please log in</body></html>", "a document 'html'"),
    ],
)
def test_other_documents_are_refused_by_what_they_are(root: str, told: str) -> None:
    with pytest.raises(ResponseError, match=told):
        read_metadata(root.encode(), PATH)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"<Muscate_Metadata_Document>",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        a_metadata()[:2000],
    ],
)
def test_what_is_not_whole_xml_is_an_error(content: bytes) -> None:
    with pytest.raises(ResponseError, match="not readable XML"):
        read_metadata(content, PATH)


@pytest.mark.parametrize(
    "dtd",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>',
        b'<!DOCTYPE a SYSTEM "http://198.51.100.1/a.dtd">',
    ],
    ids=["file", "billion laughs", "network"],
)
def test_a_document_type_is_refused_before_anything_of_it_is_used(dtd: bytes) -> None:
    content = a_metadata().replace(b"?>", b"?>" + dtd, 1).replace(b"USER", b"&x;")

    with pytest.raises(ResponseError, match="not readable XML"):
        read_metadata(content, PATH)


def test_a_huge_document_is_refused_unread() -> None:
    with pytest.raises(ResponseError, match="at most"):
        read_metadata(b" " * (MAX_BYTES + 1), PATH)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"_L2A_T31TCJ_C_V1-0</PRODUCT_ID>", b"/../../x</PRODUCT_ID>", "PRODUCT_ID"),
        (b">T31TCJ<", b">T31TCK<", "GEOGRAPHICAL_ZONE"),
        (b">2017-11-27T10:58:27.648Z<", b">yesterday<", "ACQUISITION_DATE"),
        (b">2017-11-27T10:58:27.648Z<", b">0001-01-01T00:00:00+14:00<", "ACQUISITION_DATE"),
        (b">32631<", b">2154<", "2154"),
        (b">32631<", b">32661<", "32661"),
        (b"<NROWS>10980<", b"<NROWS>0<", "R1 tells no grid"),
        (b"<NROWS>10980<", b"<NROWS>1e300<", "R1 tells no grid"),
        (b"<XDIM>10<", b"<XDIM>nan<", "R1 tells no grid"),
        (b"<ULX>300000<", b"<ULX>1e9<", "R1 tells no grid"),
        (b'group_id="R2"', b'group_id="R9"', "no grid for group R2"),
    ],
)
def test_a_fact_that_cannot_be_is_named(old: bytes, new: bytes, told: str) -> None:
    content = a_metadata()
    assert old in content

    with pytest.raises(ResponseError, match=told):
        read_metadata(content.replace(old, new), PATH)


@pytest.mark.parametrize(
    ("l1c", "datatake", "start"),
    [
        (
            "S2B_MSIL1C_20171127T105349_N0206_R051_T31TCJ_20171127T125835",
            "2017-11-27T10:58:27.648Z",
            datetime(2017, 11, 27, 10, 53, 49, tzinfo=UTC),
        ),
        ("SENTINEL2B_20171127-105827-648_L1C_T31TCJ_C_V1-0", "2017-11-27T10:58:27.648Z", None),
        ("SENTINEL2B_20171127-105827-648_L1C_T31TCJ_C_V1-0", "2013-01-01T00:00:00Z", None),
        ("SENTINEL2B_20171127-105827-648_L1C_T31TCJ_C_V1-0", "", None),
    ],
    ids=["ESA's name", "time of the tile", "nonsense", "missing"],
)
def test_the_start_of_the_datatake_is_known_only_where_it_can_be(
    l1c: str, datatake: str, start: datetime | None
) -> None:
    product = read_metadata(a_metadata(a_style(l1c=l1c, datatake=datatake)), PATH)

    assert product.l1c_name == l1c
    assert product.datatake_start == start


@needs_recorded
def test_the_real_product_of_maja_3_1_1_is_read_as_it_stands() -> None:
    """Every value is looked up again by another road: tags wherever they stand."""
    name = "SENTINEL2A_20160928-105637-665_L2A_T31UDS_C_V1-0"
    path = SHARED / "muscate" / name / f"{name}_MTD_ALL.xml"
    product = read_metadata(path.read_bytes(), path.name)
    texts = {each.tag: (each.text or "").strip() for each in ET.parse(path).iter()}  # noqa: S314 -- our own recorded file
    listed = {(each.text or "").strip() for each in ET.parse(path).iter() if "FILE" in each.tag}  # noqa: S314 -- our own recorded file

    assert product.product_id == name
    assert product.acquired == datetime(2016, 9, 28, 10, 56, 37, 665000, tzinfo=UTC)
    assert (product.version, product.profile) == ("1.0", texts["METADATA_PROFILE"])
    assert product.absolute_orbit == int(texts["ORBIT_NUMBER"]) == 6626
    assert product.epsg == int(texts["HORIZONTAL_CS_CODE"])
    assert product.grids["R1"].bounds == (399960, 5590200, 509760, 5700000)
    assert product.grids["R1"].bounds == product.grids["R2"].bounds
    assert (product.sun_zenith, product.sun_azimuth) == (54.0684, 166.336)
    assert product.view_angles["B8A"] == ViewAngles(8.21102, 104.934)
    assert len(product.view_angles) == len(product.solar_irradiance) == 10
    assert product.solar_irradiance["B8"] == 1036.39
    assert product.solar_irradiance["B8A"] == 955.19
    assert (product.cloud_cover, product.snow_cover) == (54.0, 0.0)
    assert product.datatake_start == datetime(2016, 9, 28, 10, 50, 22, 26000, tzinfo=UTC)
    assert product.interpolation_bits == {0: "WVC", 1: "AOT"}
    assert {file.path for file in product.files} == {
        path for path in listed if path.endswith((".tif", "JPI_ALL.xml"))
    } | {texts["QUICKLOOK"]}
    assert len(product.files) == 22 + 10 + 2


STRANGE = st.one_of(
    st.text(st.characters(exclude_characters="<&", exclude_categories=("Cs", "Cc"))),
    st.floats().map(str),
    st.datetimes().map(str),
    st.sampled_from(["1_0", "\u0661\u0660", "-0", "1e999", "..", "a/../../b", "9" * 400]),
)
TAGS = [
    "ULX",
    "YDIM",
    "NROWS",
    "ORBIT_NUMBER",
    "ZENITH_ANGLE",
    "ACQUISITION_DATE",
    "IMAGE_FILE",
    "MASK_FILE",
    "PLATFORM",
    "SPECIAL_VALUE",
    "QUALITY_INDEX",
    "PRODUCT_ID",
    "REFLECTANCE_QUANTIFICATION_VALUE",
    "HORIZONTAL_CS_CODE",
    "PRODUCT_VERSION",
    "PRODUCT_LEVEL",
    "GEOGRAPHICAL_ZONE",
]


def refusal_of(content: bytes) -> str:
    """Why metadata are refused; blank when they are read. Any other error is the test's."""
    try:
        read_metadata(content, PATH)
    except ResponseError as error:
        return str(error)
    return ""


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_metadata_are_read_or_refused_in_one_line(data: st.DataObject) -> None:
    content = bytearray(a_metadata(a_style(detectors=("05",))))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 40))
        content[start : start + length] = data.draw(st.binary(max_size=20))

    assert "\n" not in refusal_of(bytes(content))


@given(values=st.lists(st.tuples(st.sampled_from(TAGS), STRANGE), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_strange_values_are_read_or_refused_in_one_line(values: list[tuple[str, str]]) -> None:
    content = a_metadata().decode()
    for tag, value in values:
        before, found, after = content.partition(f"<{tag}")
        head, closing, rest = after.partition(">")
        content = before + found + head + closing + value + rest[rest.index("<") :]

    assert "\n" not in refusal_of(content.encode())
