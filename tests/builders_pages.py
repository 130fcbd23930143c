"""What the reader of a page has: a home, an account, archives, services that answer."""

import os
import re
import shutil
import socket
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec

import builders_day
import builders_postgres as postgres
from builders_archives import ALONE, SLIVER, WHOLE, built, unpacked
from builders_cli import NOWHERE, environment
from builders_workflow import a_bench
from page_blocks import ROOT, Unit
from peps_stac.domain import MgrsTile
from peps_stac.simulator import GeodesScenario, Hrefs, Scenario, SimulatedClock, Simulator
from peps_stac.simulator.scenes import features

_TESTS = Path(__file__).parent
_SIZE = 122
_SPEED = 7200
"""Two hours a second: a job of one scene takes half a second."""
_IN_A_COPY = re.compile(r"^(?:make|git) |\.venv/", re.MULTILINE)
_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "demo", "dist", "site", "node_modules")

A_DAY = "a day"
_ANOTHER = "another : one"

WEATHER = Scenario(
    # The clock is so fast that PEPS would forget its jobs after a minute.
    job_days=10_000,
    # The same for every simulator, as a catalog of `GIVEN` was made with another one.
    hrefs=Hrefs.PUBLIC,
    geodes=GeodesScenario(l2a_on_tape=0, largest_size=_SIZE),
)


