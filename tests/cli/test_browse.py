import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from builders_browse import a_catalog, some_pages
from builders_cli import environment, one_line, run
from peps_stac.browse import Site, WebServer
from peps_stac.browse.npm import recipe_key
from peps_stac.cli.browse import can_open


@contextmanager
def browsing(
    home: Path, *options: str, env: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[str]"]:
    """The command as a process of its own, until the end of the block."""
    command = [sys.executable, "-m", "peps_stac", "--catalog", "catalog", "browse", *options]
    with subprocess.Popen(  # noqa: S603 -- our own command
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env=environment(home, **(env or {})),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def interrupt(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Ctrl-C; the exit code and what was said."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    return process.returncode, said


def read(url: str) -> bytes:
    with urllib.request.urlopen(url) as reply:  # noqa: S310 -- our own server
        content: bytes = reply.read()
    return content


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A catalog, and a cache that has STAC Browser."""
    a_catalog(tmp_path)
    some_pages(tmp_path / "kept" / "stac-browser" / recipe_key())
    return tmp_path


@pytest.fixture
def kept(home: Path) -> dict[str, str]:
    return {"PEPS_STAC_CACHE_DIR": str(home / "kept")}


def test_the_catalog_and_the_pages_are_served_until_ctrl_c(
    home: Path, kept: dict[str, str]
) -> None:
    with browsing(home, "--no-open", env=kept) as process:
        url = first_line(process)
        page, catalog = read(url), read(f"{url}catalog/catalog.json")
        code, said = interrupt(process)

    assert url.startswith("http://127.0.0.1:")
    assert b"<title>pages</title>" in page
    assert catalog == b'{"type":"Catalog"}'
    assert code == 0
    assert said.splitlines() == ["Ctrl-C stops it", "", "the web server has stopped"]


def test_a_web_browser_is_opened(home: Path, kept: dict[str, str]) -> None:
    browser = home / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{home}/opened"\n')
    browser.chmod(0o755)
    with browsing(home, env={**kept, "BROWSER": f"{browser} %s"}) as process:
        url = first_line(process)
        assert process.stderr is not None
        told = process.stderr.readline()
        code, _ = interrupt(process)

    assert told == "opened in the web browser\n"
    assert (home / "opened").read_text().strip() == url
    assert code == 0


def test_without_node_the_catalog_is_served_with_the_link(home: Path) -> None:
    nothing = {"PEPS_STAC_CACHE_DIR": str(home / "empty"), "PATH": str(home)}
    with browsing(home, env=nothing) as process:
        url = first_line(process)
        catalog = read(url)
        _, said = interrupt(process)
    lines = said.splitlines()

    assert url.endswith("/catalog/catalog.json")
    assert catalog == b'{"type":"Catalog"}'
    assert "STAC Browser is not in this installation and was not built: Node is not" in lines[0]
    link = f"https://radiantearth.github.io/stac-browser/#/external/{url.replace('://', ':/')}"
    assert lines[1] == f"in a STAC Browser on the web: {link}"


def test_each_request_is_a_line_with_v(home: Path, kept: dict[str, str]) -> None:
    command = [sys.executable, "-m", "peps_stac", "-v", "--catalog", "catalog", "browse"]
    with subprocess.Popen(  # noqa: S603 -- our own command
        [*command, "--no-open"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env=environment(home, **kept),
    ) as process:
        read(f"{first_line(process)}catalog/catalog.json")
        _, said = interrupt(process)

    assert "peps-stac: INFO: 200 GET /catalog/catalog.json HTTP/1.1" in said


def test_no_catalog_is_one_line(tmp_path: Path) -> None:
    result = run("--catalog", str(tmp_path / "none"), "browse", home=tmp_path)

    assert result.exit_code == 2
    assert one_line(result.stderr).endswith("none: no catalog there; name one with --catalog DIR")


def test_a_port_in_use_is_one_line(home: Path, kept: dict[str, str]) -> None:
    with WebServer(Site(home, None)) as other:
        port = other.site.url.rpartition(":")[2]
        result = run(
            "--catalog", str(home / "catalog"), "browse", "--port", port, home=home, env=kept
        )

    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in one_line(result.stderr)


def test_letting_others_in_is_warned_of(home: Path, kept: dict[str, str]) -> None:
    with browsing(home, "--no-open", "--host", "0.0.0.0", env=kept) as process:  # noqa: S104 -- for a moment
        url = first_line(process)
        _, said = interrupt(process)

    assert url.startswith("http://127.0.0.1:")
    assert said.splitlines()[0].startswith("warning: --host 0.0.0.0: every machine")


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "firefox"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_no_text_browser_takes_over_the_terminal(
    environ: dict[str, str], platform: str, *, expected: bool
) -> None:
    assert can_open(environ, platform) is expected
