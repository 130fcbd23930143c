"""How the catalog stands: what is in it, who writes to it, what was left undone."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from peps_stac.cli.connect import open_catalog
from peps_stac.cli.doctor_findings import Finding, Patient, blamed, good, note, problem, warning
from peps_stac.cli.output import plural
from peps_stac.errors import PepsStacError

if TYPE_CHECKING:
    from peps_stac.store import Catalog

AREA = "catalog"

_WORTH_AN_INDEX = 2000
"""Items from which a search is slow without one."""


def catalog(patient: Patient) -> Iterator[Finding]:
    """Its Items, lock, index, orders, and what stands aside."""
    from peps_stac.store.files import is_there

    store = open_catalog(patient.settings, anywhere=True)
    try:
        if not is_there(f"{store.href}/catalog.json"):
            yield _absent(store)
            return
        yield from _contents(store)
        if not store.is_remote:
            yield from _writers(store)
            yield from _orders(store)
            yield from _aside(store)
    except PepsStacError as error:
        remote, local = "check the address, the network and AWS_...", "peps-stac validate --repair"
        yield blamed(AREA, "catalog", error, remote if store.is_remote else local)


def _absent(store: "Catalog") -> Finding:
    name = f"there is none in {store.href}"
    if not store.is_remote and store.root.exists() and not store.root.is_dir():
        return problem(AREA, "catalog", f"{store.href} is no folder", "name one with --catalog")
    if not store.is_remote and store.root.is_dir() and any(store.root.glob("*/*")):
        advice = "name a catalog with --catalog, or peps-stac validate --repair if this is one"
        return problem(AREA, "catalog", f"{name}, but other files", advice)
    advice = "search --save, add or sync makes it; --catalog or PEPS_STAC_CATALOG names another"
    return note(AREA, "catalog", name, advice)


def _contents(store: "Catalog") -> Iterator[Finding]:
    from peps_stac.store.files import read_document

    read_document(f"{store.href}/catalog.json")
    counts = {name: sum(1 for _ in store.ids(name)) for name in store.collections()}
    told = ", ".join(f"{count} of {name}" for name, count in counts.items())
    yield good(AREA, "Items", f"{told or 'none yet'} in {store.href}")
    if not store.is_remote:
        yield from _index(store, sum(counts.values()))


def _index(store: "Catalog", items: int) -> Iterator[Finding]:
    from peps_stac.store.index_manifest import stale_items
    from peps_stac.store.layout import INDEX

    advice = "peps-stac items --reindex"
    if not (store.root / INDEX).is_dir():
        if items > _WORTH_AN_INDEX:
            yield note(AREA, "index", f"none for {items} Items: searches read them all", advice)
        return
    stale = stale_items(store.href)
    if stale:
        found = f"behind in years with {plural(stale, 'Item')}: these are read one by one"
        yield note(AREA, "index", found, advice)
    else:
        yield good(AREA, "index", "up to date")


def _writers(store: "Catalog") -> Iterator[Finding]:
    """Who writes now, and what one that was killed has left."""
    import filelock

    from peps_stac.store.layout import DOWNLOADS, JOURNAL, LOCK, STAGING

    lock = store.root / LOCK
    is_free = True
    if lock.exists():
        try:
            with filelock.FileLock(lock, timeout=0):
                pass
        except filelock.Timeout:
            is_free = False
        except OSError:
            pass  # the disk has a line of its own for that
    if is_free:
        yield good(AREA, "writer", "none at work")
    else:
        advice = "wait for it, or end it: nothing is lost"
        yield note(AREA, "writer", "another process writes to the catalog now", advice)
    if is_free and (store.root / JOURNAL).exists():
        advice = "nothing: the next command that writes ends it"
        yield note(AREA, "journal", "a write was interrupted", advice)
    for folder, advice in (
        (DOWNLOADS, "peps-stac download goes on with it"),
        (STAGING, "nothing: the next command that writes removes it"),
    ):
        if is_free and (size := _size(store.root / folder)):
            from peps_stac.domain.sizes import size_text

            yield note(AREA, folder, f"{size_text(size)} of unfinished work", advice)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _orders(store: "Catalog") -> Iterator[Finding]:
    from peps_stac.cli import orders
    from peps_stac.stac.collections import L1C_COLLECTION
    from peps_stac.stac.orders import order_in

    # `tracked` would end what a killed writer has begun: here nothing is written.
    found = store.documents(L1C_COLLECTION, having="peps:process")
    known = [order for _, item in found if (order := order_in(item))]
    if not known:
        return
    words = Counter(str(order.reason or orders.word(order)) for order in known)
    told = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in words.most_common())
    yield good(AREA, "orders", told)
    if unconfirmed := sum(order.is_unconfirmed for order in known):
        advice = "peps-stac status looks for them at the service; order --again sends them anew"
        yield warning(AREA, "unconfirmed", f"{plural(unconfirmed, 'scene')}: no answer", advice)
    if failed := sum(orders.has_failed(order) for order in known):
        advice = "peps-stac retry --status failed --dry-run"
        yield note(AREA, "failed", f"{plural(failed, 'scene')}", advice)


def _aside(store: "Catalog") -> Iterator[Finding]:
    from peps_stac.workflow.quarantine import quarantined

    if found := quarantined(store):
        first = found[0]
        why = f": {first.path.name}: {first.reason}" if first.reason else ""
        advice = f"to try again: peps-stac --catalog {store.href} add {first.path.parent}"
        count = f"{plural(len(found), 'file')} failed a check"
        yield warning(AREA, "quarantine", f"{count}{why}", advice)
