import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pystac
import pytest
from shapely.geometry import box, shape

from builders import a_product
from builders_muscate import Style, a_header, a_jpi, a_metadata, a_southern_style, a_style
from peps_stac.domain import Grid, L2AProduct, MgrsTile, ViewAngles
from peps_stac.muscate.metadata import read_metadata
from peps_stac.muscate.processing import with_header, with_jpi
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.l2a import item_from_l2a, pairs
from peps_stac.stac.l2a_assets import AssetFile
from peps_stac.stac.layers import AssetMode, keys_of, layers_of
from recorded import SHARED, needs_recorded
from schemas import L2A_PROFILE, core_faults, extension_faults, own_faults

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
REAL = "SENTINEL2A_20160928-105637-665_L2A_T31UDS_C_V1-0"

STYLES = {
    "of MAJA on ESA's L1C": a_style(),
    "southern": a_southern_style(),
    "with detectors and defects": a_style(
        masks=("CLM", "EDG", "MG2", "SAT", "DFP", "IAB"), detectors=("01", "12")
    ),
    "old, of Theia": a_style(
        name="SENTINEL2B_20171127-105827-648_L2A_T31TCJ_D_V1-4",
        version="1.4",
        profile="DISTRIBUTED",
        has_old_natures=True,
    ),
    "of an unknown satellite": a_style(
        name="SENTINEL2D_20301127-105827-648_L2A_T31TCJ_C_V5-0", platform="SENTINEL2D"
    ),
    "without FRE": a_style(families=("SRE",)),
    "without SRE": a_style(families=("FRE",)),
    "without masks, data and quicklook": a_style(masks=(), has_data=False, quicklook=None),
}


def product_of(style: Style | None = None) -> L2AProduct:
    style = style or Style()
    product = read_metadata(a_metadata(style), f"{style.name}_MTD_ALL.xml")
    if style.has_data:
        product = with_header(with_jpi(product, a_jpi(style)), a_header(style))
    return product


def item_of(product: L2AProduct, **changes: Any) -> pystac.Item:  # noqa: ANN401 -- any argument
    keys = keys_of(product, AssetMode.RAW)
    arguments: dict[str, Any] = {
        "files": {key: AssetFile(f"./{key}", 1000) for key in keys},
        "l1c": None,
        "now": NOW,
    }
    return item_from_l2a(product, **{**arguments, **changes})


def a_scene(**changes: Any) -> pystac.Item:  # noqa: ANN401 -- any field
    """The L1C Item of the default product."""
    facts: dict[str, Any] = {
        "platform": "sentinel-2b",
        "start": datetime(2017, 11, 27, 10, 53, 49, tzinfo=UTC),
        "end": None,
        "absolute_orbit": 3808,
        "relative_orbit": 51,
    }
    return item_from_product(a_product(**{**facts, **changes}))


def document_of(item: pystac.Item) -> dict[str, Any]:
    """The Item as the store writes it, linked to its Collection."""
    document = item.to_dict(include_self_link=False, transform_hrefs=False)
    document["links"].append({"rel": "collection", "href": "../../../collection.json"})
    return document


def without(product: L2AProduct, *fields: str) -> L2AProduct:
    return replace(product, **dict.fromkeys(fields))  # type: ignore[arg-type] # names as text


def test_every_property_is_what_the_product_says() -> None:
    properties = item_of(product_of()).properties

    assert properties == {
        "datetime": "2017-11-27T10:58:27.648000Z",
        "created": "2026-04-01T12:00:00Z",
        "platform": "sentinel-2b",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "gsd": 10,
        "version": "1.0",
        "eo:cloud_cover": 54.0,
        "eo:snow_cover": 3.0,
        "grid:code": "MGRS-31TCJ",
        "sat:absolute_orbit": 3808,
        "sat:relative_orbit": 64,
        "view:sun_azimuth": 170.5,
        "view:sun_elevation": 23.75,
        "view:incidence_angle": 8.25,
        "view:azimuth": 0.0,
        "proj:epsg": 32631,
        "proj:code": "EPSG:32631",
        "proj:bbox": [300000, 4790220, 409800, 4900020],
        "processing:level": "L2A",
        "processing:software": {"MAJA": "3.1.1"},
        "processing:datetime": "2018-10-25T17:34:03Z",
        "processing:version": "1.0",
        "maja:processing_mode": "BACKWARD_MODE",
        "maja:validity": "L2VALD",
        "maja:cams": "Activated",
        "maja:profile": "USER",
        "maja:l1c_name": "SENTINEL2B_20171127-105827-648_L1C_T31TCJ_C_V1-0",
        "maja:datatake_start": "2017-11-27T10:53:49.026Z",
    }


