from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console
from rich.progress import Progress

from builders_terminal import Terminal, drawn, in_toulouse
from peps_stac.cli.live_table import LiveTable, Picture
from peps_stac.domain import JobStatus, Order, Process, Reason, Waiting
from peps_stac.workflow import TrackedOrder

NOW = datetime(2017, 12, 1, 12, tzinfo=UTC)
SENT = NOW - timedelta(minutes=5)


@pytest.fixture(autouse=True)
def toulouse(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with in_toulouse(monkeypatch):
        yield


def an_entry(number: int = 1, status: JobStatus = JobStatus.SHIPPING, **facts: Any) -> TrackedOrder:  # noqa: ANN401 -- of an Order
    name = f"S2A_MSIL1C_201711{number % 28 + 1:02}T105411_N0206_R051_T31TCJ_{number:03}"
    order = Order(
        process=Process.MAJA,
        status=status,
        id=f"job-{number}",
        date=SENT,
        inputs={"product": name},
    )
    order = replace(order, **facts)
    return TrackedOrder(order, {name: order})


def entries(*statuses: JobStatus, **facts: Any) -> tuple[TrackedOrder, ...]:  # noqa: ANN401 -- of an Order
    return tuple(an_entry(number, status, **facts) for number, status in enumerate(statuses))


def test_an_open_order_shows_how_far_how_old_and_when_it_should_be_done() -> None:
    [_, row, *_] = drawn(Picture((an_entry(27, progress=50.0),), NOW), width=120)

    assert row.startswith("31TCJ 2017-11-28 S2A  shipping  ━━━━━━━━━━")
    assert row.endswith("50 %  5 min        14:20, in 1 h 20 min")


def test_80_characters_are_enough_and_no_line_is_longer() -> None:
    inputs = {"tileid": "31TCJ", "startDate": "2017-10-01", "completionDate": "2018-03-31"}
    series = an_entry(1, progress=100.0, process=Process.FULL_MAJA, inputs=inputs)
    sent = series.order.date or NOW
    late = replace(series.order, date=sent - timedelta(hours=12))
    far = replace(series.order, date=sent + timedelta(hours=20))
    failed = an_entry(2, JobStatus.FAILED, message="No L1C product was found for this " * 5)
    some = (
        TrackedOrder(late, {"late": late}),
        TrackedOrder(replace(far, id="far"), {"far": far}),
        failed,
        *entries(JobStatus.SUCCEEDED),
    )

    header, *lines = drawn(Picture(some, NOW))

    assert max(map(len, (header, *lines))) <= 80
    assert lines[0].startswith("31TCJ 2017-10/2018-03 (1)  shipping   ━━━━━  100 %  12 h 05 min")
    assert lines[0].endswith("overdue")
    assert lines[1].endswith("in 21 h 20 min")
    assert any(line.endswith("…") and "No L1C product" in line for line in lines)


def test_an_order_that_is_late_is_overdue() -> None:
    [_, row, *_] = drawn(Picture((an_entry(date=NOW - timedelta(hours=3)),), NOW))

    assert row.endswith("3 h 00 min   overdue")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (an_entry(status=JobStatus.FAILED, message="no elevation"), "failed    no elevation"),
        (an_entry(status=JobStatus.FAILED, reason=Reason.TOO_CLOUDY), "failed    too_cloudy"),
        (
            an_entry(status=JobStatus.ORDERED, id=None, submission="one"),
            "ordered  unconfirmed: the",
        ),
        (
            an_entry(status=JobStatus.ORDERABLE, id=None, date=None, waiting=Waiting(NOW, 5)),
            "planned  goes out when others have ended",
        ),
    ],
    ids=["failed", "cloudy", "unconfirmed", "planned"],
)
def test_an_order_without_an_open_job_says_why(entry: TrackedOrder, words: str) -> None:
    [_, row, *_] = drawn(Picture((entry,), NOW))

    assert words.split() == row.split()[3:][: len(words.split())]


