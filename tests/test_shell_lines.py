"""Every line that a page lets people type is typed, so that it is true.

For whoever writes a page (README.md and the like, and docs/**/*.md, found by themselves):

- ```sh (or bash) is typed as it stands; ```console has `$ ` before what is typed, and below it
  lines of what comes out (`…` is anything), which must come out; ```cron is five fields and a
  command, which is run; ```python is executed. All else is shown only: ```text, json, toml, ...
- A page is one session in a new folder with a new home: variables, `cd` and Python's names go on
  from block to block, in the order of the page, with `set -euo pipefail`. So a page begins with
  what makes it work, or says in a remark that no reader sees what was there before:
  `<!-- given: catalog -->`, see `GIVEN`.
- PEPS, GEODES and S3 are there, with an account (`PEPS_STAC_PEPS_URL`, ...). PEPS and GEODES have
  scenes of 31TCJ from 9 to 24 November 2017, a few of 31TDJ, and of 31TCH in January 2020.
  Blocks with the word `geodes` have `PEPS_STAC_API_KEY`.
- `~/downloads/SENTINEL2*.zip` and `~/theia` are there, and `/data/theia` and `/shared/theia`.
- A page that types `make`, `git` or `.venv/` is in a copy of the repository.
- A command may end with 0, or with 3: some orders still run. What has something shown below
  its prompt may end with any code, and is at a terminal. Nobody can be asked (`--yes`).
  Waiting takes no time.
- What cannot be typed here as it stands is in `INSTEAD`, with the reason. `npm`, `sbatch` and
  `scancel` are those of `page_stand_ins`, which say what they do. All else is real.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from builders_pages import GIVEN, MEANWHILE, Reader, a_reader, a_service, missing
from builders_postgres import a_postgres
from builders_s3 import an_s3_server
from page_blocks import PAGES, ROOT, SHOWN, TYPED, Unit, blocks, given, units
from page_session import a_session
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog

INSTEAD: tuple[tuple[str, str, str], ...] = (
    # Installing
    (r"python3 -m venv \.venv", "test -x .venv/bin/python", "the tests run in theirs"),
    (
        r"(?:\.venv/bin/)?pip install",
        "python {tests}/page_pip.py install",
        "nothing is installed; page_pip.py makes sure that all that is named is here",
    ),
    (
        r"PEPS_STAC_FUZZ_SECONDS=60 (\S+pytest)",
        r"\1 --collect-only -q",
        "a minute for each of 30 tests, which are run beside this one",
    ),
    (r"make test$", "make -n test", "that is these tests; .ci/run runs it"),
    # Servers
    (
        r"^(\S*peps-stac (?:.* )?(?:simulate|browse)\b[^&#\n]*)(&| *#.*|)$",
        r"served \1",
        "they run until Ctrl-C: waited for until they tell their address, ended with the page",
    ),
    (
        r"^dask scheduler .*$",
        "served dask scheduler --host 127.0.0.1 --port {port1} --dashboard-address 127.0.0.1:0",
        "the same, on a port of its own",
    ),
    (r"^dask worker (.*) --nworkers 8\b", r"served dask worker \1 --nworkers 2", "two are enough"),
    (r"--workers 8\b", "--workers 2", "the same: this may be a small machine"),
    (r"10\.0\.0\.5:8786", "127.0.0.1:{port1}", "that machine is this one"),
    (r"(--port |127\.0\.0\.1:)8000\b", r"\1{port2}", "that port may be taken"),
    # Elsewhere
    (r"(?<=[ \"'=])/(data|shared)/", r"{folder}/\1/", "no folder at the root of this machine"),
    (r"https://maja\.example\.org/api", "{processes_url}", "the simulator is that service"),
    (r"=maja-4\b", "=MAJA", "as the simulator calls it"),
    (r"https://minio\.example\.org:9000", "{s3_url}", "a server of S3 on this machine"),
    (
        r"minio\.example\.org:9000 AWS_HTTPS=YES",
        "{s3_host} AWS_HTTPS=NO",
        "the same, which has no certificate",
    ),
    (
        r"PGHOST=\.\.\. PGUSER=\.\.\. PGPASSWORD=\.\.\. PGDATABASE=\.\.\.",
        "PGHOST={PGHOST} PGUSER={PGUSER} PGPASSWORD={PGPASSWORD} PGDATABASE={PGDATABASE}",
        "a real PostgreSQL that was empty",
    ),
    (r"maximum=50\b", "maximum=2", "two are enough; sbatch of page_stand_ins is SLURM"),
)
"""A pattern in what is typed, what is typed instead, and why."""

PRODUCTS_IN: Mapping[str, tuple[str, ...]] = {
    "README.md": ("catalog", "demo", "mine", "toulouse"),
    "docs/cluster.md": ("mine", "../shared/mine"),
    "docs/cron.md": ("../data/toulouse",),
    "docs/day-in-the-life.md": ("catalog",),
    "docs/geodes.md": ("catalog",),
    "docs/object-storage.md": ("s3://my-bucket/maja",),
    "docs/orders.md": ("catalog",),
    "docs/own-archives.md": ("mine", "bands"),
    "docs/own-service.md": ("catalog",),
    "docs/quick-start.md": ("demo", "mine", "toulouse"),
}
"""Catalogs that the lines of a page leave behind, with products in them."""

TYPED_PAGES = [page for page in PAGES if units(page.read_text())]
_COMMAND = re.compile(
    r"^(?:\$ |(?:peps-stac|pip|make|git|export|python3?|dask|aws|pypgstac|psql|curl) )",
    re.MULTILINE,
)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def s3() -> Iterator[Mapping[str, str]]:
    with an_s3_server() as address:
        yield {"s3_url": address, "s3_host": address.partition("//")[2]}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where PEPS keeps what it has made for any page."""
    return tmp_path_factory.mktemp("archives")