def test_the_id_is_the_name_of_the_product_and_the_collection_is_ours() -> None:
    item = item_of(product_of())

    assert item.id == "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_C_V1-0"
    assert item.collection_id == "sentinel-2-l2a-maja"


def test_what_the_product_does_not_say_is_absent() -> None:
    optional = ("version", "absolute_orbit", "sun_zenith", "sun_azimuth", "cloud_cover")
    more = ("snow_cover", "processing_mode", "validity", "cams", "profile", "maja_version")
    bare = without(product_of(), *optional, *more, "processed", "l1c_name", "datatake_start")
    properties = item_of(replace(bare, view_angles={})).properties

    assert set(properties) == {
        "datetime",
        "created",
        "platform",
        "constellation",
        "instruments",
        "gsd",
        "grid:code",
        "proj:epsg",
        "proj:code",
        "proj:bbox",
        "processing:level",
    }


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_items_are_valid_against_the_core_and_our_own_schemas(style: Style) -> None:
    document = document_of(item_of(product_of(style)))

    assert core_faults(document) == []
    assert own_faults(document, L2A_PROFILE) == []


@needs_recorded
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_items_are_valid_against_the_schemas_of_their_extensions(style: Style) -> None:
    assert extension_faults(document_of(item_of(product_of(style)))) == []


@pytest.mark.parametrize("mode", AssetMode)
def test_the_item_says_in_what_form_its_files_are_and_what_was_left_out(mode: AssetMode) -> None:
    product = product_of()
    item = item_of(product, mode=mode, left_out=("SRE_B02", "visual"))

    assert item.properties["maja:assets"] == mode
    assert item.properties["maja:left_out"] == ["SRE_B02", "visual"]
    assert own_faults(document_of(item)) == []


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_items_of_cogs_are_valid_too(style: Style) -> None:
    product = product_of(style)
    document = document_of(item_of(product, files=cogs_of(product), mode=AssetMode.COG))

    assert core_faults(document) == []
    assert own_faults(document, L2A_PROFILE) == []
    assert {
        asset["type"] for key, asset in document["assets"].items() if "proj:shape" in asset
    } == {"image/tiff; application=geotiff; profile=cloud-optimized"}


@needs_recorded
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_items_of_cogs_are_valid_against_the_schemas_of_their_extensions(style: Style) -> None:
    product = product_of(style)

    assert extension_faults(document_of(item_of(product, files=cogs_of(product)))) == []


def test_an_item_that_promises_cogs_and_has_others_is_refused_by_its_profile() -> None:
    document = document_of(item_of(product_of(), mode=AssetMode.COG))

    assert own_faults(document, L2A_PROFILE) != []


def cogs_of(product: L2AProduct) -> dict[str, AssetFile]:
    """What the conversion of a whole product leaves."""
    counted = {"minimum": 1, "maximum": 9000, "mean": 450.5, "stddev": 3.25, "valid_percent": 99.5}
    grid = Grid(300000, 4900020, 80, -80, 1373, 1373)
    pictures = {
        "visual": AssetFile("./visual.tif", 5, is_cog=True, grid=grid),
        "thumbnail": AssetFile("./thumbnail.jpg", 5),
    }
    rasters = {
        layer.key: AssetFile(
            f"./{layer.key}.tif",
            5,
            is_cog=layer.file.group is not None,
            statistics=counted if layer.file.band or layer.part else {},
        )
        for layer in layers_of(product)
        if layer.file.kind != "ATB" or layer.part
    }
    return {**rasters, **pictures, "metadata": AssetFile("./metadata.xml", 5)}


def test_only_extensions_that_are_used_are_declared() -> None:
    bare = without(product_of(a_style(masks=(), has_data=False)), "sun_zenith", "sun_azimuth")
    bare = without(bare, "absolute_orbit", "version", "profile", "l1c_name", "datatake_start")
    files = {key: AssetFile(key) for key in keys_of(bare, AssetMode.RAW)}
    item = item_of(replace(bare, view_angles={}), files=files)
    declared = {uri.split("/")[-3] for uri in item.stac_extensions}

    assert declared == {"eo", "grid", "processing", "projection", "raster"}


def test_the_relative_orbit_is_that_of_the_scene() -> None:
    """The absolute orbit of about one product in ten is one too high for its relative orbit."""
    properties = item_of(product_of(), l1c=a_scene()).properties

    assert properties["sat:absolute_orbit"] == 3808
    assert properties["sat:relative_orbit"] == 51
    assert properties["sat:orbit_state"] == "descending"


def test_the_relative_orbit_is_counted_when_there_is_no_scene() -> None:
    properties = item_of(replace(product_of(), absolute_orbit=14806)).properties

    assert properties["sat:relative_orbit"] == 51
    assert "sat:orbit_state" not in properties


