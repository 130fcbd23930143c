"""Archives of MAJA products on disk, each built once, and what `add` makes of them."""

import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pystac

from builders import utc
from builders_scenes import Built, a_scene
from peps_stac.domain import L1CProduct
from peps_stac.simulator.products import ProductStyle, build_product
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog
from peps_stac.workflow import AssetChoice, AssetMode, Outcome, add

NOW = utc("2026-04-01T12:00:00")
WHOLE = a_scene()
"""31TCJ on 2 November 2017: the whole tile."""
SLIVER = a_scene(day="2017-11-04")
"""Two days later, another orbit: a part of the tile."""
ALONE = AssetChoice(workers=1)
"""COGs, converted in this process: quick for small products."""
RAW = AssetChoice(mode=AssetMode.RAW)
_SIZE = 122
_KEPT = TemporaryDirectory(prefix="peps-stac-archives-")
_BUILT: dict[tuple[str, datetime, ProductStyle, int], Built] = {}


def built(
    scene: L1CProduct = WHOLE, style: ProductStyle | None = None, *, size: int = _SIZE
) -> Built:
    """The archive of a scene's product, made once; it must not be changed."""
    key = (scene.name, scene.start, style or ProductStyle(), size)
    if key not in _BUILT:
        folder = Path(_KEPT.name) / str(len(_BUILT))
        _BUILT[key] = Built(build_product(scene, folder, size=size, style=key[2]))
    return _BUILT[key]


def added(
    catalog: Catalog,
    *paths: Path,
    assets: AssetChoice = ALONE,
    **more: Any,  # noqa: ANN401 -- of add
) -> list[Outcome]:
    return list(add(catalog, paths, assets=assets, now=lambda: NOW, **more))


def the_item(catalog: Catalog) -> pystac.Item:
    [item] = catalog.items(L2A_COLLECTION)
    return item


def files_of(item: pystac.Item) -> dict[str, Path]:
    """Paths of the Assets by key."""
    return {key: Path(str(asset.get_absolute_href())) for key, asset in item.assets.items()}


def rewritten(
    archive: Path,
    target: Path,
    *,
    without: Iterable[str] = (),
    change: Callable[[str, bytes], bytes] | None = None,
) -> Path:
    """A copy of an archive, some members left out or changed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if not any(part in name for part in without):
                content = old.read(name)
                new.writestr(name, change(name, content) if change else content)
    return target


def unpacked(archive: Path, target: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(target)
    return target
