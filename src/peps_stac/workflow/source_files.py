"""What every form of an Item does with the files of a product, before any pixel is read."""

import shutil
from dataclasses import dataclass
from typing import Final

from shapely.geometry.base import BaseGeometry

from peps_stac.archive import ProductSource
from peps_stac.archive.unpacking import SPARE_BYTES
from peps_stac.domain import L2AProduct, ProductFile
from peps_stac.domain.sizes import size_text
from peps_stac.errors import CatalogError
from peps_stac.stac.l2a_assets import AssetFile
from peps_stac.stac.layers import METADATA_KEY, asset_key
from peps_stac.workflow.recipe import Task

_EDGE_GROUPS: Final = ("R2", "R1")
"""The coarse mask first: as good within its simplification, and a quarter of the pixels."""
_MAX_SMALL = 64 * 2**20  # bytes; metadata have 0.6 MB, quicklooks as PNG some MB


@dataclass(frozen=True, slots=True)
class Made:
    """The files of the Assets that a task asked for."""

    files: dict[str, AssetFile]
    """By key."""
    footprint: BaseGeometry | None = None
    """Where the product has data, WGS 84; None: not known."""


def path_in(source: ProductSource, path: str) -> str:
    """Name in the source of a file that the metadata list by a path relative to their own."""
    return f"{source.root}/{path}" if source.root else path


def paths_of(product: L2AProduct) -> dict[str, str]:
    """Paths of all files of a product, the metadata too, by the key of the whole file's Asset."""
    paths = {asset_key(product, file): file.path for file in product.files}
    return {**paths, METADATA_KEY: product.metadata_path.rpartition("/")[2]}


def edge_of(product: L2AProduct) -> ProductFile | None:
    """The mask that tells where a product has data; None when it has none."""
    edges = {file.group: file for file in product.files if file.kind == "EDG"}
    return next((edges[group] for group in _EDGE_GROUPS if group in edges), None)


def write_small_files(task: Task) -> dict[str, AssetFile]:
    """Copy metadata, processing information and quicklook as delivered, where asked for.

    Raises:
        CatalogError: The disk refuses.
        DownloadError: Damaged in the archive.
    """
    rasters = {asset_key(task.product, file) for file in task.product.files if file.group}
    files = {}
    for key, path in paths_of(task.product).items():
        if key in task.keys and key not in rasters:
            content = task.source.read(path_in(task.source, path), _MAX_SMALL)
            target = task.folder.joinpath(*path.split("/"))
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            except OSError as error:
                message = f"{target}: cannot be written: {error.strerror}; free space, run again"
                raise CatalogError(message) from error
            files[key] = AssetFile(f"./{path}", len(content))
    return files


def check_space(task: Task, need: int) -> None:
    """Refuse to begin what would not fit.

    Args:
        task: Whose folder gets the files.
        need: Bytes; some are asked for beside them, for the catalog.

    Raises:
        CatalogError: Too little space.
    """
    free = shutil.disk_usage(task.folder).free
    if free < need + SPARE_BYTES:
        raise CatalogError(
            f"no space in {task.item_dir.parent}: the files of {task.product.product_id} need "
            f"about {size_text(need)} and some spare, has {size_text(free)}; free space, run again"
        )
