"""Our own schemas: sound themselves, and strict where another program relies on them."""

from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft7Validator

from builders import HOST, a_product, an_order, utc
from peps_stac.domain import JobStatus, Reason, Waiting
from peps_stac.stac.extensions import MAJA_SCHEMA, PEPS_SCHEMA
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.orders import with_order
from schemas import L1C_PROFILE, L2A_PROFILE, OFFER_PROFILE, OWN, Document, in_catalog, own_faults


def an_l1c(**changes: Any) -> Document:  # noqa: ANN401 -- any field of an order
    return in_catalog(with_order(item_from_product(a_product()), an_order(**changes)).to_dict())


def a_maja(**properties: object) -> Document:
    return {"type": "Feature", "stac_extensions": [MAJA_SCHEMA], "properties": properties}


def an_l2a_item() -> Document:
    """The least that an L2A Item of ours says, with one band and one mask."""
    grid = {"proj:shape": [10980, 10980], "proj:transform": [10, 0, 300000, 0, -10, 4900020]}
    raster = {"type": "image/tiff; application=geotiff", "title": "A raster", **grid}
    band = {"data_type": "int16", "nodata": -10000, "scale": 0.0001}
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [
            f"https://stac-extensions.github.io/{name}/schema.json"
            for name in (
                "eo/v1.1.0",
                "grid/v1.1.0",
                "processing/v1.2.0",
                "projection/v1.2.0",
                "raster/v1.1.0",
            )
        ],
        "id": "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0",
        "collection": "sentinel-2-l2a-maja",
        "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        "bbox": [0, 0, 1, 1],
        "properties": {
            "datetime": "2017-11-27T10:58:27.648Z",
            "created": "2017-12-01T09:00:00Z",
            "platform": "sentinel-2a",
            "constellation": "sentinel-2",
            "instruments": ["msi"],
            "gsd": 10,
            "grid:code": "MGRS-31TCJ",
            "proj:epsg": 32631,
            "proj:code": "EPSG:32631",
            "processing:level": "L2A",
        },
        "links": [{"rel": "collection", "href": "../../../collection.json"}],
        "assets": {
            "B02": {
                "href": "./FRE_B2.tif",
                "roles": ["data", "reflectance"],
                **raster,
                "data_type": "int16",
                "nodata": -10000,
                "bands": [{"name": "B02"}],
                "eo:bands": [{"name": "B02", "common_name": "blue"}],
                "raster:bands": [band],
            },
            "CLM_R1": {
                "href": "./MASKS/CLM_R1.tif",
                "roles": ["data", "cloud"],
                **raster,
                "data_type": "uint8",
                "raster:bands": [{"data_type": "uint8"}],
            },
            "metadata": {"href": "./MTD_ALL.xml", "roles": ["metadata"]},
        },
    }


def changed(document: Document, path: str, value: object) -> Document:
    """A copy with another value at `a/b/c`; None takes the field away."""
    copied = deepcopy(document)
    *folders, name = path.split("/")
    place: Any = copied
    for folder in folders:
        place = place[int(folder)] if isinstance(place, list) else place[folder]
    if value is None:
        del place[name]
    else:
        place[name] = value
    return copied


@pytest.mark.parametrize("uri", OWN)
def test_a_schema_is_sound_and_whole(uri: str) -> None:
    """A reference to another document would need the network."""
    Draft7Validator.check_schema(OWN[uri])

    assert all(ref.startswith("#/") for ref in references(OWN[uri]))


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for each in value.values() for ref in references(each)]
    if isinstance(value, list):
        return [ref for each in value for ref in references(each)]
    return []


def test_each_extension_and_profile_has_its_schema() -> None:
    assert set(OWN) == {PEPS_SCHEMA, MAJA_SCHEMA, L1C_PROFILE, L2A_PROFILE, OFFER_PROFILE}


@pytest.mark.parametrize("status", JobStatus)
def test_each_state_of_an_order_has_a_valid_form(status: JobStatus) -> None:
    sent = status is not JobStatus.ORDERABLE
    document = an_l1c(
        status=status,
        id="1" if sent else None,
        submission="2" if sent else None,
        progress=None,
        reason=Reason.UNPROCESSED if status is JobStatus.FAILED else None,
    )

    assert not own_faults(document, L1C_PROFILE)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": JobStatus.ORDERED, "id": None, "submission": None},
        {"status": JobStatus.ORDERABLE},
        {"status": JobStatus.PENDING, "id": None},
        {"status": JobStatus.SHIPPING, "id": None},
        {"status": JobStatus.SUCCEEDED, "id": None},
        {"status": JobStatus.SUCCEEDED, "reason": Reason.UNPROCESSED},
        {"status": JobStatus.CANCELED, "reason": Reason.TOO_CLOUDY},
        {"status": JobStatus.PENDING, "waiting": Waiting(utc("2017-12-01T08:00:00"), 5)},
        {"status": JobStatus.FAILED, "job_status": None, "history": ()},
    ],
    ids=str,
)
def test_states_that_contradict_themselves_are_found(changes: dict[str, Any]) -> None:
    assert own_faults(an_l1c(**changes), L1C_PROFILE)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/peps:process", "ORTHO"),
        ("properties/peps:process", None),
        ("properties/peps:progress", 101),
        ("properties/peps:attempt", -1),
        ("properties/peps:attempt", "1"),
        ("properties/peps:reason", "tired"),
        ("properties/peps:inputs", {"product": 1}),
        ("properties/peps:kept", ["2017-10-01"]),
        ("properties/peps:kept", ["2017-10-01", "soon"]),
        ("properties/peps:waiting", {"since": "2020-01-01T00:00:00Z", "max_open": 0}),
        ("properties/peps:history", [{"status": "ordered"}]),
        (
            "properties/peps:history",
            [{"status": "lost", "time": "2020-01-01T00:00:00Z", "source": "x"}],
        ),
        ("properties/peps:history", [{"status": "failed", "time": "today", "source": "x"}]),
        ("properties/peps:password", "never"),
        ("properties/peps:summary", {"count": 1}),
        ("assets/product/peps:progress", 1),
        ("peps:summary", {"count": 1}),
    ],
)
def test_the_peps_extension_knows_its_names(path: str, value: object) -> None:
    assert not own_faults(an_l1c())
    assert own_faults(changed(an_l1c(), path, value))


