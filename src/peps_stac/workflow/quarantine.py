"""Files that failed a check, kept aside with the reason."""

from datetime import datetime
from pathlib import Path

import orjson

from peps_stac.domain.instants import format_instant
from peps_stac.store import Catalog


def put_aside(catalog: Catalog, path: Path, *, href: str, reason: str, when: datetime) -> Path:
    """Move a bad file aside with the reason beside it, so that a later run fetches it anew."""
    folder = catalog.quarantine_dir
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{path.parent.name}-{path.name}"
    path.replace(kept)
    facts = {"href": href, "reason": reason, "time": format_instant(when)}
    kept.with_name(f"{kept.name}.json").write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    return kept