def test_the_relative_orbit_is_not_counted_when_the_scene_contradicts_the_absolute_one() -> None:
    scene = a_scene(relative_orbit=None, absolute_orbit=3807)

    assert "sat:relative_orbit" not in item_of(product_of(), l1c=scene).properties


def test_the_mean_of_azimuths_goes_round_north() -> None:
    """Five bands look to 359 degrees and five to 1; the plain mean would be 180."""
    assert item_of(product_of()).properties["view:azimuth"] == pytest.approx(0, abs=1e-6)


def test_bands_that_are_not_in_the_product_do_not_count_for_the_mean_angle() -> None:
    """Old products list angles of B1, B9 and B10; here B1 has 80 degrees."""
    assert item_of(product_of()).properties["view:incidence_angle"] == 8.25


def test_directions_that_cancel_have_no_mean() -> None:
    angles = {"B2": ViewAngles(8.0, 90.0), "B3": ViewAngles(8.0, 270.0)}

    properties = item_of(replace(product_of(), view_angles=angles)).properties
    assert "view:azimuth" not in properties
    assert properties["view:incidence_angle"] == 8.0


def test_without_a_footprint_the_geometry_is_the_outline_of_the_tile() -> None:
    item = item_of(product_of())
    assert item.geometry is not None
    outline = shape(item.geometry)

    assert item.bbox == list(outline.bounds)
    assert outline.area == pytest.approx(1.366 * 0.99, rel=0.02)
    assert item.bbox[0] < 0.55
    assert item.bbox[2] > 1.86


def test_a_footprint_replaces_the_outline_but_not_the_grid() -> None:
    item = item_of(product_of(), footprint=box(0.6, 43.5, 0.9, 44.0))

    assert item.bbox == [0.6, 43.5, 0.9, 44.0]
    assert item.properties["proj:bbox"] == [300000, 4790220, 409800, 4900020]


def test_a_tile_that_touches_the_equator_from_the_south_lies_south_of_it() -> None:
    item = item_of(product_of(a_southern_style()))

    assert item.properties["proj:epsg"] == 32732
    assert item.bbox is not None
    assert item.bbox[3] == pytest.approx(0, abs=1e-6)
    assert -1.1 < item.bbox[1] < -0.9


def test_a_scene_is_linked_only_when_its_place_is_given() -> None:
    linked = item_of(product_of(), l1c=a_scene(), l1c_href="../../scene.json")
    link = linked.get_single_link("derived_from")

    assert link is not None
    assert (link.href, link.title) == ("../../scene.json", a_scene().id)
    assert item_of(product_of(), l1c=a_scene()).get_single_link("derived_from") is None


def test_nothing_that_goes_in_is_changed() -> None:
    product, scene = product_of(), a_scene()
    before = json.dumps(document_of(scene), default=str)
    item_of(product, l1c=scene, l1c_href="./x.json")

    assert product == product_of()
    assert json.dumps(document_of(scene), default=str) == before


def test_a_scene_and_its_product_are_a_pair() -> None:
    assert pairs(a_scene(), product_of())


@pytest.mark.parametrize(
    "changes",
    [
        {"platform": "sentinel-2a"},
        {"tile": MgrsTile.parse("31TCH")},
        {"tile": None},
        {"start": datetime(2017, 11, 27, 10, 53, 45, tzinfo=UTC)},
    ],
    ids=["other satellite", "other tile", "many tiles", "other datatake"],
)
def test_another_scene_is_no_pair(changes: dict[str, Any]) -> None:
    assert not pairs(a_scene(**changes), product_of())


@pytest.mark.parametrize(
    ("minutes", "is_pair"), [(-1, False), (0, True), (6, True), (15, True), (16, False)]
)
def test_without_the_start_of_the_datatake_the_pass_decides(minutes: int, is_pair: bool) -> None:  # noqa: FBT001 -- a column of the table
    product = without(product_of(), "datatake_start")
    scene = a_scene(start=product.acquired - timedelta(minutes=minutes))

    assert pairs(scene, product) is is_pair


@needs_recorded
def test_products_of_theia_are_paired_with_their_scenes_and_no_others() -> None:
    """Facts of GEODES: four scenes of January 2020, five products; the cloudiest has none."""
    folder = SHARED / "muscate"
    scenes = json.loads((folder / "geodes_items_PEPS_S2_L1C_31TCH_2020-01.json").read_text())
    name = "geodes_items_THEIA_REFLECTANCE_SENTINEL2_L2A_31TCH_2020-01.json"
    products = json.loads((folder / name).read_text())
    passes = {"20200101": 1, "20200116": 1, "20200131": 1, "20200121": 0}
    for feature in scenes["features"]:
        facts = feature["properties"]
        start = datetime.fromisoformat(facts["start_datetime"]).astimezone(UTC)
        scene = a_scene(
            start=start,
            platform=f"sentinel-2{facts['platform'][-1].lower()}",
            tile=MgrsTile.parse("31TCH"),
        )
        found = [p for p in products["features"] if pairs(scene, _geodes_product(p))]
        assert len(found) == passes[f"{start:%Y%m%d}"]