def test_a_series_whose_scenes_ended_differently_counts_them() -> None:
    done = an_entry(status=JobStatus.SUCCEEDED).order
    lost = replace(done, status=JobStatus.FAILED, reason=Reason.UNPROCESSED)
    entry = TrackedOrder(done, {"a": done, "b": done, "c": lost})

    [_, row, *_] = drawn(Picture((entry,), NOW))

    assert row.endswith("ended   2 succeeded, 1 failed; unprocessed")


def test_what_the_service_says_cannot_command_the_terminal() -> None:
    entry = an_entry(status=JobStatus.FAILED, message="gone\x1b[2J\x07")

    assert "gone?[2J?" in "\n".join(drawn(Picture((entry,), NOW)))


def test_many_orders_take_no_more_lines_than_the_terminal_has() -> None:
    many = entries(
        *[JobStatus.SUCCEEDED] * 60, *[JobStatus.SHIPPING] * 5, *[JobStatus.PENDING] * 40
    )

    for height in (6, 10, 24, 50, 200):
        lines = drawn(Picture(many, NOW), height=height)
        assert len(lines) < max(height, 6)
    lines = drawn(Picture(many, NOW), height=24)
    assert [line.split()[3] for line in lines[1:6]] == ["shipping"] * 5
    assert {line.split()[3] for line in lines[6:-3]} == {"pending"}
    assert lines[-3:-1] == ["and 86 more", "60 succeeded, 40 pending, 5 shipping"]


def test_what_just_changed_is_shown_even_when_there_is_place_for_little() -> None:
    many = entries(*[JobStatus.SHIPPING] * 60, JobStatus.SUCCEEDED)

    lines = drawn(Picture(many, NOW, changed=frozenset({"job-60"})), height=12)

    assert "succeeded" in lines[7]


def test_failures_come_before_what_is_done_and_after_what_runs() -> None:
    some = entries(JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.PENDING)

    lines = drawn(Picture(some, NOW))

    assert [line.split()[3] for line in lines[1:4]] == ["pending", "failed", "succeeded"]


def test_bars_beside_take_their_lines_from_the_orders() -> None:
    bars = Progress()
    for name in "abc":
        bars.add_task(name)

    lines = drawn(Picture(entries(*[JobStatus.SHIPPING] * 60), NOW, beside=bars), height=20)

    assert len(lines) < 20
    assert [line[0] for line in lines[-3:]] == ["a", "b", "c"]


def test_the_next_look_is_told_by_the_clock_and_from_now() -> None:
    waiting = Picture(entries(JobStatus.SHIPPING), NOW, next_look=NOW + timedelta(seconds=135))

    assert drawn(waiting)[-1].startswith("next look at 13:02:15, in 2 min; Ctrl-C")
    assert drawn(replace(waiting, next_look=None))[-1].startswith("asking the service; Ctrl-C")


def test_it_draws_what_each_look_brings_waits_and_leaves_nothing_behind() -> None:
    terminal = Terminal()
    waits: list[float] = []
    console = Console(file=terminal, width=80, height=24, force_terminal=True)
    pending = entries(JobStatus.PENDING)
    table = LiveTable(pending, console=console, now=lambda: NOW, wait=waits.append)

    with table.drawn():
        table.show(entries(JobStatus.SHIPPING))
        table.sleep(60)
        drawn_before = terminal.getvalue()

    assert waits == [60]
    assert "pending" in drawn_before
    assert "shipping" in drawn_before
    assert "next look at 13:01:00" in drawn_before
    assert terminal.getvalue().endswith("\x1b[2K")


def test_a_wait_that_is_interrupted_ends_the_picture() -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    terminal = Terminal()
    console = Console(file=terminal, width=80, height=24, force_terminal=True)
    table = LiveTable(
        entries(JobStatus.PENDING), console=console, now=lambda: NOW, wait=interrupted
    )
    with pytest.raises(KeyboardInterrupt), table.drawn():
        table.sleep(60)

    assert "\x1b[?25h" in terminal.getvalue()[-40:]


def test_without_colors_nothing_but_plain_letters_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    console = Console(file=terminal, width=80, height=24, force_terminal=True)

    console.print(Picture(entries(JobStatus.SHIPPING, JobStatus.FAILED, progress=40.0), NOW))

    assert "\x1b[3" not in terminal.getvalue()
    assert "40 %" in terminal.getvalue()