@cache
def scenes_of_the_pages() -> tuple[dict[str, Any], ...]:
    """A tile in November 2017, a few of its neighbour, and one in the first days of 2020."""
    return (
        *features([MgrsTile.parse("31TCJ")], date(2017, 11, 9), date(2017, 11, 24)),
        *features([MgrsTile.parse("31TDJ")], date(2017, 11, 9), date(2017, 11, 14)),
        *features([MgrsTile.parse("31TCH")], date(2020, 1, 1), date(2020, 1, 8)),
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Where somebody types, and what is there."""

    folder: Path
    """All of the below is in it."""
    env: Mapping[str, str]
    values: Mapping[str, str]
    """What stands for placeholders, by the names in braces of `INSTEAD`."""

    @property
    def cwd(self) -> Path:
        """Where the page begins."""
        return self.folder / "here"


def a_reader(
    folder: Path, simulator: Simulator, more: Mapping[str, str], units: Iterable[Unit]
) -> Reader:
    """Somebody with the account of the simulator, in a new folder.

    Args:
        folder: A new one.
        simulator: Is PEPS, and GEODES.
        more: Values of other services: `s3_url`, `s3_host` at least.
        units: What will be typed.
    """
    home, cwd = folder / "home", folder / "here"
    home.mkdir()
    code = "\n".join(unit.code for unit in units)
    if _IN_A_COPY.search(code):
        a_copy_of_the_repository(cwd)
    else:
        cwd.mkdir()
    archives_of_ones_own(home, folder)
    the_account_in_files(home, cwd, simulator)
    values = {
        "folder": str(folder),
        "tests": str(_TESTS),
        "api_key": simulator.api_key,
        "processes_url": simulator.processes_url,
        "url": simulator.url,
        **more,
        **{f"port{number}": str(a_free_port()) for number in (1, 2, 3)},
    }
    return Reader(folder, _variables(home, simulator, more), values)


def _variables(home: Path, simulator: Simulator, more: Mapping[str, str]) -> dict[str, str]:
    first = (str(_TESTS / "page_stand_ins"), str(Path(sys.executable).parent))
    variables = environment(
        home,
        PATH=os.pathsep.join((*first, os.environ["PATH"])),
        PYTHONPATH=str(_TESTS / "page_waiting"),
        PEPS_STAC_PEPS_URL=simulator.url,
        PEPS_STAC_GEODES_URL=simulator.url,
        PEPS_STAC_USERNAME=str(simulator.credentials.username),
        PEPS_STAC_PASSWORD=str(simulator.credentials.password),
        BROWSER="true",
        # Nothing but loopback is there.
        HTTP_PROXY=NOWHERE,
        HTTPS_PROXY=NOWHERE,
        NO_PROXY="127.0.0.1,localhost",
        DASK_TEMPORARY_DIRECTORY=str(home / "dask"),
        DASK_JOBQUEUE__SLURM__SCHEDULER_OPTIONS='{"host": "127.0.0.1"}',
    )
    if schemas := os.environ.get("PEPS_STAC_SCHEMAS"):
        variables["PEPS_STAC_SCHEMAS"] = schemas
    # The account for S3 is in files, as it is for most.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        variables.pop(name, None)
    return variables | {
        "AWS_ENDPOINT_URL": more["s3_url"],
        "AWS_S3_ENDPOINT": more["s3_host"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
    }


def a_copy_of_the_repository(target: Path) -> None:
    """As after `git clone`, and with the environment of the tests in `.venv`."""
    shutil.copytree(ROOT, target, ignore=_NOT_COPIED)
    (target / ".venv" / "bin").mkdir(parents=True)
    for program in Path(sys.executable).parent.iterdir():
        (target / ".venv" / "bin" / program.name).symlink_to(program)
    # Newer than pyproject.toml, so that make installs nothing.
    for stamp in (".demo", ".dev"):
        (target / ".venv" / stamp).touch()


def archives_of_ones_own(home: Path, root: Path) -> None:
    """An archive, and another one unpacked, at home; the first one on shared disks too."""
    for folder in (home / "downloads", root / "data" / "theia", root / "shared" / "theia"):
        folder.mkdir(parents=True)
        shutil.copy(built(WHOLE).path, folder)
    unpacked(built(SLIVER).path, home / "theia")


def the_account_in_files(home: Path, cwd: Path, simulator: Simulator) -> None:
    """In the file of the old scripts, and that of the AWS tools."""
    login = cwd / "peps.txt"
    login.write_text(f"{simulator.credentials.username} {simulator.credentials.password}\n")
    login.chmod(0o600)
    (home / ".aws").mkdir()
    keys = "aws_access_key_id = somebody\naws_secret_access_key = secret\n"
    (home / ".aws" / "credentials").write_text(f"[default]\n{keys}\n[mine]\n{keys}")


def a_free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def a_service(given: Collection[str], archives: Path) -> Iterator[Simulator]:
    """PEPS and GEODES, in a hurry; on `a day`, time stands still until something happens.

    Args:
        given: What the page takes to be there.
        archives: Keeps the products that were made for a page before.
    """
    is_the_day = A_DAY in given
    with Simulator(
        builders_day.SCENES if is_the_day else scenes_of_the_pages(),
        clock=SimulatedClock(speed=0 if is_the_day else _SPEED),
        size=_SIZE,
        scenario=replace(WEATHER, unprocessed=frozenset(builders_day.LOST if is_the_day else ())),
        folder=archives,
    ) as simulator:
        yield simulator


@cache
def _november() -> TemporaryDirectory[str]:
    """A catalog of 31TCJ, November 2017, as it is when all is done; made once."""
    kept = TemporaryDirectory(prefix="peps-stac-november-")
    scenes = features([MgrsTile.parse("31TCJ")], date(2017, 11, 9), date(2017, 11, 17))
    with a_bench(Path(kept.name, "catalog"), list(scenes), WEATHER, assets=ALONE) as bench:
        bench.order()
        bench.wait()
        bench.download()
    return kept


def _a_catalog(reader: Reader, name: str) -> None:
    shutil.copytree(Path(_november().name, "catalog"), reader.cwd / name)


def _bucket(reader: Reader) -> None:
    """`bucket`: `s3://my-bucket`, empty."""
    del reader
    fsspec.filesystem("s3").mkdir("my-bucket")


PROGRAMS: Mapping[str, str] = {
    r"\bjq\b": "jq",
    r"\bPGHOST\b": str(postgres.PROGRAMS / "initdb"),
}
"""Patterns in what is typed, and programs that have to be here for that."""


def missing(unit: Unit) -> list[str]:
    """Programs that what is typed needs, and that are not here."""
    needed = (program for pattern, program in PROGRAMS.items() if re.search(pattern, unit.code))
    return [program for program in needed if not shutil.which(program)]


def _another_password(simulator: Simulator) -> str:
    simulator.clock.advance(hours=3)
    simulator.change_password(_ANOTHER)
    return ""


def _i_know_it(simulator: Simulator) -> str:
    del simulator
    return f"export PEPS_STAC_PASSWORD='{_ANOTHER}'"


def _evening(simulator: Simulator) -> str:
    simulator.clock.advance(hours=20)
    return ""


MEANWHILE: Mapping[str, Callable[[Simulator], str]] = {
    "another password": _another_password,
    "I know it": _i_know_it,
    "evening": _evening,
}
"""What happens beside the page, and what is typed because of it."""


GIVEN: Mapping[str, Callable[[Reader], None]] = {
    A_DAY: lambda _: None,
    "bucket": _bucket,
    "catalog": partial(_a_catalog, name="catalog"),
    "demo": partial(_a_catalog, name="demo"),
}
"""What a page may take to be there: the day of docs/day-in-the-life.md; an empty
`s3://my-bucket`; in the folder of that name the catalog of 31TCJ from 9 to 17 November 2017, with
its products, and a scene that was too cloudy."""
