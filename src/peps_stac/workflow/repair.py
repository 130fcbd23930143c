"""Making a catalog right again: all that follows from its Items, and the index."""

import shutil
from datetime import datetime
from functools import partial
from pathlib import Path

from peps_stac.store import Catalog, Repaired
from peps_stac.store.layout import INDEX, ITEMS
from peps_stac.workflow.quarantine import put_aside
from peps_stac.workflow.removal import unlink_missing


def repair(catalog: Catalog, *, now: datetime) -> Repaired:
    """Set links, extents, summaries and all catalogs right, from the Items on disk.

    Links to Items that are not there are taken out. An Item's file that cannot be read goes to
    the quarantine; the files beside it stay. The index is forgotten, so that a search reads the
    Items until it is made anew.

    Raises:
        CatalogError: No catalog of this package, or the disk refuses.
    """
    done = catalog.rebuild(aside=partial(_aside, catalog, now))
    done.rewritten.extend(unlink_missing(catalog, catalog.documents()))
    shutil.rmtree(catalog.root / INDEX, ignore_errors=True)
    for path in catalog.root.glob(f"*/*/*/{ITEMS}"):
        path.unlink(missing_ok=True)
    return done


def _aside(catalog: Catalog, now: datetime, path: Path, reason: str) -> None:
    href = str(path.relative_to(catalog.root))
    put_aside(catalog, path, href=href, reason=reason, when=now, command="validate --repair")
