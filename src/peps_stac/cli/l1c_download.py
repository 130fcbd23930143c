"""`peps-stac download --collection sentinel-2-l1c`: archives of scenes as ESA made them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from peps_stac.cli.connect import open_catalog, shelf
from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.ids import read_names
from peps_stac.cli.output import plural, tell
from peps_stac.cli.progress import progress_bars
from peps_stac.cli.selection import Selection
from peps_stac.cli.settings import Settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac

    from peps_stac.provider.interface import Shelf
    from peps_stac.store import Catalog

COLLECTION = "sentinel-2-l1c"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What the options say of the way, not of the scenes."""

    parallel: int
    interval_s: float
    timeout_s: float | None
    """None: not given."""
    as_json: bool


def download_scenes(
    settings: Settings, names: Sequence[str], selection: Selection, how: How
) -> ExitCode:
    """Fetch the archives of scenes; the exit code.

    Raises:
        RequestError: No scenes named, or named in two ways.
        Failure: No scene of the catalog matches.
    """
    from peps_stac.cli.outcomes import exit_code, show_outcomes
    from peps_stac.workflow import download_l1c
    from peps_stac.workflow.l1c_download import LONGEST_STAGING_S

    if names and not selection.is_empty:
        raise RequestError("ids and selection options exclude each other; give one of the two")
    if not names and selection.is_empty:
        message = "which scenes? give selection options (-t, -d, ...), ids, or -"
        raise RequestError(f"{message}; each archive has 700 MB")
    catalog = open_catalog(settings)
    with shelf(settings) as client, progress_bars() as reports:
        items = _scenes(client, catalog, names, selection)
        tell(f"{plural(len(items), 'scene')}{_size(items)}")
        outcomes = download_l1c(
            client,
            catalog,
            items,
            parallel=how.parallel,
            interval_s=how.interval_s,
            timeout_s=LONGEST_STAGING_S if how.timeout_s is None else how.timeout_s,
            tell=tell,
            report=reports.fetching,
        )
        last = show_outcomes(reports.until_ended(outcomes), as_json=how.as_json)
    return exit_code(last.values())


def refuse_assets(given: dict[str, Any]) -> None:
    """Refuse options that say what is made of a product.

    Raises:
        RequestError: One of them was given.
    """
    for name in ("assets", "include", "exclude"):
        if given[name]:
            message = f"--{name}: L1C archives are kept as they are"
            raise RequestError(f"{message}; leave it out, or leave out --collection")


def _scenes(
    client: "Shelf",
    catalog: "Catalog",
    names: Sequence[str],
    selection: Selection,
) -> "list[pystac.Item]":
    from peps_stac.loading.selection import find
    from peps_stac.workflow.scenes import scene_named

    if not names:
        # Without a limit a query of a service has to name a place; one's own disk may be listed.
        query = replace(selection, limit=selection.limit or sys.maxsize).query()
        items = find(catalog, query, collection=COLLECTION)
        if not items:
            message = f"{catalog.root}: no Item of {COLLECTION} matches; {selection.hint}"
            raise Failure(f"{message}, or search for more with --save")
        return items
    named = read_names(names)
    items = list(named.items)
    for name in named.ids:
        item = scene_named(client, catalog, name, tell=tell)
        if item is None:
            message = f"{name}: no such L1C product in {catalog.root} or on the service"
            raise RequestError(f"{message}; peps-stac search shows what there is")
        items.append(item)
    _refuse_others(items)
    return items


def _refuse_others(items: "Sequence[pystac.Item]") -> None:
    for item in items:
        if item.collection_id != COLLECTION:
            message = f"{item.id}: an Item of {item.collection_id}, not of {COLLECTION}"
            raise RequestError(f"{message}; give L1C scenes")


def _size(items: "Sequence[pystac.Item]") -> str:
    """What the archives have together, where the service says it of all."""
    from peps_stac.domain.sizes import size_text
    from peps_stac.workflow.l1c_archives import archive_of

    archives = [archive_of(item) for item in items]
    sizes = [archive.size for archive in archives if archive and archive.size is not None]
    return f", {size_text(sum(sizes))}" if len(sizes) == len(items) else ""
