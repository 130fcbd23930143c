"""What is published: built, installed where nothing else is, and used.

The project is built from a copy with pages of STAC Browser as `make wheel` puts them there, beside
files that must not be published. Dependencies come from the package index, as for a user.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.message import Message
from importlib.metadata import version
from pathlib import Path

import pytest
from trove_classifiers import classifiers as known_classifiers

from builders_cli import environment
from builders_workflow import TOULOUSE
from peps_stac.browse.npm import INDEX, recipe_key
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.scenes import features

ROOT = Path(__file__).parents[1]
HATCH = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
PUBLISHED = (
    *(name.strip("/") for name in HATCH["targets"]["sdist"]["include"]),
    *("pyproject.toml", "README.md", "LICENSE", ".gitignore"),
)
"""What the sdist has; the last come without being named."""
STRAY = (
    "catalog/catalog.json",
    "demo/catalog.json",
    ".venv/secret.py",
    ".env",
    "dist/peps_stac-0.0.1.tar.gz",
    "src/peps_stac/__pycache__/errors.cpython-311.pyc",
    "tests/__pycache__/builders.cpython-311.pyc",
)
PACKAGE = "peps_stac"
SCRIPTS = (
    "peps-stac",
    "peps-maja-process",
    "peps-maja-download",
    "full-maja-process",
    "full-maja-download",
)
IN_THE_WHEEL = (
    "peps_stac/py.typed",
    "peps_stac/__init__.pyi",
    "peps_stac/stac/schemas/peps-v1.0.0.json",
    "peps_stac/stac/schemas/maja-v1.0.0.json",
    "peps_stac/stac/schemas/l1c-item-v1.0.0.json",
    "peps_stac/stac/schemas/l2a-item-v1.0.0.json",
    "peps_stac/stac/schemas/offer-item-v1.0.0.json",
    "peps_stac/browse/viewer.js",
    "peps_stac/browse/recipe/package-lock.json",
    "peps_stac/browse/static/index.html",
)
UNREACHABLE = ("NewConnectionError", "NameResolutionError", "ConnectTimeout", "ReadTimeout")


@dataclass(frozen=True)
class Built:
    """What was made of a copy of the project."""

    project: Path
    wheel: Path
    sdist: Path

    @property
    def names(self) -> set[str]:
        """What is in the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    @property
    def sdist_names(self) -> set[str]:
        """What is in the sdist, without its top folder."""
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}

    @property
    def metadata(self) -> Message:
        """What an index shows."""
        [name] = [name for name in self.names if name.endswith(".dist-info/METADATA")]
        with zipfile.ZipFile(self.wheel) as archive:
            return message_from_bytes(archive.read(name))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = tmp_path_factory.mktemp("published") / "project"
    project.mkdir()
    for name in PUBLISHED:
        is_folder = (ROOT / name).is_dir()
        (shutil.copytree if is_folder else shutil.copy)(ROOT / name, project / name)
    pages = project / "src" / PACKAGE / "browse" / "static"
    shutil.rmtree(pages, ignore_errors=True)
    for stray in STRAY:
        write(project / stray, "not to be published")
    write(pages / INDEX, "<!doctype html>")
    write(pages / "recipe.txt", recipe_key())
    build(project, "--sdist", "--wheel")
    [wheel], [sdist] = (project / "dist").glob("*.whl"), (project / "dist").glob(f"*{OWN}.tar.gz")
    return Built(project, wheel, sdist)


