import string
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders_peps import NAME, a_feature
from peps_stac.domain import L1CProduct, MgrsTile
from peps_stac.errors import ResponseError
from peps_stac.peps.resto import read_product, service_id

LONG_NAME = "S2A_OPER_PRD_MSIL1C_PDMC_20160106T201414_R051_V20160106T105438_20160106T105438"
"""As before 2016-12-06: one product of many tiles."""


def read(name: str = NAME, **properties: object) -> L1CProduct:
    return read_product(a_feature(name, **properties))


def test_a_feature_is_read_field_by_field() -> None:
    product = read()

    assert product.name == NAME
    assert product.start == datetime(2019, 7, 4, 10, 56, 29, 24000, tzinfo=UTC)
    assert product.end == product.start
    assert product.service_id == service_id(NAME)
    assert product.footprint is not None
    assert product.footprint.bounds == (1, 43, 2, 44)
    assert product.tile == MgrsTile.parse("31TCJ")
    assert product.platform == "sentinel-2b"
    assert product.product_type == "S2MSI1C"
    assert product.level == "L1C"
    assert (product.absolute_orbit, product.relative_orbit) == (12151, 94)
    assert product.orbit_state == "descending"
    assert (product.cloud_cover, product.snow_cover) == (12.5, None)
    assert product.datatake_id == "GS2B_20190704T105629_012151_N02.07"
    assert product.datatake_type == "INS-NOBS"
    assert product.processing_baseline == "02.07"
    assert product.created == datetime(2019, 7, 4, 15, tzinfo=UTC)
    assert product.published == datetime(2019, 7, 4, 16, tzinfo=UTC)
    assert product.updated == datetime(2019, 7, 4, 17, tzinfo=UTC)
    assert product.product_href == (
        f"https://peps.cnes.fr/resto/collections/S2ST/{service_id(NAME)}/download"
    )
    assert product.size == 700000000
    assert product.md5 == "0123456789abcdef0123456789abcdef"
    assert product.quicklook_href == (
        f"https://peps.cnes.fr/quicklook/2019/07/04/S2B/{NAME}_quicklook.jpg"
    )
    assert product.record_href == (
        f"https://peps.cnes.fr/resto/collections/S2ST/{service_id(NAME)}.json?&lang=en"
    )


def test_only_a_name_is_needed() -> None:
    """What ESA's compact name says is taken from it; all the rest is unknown."""
    product = read_product({"properties": {"productIdentifier": NAME}})

    assert product == L1CProduct(
        name=NAME,
        start=datetime(2019, 7, 4, 10, 56, 29, tzinfo=UTC),
        tile=MgrsTile.parse("31TCJ"),
        platform="sentinel-2b",
        level="L1C",
        relative_orbit=94,
        processing_baseline="02.07",
    )


@pytest.mark.parametrize("nothing", [None, "", "null", "Not Available", ..., [], {}])
def test_what_says_nothing_is_unknown(nothing: object) -> None:
    product = read(
        completionDate=nothing,
        productType=nothing,
        orbitNumber=nothing,
        orbitDirection=nothing,
        cloudCover=nothing,
        s2TakeId=nothing,
        sensorMode=nothing,
        dhusIngestDate=nothing,
        published=nothing,
        updated=nothing,
        quicklook=nothing,
        resourceSize=nothing,
        resourceChecksum=nothing,
        services=nothing,
        links=nothing,
        keywords=nothing,
        organisationName=nothing,
        storage=nothing,
    )

    assert product.end is None
    assert product.product_type is None
    assert product.absolute_orbit is None
    assert product.orbit_state is None
    assert product.cloud_cover is None
    assert product.datatake_id is None
    assert product.datatake_type is None
    assert product.created is None
    assert product.published is None
    assert product.updated is None
    assert product.quicklook_href is None
    assert product.size is None
    assert product.md5 is None
    assert product.product_href is None
    assert product.record_href is None


@pytest.mark.parametrize("nothing", [None, "null", ..., [], "T99ZZZ", 31])
def test_what_is_missing_stands_in_the_name(nothing: object) -> None:
    product = read(
        startDate=nothing,
        mgrs=nothing,
        platform=nothing,
        relativeOrbitNumber=nothing if nothing != 31 else 0,
        processingLevel=nothing,
    )

    assert product.start == datetime(2019, 7, 4, 10, 56, 29, tzinfo=UTC)
    assert product.tile == MgrsTile.parse("31TCJ")
    assert product.platform == "sentinel-2b"
    assert product.relative_orbit == 94
    assert product.level == "L1C"


def test_numbers_may_be_text() -> None:
    product = read(
        orbitNumber="12151", relativeOrbitNumber="51", cloudCover="7.25", resourceSize="781865648"
    )

    assert product.absolute_orbit == 12151
    assert product.relative_orbit == 51
    assert product.cloud_cover == 7.25
    assert product.size == 781865648


@pytest.mark.parametrize("odd", [-1, 101, "cloudy", True, float("nan")])
def test_a_cloud_cover_that_is_no_percent_is_unknown(odd: object) -> None:
    assert read(cloudCover=odd).cloud_cover is None


def test_no_clouds_are_not_the_same_as_unknown_ones() -> None:
    assert read(cloudCover=0).cloud_cover == 0