def _geodes_product(feature: dict[str, Any]) -> L2AProduct:
    facts = feature["properties"]
    return replace(
        without(product_of(), "datatake_start"),
        acquired=datetime.fromisoformat(facts["start_datetime"]).astimezone(UTC),
        platform=f"sentinel-2{facts['platform'][-1].lower()}",
        tile=MgrsTile.parse("31TCH"),
    )


@needs_recorded
def test_the_real_product_of_maja_3_1_1_becomes_an_item() -> None:
    """Each value is computed again from the file by other means than the reader's."""
    folder = SHARED / "muscate" / REAL
    content = (folder / f"{REAL}_MTD_ALL.xml").read_bytes()
    product = read_metadata(content, f"{REAL}_MTD_ALL.xml")
    product = with_jpi(product, (folder / "DATA" / f"{REAL}_JPI_ALL.xml").read_bytes())
    product = with_header(product, (folder / "DATA" / f"{REAL}_PVD_ALL/HDR.xml").read_bytes())
    item = item_of(product)
    root = ET.fromstring(content)  # noqa: S314 -- our own recorded file
    sun, *views = [
        (float(each[0].text or ""), float(each[1].text or ""))
        for each in next(root.iter("Mean_Value_List")).iter()
        if len(each) == 2 and each[0].tag == "ZENITH_ANGLE"
    ]
    corners = {each.get("name"): each for each in root.iter("Point")}
    texts = {each.tag: (each.text or "").strip() for each in reversed(list(root.iter()))}
    quality = {each.get("name"): each.text for each in root.iter("QUALITY_INDEX")}
    lower_left, upper_right = (
        [float(corners[name].findtext(axis) or "") for axis in "XY"]
        for name in ("lowerLeft", "upperRight")
    )

    assert len(views) == 10
    assert item.id == texts["PRODUCT_ID"]
    assert item.datetime == datetime(2016, 9, 28, 10, 56, 37, 665000, tzinfo=UTC)
    assert item.properties == {
        "datetime": "2016-09-28T10:56:37.665000Z",
        "created": "2026-04-01T12:00:00Z",
        "platform": "sentinel-2a",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "gsd": 10,
        "version": texts["PRODUCT_VERSION"],
        "eo:cloud_cover": float(quality["CloudPercent"] or ""),
        "eo:snow_cover": float(quality["SnowPercent"] or ""),
        "grid:code": "MGRS-31UDS",
        "sat:absolute_orbit": int(texts["ORBIT_NUMBER"]),
        "sat:relative_orbit": 51,
        "view:sun_azimuth": sun[1],
        "view:sun_elevation": pytest.approx(90 - sun[0]),
        "view:incidence_angle": pytest.approx(math.fsum(z for z, _ in views) / 10, abs=1e-6),
        # All azimuths are near 105 degrees, so the plain mean is as good.
        "view:azimuth": pytest.approx(math.fsum(a for _, a in views) / 10, abs=1e-5),
        "proj:epsg": 32631,
        "proj:code": "EPSG:32631",
        "proj:bbox": [*lower_left, *upper_right],
        "processing:level": "L2A",
        "processing:software": {"MAJA": "3.1.1"},
        "processing:datetime": "2018-10-25T17:34:03Z",
        "processing:version": "1.0",
        "maja:processing_mode": "INIT_MODE",
        "maja:validity": "L2VALD",
        "maja:cams": "Activated_NoAvailableData",
        "maja:profile": "USER",
        "maja:l1c_name": "SENTINEL2A_20160928-105637-665_L1C_T31UDS_C_V1-0",
        "maja:datatake_start": "2016-09-28T10:50:22.026Z",
    }
    assert item.bbox is not None
    for name in ("upperLeft", "upperRight", "lowerRight", "lowerLeft"):
        longitude, latitude = (float(corners[name].findtext(axis) or "") for axis in ("LON", "LAT"))
        # The file gives six digits, which is 11 metres.
        assert item.bbox[0] - 1e-4 <= longitude <= item.bbox[2] + 1e-4
        assert item.bbox[1] - 1e-4 <= latitude <= item.bbox[3] + 1e-4
    assert len(item.assets) == 22 + 10 + 3
    document = document_of(item)
    assert core_faults(document) + own_faults(document, L2A_PROFILE) == []
    assert extension_faults(document) == []
