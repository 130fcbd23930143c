"""Orders read from the catalog, and changed after others may have changed them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import JOB_ID, PRODUCT_NAME, a_product, an_order, utc
from builders_workflow import a_bench
from peps_stac.domain import JobStatus, Order, Waiting
from peps_stac.errors import CatalogError
from peps_stac.peps.client import PepsClient
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.orders import order_of, with_order
from peps_stac.store import Catalog
from peps_stac.workflow import cancel, tracked
from peps_stac.workflow.tracking import Document, amend, record

OTHER_NAME = PRODUCT_NAME.replace("T31TCJ", "T31TDJ")
NOW = utc("2017-12-02T08:00:00")
PLANNED = an_order(
    id=None, submission=None, status=JobStatus.ORDERABLE, waiting=Waiting(NOW, 5), history=()
)
LOST = an_order(id=None, status=JobStatus.ORDERED)


def a_catalog(folder: Path, orders: Iterable[Order], names: Iterable[str]) -> Catalog:
    catalog = Catalog(folder)
    for name, order in zip(names, orders, strict=False):
        catalog.put(with_order(item_from_product(a_product(name=name)), order))
    return catalog


def on_disk(catalog: Catalog, name: str = PRODUCT_NAME) -> Order:
    item = catalog.get(name, L1C_COLLECTION)
    assert item is not None
    order = order_of(item)
    assert order is not None
    return order


def told(_: Document, order: Order) -> Order:
    return replace(order, message="told")


@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [
        (an_order(), an_order(status=JobStatus.CANCELED)),
        (LOST, replace(LOST, id=JOB_ID)),
        (PLANNED, replace(PLANNED, waiting=Waiting(NOW + timedelta(days=1), 5))),
    ],
    ids=["canceled", "found", "planned later"],
)
def test_an_order_is_changed_as_it_stands_by_now(
    tmp_path: Path, before: Order, meanwhile: Order
) -> None:
    catalog = a_catalog(tmp_path, [before], [PRODUCT_NAME])
    [entry] = tracked(catalog)
    record(catalog, {PRODUCT_NAME: meanwhile})

    [(now,)] = amend(catalog, [(entry, told)])

    assert now.order == on_disk(catalog) == replace(meanwhile, message="told")


@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [
        (an_order(), an_order(id="another-job", submission="another")),
        (an_order(), an_order(id=None, submission="another")),
        (LOST, replace(LOST, submission="another")),
        (PLANNED, replace(PLANNED, submission="sent", waiting=None, status=JobStatus.ORDERED)),
    ],
    ids=["ordered anew", "about to be", "sent again", "sent"],
)
def test_another_order_that_took_the_place_is_left_alone(
    tmp_path: Path, before: Order, meanwhile: Order
) -> None:
    catalog = a_catalog(tmp_path, [before], [PRODUCT_NAME])
    [entry] = tracked(catalog)
    record(catalog, {PRODUCT_NAME: meanwhile})

    [(now,)] = amend(catalog, [(entry, told)])

    assert now.order == on_disk(catalog) == meanwhile


@pytest.mark.parametrize("durable", [False, True])
def test_an_item_that_is_gone_is_told_and_the_others_are_changed(
    tmp_path: Path, *, durable: bool
) -> None:
    names = [PRODUCT_NAME, OTHER_NAME]
    catalog = a_catalog(tmp_path, [an_order(), an_order()], names)
    [entry] = tracked(catalog)
    catalog.remove(PRODUCT_NAME, L1C_COLLECTION)
    lines: list[str] = []

    [(now,)] = amend(catalog, [(entry, told)], durable=durable, tell=lines.append)

    assert now.item_ids == (OTHER_NAME,)
    assert on_disk(catalog, OTHER_NAME).message == "told"
    assert [PRODUCT_NAME in line for line in lines] == [True]


def test_of_an_order_whose_items_are_all_gone_nothing_is_left(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, [an_order()], [PRODUCT_NAME])
    [entry] = tracked(catalog)
    catalog.remove(PRODUCT_NAME, L1C_COLLECTION)

    assert amend(catalog, [(entry, told)]) == [()]


def test_an_order_is_not_recorded_on_an_item_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="search for it again"):
        record(a_catalog(tmp_path, [an_order()], [OTHER_NAME]), {PRODUCT_NAME: an_order()})


def test_an_item_without_an_order_is_no_order(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, [an_order()], [PRODUCT_NAME])
    catalog.put(item_from_product(a_product(name=OTHER_NAME)))

    assert [entry.item_ids for entry in tracked(catalog)] == [(PRODUCT_NAME,)]


def test_what_ended_while_it_was_being_canceled_stays_as_it_ended(tmp_path: Path) -> None:
    class Late(PepsClient):
        """A job that another process sees finished just before it is canceled."""

        def cancel(self, order: Order) -> None:
            finished = replace(order, status=JobStatus.SUCCEEDED, job_status="FINISHED")
            record(bench.catalog, {item.id: finished})

    with a_bench(tmp_path / "catalog") as bench:
        item = bench.search()[0]
        [entry] = bench.order([item])
        [now] = cancel(Late(bench.client.session), bench.catalog, [entry.key])

        assert now.order.status is bench.orders()[item.id].status is JobStatus.SUCCEEDED


def test_what_was_ordered_anew_while_it_was_being_canceled_is_not_lost(tmp_path: Path) -> None:
    class Late(PepsClient):
        """A scene that another process orders again meanwhile."""

        def cancel(self, order: Order) -> None:
            super().cancel(order)
            bench.order([item], again=True)

    with a_bench(tmp_path / "catalog") as bench:
        item = bench.search()[0]
        [entry] = bench.order([item])
        list(cancel(Late(bench.client.session), bench.catalog, [entry.key]))

        order = bench.orders()[item.id]
        assert order.id == bench.peps.jobs[-1].id != entry.order.id
        assert order.status is JobStatus.ORDERED


def test_one_job_of_many_scenes_is_one_entry(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, [an_order(), an_order()], [PRODUCT_NAME, OTHER_NAME])

    [entry] = tracked(catalog)

    assert entry.item_ids == (PRODUCT_NAME, OTHER_NAME)