@pytest.mark.parametrize("page", TYPED_PAGES, ids=name_of)
def test_every_line_of_a_page_works(
    page: Path, tmp_path: Path, archives: Path, s3: Mapping[str, str]
) -> None:
    text = page.read_text()
    typed = units(text)
    lacking = {unit: programs for unit in typed if (programs := missing(unit))}
    with ExitStack() as stack:
        simulator = stack.enter_context(a_service(given(text), archives))
        needs_database = any("PGHOST" in unit.code for unit in typed if unit not in lacking)
        database = stack.enter_context(a_postgres()) if needs_database else {}
        reader = a_reader(tmp_path, simulator, {**s3, **database}, typed)
        for what in given(text):
            GIVEN[what](reader)
        folder = tmp_path / "typed"
        session = stack.enter_context(a_session(name_of(page), folder, reader.cwd, reader.env))
        for unit in (one for one in typed if one not in lacking):
            if unit.language == "meanwhile":
                session.run(replace(unit, language="sh"), MEANWHILE[unit.code](simulator))
            else:
                session.run(unit, instead(unit, reader))
    for place in PRODUCTS_IN.get(name_of(page), ()):
        root = place if "://" in place else reader.cwd / place
        assert list(Catalog(root).ids(L2A_COLLECTION)), f"no product in {place}"
    for unit, programs in lacking.items():
        cannot_run(f"{name_of(page)}, line {unit.line}, needs {', '.join(programs)}")


def cannot_run(reason: str) -> None:
    """Skip, or fail where every page has to run."""
    if os.environ.get("PEPS_STAC_REQUIRE_PAGES") == "1":
        pytest.fail(f"PEPS_STAC_REQUIRE_PAGES is 1, but {reason}")
    pytest.skip(reason)


def instead(unit: Unit, reader: Reader) -> str:
    """What is typed, here."""
    code = unit.code
    for pattern, other, _ in INSTEAD:
        code = re.sub(pattern, other, code, flags=re.MULTILINE)
    for name, value in reader.values.items():
        code = code.replace(f"{{{name}}}", value)
    if unit.language == "sh" and re.search("geodes|PEPS_STAC_API_KEY", code, re.IGNORECASE):
        key = reader.values["api_key"]
        code = f"export PEPS_STAC_API_KEY='{key}'\n{code}\nunset PEPS_STAC_API_KEY\n"
    return code


@pytest.mark.parametrize(("pattern", "other", "why"), INSTEAD)
def test_every_exception_is_needed(pattern: str, other: str, why: str) -> None:
    code = [unit.code for page in TYPED_PAGES for unit in units(page.read_text())]

    assert any(re.search(pattern, one, re.MULTILINE) for one in code), f"nothing has {pattern}"
    assert other
    assert why


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_block_of_a_page_escapes(page: Path) -> None:
    text = page.read_text()
    found = blocks(text)

    fences = len(re.findall(r"^\s*```", text, re.MULTILINE))
    assert fences == 2 * len(found), "a fence that is no block"
    assert not re.search(r"^\s*~~~|<pre|<code|^ {4,}\$ ", text, re.MULTILINE)
    for block in found:
        assert block.language in TYPED | SHOWN, f"line {block.line}: what is {block.language!r}?"
        if block.language in SHOWN:
            assert not _COMMAND.search(block.code), f"line {block.line} is typed: use sh or console"
    typed = {unit.line for unit in units(text)}
    assert typed >= {block.line for block in found if block.language in TYPED}


def test_what_was_given_and_what_happens_meanwhile_is_known() -> None:
    texts = [page.read_text() for page in PAGES]
    happened = {one.code for text in texts for one in units(text) if one.language == "meanwhile"}

    assert {what for text in texts for what in given(text)} == set(GIVEN)
    assert happened == set(MEANWHILE)
