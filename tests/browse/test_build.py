"""Where STAC Browser's pages come from; npm itself runs in `conftest.pages`."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from peps_stac.browse import BuildError, build_pages, find_pages
from peps_stac.browse.build import install_into
from peps_stac.browse.licences import licence_texts
from peps_stac.browse.npm import make_pages, pinned_version, recipe, recipe_key
from peps_stac.tell import Tell, silent


def make_quickly(work: Path, tell: Tell = silent) -> Path:
    tell("building")
    pages = work / "dist"
    pages.mkdir()
    (pages / "index.html").write_text("<title>pages</title>")
    return pages


def make_never(work: Path, tell: Tell = silent) -> Path:
    tell("building")
    pytest.fail(f"built in {work}, though it was there")


def cannot_make(work: Path, tell: Tell = silent) -> Path:
    tell("building")
    (work / "half").write_text("half")
    raise BuildError("npm ci failed: no network")


def kept_in(cache: Path) -> set[str]:
    """What stands in the cache, but for the lock."""
    return {path.name for path in (cache / "stac-browser").iterdir()} - {".lock"}


def test_pages_are_built_once(tmp_path: Path) -> None:
    told: list[str] = []

    first = build_pages(tmp_path, told.append, make_quickly)
    again = build_pages(tmp_path, told.append, make_never)

    assert first == again == find_pages(tmp_path)
    assert kept_in(tmp_path) == {recipe_key()}
    assert told == ["building"]


def test_nothing_is_found_before_it_is_built(tmp_path: Path) -> None:
    assert find_pages(tmp_path) is None


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no network"):
        build_pages(tmp_path, make=cannot_make)

    assert kept_in(tmp_path) == set()
    assert find_pages(tmp_path) is None


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "stac-browser").write_text("a file")

    with pytest.raises(BuildError, match=r"stac-browser: File exists"):
        build_pages(tmp_path, make=make_quickly)


def test_two_at_once_build_once(tmp_path: Path) -> None:
    built: list[Path] = []
    begun, may_end = threading.Event(), threading.Event()
    found: list[Path] = []
    told: list[str] = []

    def make(work: Path, tell: Tell = silent) -> Path:
        built.append(work)
        begun.set()
        may_end.wait()
        return make_quickly(work, tell)

    def hear(line: str) -> None:
        told.append(line)
        if "waiting" in line:
            may_end.set()

    threads = [
        threading.Thread(target=lambda: found.append(build_pages(tmp_path, hear, make)))
        for _ in "ab"
    ]
    threads[0].start()
    begun.wait()
    threads[1].start()
    for thread in threads:
        thread.join()

    assert len(built) == 1
    assert found[0] == found[1]
    assert "another process is building STAC Browser, waiting" in told


def test_what_a_killed_build_left_is_removed(tmp_path: Path) -> None:
    script = """
        import sys, time
        from pathlib import Path
        from peps_stac.browse import build_pages

        def make(work, tell):
            (work / "half").write_text("half")
            print("begun", flush=True)
            time.sleep(600)

        build_pages(Path(sys.argv[1]), make=make)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- our own script
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGKILL)
    left = kept_in(tmp_path)

    assert len(left) == 1
    assert find_pages(tmp_path) is None
    assert build_pages(tmp_path, make=make_quickly).name == recipe_key()
    assert kept_in(tmp_path) == {recipe_key()}


def test_what_comes_with_the_package_is_found_when_it_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = tmp_path / "static"
    monkeypatch.setattr("peps_stac.browse.build.STATIC", static)
    install_into(static, make_quickly)
    install_into(static, make_quickly)

    assert find_pages(tmp_path / "cache") == static
    (static / "recipe.txt").write_text("4.0.1-0123456789abcdef")
    assert find_pages(tmp_path / "cache") is None


