from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click import unstyle

from builders_terminal import in_toulouse
from peps_stac.cli import orders
from peps_stac.cli.errors import ExitCode
from peps_stac.domain import Event, JobStatus, Order, Process, Reason
from peps_stac.workflow import TrackedOrder

NOW = datetime(2017, 12, 1, 12, tzinfo=UTC)
MAJA = timedelta(minutes=85)
"""From a submission to its expected end."""
SCENE = "S2A_MSIL1C_20171127T105411_N0206_R051_T31TCJ_20171127T130149"

SERIES = {"tileid": "31TCJ", "startDate": "2017-10-01", "completionDate": "2017-12-31"}


def an_order(status: JobStatus = JobStatus.SHIPPING, **facts: object) -> Order:
    order = Order(
        process=Process.MAJA,
        status=status,
        id="job-1",
        date=NOW - timedelta(minutes=65),
        inputs={"product": SCENE},
    )
    return replace(order, **facts)  # type: ignore[arg-type]  # facts of an Order, by name


def tracked(**by_item: Order) -> TrackedOrder:
    return TrackedOrder(next(iter(by_item.values())), by_item)


def one(order: Order) -> TrackedOrder:
    return TrackedOrder(order, {SCENE: order})


def test_a_row_says_what_a_person_asks_first() -> None:
    entry = one(an_order(job_status="RUNNING", progress=40.4))

    assert orders.row(entry, NOW) == (
        "31TCJ 2017-11-27 S2A",
        "MAJA",
        "shipping",
        "RUNNING",
        "40 %",
        "1 h 05 min",
        "2017-12-01T12:20:00Z",
        "job-1",
        "",
    )


@pytest.fixture(autouse=True)
def toulouse(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with in_toulouse(monkeypatch):
        yield


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes stdout one of 80 characters."""

    def make() -> None:
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    return make


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (timedelta(minutes=65), "13:20"),
        (timedelta(minutes=90), "overdue"),
        (timedelta(hours=-12), "02 Dec 02:25"),
    ],
)
def test_a_person_reads_the_expected_end_on_the_clock_of_the_place(
    terminal: Callable[[], None], sent: timedelta, text: str
) -> None:
    terminal()
    entry = one(an_order(date=NOW - sent))

    assert orders.row(entry, NOW)[6] == text
    assert orders.document(entry)["expected_end"] == f"{NOW - sent + MAJA:%Y-%m-%dT%H:%M:%SZ}"


def test_nothing_is_expected_of_what_has_ended() -> None:
    entry = one(an_order(JobStatus.SUCCEEDED))

    assert orders.row(entry, NOW)[6] == "-"
    assert orders.document(entry)["expected_end"] is None


def test_the_table_fits_80_characters_one_line_an_order(
    terminal: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal()
    job = "2fd5c2b0-d5a1-11e7-9bd2-0242ac110002"
    running = an_order(id=job, job_status="RUNNING", progress=100.0, date=NOW - 9 * MAJA)
    lost = an_order(JobStatus.ORDERED, id=None, submission="uuid-1")
    series = replace(running, process=Process.FULL_MAJA, inputs=SERIES)
    beyond = an_order(JobStatus.CANCELED, id=job, message="no elevation beyond 60 degrees")

    entries = [*map(one, (running, lost, CLOUDY, beyond, beyond)), tracked(a=series)]
    orders.show(entries, NOW)

    lines = [line.rstrip() for line in unstyle(capsys.readouterr().out).splitlines()]
    assert len(lines) == 1 + len(entries) + 1
    assert max(map(len, lines)) <= 80
    assert lines[1].split()[-4:] == ["100", "%", "overdue", "2fd5c2b0"]
    assert lines[2].endswith("unconfirmed")
    assert lines[3].endswith("too_cloudy")
    assert lines[4].endswith("(1)")
    assert lines[6].startswith("31TCJ 2017-10/2017-12 (1)")
    assert lines[7] == "(1) no elevation beyond 60 degrees"


def test_columns_without_anything_in_them_are_not_drawn(
    terminal: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal()
    orders.show([one(an_order(JobStatus.SUCCEEDED, job_status="FINISHED"))], NOW)

    header = unstyle(capsys.readouterr().out).splitlines()[0]
    assert header.split() == ["for", "status", "age", "order"]


def test_a_pipe_gets_all_columns(capsys: pytest.CaptureFixture[str]) -> None:
    orders.show([one(an_order(JobStatus.SUCCEEDED))], NOW)

    assert tuple(capsys.readouterr().out.splitlines()[0].split()) == orders.HEADER


def test_an_order_whose_answer_was_lost_is_shown_as_unconfirmed() -> None:
    entry = one(an_order(JobStatus.ORDERED, id=None, submission="uuid-1"))

    assert orders.row(entry, NOW)[-2] == "unconfirmed"
    assert orders.document(entry)["unconfirmed"] is True


def test_a_series_tells_its_tile_its_period_and_how_its_scenes_ended() -> None:
    series = an_order(
        JobStatus.SUCCEEDED,
        process=Process.FULL_MAJA,
        inputs=SERIES,
    )
    lost = replace(series, status=JobStatus.FAILED, reason=Reason.UNPROCESSED)
    entry = tracked(a=series, b=series, c=lost)

    assert orders.subject(entry) == "31TCJ 2017-10-01/2017-12-31 (3 products)"
    assert orders.status(entry) == "2 succeeded, 1 failed"
    assert orders.note(entry) == "unprocessed"


CLOUDY = an_order(JobStatus.FAILED, reason=Reason.TOO_CLOUDY)
FAILED = an_order(JobStatus.FAILED, message="no elevation")
DONE = an_order(JobStatus.SUCCEEDED)
BY_HAND = an_order(JobStatus.CANCELED, history=(Event(JobStatus.CANCELED, NOW, "user"),))
KILLED = an_order(JobStatus.CANCELED, history=(Event(JobStatus.CANCELED, NOW, "report"),))


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ((), ExitCode.DONE),
        ((DONE, CLOUDY, BY_HAND), ExitCode.DONE),
        ((DONE, FAILED), ExitCode.PARTLY_FAILED),
        ((DONE, KILLED), ExitCode.PARTLY_FAILED),
        ((FAILED,), ExitCode.FAILED),
        ((FAILED, an_order()), ExitCode.STILL_RUNNING),
    ],
)
def test_the_exit_code_tells_running_from_failed_from_done(
    found: tuple[Order, ...], code: ExitCode
) -> None:
    assert orders.exit_code(map(one, found)) == code


def test_the_summary_counts_scenes_and_gives_the_reason_where_there_is_one() -> None:
    entries = [one(DONE), one(CLOUDY), one(DONE)]

    assert orders.summary(entries) == "2 succeeded, 1 too_cloudy"


def test_on_a_terminal_what_failed_is_red_and_too_cloudy_is_not(
    terminal: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    failed = an_order(status=JobStatus.FAILED)
    cloudy = an_order(status=JobStatus.FAILED, reason=Reason.TOO_CLOUDY)

    orders.show([one(failed), one(cloudy)], NOW)

    text = capsys.readouterr().out
    assert "\x1b[31mfailed" in text
    assert "\x1b[33mfailed" in text
