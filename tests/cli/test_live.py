import logging
from dataclasses import replace

import click
import pytest

from builders import PRODUCT_NAME, an_order
from builders_terminal import Terminal
from peps_stac.cli.live import Lines, order_view, orders_and_bars
from peps_stac.cli.options import GlobalOptions
from peps_stac.cli.output import say, tell
from peps_stac.cli.progress import Reports
from peps_stac.domain import JobStatus, Order
from peps_stac.http.download import Progress
from peps_stac.workflow import TrackedOrder


def one(order: Order) -> tuple[TrackedOrder, ...]:
    return (TrackedOrder(order, {PRODUCT_NAME: order}),)


RUNNING = an_order(progress=10.0)


def a_terminal(monkeypatch: pytest.MonkeyPatch, kind: str = "xterm-256color") -> Terminal:
    """As stderr."""
    shown = Terminal()
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setattr("sys.stderr", shown)
    return shown


def test_lines_say_what_changed_and_then_how_all_stand(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()

    lines.show(one(RUNNING))
    lines.show(one(replace(RUNNING, progress=24.0)))
    lines.show(one(replace(RUNNING, progress=30.0)))
    lines.show(one(replace(RUNNING, status=JobStatus.FAILED, message="no elevation")))

    assert capsys.readouterr().err.splitlines() == [
        "31TCJ 2017-11-27 S2A: shipping 10 %",
        "-- 1 shipping",
        "31TCJ 2017-11-27 S2A: shipping 30 %",
        "-- 1 shipping",
        "31TCJ 2017-11-27 S2A: failed (no elevation)",
        "-- 1 failed",
    ]


def test_a_pipe_gets_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with order_view(one(RUNNING)) as view:
        view.show(one(RUNNING))

    assert "shipping 10 %" in capsys.readouterr().err


def test_a_terminal_gets_a_table_and_lines_that_are_told_stand_above_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = a_terminal(monkeypatch)
    log = logging.getLogger("peps_stac")
    handler = logging.StreamHandler(terminal)
    log.handlers, before = [handler], log.handlers
    try:
        with order_view(one(RUNNING)) as view:
            tell("the service answers again")
            log.error("as in the log")
            view.show(one(RUNNING))
        assert handler.stream is terminal
    finally:
        log.handlers = before

    text = click.unstyle(terminal.getvalue())
    assert "expected" in text
    assert text.rindex("the service answers again") < text.rindex("31TCJ 2017-11-27 S2A")
    assert "as in the log\n" in text


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_terminal_that_cannot_draw_gets_lines(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    terminal = a_terminal(monkeypatch, kind)
    with order_view(one(RUNNING)) as view:
        view.show(one(RUNNING))

    assert terminal.getvalue() == "31TCJ 2017-11-27 S2A: shipping 10 %\n-- 1 shipping\n"


def test_quiet_is_quiet_on_a_terminal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    context = click.Context(click.Command("watch"), obj=GlobalOptions(quiet=True))
    with context, order_view(one(RUNNING)) as view:
        view.show(one(RUNNING))

    assert terminal.getvalue() == ""


def test_bars_stand_below_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    with orders_and_bars(one(RUNNING)) as (view, reports):
        assert reports.fetching is not None
        reports.fetching("product.zip", Progress(1000, 4000))
        view.show(one(RUNNING))
        say("added SENTINEL2A", err=True)
        view.show(one(RUNNING))

    last = click.unstyle(terminal.getvalue()).split("added SENTINEL2A")[-1]
    assert last.index("31TCJ 2017-11-27 S2A") < last.index("asking the service")
    assert last.index("asking the service") < last.index("product.zip")


def test_a_pipe_gets_no_bars() -> None:
    with orders_and_bars(one(RUNNING)) as (view, reports):
        view.show(one(RUNNING))

        assert reports == Reports()