def test_every_package_is_pinned_by_its_checksum() -> None:
    lock = recipe().joinpath("package-lock.json").read_text("utf-8")
    packages = lock.count('"version": ') - 1

    assert pinned_version() == "4.0.1"
    assert packages > 1000
    assert lock.count('"integrity": "sha512-') >= packages - 20
    # Whoever installs takes it from the registry that npm is set up for.
    assert '"resolved"' not in lock


def a_tool(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("tools", "reason"),
    [
        ({}, r"Node is not installed \(https://nodejs.org, 18 or later\)"),
        ({"node": "echo v20.1.0"}, "npm is not installed"),
        ({"node": "echo v16.20.2", "npm": ":"}, "is v16.20.2; 18 or later is needed"),
        ({"node": "echo nonsense", "npm": ":"}, "is nonsense; 18 or later is needed"),
        ({"node": "exit 3", "npm": ":"}, "node does not run"),
        (
            {
                "node": "echo v20.1.0",
                "npm": "echo 'npm error code ENOTFOUND'; echo 'npm error network is away';"
                "echo 'npm error A complete log is in /home/x/_logs/y.log'; exit 1",
            },
            "npm ci failed: npm error code ENOTFOUND; npm error network is away$",
        ),
        ({"node": "echo v20.1.0", "npm": "exit 1"}, "npm ci failed: it said nothing"),
        ({"node": "echo v20.1.0", "npm": "kill -9 $$"}, "npm ci failed"),
    ],
)
def test_why_it_cannot_be_built_is_told(tmp_path: Path, tools: dict[str, str], reason: str) -> None:
    for name, script in tools.items():
        a_tool(tmp_path / "bin", name, script)
    work = tmp_path / "work"
    work.mkdir()

    with pytest.raises(BuildError, match=reason):
        make_pages(work, environ={"PATH": str(tmp_path / "bin")})


def test_npm_hears_nothing_that_would_change_the_build(tmp_path: Path) -> None:
    a_tool(tmp_path / "bin", "node", "echo v20.1.0")
    a_tool(tmp_path / "bin", "npm", "/usr/bin/env; exit 1")
    work = tmp_path / "work"
    work.mkdir()
    given = {"SB_catalogUrl": "x", "NODE_ENV": "production", "HTTPS_PROXY": "http://proxy"}

    with pytest.raises(BuildError):
        make_pages(work, environ={"PATH": str(tmp_path / "bin") + os.pathsep + os.defpath, **given})

    said = (work / "build.log").read_text()
    assert "HTTPS_PROXY=http://proxy" in said
    assert "SB_" not in said
    assert "NODE_ENV" not in said


def test_licences_go_with_the_pages_but_not_those_of_tools(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text(
        '{"packages": {"": {"version": "0"},'
        '"node_modules/ol": {"version": "10.6.0", "license": "BSD-2-Clause"},'
        '"node_modules/bare": {"version": "1.0.0", "license": "ISC"},'
        '"node_modules/absent": {"version": "1.0.0", "optional": true},'
        '"node_modules/sass": {"version": "1.0.0", "dev": true}}}'
    )
    for name in ("ol", "bare", "sass"):
        (tmp_path / "node_modules" / name).mkdir(parents=True)
    (tmp_path / "node_modules" / "ol" / "LICENSE.md").write_text("Copyright OpenLayers\n")

    texts = licence_texts(tmp_path)

    assert "ol 10.6.0\n\nCopyright OpenLayers" in texts
    assert "bare 1.0.0\n\nLicence: ISC" in texts
    assert "sass" not in texts
    assert "absent" not in texts


def test_the_real_pages_are_set_up_when_they_are_opened(pages: Path) -> None:
    index = (pages / "index.html").read_text()

    assert '<script defer="defer" src="./config.js"></script>' in index
    assert 'href="./icon.svg"' in index
    assert not (pages / "config.js").exists()
    assert "OpenLayers" in (pages / "LICENCES.txt").read_text()
    assert "http" not in "".join(line for line in index.split('"') if line.startswith("http"))
