"""`peps-stac validate`: whether the catalog is right."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.connect import open_catalog
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from peps_stac.cli.next_steps import tell_next
from peps_stac.cli.options import json_option
from peps_stac.cli.output import plural, print_json, print_table, tell
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from peps_stac.store import Catalog, Repaired, Validation
    from peps_stac.workflow.quarantine import Quarantined

INDEX = ".index"
_MOST_TOLD = 20
"""Files that are named; of more, the number is told."""

SCHEMA_HOST = "https://stac-extensions.github.io"


EXAMPLES = (
    ("Schemas, links, files and extents, without a network", "peps-stac validate --offline"),
    ("Every byte, too", "peps-stac validate --offline --deep"),
    (
        "Make catalogs, links and index again, from the Items",
        "peps-stac validate --offline --repair",
    ),
)


@click.command("validate", cls=Command, examples=EXAMPLES)
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Folder of extension schemas with an index.json.  [env: PEPS_STAC_SCHEMAS]",
)
@click.option("--deep", is_flag=True, help="Also read every file and compare its checksum.")
@click.option("--offline", is_flag=True, help="Download no schema that is missing.")
@click.option(
    "--repair",
    is_flag=True,
    help="First make links, extents, summaries, all catalogs and the index again, from the Items.",
)
@json_option
def command(*, schemas: Path | None, deep: bool, offline: bool, repair: bool, as_json: bool) -> int:
    """Check the catalog: JSON schemas, links, files on disk, extents and summaries.

    Core schemas and our own come with the package. A schema of an extension comes from
    --schemas, or is downloaded once and kept in the cache; one that cannot be had is told as
    not checked. Nothing is changed without --repair. Downloads that failed a check and are kept
    in quarantine are counted, and are no fault of the catalog.

    --repair needs nothing but the Items: catalogs above them that are lost, damaged or wrong are
    written again, Items in the wrong place are moved with their files, and Items whose file
    cannot be read go to the quarantine. What people wrote into a catalog that can be read stays.

    The exit code is 1 when something is wrong, with --repair when it still is.
    """
    from peps_stac.store import validate
    from peps_stac.store.files import is_there
    from peps_stac.workflow.quarantine import quarantined

    settings = load_settings(schemas=schemas)
    catalog = open_catalog(settings, anywhere=True)
    done = repaired(catalog) if repair else None
    if not is_there(f"{catalog.href}/catalog.json"):
        raise RequestError(f"{catalog.href}: no catalog there; name one with --catalog DIR")
    with schema_fetcher(offline=offline) as fetch:
        found = validate(
            catalog,
            schemas=settings.schemas,
            cache=settings.cache_dir / "schemas",
            deep=deep,
            fetch=fetch,
        )
    aside = quarantined(catalog)
    if as_json:
        more = {"repaired": asdict(done)} if done else {}
        print_json(document(found) | {"quarantine": [shown(one) for one in aside]} | more)
    else:
        show(found, catalog.href)
        if aside:
            tell(told(aside, settings))
        if not found.is_valid and not repair and not catalog.is_remote:
            tell_next("validate --repair", "makes links, extents and catalogs again")
    return ExitCode.DONE if found.is_valid else ExitCode.FAILED


def repaired(catalog: "Catalog") -> "Repaired":
    """Make the catalog right again, and its index when it has one, and say what was done."""
    from peps_stac.clock import utc_now
    from peps_stac.workflow.repair import repair

    is_indexed = (catalog.root / INDEX).exists()
    done = repair(catalog, now=utc_now())
    for path, reason in done.unreadable:
        tell(f"{path}: {reason}: in quarantine")
    for old, new in done.moved:
        tell(f"{old}: moved to {new}")
    for path in done.rewritten[:_MOST_TOLD]:
        tell(f"{path}: written again")
    if len(done.rewritten) > _MOST_TOLD:
        tell(f"and {plural(len(done.rewritten) - _MOST_TOLD, 'more file')} written again")
    counts = (len(done.rewritten), len(done.moved), len(done.unreadable))
    tell("{} files written again, {} Items moved, {} in quarantine".format(*counts))
    if is_indexed:
        reindex(catalog)
    return done


def reindex(catalog: "Catalog") -> None:
    """Make the index anew, when the extra for it is installed."""
    try:
        from peps_stac.store.index import reindex
    except ModuleNotFoundError as error:
        tell(f"the index is gone; to make it anew: pip install 'peps-stac[index]' ({error.name})")
        return
    made = reindex(catalog, tell=tell)
    tell(f"index made anew: {plural(made.items, 'Item')}")


@contextmanager
def schema_fetcher(*, offline: bool) -> Iterator[Callable[[str], bytes] | None]:
    """Answers what stands at a schema's address; after the first failure nothing is tried."""
    if offline:
        yield None
        return
    from peps_stac.errors import ServiceError
    from peps_stac.http.session import Session

    unreachable: set[str] = set()

    def fetch(uri: str) -> bytes:
        if unreachable:
            raise ServiceError(f"{uri}: not tried, the network seems to be away")
        try:
            return session.get(uri).content
        except ServiceError:
            unreachable.add(uri)
            raise

    with Session(SCHEMA_HOST, attempts=1, timeout_s=(5.0, 20.0)) as session:
        yield fetch


def show(found: "Validation", where: str) -> None:
    """Print what was checked against what, and what is wrong."""
    rows = [(one.uri, str(one.source), str(one.count)) for one in found.against]
    print_table(("schema", "from", "files"), rows)
    if found.findings:
        click.echo()
        print_table(("file", "finding"), [(one.path, one.message) for one in found.findings])
    tell(f"{where}: {verdict(found)}")


def verdict(found: "Validation") -> str:
    """`valid`, or how much is wrong, and what could not be checked."""
    from peps_stac.store import Source

    missing = sum(one.source is Source.NOWHERE for one in found.against)
    gap = f"; {plural(missing, 'schema')} not at hand and not checked" if missing else ""
    return ("valid" if found.is_valid else plural(len(found.findings), "finding")) + gap


def told(aside: "Sequence[Quarantined]", settings: Settings) -> str:
    """How many downloads failed a check and are kept aside, and how to try them again."""
    first = aside[0]
    why = f" ({first.path.name}: {first.reason})" if first.reason else ""
    words = ("peps-stac", "--catalog", str(settings.catalog), "add", str(first.path.parent))
    again = shlex.join(words)
    return f"in quarantine: {plural(len(aside), 'file')}{why}; to try again: {again}"


def shown(one: "Quarantined") -> dict[str, object]:
    """One file that is kept aside, for `--json`."""
    facts = {name: getattr(one, name) for name in ("reason", "href", "time", "command")}
    more = {"failures": one.failures, "size": one.size, "sha256": one.sha256}
    return {"path": str(one.path), **facts, **more}


def document(found: "Validation") -> dict[str, object]:
    """The same for `--json`."""
    return {
        "valid": found.is_valid,
        "findings": [{"path": one.path, "message": one.message} for one in found.findings],
        "against": [
            {"schema": one.uri, "source": one.source, "files": one.count} for one in found.against
        ],
    }
