"""Orders on Items: what is written is read back, and nothing of an earlier order stays."""

from datetime import UTC, date, datetime

import pystac
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import HOST, JOB_ID, a_product, an_order, utc
from expectations import assert_expected
from peps_stac.domain import Days, Event, JobStatus, Order, Process, Reason, Waiting
from peps_stac.errors import CatalogError
from peps_stac.stac.extensions import ORDER_SCHEMA, PEPS_SCHEMA
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.orders import order_in, order_of, with_order, with_order_in
from recorded import needs_recorded
from schemas import L1C_PROFILE, core_faults, extension_faults, in_catalog, own_faults

instants = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis wants bounds without a zone
texts = st.text(max_size=20)
events = st.builds(
    Event,
    status=st.sampled_from(JobStatus),
    time=instants,
    source=texts,
    word=st.none() | texts,
    job=st.none() | texts,
)
days = st.dates(date(2016, 4, 1), date(2099, 1, 1))
orders = st.builds(
    Order,
    process=st.sampled_from(Process),
    status=st.sampled_from(JobStatus),
    inputs=st.dictionaries(texts, texts, max_size=3),
    id=st.none() | texts,
    date=st.none() | instants,
    submission=st.none() | texts,
    attempt=st.integers(0, 9),
    job_status=st.none() | texts,
    progress=st.none() | st.floats(0, 100),
    message=st.none() | texts,
    reason=st.none() | st.sampled_from(Reason),
    monitor=st.none() | st.just(f"{HOST}/resto/wps/outputs/pywps-1.xml"),
    kept=st.none() | st.builds(Days, days, days),
    waiting=st.none() | st.builds(Waiting, instants, st.integers(1, 10)),
    history=st.lists(events, max_size=3).map(tuple),
)


def an_item() -> pystac.Item:
    return item_from_product(a_product())


def test_a_running_order_as_a_whole() -> None:
    assert_expected("l1c_ordered", with_order(an_item(), an_order()).to_dict())


@needs_recorded
def test_a_running_order_is_valid() -> None:
    document = in_catalog(with_order(an_item(), an_order()).to_dict())

    assert not core_faults(document)
    assert not extension_faults(document)
    assert not own_faults(document, L1C_PROFILE)


@given(orders)
def test_an_order_is_read_back_as_it_was_written(order: Order) -> None:
    assert order_of(with_order(an_item(), order)) == order


@given(orders)
def test_an_order_survives_the_json_of_its_item(order: Order) -> None:
    item = with_order(an_item(), order)

    read = pystac.Item.from_dict(item.to_dict(), migrate=False)

    assert order_of(read) == order_of(item)


@given(orders, orders)
def test_the_json_of_an_item_is_given_the_same_order_as_the_item(
    before: Order, after: Order
) -> None:
    item = with_order(an_item(), before)
    document = item.to_dict()

    changed = with_order_in(document, after)

    assert changed == with_order(item, after).to_dict()
    assert order_in(changed) == after
    assert document == item.to_dict()


def test_the_json_of_an_item_that_was_never_ordered_has_no_order() -> None:
    assert order_in(an_item().to_dict()) is None


@given(orders, orders)
def test_nothing_of_the_order_before_stays(before: Order, after: Order) -> None:
    item = an_item()

    replaced = with_order(with_order(item, before), after)

    assert replaced.to_dict() == with_order(item, after).to_dict()


@given(orders)
def test_the_item_itself_is_not_changed(order: Order) -> None:
    item = with_order(an_item(), an_order())
    before = item.to_dict()

    with_order(item, order)

    assert item.to_dict() == before


@given(orders)
def test_only_the_names_of_the_order_extension_start_with_order(order: Order) -> None:
    """Its schema refuses any other."""
    names = with_order(an_item(), order).properties

    assert {n for n in names if n.startswith("order:")} <= {
        "order:status",
        "order:id",
        "order:date",
    }


def test_a_copy_shares_nothing() -> None:
    order = an_order()
    item = with_order(an_item(), order)

    copied = with_order(item, order)
    copied.properties["peps:inputs"]["product"] = "another"
    copied.properties["peps:history"].clear()
    copied.assets["product"].href = "another"

    assert order_of(item) == order
    assert item.assets["product"].href != "another"
    assert order.inputs["product"] != "another"


def test_links_keep_all_their_fields_in_a_copy() -> None:
    """Pystac's own copy of a link loses what is not in its constructor."""
    item = an_item()
    item.add_link(pystac.Link("about", f"{HOST}/about", extra_fields={"method": "POST"}))

    link = with_order(item, an_order()).get_single_link("about")

    assert link
    assert link.to_dict()["method"] == "POST"


