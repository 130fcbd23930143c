"""The catalog on disk: layout, atomic writes, lock, extents that follow, validation."""

from peps_stac.store.bulk import Changes
from peps_stac.store.catalog import Catalog
from peps_stac.store.repair import Repaired
from peps_stac.store.schemas import Checked, Source
from peps_stac.store.validate import Finding, Validation, validate

__all__ = [
    "Catalog",
    "Changes",
    "Checked",
    "Finding",
    "Repaired",
    "Source",
    "Validation",
    "validate",
]
