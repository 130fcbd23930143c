"""Many files replaced at once, several of them side by side."""

import errno
import os
from pathlib import Path

import pystac
import pytest

from builders_store import a_catalog, some_items
from peps_stac.errors import CatalogError
from peps_stac.store import Catalog, Changes, validate


def test_many_items_changed_at_once_are_all_written(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    catalog.put_all(some_items(50))

    changes = catalog.put_all(_later(catalog))

    assert changes == Changes(changed=50)
    assert {item.properties["order:status"] for item in catalog.items()} == {"pending"}
    assert validate(catalog).findings == ()


def test_a_file_that_cannot_be_replaced_leaves_a_catalog_that_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = a_catalog(tmp_path)
    catalog.put_all(some_items(50))
    stuck = str(catalog.item_path(next(catalog.items())))
    replace = os.replace

    def refuse(source: str, target: str) -> None:
        if target == stuck:
            raise OSError(errno.ENOSPC, "No space left on device", target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(CatalogError, match="No space left"):
            catalog.put_all(_later(catalog))

    assert len(list(catalog.items())) == 50
    assert catalog.put_all(_later(catalog)).changed >= 1
    assert validate(catalog).findings == ()


def _later(catalog: Catalog) -> list[pystac.Item]:
    items = list(catalog.items())
    for item in items:
        item.properties["order:status"] = "pending"
    return items