def test_there_is_one_monitor_link_to_the_latest_status_document() -> None:
    first = with_order(an_item(), an_order(monitor=f"{HOST}/first.xml"))

    second = with_order(first, an_order(monitor=f"{HOST}/second.xml"))

    assert [link.href for link in second.get_links("monitor")] == [f"{HOST}/second.xml"]


def test_the_monitor_link_goes_when_there_is_no_status_document() -> None:
    item = with_order(with_order(an_item(), an_order()), an_order(monitor=None))

    assert not item.get_links("monitor")


def test_what_is_not_known_has_no_property() -> None:
    bare = Order(process=Process.MAJA, status=JobStatus.ORDERED)

    names = {n for n in with_order(an_item(), bare).properties if n.startswith(("order:", "peps:"))}

    assert names == {"order:status", "peps:process", "peps:attempt"}


def test_other_links_and_properties_stay() -> None:
    item = with_order(an_item(), an_order())

    assert item.get_links("via")
    assert item.properties["eo:cloud_cover"] == 12.5


def test_both_extensions_are_declared_once() -> None:
    item = with_order(with_order(an_item(), an_order()), an_order(attempt=2))

    assert item.stac_extensions.count(ORDER_SCHEMA) == 1
    assert item.stac_extensions.count(PEPS_SCHEMA) == 1


def test_an_item_that_was_never_ordered_has_no_order() -> None:
    item = an_item()

    assert item.properties["order:status"] == "orderable"
    assert order_of(item) is None


def test_an_order_that_was_withdrawn_keeps_its_attempts_and_history_and_is_not_open() -> None:
    withdrawn = an_order(
        status=JobStatus.ORDERABLE, id=None, submission=None, attempt=2, message="refused"
    )

    back = order_of(with_order(an_item(), withdrawn))

    assert back == withdrawn
    assert back.is_withdrawn
    assert not back.status.is_open
    assert not back.is_planned


def test_a_planned_order_is_orderable_and_says_what_will_be_sent() -> None:
    planned = an_order(
        process=Process.FULL_MAJA,
        status=JobStatus.ORDERABLE,
        id=None,
        submission=None,
        attempt=0,
        kept=Days(date(2017, 10, 1), date(2017, 12, 31)),
        waiting=Waiting(utc("2017-12-01T08:00:00"), max_open=5),
    )
    item = with_order(an_item(), planned)

    assert item.properties["order:status"] == "orderable"
    assert item.properties["peps:kept"] == ["2017-10-01", "2017-12-31"]
    back = order_of(item)
    assert back
    assert back.is_planned
    assert not back.is_withdrawn
    assert not back.status.is_open


@needs_recorded
def test_a_planned_order_is_valid() -> None:
    planned = an_order(
        status=JobStatus.ORDERABLE,
        id=None,
        submission=None,
        progress=None,
        attempt=0,
        kept=Days(date(2017, 10, 1), date(2017, 12, 31)),
        waiting=Waiting(utc("2017-12-01T08:00:00"), max_open=5),
        history=(Event(JobStatus.ORDERED, utc("2017-12-01T08:00:00"), "execute", job=JOB_ID),),
    )
    document = in_catalog(with_order(an_item(), planned).to_dict())

    assert not extension_faults(document)
    assert not own_faults(document, L1C_PROFILE)


def test_a_scene_found_too_cloudy_without_a_job_has_an_order() -> None:
    """So that nobody orders it, though nothing was sent from this catalog."""
    order = Order(process=Process.MAJA, status=JobStatus.FAILED, reason=Reason.TOO_CLOUDY)

    assert order_of(with_order(an_item(), order)) == order


def test_microseconds_are_kept() -> None:
    """What was written is compared with what is on disk, to see whether another wrote there."""
    order = an_order(date=utc("2017-12-01T08:00:00.123456"))

    assert order_of(with_order(an_item(), order)) == order


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("peps:process", "ORTHO"),
        ("order:status", "lost"),
        ("order:date", "yesterday"),
        ("peps:history", [{"status": "ordered"}]),
        ("peps:kept", ["2017-10-01"]),
        ("peps:waiting", {"since": "2017-10-01T00:00:00Z"}),
    ],
)
def test_an_order_that_cannot_be_read_says_where_it_stands(name: str, value: object) -> None:
    item = with_order(an_item(), an_order())
    item.properties[name] = value

    with pytest.raises(CatalogError, match=item.id):
        order_of(item)


def test_the_job_id_is_that_of_the_service() -> None:
    assert with_order(an_item(), an_order()).properties["order:id"] == JOB_ID
