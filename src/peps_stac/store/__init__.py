"""The catalog on disk: layout, atomic writes, lock, extents that follow, validation."""

from peps_stac.store.catalog import Catalog, Changes
from peps_stac.store.schemas import Checked, Source
from peps_stac.store.validate import Finding, Validation, validate

__all__ = ["Catalog", "Changes", "Checked", "Finding", "Source", "Validation", "validate"]
