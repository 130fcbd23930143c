"""`watch` on what is seldom: nothing to wait for, lost answers, a new password, a terminal."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import click

from builders_cli import Run, environment, one_line, run_process
from peps_stac.cli.errors import ExitCode
from peps_stac.simulator import Action, Fault, Simulator

ONE = ("-t", "31TCJ", "--datetime", "2017-11-27")
PERIOD = ("-t", "31TCJ", "--datetime", "2017-11-01/2017-12-20", "--lead-in", "0")


def test_what_is_only_planned_goes_out(peps_stac: Run, simulator: Simulator) -> None:
    """The order it waited for was canceled, and nobody has looked since."""
    peps_stac("order", "--series", "-t", "31TCJ", "--datetime", "2017-10-01/2017-12-30", "--yes")
    first = simulator.jobs[0]
    planned = peps_stac("order", *ONE, "--again", "--series", "--max-open", "1", "--yes")
    assert planned.exit_code == ExitCode.DONE, planned.stderr
    assert len(simulator.jobs) == 1
    peps_stac("cancel", first.id)

    result = peps_stac("watch", "--timeout", "1s")

    assert len(simulator.jobs) == 2
    assert "a place was free" in result.stderr


def test_orders_whose_answers_were_lost_for_good_are_told_with_what_to_do(
    peps_stac: Run, simulator: Simulator
) -> None:
    simulator.faults.add(Fault(route="execute", action=Action.DROP, after=True, unlisted=True))
    peps_stac("order", *ONE)

    result = peps_stac("watch", "--timeout", "1s")

    last = result.stderr.splitlines()[-1]
    assert last.startswith("1 order unconfirmed: the service lists no job for it; order --again")
    assert "time is up" not in result.stderr
    assert result.exit_code == ExitCode.STILL_RUNNING


def test_a_password_that_was_changed_ends_it_in_one_line(
    peps_stac: Run, simulator: Simulator
) -> None:
    peps_stac("order", *ONE)
    simulator.requests.clear()

    result = peps_stac("watch", **dict.fromkeys(["PEPS_STAC_PASSWORD"], "of-yesterday"))

    assert "401" in one_line(result.stderr)
    assert "check the credentials" in result.stderr
    assert result.exit_code == ExitCode.FAILED
    assert len(simulator.requests) == 1


def test_an_empty_catalog_is_nothing_to_wait_for(peps_stac: Run, simulator: Simulator) -> None:
    result = peps_stac("watch", PEPS_STAC_USERNAME="", PEPS_STAC_PASSWORD="")

    assert "nothing ordered yet" in result.stderr
    assert result.exit_code == ExitCode.DONE
    assert len(simulator.requests) == 0


def test_a_terminal_sees_a_table_until_ctrl_c(environ: dict[str, str], tmp_path: Path) -> None:
    run_process("order", *ONE, home=tmp_path, env=environ)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {**environment(tmp_path, **environ), "TERM": "xterm-256color", "COLUMNS": "80"}
    with subprocess.Popen(
        [sys.executable, "-m", "peps_stac", "watch"], stderr=theirs, env=env, cwd=tmp_path
    ) as process:
        os.close(theirs)
        shown = b""
        while b"next look" not in shown:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        while b"download" not in shown:
            shown += os.read(ours, 4096)
    os.close(ours)

    text = click.unstyle(shown.decode())
    assert "31TCJ 2017-11-27 S2B" in text
    assert "expected" in text
    assert text.rstrip().endswith("go on with peps-stac watch or download")
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    assert process.returncode == ExitCode.INTERRUPTED