@pytest.mark.parametrize("orbit", [0, 144, -3, 2.5])
def test_an_orbit_out_of_range_is_not_taken(orbit: object) -> None:
    assert read(relativeOrbitNumber=orbit).relative_orbit == 94
    assert read(LONG_NAME, relativeOrbitNumber=orbit).relative_orbit is None


def test_size_and_checksum_stand_in_the_download_service_too() -> None:
    download = {"url": "https://peps.cnes.fr/d", "size": "55", "checksum": "A" * 32}
    product = read(
        resourceSize=None, resourceChecksum=None, services={"browse": {}, "download": download}
    )

    assert (product.size, product.md5) == (55, "a" * 32)


@pytest.mark.parametrize("size", [0, "0", -5, "large"])
def test_an_archive_of_no_bytes_has_an_unknown_size(size: object) -> None:
    assert read(resourceSize=size).size is None


@pytest.mark.parametrize("checksum", ["abc", "z" * 32, "a" * 40, 5])
def test_what_is_no_md5_is_unknown(checksum: object) -> None:
    assert read(resourceChecksum=checksum).md5 is None


@pytest.mark.parametrize("quicklook", ["null", "quicklook.jpg", "/quicklook/a.jpg", 5])
def test_a_quicklook_that_is_no_address_is_unknown(quicklook: object) -> None:
    assert read(quicklook=quicklook).quicklook_href is None


@pytest.mark.parametrize("services", [[], {}, {"download": []}, {"download": None}, {"browse": 1}])
def test_partial_services_offer_no_archive(services: object) -> None:
    assert read(services=services).product_href is None


@pytest.mark.parametrize(
    "links",
    [
        {},
        [[]],
        [{"rel": "alternate", "type": "application/atom+xml", "href": "https://peps.cnes.fr/a"}],
        [{"rel": "alternate", "type": "application/json"}],
    ],
)
def test_without_a_json_link_there_is_no_record(links: object) -> None:
    assert read(links=links).record_href is None


def test_the_folder_ending_is_no_part_of_the_name() -> None:
    assert read(productIdentifier=f"{NAME}.SAFE").name == NAME


def test_the_title_stands_in_for_the_identifier() -> None:
    assert read(productIdentifier=None).name == NAME


@pytest.mark.parametrize(
    ("word", "platform"), [("S2A", "sentinel-2a"), ("s2c", "sentinel-2c"), ("S2D", "sentinel-2d")]
)
def test_any_satellite_of_the_family_is_known(word: str, platform: str) -> None:
    assert read(platform=word).platform == platform


def test_an_l2a_product_is_told_apart() -> None:
    assert read(processingLevel="LEVEL2A").level == "L2A"
    assert read(NAME.replace("MSIL1C", "MSIL2A"), processingLevel=None).level == "L2A"


def test_an_end_before_the_start_is_unknown() -> None:
    assert read(completionDate="2018-01-01T00:00:00Z").end is None


def test_old_products_of_many_tiles_have_no_tile() -> None:
    product = read(
        LONG_NAME, startDate=None, mgrs=None, relativeOrbitNumber=None, processingLevel="LEVEL1C"
    )

    assert product.start == datetime(2016, 1, 6, 10, 54, 38, tzinfo=UTC)
    assert product.tile is None
    assert product.relative_orbit is None
    assert product.processing_baseline is None
    assert product.platform == "sentinel-2b", "the property wins over the name"


@pytest.mark.parametrize(
    "name",
    [None, "", "null", 5, "S1A_IW_GRDH", "../../etc/passwd", "S2A_MSIL1C/../x", "S2A_ä", "S2A_\n"],
)
def test_without_a_usable_name_a_feature_is_refused(name: object) -> None:
    """The name becomes the Item's id and its folder."""
    with pytest.raises(ResponseError, match="product name"):
        read_product(a_feature(productIdentifier=name, title=name))


def test_without_a_date_a_feature_is_refused() -> None:
    with pytest.raises(ResponseError, match="S2A_STRANGE"):
        read("S2A_STRANGE", startDate="yesterday")


def test_nothing_is_changed_in_the_feature() -> None:
    feature = a_feature()

    read_product(feature)

    assert feature == a_feature()


def test_the_identifier_follows_from_the_name() -> None:
    """A UUIDv5; case does not matter. Checked against recorded ids in test_recorded."""
    number = UUID(service_id(NAME))

    assert number.version == 5
    assert service_id(NAME.lower()) == str(number)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.ascii_letters, max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = sorted(a_feature()["properties"])


@given(
    properties=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8),
    geometry=JSON,
    number=JSON,
)
def test_no_answer_makes_the_reader_stumble(
    properties: dict[str, object], geometry: object, number: object
) -> None:
    feature = a_feature() | {"id": number, "geometry": geometry}
    feature["properties"] = feature["properties"] | properties
    try:
        product = read_product(feature)
    except ResponseError:
        return
    assert product.cloud_cover is None or 0 <= product.cloud_cover <= 100
    assert product.start.tzinfo is UTC


@given(JSON)
def test_no_json_makes_the_reader_stumble(properties: object) -> None:
    with pytest.raises(ResponseError):
        read_product({"properties": properties})
