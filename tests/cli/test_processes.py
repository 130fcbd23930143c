"""Whole processes: the simulator, the demo, interruptions, pipes."""

import hashlib
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pystac
import pytest

from builders_cli import environment, one_line, run_process
from peps_stac.cli.errors import ExitCode
from peps_stac.domain import Credentials, MgrsTile, SearchQuery
from peps_stac.geodes.client import GeodesClient
from peps_stac.http.session import Session
from peps_stac.simulator import Simulator

COMMAND = [sys.executable, "-m", "peps_stac"]
ONE = ("-t", "31TCJ", "--datetime", "2017-11-27")


@contextmanager
def started(*args: str, home: Path, **env: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is interrupted as by Ctrl-C at the end."""
    with subprocess.Popen(  # noqa: S603 -- our own command
        [*COMMAND, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home, PYTHONUNBUFFERED="1", **env),
        cwd=home,
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


def contents(folder: Path) -> dict[str, str]:
    """What stands in a folder, file by file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_simulate_tells_how_to_use_it_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    day = ("--start", "2017-11-27", "--end", "2017-11-27")
    exports: dict[str, str] = {}
    with started("simulate", *day, home=tmp_path) as process:
        assert process.stdout is not None
        for line in process.stdout:
            words = shlex.split(line.removeprefix("export "))
            exports |= dict(word.split("=") for word in words if word.startswith("PEPS_"))
            if "PEPS_STAC_API_KEY" in exports:
                break
        key = Credentials(api_key=exports.pop("PEPS_STAC_API_KEY"))
        with Session(exports.pop("PEPS_STAC_GEODES_URL"), credentials=key) as session:
            query = SearchQuery(tiles=(MgrsTile.parse("31TCJ"),))
            (scene,) = GeodesClient(session).search(query)
            online = GeodesClient(session).availability(scene.name)
        found = run_process("search", *ONE, home=tmp_path, env=exports)

    assert len(online) == 2
    assert len(found.stdout.splitlines()) == 2
    assert process.returncode == ExitCode.DONE


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--size", "61"), "--size: 61 does not divide a tile"),
        (("--records", "nowhere.json"), "nowhere.json"),
        (("--records", "nowhere.json", "-t", "31TCJ"), "--records excludes --tile"),
        (("--start", "2018-01-01", "--end", "2017-01-01"), "no Sentinel-2 scene"),
        (("--port", "99999"), "99999"),
    ],
)
def test_a_simulator_that_cannot_start_is_one_line(
    words: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    result = run_process("simulate", *words, home=tmp_path)

    assert complaint in one_line(result.stderr)
    assert result.returncode == ExitCode.WRONG_USAGE


def test_the_demo_makes_a_catalog_and_changes_nothing_the_second_time(tmp_path: Path) -> None:
    first = run_process("demo", "--size", "100", home=tmp_path)
    made = contents(tmp_path / "demo")
    second = run_process("demo", "--size", "100", home=tmp_path)

    assert first.returncode == second.returncode == ExitCode.DONE, first.stderr
    assert "6 L1C scenes, 5 L2A products" in first.stdout
    assert "nothing new to download" in second.stdout
    assert contents(tmp_path / "demo") == made
    items = pystac.Catalog.from_file(str(tmp_path / "demo" / "catalog.json"))
    assert len(list(items.get_items(recursive=True))) == 11


def test_the_lines_at_the_end_of_the_demo_run_as_they_stand(tmp_path: Path) -> None:
    shown = run_process("demo", "--size", "100", home=tmp_path).stdout
    lines = shown.split("Open it:\n")[1].splitlines()
    serving = [line for line in lines if line.endswith("--catalog demo browse")]

    assert (len(lines), len(serving)) == (5, 1)
    for line in (line for line in lines if line not in serving):
        ran = subprocess.run(  # noqa: S603 -- our own lines
            shlex.split(line),
            env=environment(tmp_path),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        # The simulator of the demo has stopped, so `status` finds all orders final.
        assert ran.returncode in (ExitCode.DONE, ExitCode.PARTLY_FAILED), ran.stderr
        assert ran.stdout


def test_a_demo_that_was_stopped_is_finished_by_the_next(tmp_path: Path) -> None:
    with started("demo", "--size", "100", home=tmp_path) as process:
        assert process.stderr is not None
        assert any("shipping" in line for line in process.stderr)

    result = run_process("demo", "--size", "100", home=tmp_path)

    assert process.returncode == ExitCode.INTERRUPTED
    assert "6 L1C scenes, 5 L2A products" in result.stdout
    assert result.returncode == ExitCode.DONE


def test_the_demo_of_geodes_brings_one_product_back_from_tape(tmp_path: Path) -> None:
    first = run_process("demo", "--provider", "geodes", "--size", "100", home=tmp_path)
    made = contents(tmp_path / "demo-geodes")
    second = run_process("--provider", "geodes", "demo", "--size", "100", home=tmp_path)
    last = shlex.split(first.stdout.splitlines()[-1])

    assert first.returncode == second.returncode == ExitCode.DONE, first.stderr
    assert first.stdout.count("on tape ") == 1
    assert first.stdout.count("added ") == 4
    assert "4 L2A products" in first.stdout
    assert "nothing new to download" in second.stdout
    assert contents(tmp_path / "demo-geodes") == made
    assert run_process(*last[3:], home=tmp_path).returncode == ExitCode.DONE


def test_a_demo_of_nobody_makes_nothing(tmp_path: Path) -> None:
    result = run_process("demo", "--provider", "nobody", home=tmp_path)

    assert "--provider nobody: unknown" in one_line(result.stderr)
    assert not list(tmp_path.iterdir())


def test_the_demo_leaves_folders_of_others_alone(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("mine")

    result = run_process("demo", home=tmp_path)

    assert "not empty and not of this demo" in one_line(result.stderr)
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["thesis.txt"]


def test_ctrl_c_ends_a_watch_with_130_and_tells_how_to_go_on(
    simulator: Simulator, environ: dict[str, str], tmp_path: Path
) -> None:
    run_process("order", *ONE, home=tmp_path, env=environ)
    with started("watch", home=tmp_path, **environ) as process:
        assert process.stderr is not None
        assert "31TCJ" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert "nothing is lost: go on with peps-stac watch" in rest
    assert "Traceback" not in rest
    assert process.returncode == ExitCode.INTERRUPTED
    assert len(simulator.jobs) == 1


def test_a_reader_that_goes_away_is_no_error(environ: dict[str, str], tmp_path: Path) -> None:
    with started("search", "-t", "31TCJ", "--json", home=tmp_path, **environ) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(timeout=20)

        assert process.stderr is not None
        assert "Error" not in process.stderr.read()


def test_a_search_and_an_order_are_joined_by_a_pipe(
    simulator: Simulator, environ: dict[str, str], tmp_path: Path
) -> None:
    found = run_process("search", *ONE, "--json", home=tmp_path, env=environ)
    ordered = run_process("order", "-", home=tmp_path, env=environ, stdin=found.stdout)

    assert ordered.returncode == ExitCode.DONE
    assert len(simulator.jobs) == 1
