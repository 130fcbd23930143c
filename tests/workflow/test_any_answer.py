"""Whatever the service answers: no look stumbles, and no order ends as it did not end.

Truths are invented, put into documents in all the ways that servers and scripts have spelled
them, and read back (`builders_answers`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import a_product, an_order, utc
from builders_answers import JOB, REPORT_PATH, SCENE, Truth, junk, reports, truths, wps_answers
from peps_stac.domain import JobStatus, Order, Process
from peps_stac.errors import AuthenticationError, RequestError, ResponseError, ServiceError
from peps_stac.http.answers import Answer
from peps_stac.http.session import Session
from peps_stac.peps.client import WPS_PATH, PepsClient
from peps_stac.peps.report import read_report
from peps_stac.peps.wps import WpsState, read_execute_response
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.orders import order_of, with_order
from peps_stac.store import Catalog
from peps_stac.workflow import refresh
from peps_stac.workflow.progress import advanced

NOW = utc("2017-12-01T10:00:00")
URL = "http://127.0.0.1:1"
STATUS_PATH = f"/resto/wps/outputs/pywps-{JOB}.xml"

orders = st.builds(
    lambda process, status: an_order(id=JOB, process=process, status=status, monitor=None),
    st.sampled_from(Process),
    st.sampled_from((JobStatus.ORDERED, JobStatus.PENDING, JobStatus.SHIPPING)),
)
told = truths.flatmap(lambda truth: st.tuples(st.just(truth), reports(truth)))
answered = told.flatmap(
    lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), wps_answers(pair[1]))
)


@given(told)
def test_a_report_says_the_same_in_all_its_forms(pair: tuple[Truth, str]) -> None:
    truth, text = pair

    report = read_report(text.encode())

    assert report.job_status == truth.word
    assert report.results == truth.hrefs


@given(told, orders)
def test_an_order_ends_as_the_job_ended(pair: tuple[Truth, str], order: Order) -> None:
    truth, text = pair

    after = advanced(order, read_report(text), SCENE, NOW)

    assert (after.status, after.reason) == truth.end(order.process, order.status)
    assert advanced(after, read_report(text), SCENE, NOW) == after


@given(told, st.data())
def test_a_report_cut_short_never_ends_an_order(
    pair: tuple[Truth, str], data: st.DataObject
) -> None:
    """A file that is read while it is written: better no report than half of the results."""
    truth, text = pair
    cut = text[: data.draw(st.integers(0, len(text) - 1), label="length")]
    order = an_order(id=JOB, process=Process.FULL_MAJA)
    try:
        after = advanced(order, read_report(cut), SCENE, NOW)
    except ResponseError:
        return

    allowed = {(order.status, None), truth.end(order.process, order.status)}
    assert (after.status, after.reason) in allowed


@given(junk)
def test_junk_is_no_report_that_ends_an_order(content: bytes) -> None:
    try:
        report = read_report(content)
    except ResponseError:
        return

    assert advanced(an_order(), report, SCENE, NOW).status is an_order().status


@given(answered)
def test_an_answer_says_the_same_in_all_spellings(
    case: tuple[Truth, str, tuple[str, bool]],
) -> None:
    _, report, (document, is_referred) = case

    answer = read_execute_response(document.encode())

    assert (answer.job_id, answer.state) == (JOB, WpsState.SUCCEEDED)
    if is_referred:
        assert [href.endswith(f"report-{JOB}.json") for href in answer.references] == [True]
        assert answer.outputs == {}
    else:
        assert answer.references == ()
        assert answer.outputs == {"report": report.strip()}


@given(
    st.sampled_from(WpsState).flatmap(
        lambda state: st.tuples(st.just(state), wps_answers("{}", state))
    )
)
def test_every_state_is_known_with_any_prefix(case: tuple[WpsState, tuple[str, bool]]) -> None:
    state, (document, _) = case

    assert read_execute_response(document.encode()).state is state


@given(junk | answered.flatmap(lambda case: _damaged(case[2][0].encode())))
def test_a_damaged_answer_is_an_error_that_was_declared_or_none(content: bytes) -> None:
    try:
        answer = read_execute_response(content)
    except (AuthenticationError, RequestError, ResponseError):
        return

    assert answer.state in WpsState


@dataclass(frozen=True, slots=True)
class Told:
    """What a look finds at the service."""

    replies: Mapping[str, bytes | Exception]
    truth: Truth | None
    """None: nothing that can be understood."""


@st.composite
def services(draw: st.DrawFn) -> Told:
    """PROCESSING_STATUS, the report file and the status document, some of them out of order."""
    truth, report, (document, _) = draw(answered)
    broken = draw(st.booleans())
    replies: dict[str, bytes | Exception] = {
        WPS_PATH: draw(_troubles) if broken else draw(st.sampled_from((document, report))).encode(),
        REPORT_PATH: report.encode(),
        STATUS_PATH: draw(_troubles),
    }
    is_out = isinstance(replies[WPS_PATH], ServiceError)  # then nothing else is asked
    if broken and not is_out and draw(st.booleans()):
        replies[STATUS_PATH] = document.encode()
        return Told(replies, truth)
    return Told(replies, None if broken else truth)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return Catalog(tmp_path_factory.mktemp("any") / "catalog")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(services(), orders)
def test_no_look_stumbles_and_none_ends_an_order_that_goes_on(
    catalog: Catalog, told: Told, order: Order
) -> None:
    catalog.put(with_order(item_from_product(a_product(name=SCENE)), order))
    lines: list[str] = []

    [entry] = refresh(PepsClient(Answering(told)), catalog, now=lambda: NOW, tell=lines.append)

    found = catalog.get(SCENE)
    assert found is not None
    assert order_of(found) == entry.order
    unchanged = (order.status, None)
    expected = told.truth.end(order.process, order.status) if told.truth else unchanged
    assert (entry.order.status, entry.order.reason) == expected
    assert told.truth or lines or entry.order == replace(order, progress=entry.order.progress)


class Answering(Session):
    """A session that answers what it was given, without a network."""

    def __init__(self, told: Told) -> None:
        super().__init__(URL)
        self._replies = told.replies

    def get(
        self,
        href: str,
        params: Mapping[str, str] | None = None,
        *,
        login: bool = False,
        cached: bool = False,
    ) -> Answer:
        """The reply of the path."""
        del params, login, cached
        reply = self._replies[href.removeprefix(URL)]
        if isinstance(reply, Exception):
            raise reply
        return Answer(url=f"{URL}{href}", status=200, content_type="", content=reply)


_troubles: st.SearchStrategy[bytes | Exception] = junk | st.sampled_from(
    (
        ServiceError("no answer in time"),
        RequestError("no such job"),
        ResponseError("a web page instead of an answer"),
    )
)


def _damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """Cut short, or with some bytes changed."""
    cut = st.integers(0, len(content)).map(lambda length: content[:length])
    spot = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    changed = spot.map(lambda at: content[: at[0]] + bytes([at[1]]) + content[at[0] + 1 :])
    return cut | changed