@pytest.fixture(scope="module")
def clean(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = (
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-compile",
    )
    done = run(*pip, "--retries", "1", str(built.wheel), cwd=folder)
    if done.returncode and any(word in done.stderr for word in UNREACHABLE):
        pytest.skip("the package index cannot be reached, so nothing can be installed from it")
    assert done.returncode == 0, done.stderr
    return folder / "bin"


OWN = version("peps-stac")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def build(project: Path, *forms: str) -> None:
    done = run(sys.executable, "-m", "build", "--no-isolation", "--quiet", *forms, cwd=project)
    assert done.returncode == 0, done.stderr


def run(
    *command: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own command
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=600
    )


def test_the_wheel_has_the_package_and_nothing_else(built: Built) -> None:
    folder = built.project / "src"
    there = {
        str(path.relative_to(folder))
        for path in (folder / PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in built.names if name.startswith(f"{PACKAGE}/")}
    beside = {name.partition("/")[0] for name in built.names - packed}

    assert packed == there
    assert set(IN_THE_WHEEL) <= packed
    assert beside == {f"{PACKAGE}-{OWN}.dist-info"}
    assert f"{PACKAGE}-{OWN}.dist-info/licenses/LICENSE" in built.names


def test_the_sdist_has_what_its_tests_need_and_nothing_else(built: Built) -> None:
    named = {name for name in PUBLISHED if (built.project / name).is_file()}
    folders = {name.partition("/")[0] for name in built.sdist_names if "/" in name}

    assert named | {"PKG-INFO"} <= built.sdist_names
    assert folders == {name for name in PUBLISHED if (built.project / name).is_dir()}
    assert not built.sdist_names & set(STRAY)
    assert "tests/test_wheel.py" in built.sdist_names
    assert f"src/{PACKAGE}/browse/static/{INDEX}" in built.sdist_names


def test_the_sdist_builds_the_same_wheel(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [project] = tmp_path.iterdir()
    build(project, "--wheel")
    [again] = (project / "dist").glob("*.whl")

    assert again.name == built.wheel.name
    assert again.read_bytes() == built.wheel.read_bytes()


def test_an_index_is_told_what_is_true(built: Built) -> None:
    said = built.metadata
    classifiers = said.get_all("Classifier") or []

    assert (said["Name"], said["Version"]) == ("peps-stac", OWN)
    assert said["License-Expression"] == "Apache-2.0"
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert set(classifiers) <= known_classifiers
    # The licence is said by License-Expression, and PEP 639 forbids to say it twice.
    assert not [each for each in classifiers if each.startswith("License")]
    oldest = said["Requires-Python"].removeprefix(">=")
    assert f"Programming Language :: Python :: {oldest}" in classifiers


def test_the_programs_are_there_and_know_their_version(clean: Path, tmp_path: Path) -> None:
    told = run(str(clean / "peps-stac"), "--version", cwd=tmp_path, env=environment(tmp_path))

    assert told.stdout == f"peps-stac {OWN}\n"
    for script in SCRIPTS:
        done = run(str(clean / script), "--help", cwd=tmp_path, env=environment(tmp_path))
        assert done.returncode == 0, done.stderr
        assert f"Usage: {script}" in done.stdout


def test_the_whole_job_is_done_without_extras(clean: Path, tmp_path: Path) -> None:
    """Search, order, download and check, against a service at which jobs take a second."""
    scenes = features([TOULOUSE], date(2017, 11, 20), date(2017, 12, 1))
    with Simulator(scenes, clock=SimulatedClock(speed=3600), size=122) as peps:
        told = environment(
            tmp_path,
            PEPS_STAC_CATALOG=str(tmp_path / "catalog"),
            PEPS_STAC_PEPS_URL=peps.url,
            PEPS_STAC_USERNAME=str(peps.credentials.username),
            PEPS_STAC_PASSWORD=str(peps.credentials.password),
        )
        month = ("-t", "31TCJ", "--datetime", "2017-11-20/2017-11-30", "--cloud-cover", "50")
        for command in (
            ("search", *month, "--save"),
            ("order", *month, "--yes"),
            ("download", "--watch", "--interval", "1s"),
            ("validate", "--offline"),
        ):
            done = run(str(clean / "peps-stac"), *command, cwd=tmp_path, env=told)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
        found = run(str(clean / "peps-stac"), "items", "--json", cwd=tmp_path, env=told)

    items = json.loads(found.stdout)["features"]
    assert any(item["collection"] == "sentinel-2-l2a-maja" for item in items)


def test_a_command_that_needs_an_extra_says_which(clean: Path, tmp_path: Path) -> None:
    done = run(str(clean / "peps-stac"), "demo", cwd=tmp_path, env=environment(tmp_path))

    assert done.returncode == 1
    assert "pip install 'peps-stac[raster]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_schemas_and_pages_are_found_in_the_wheel(clean: Path, tmp_path: Path) -> None:
    program = """
import json, pathlib, peps_stac
from peps_stac.browse import find_pages
pages = find_pages(pathlib.Path("cache"))
print(json.dumps([sorted(peps_stac.schemas()), str(pages), peps_stac.__file__]))
"""
    done = run(str(clean / "python"), "-I", "-c", program, cwd=tmp_path, env=dict(os.environ))
    schemas, pages, package = json.loads(done.stdout)

    assert len(schemas) == len([name for name in IN_THE_WHEEL if "/schemas/" in name])
    assert "https://peps-stac.github.io/peps/v1.0.0/schema.json" in schemas
    assert Path(package).is_relative_to(clean.parent)
    assert Path(pages) == Path(package).parent / "browse" / "static"