def test_catalogs_may_keep_a_summary_and_nothing_else() -> None:
    catalog = {"type": "Catalog", "stac_extensions": [PEPS_SCHEMA], "peps:summary": {"count": 3}}

    assert not own_faults(catalog)
    assert own_faults({**catalog, "peps:progress": 1})
    assert own_faults({**catalog, "peps:summary": 3})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "S2A.SAFE"),
        ("collection", "sentinel-2-l2a-maja"),
        ("stac_version", "1.0.0"),
        ("stac_extensions", []),
        ("bbox", [0.0, 0.0, 181.0, 1.0]),
        ("properties/gsd", 20),
        ("properties/platform", "S2A"),
        ("properties/eo:cloud_cover", 100.5),
        ("properties/grid:code", "MGRS-T31TCJ"),
        ("properties/proj:code", "EPSG:4326"),
        ("properties/proj:code", None),
        ("properties/processing:level", "L2A"),
        ("properties/end_datetime", None),
        ("properties/datetime", "2017-11-27"),
        ("properties/order:status", None),
        ("assets/product/href", "./product.zip"),
        ("assets/product/href", "https://me:secret@peps.example.org/download"),
        ("assets/product/file:checksum", "0123456789abcdef0123456789abcdef"),
        ("assets/thumbnail/roles", ["data"]),
        ("links/0/rel", "self"),
        ("links/0/href", "/data/catalog/catalog.json"),
    ],
)
def test_an_l1c_item_that_breaks_a_promise_is_found(path: str, value: object) -> None:
    assert not own_faults(an_l1c(), L1C_PROFILE)
    assert own_faults(changed(an_l1c(), path, value), L1C_PROFILE)


@pytest.mark.parametrize("mode", ["INIT_MODE", "STANDARD_MODE", "BACKWARD_MODE"])
def test_the_maja_extension_takes_each_mode(mode: str) -> None:
    assert not own_faults(a_maja(**{"maja:processing_mode": mode}))


@pytest.mark.parametrize(
    "properties",
    [{}, {"maja:profile": ""}, {"maja:validity": 1}, {"maja:profile": "USER", "maja:other": "x"}],
    ids=str,
)
def test_the_maja_extension_knows_its_names(properties: dict[str, object]) -> None:
    assert own_faults(a_maja(**properties))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("bbox", None),
        ("geometry", {"type": "Polygon"}),
        ("properties/created", None),
        ("properties/proj:epsg", None),
        ("properties/processing:level", "L1C"),
        ("properties/order:status", "succeeded"),
        ("properties/maja:profile", "USER"),
        ("assets/metadata", None),
        ("assets/B02/nodata", None),
        ("assets/B02/data_type", "float32"),
        ("assets/B02/proj:transform", None),
        ("assets/B02/eo:bands", None),
        ("assets/B02/raster:bands", [{"data_type": "int16", "nodata": -10000}]),
        ("assets/B02/type", "image/tiff"),
        ("assets/B02/href", f"{HOST.replace('//', '//me:secret@')}/B2.tif"),
        ("assets/B02/href", ".\\FRE_B2.tif"),
        ("assets/CLM_R1/nodata", 0),
        ("assets/CLM_R1/raster:bands", [{"data_type": "uint8", "nodata": 0}]),
    ],
)
def test_an_l2a_item_that_breaks_a_promise_is_found(path: str, value: object) -> None:
    assert not own_faults(an_l2a_item(), L2A_PROFILE)
    assert own_faults(changed(an_l2a_item(), path, value), L2A_PROFILE)


@pytest.mark.parametrize("href", ["./a.tif", "/mnt/maja/a.tif", "/vsizip//mnt/a.zip/a.tif"])
def test_an_l2a_asset_may_stay_where_its_owner_keeps_it(href: str) -> None:
    assert not own_faults(changed(an_l2a_item(), "assets/B02/href", href), L2A_PROFILE)
