"""Items of each kind in all their forms, as the writers make them and the store keeps them.

Together they have every field that this package writes; the documentation is held against them.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pystac

from builders import HOST, PRODUCT_ID, a_product, an_l2a, an_order, utc
from builders_geodes import an_offer
from builders_muscate import a_header, a_jpi, a_metadata, a_style
from peps_stac.domain import Days, Event, Grid, JobStatus, L2AProduct, Order, Process, Reason
from peps_stac.domain import Waiting as Until
from peps_stac.muscate.metadata import read_metadata
from peps_stac.muscate.processing import with_header, with_jpi
from peps_stac.stac.completion import completed
from peps_stac.stac.l1c import item_from_product, merged, with_archive, with_l2a
from peps_stac.stac.l2a import item_from_l2a
from peps_stac.stac.l2a_assets import AssetFile
from peps_stac.stac.layers import AssetMode, keys_of
from peps_stac.stac.offers import fetched, item_from_offer, with_scene
from peps_stac.stac.orders import copy_of, with_order
from peps_stac.stac.versions import with_versions
from peps_stac.store import Catalog

Document = dict[str, Any]

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
BESIDE = "../../../../sentinel-2-l2a-maja/31TCJ/2017"
STATISTICS = {"minimum": 1, "maximum": 4000, "mean": 910.5, "stddev": 300.25, "valid_percent": 98.5}
PREVIEW = Grid(300000.0, 4900020.0, 100.0, -100.0, 1098, 1098)

WHOLE = a_style(masks=("CLM", "EDG", "MG2", "SAT", "DFP", "IAB"), detectors=("01", "12"))
"""A product with a layer of each kind."""


def every_order() -> Iterator[Order]:
    """Orders that between them say all that can be said of one."""
    yield an_order()
    yield a_planned_order()
    yield a_failed_order()


def a_planned_order() -> Order:
    """A scene of a series that waits until others end."""
    return an_order(
        process=Process.FULL_MAJA,
        status=JobStatus.ORDERABLE,
        inputs={
            "tileid": "31TCJ",
            "startDate": "2017-10-01",
            "completionDate": "2018-02-01",
            "relativeOrbitNumber": "51",
        },
        id=None,
        date=None,
        submission=None,
        attempt=0,
        job_status=None,
        progress=None,
        monitor=None,
        kept=Days(date(2017, 11, 30), date(2018, 2, 1)),
        waiting=Until(utc("2018-02-03T08:00:00"), 5),
        history=(),
    )


def a_failed_order() -> Order:
    """A job that lost the scene, after its id was found in the service's list."""
    order = an_order()
    first, second = order.history
    assert order.id
    return an_order(
        status=JobStatus.FAILED,
        attempt=2,
        job_status="FINISHED",
        progress=100.0,
        message="1 date unprocessed",
        reason=Reason.UNPROCESSED,
        history=(
            first,
            Event(JobStatus.ORDERED, utc("2017-12-01T08:05:00"), "jobs", job=order.id),
            second,
            Event(JobStatus.FAILED, utc("2017-12-01T10:30:00"), "report", "FINISHED"),
        ),
    )


def every_scene() -> Iterator[pystac.Item]:
    """L1C Items: as found, ordered, fetched, made; with as much and as little as services say."""
    full = a_product(snow_cover=1.5, is_online=False)
    scene = item_from_product(full)
    yield scene
    yield item_from_product(a_product(footprint=None, tile=None, product_href=None))
    yield from (with_order(scene, order) for order in every_order())
    kept = with_archive(with_l2a(scene, PRODUCT_ID, f"{BESIDE}/x.json"), "./x.zip", size=1, md5=MD5)
    yield merged(scene, kept)


def every_offer() -> Iterator[pystac.Item]:
    """Offers: as found, led to their scene, fetched."""
    offer = item_from_offer(an_offer(**{"sat:orbit_state": "Descending"}))
    yield offer
    yield fetched(with_scene(offer, "S", "../S.json"), f"{BESIDE}/x.json", PRODUCT_ID)


def every_product() -> Iterator[pystac.Item]:
    """L2A Items: in each form, of each kind of product, in versions, completed."""
    whole = read(WHOLE)
    for mode in AssetMode:
        yield a_made_item(whole, mode)
    yield a_made_item(read(a_style(families=("SRE",), quicklook="png")), AssetMode.RAW)
    yield a_made_item(an_l2a(), AssetMode.COG)
    part = a_made_item(whole, AssetMode.COG, keep=lambda key: key == "B04")
    yield part
    yield completed(part, a_made_item(whole, AssetMode.COG), NOW)
    item = a_made_item(whole, AssetMode.RAW)
    versions = (item.id.replace("V1-0", version) for version in ("V0-9", "V4-0"))
    item = with_versions(item, {name: f"../{name}/{name}.json" for name in versions})
    item.add_link(pystac.Link("via", f"{HOST}/record.json", pystac.MediaType.JSON, "Record"))
    yield item


def read(style: Any) -> L2AProduct:  # noqa: ANN401 -- a Style
    """A product as it is read from its files."""
    product = read_metadata(a_metadata(style), f"{style.name}_MTD_ALL.xml")
    return with_header(with_jpi(product, a_jpi(style)), a_header(style))


def a_made_item(
    product: L2AProduct, mode: AssetMode, keep: Callable[[str], bool] = lambda _: True
) -> pystac.Item:
    """The Item of a product in a form, with the Assets of some keys."""
    keys = keys_of(product, mode)
    wanted = [key for key in keys if keep(key) or key == "metadata"]
    scene = item_from_product(a_product(platform=product.platform, absolute_orbit=3808))
    return item_from_l2a(
        product,
        files={key: a_file(key, mode) for key in wanted},
        l1c=scene,
        l1c_href=f"../../../../sentinel-2-l1c/31TCJ/2017/{scene.id}/{scene.id}.json",
        now=NOW,
        mode=mode,
        left_out=[key for key in keys if key not in wanted],
    )


def a_file(key: str, mode: AssetMode) -> AssetFile:
    """What is known of a file after it was made."""
    if mode is not AssetMode.COG or key in ("metadata", "quicklook", "processing-information"):
        return AssetFile(f"./{key}", 1000)
    if key == "thumbnail":
        return AssetFile("./thumbnail.jpg", 40_000)
    if key == "visual":
        return AssetFile("./visual.tif", 900_000, is_cog=True, grid=PREVIEW)
    has_values = key.startswith(("B", "SRE", "WVC", "AOT"))
    statistics = STATISTICS if has_values else {}
    return AssetFile(f"./{key}.tif", 90_000_000, is_cog=True, statistics=statistics)


def kept(items: Iterable[pystac.Item], folder: Path) -> list[Document]:
    """The Items as a catalog keeps them, each read from its file before the next is put."""
    catalog = Catalog(folder)
    documents = []
    for item in items:
        catalog.put(copy_of(item))
        documents.append(json.loads(Path(catalog.item_path(item)).read_text()))
    return documents


def above(folder: Path) -> dict[str, Document]:
    """The catalogs and Collections in a folder, by their paths."""
    return {
        str(path.relative_to(folder)): json.loads(path.read_text())
        for name in ("catalog.json", "collection.json")
        for path in sorted(folder.rglob(name))
    }


MD5 = "0123456789abcdef0123456789abcdef"
