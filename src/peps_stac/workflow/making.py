"""The files of one product made ready for an Item, in each of the three forms.

A form that reads pixels is loaded only where rasterio is there.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Final

from shapely.geometry.base import BaseGeometry

from peps_stac.archive import check_zip, unpack
from peps_stac.errors import CatalogError
from peps_stac.stac.l2a_assets import AssetFile
from peps_stac.stac.layers import AssetMode
from peps_stac.workflow.recipe import Task, check_raster, has_raster
from peps_stac.workflow.source_files import Made, path_in, paths_of, write_small_files

_COGS = "peps_stac.workflow.cogs"
_ZIP_SUFFIXES = (".zip", ".ZIP")
"""By which GDAL knows an archive; any other name has to stand in braces."""


def make(task: Task) -> Made:
    """Make the files of the Assets that a task asks for, and find the footprint.

    The footprint of an Item that is only completed is not looked for again. Where it cannot be
    found, the listener is told.

    Raises:
        CatalogError: Too little space, or the disk refuses.
        DownloadError: A damaged archive or raster.
        RequestError: COGs without rasterio.
        ResponseError: A raster that is none of MAJA's.
    """
    made = _MAKERS[task.mode](task)
    if task.known is None and made.footprint is None:
        made = replace(made, footprint=_footprint(task))
    return made


def _as_cogs(task: Task) -> Made:
    check_raster()
    make_cogs: Callable[[Task], Made] = import_module(_COGS).make_cogs
    return make_cogs(task)


def _as_delivered(task: Task) -> Made:
    """Unpacked into the staged folder, or where the folder of the product is."""
    root = task.source.root
    if task.source.path.is_dir():
        return _in_place(task, (task.source.path / root).resolve())
    _report(task, is_done=False)
    unpacked = task.folder / ".unpacked"
    unpack(task.source.path, unpacked, members=_members(task))
    _move_all(unpacked / root, task.folder)
    shutil.rmtree(unpacked, ignore_errors=True)
    paths = _wanted_paths(task)
    _report(task, is_done=True)
    sizes = {key: (task.folder / path).stat().st_size for key, path in paths.items()}
    return Made({key: AssetFile(f"./{path}", sizes[key]) for key, path in paths.items()})


def _in_place(task: Task, root: Path) -> Made:
    """Absolute hrefs: the files stay outside the catalog, nothing moves or deletes them."""
    files = {
        key: AssetFile(f"{root}/{path}", task.source.size(path_in(task.source, path)))
        for key, path in _wanted_paths(task).items()
    }
    return Made(files)


def _as_archive(task: Task) -> Made:
    """Rasters by `/vsizip/` and an absolute path: the only form that readers open.

    GDAL takes a relative path after `/vsizip/` from the folder of the process, so odc-stac,
    stackstac and rioxarray all fail on it, and browsers and QGIS read no archive at all. So
    such an Item cannot be moved; metadata and quicklook, which are small, stand beside it. An
    archive that was downloaded is moved beside the Item, one of the user stays where it is.
    """
    _report(task, is_done=False)
    if not task.is_owned:  # else it was checked when it came
        check_zip(task.source.path)
    archive = task.source.path.resolve()
    if task.is_owned:
        _link(archive, task.folder / archive.name)
        archive = task.item_dir / archive.name
    _report(task, is_done=True)
    inside = f"{archive}" if archive.suffix in _ZIP_SUFFIXES else f"{{{archive}}}"
    small = write_small_files(task)
    members = {
        key: path_in(task.source, path)
        for key, path in _wanted_paths(task).items()
        if key not in small
    }
    rasters = {
        key: AssetFile(f"/vsizip/{inside}/{name}", task.source.size(name))
        for key, name in members.items()
    }
    return Made(rasters | small)


_MAKERS: Final[Mapping[AssetMode, Callable[[Task], Made]]] = {
    AssetMode.COG: _as_cogs,
    AssetMode.RAW: _as_delivered,
    AssetMode.ZIP: _as_archive,
}


def _footprint(task: Task) -> BaseGeometry | None:
    name = task.product.product_id
    if not has_raster():
        task.recipe.tell(
            f"{name}: the geometry is the outline of the tile; the true footprint needs rasterio: "
            "pip install 'peps-stac[raster]'"
        )
        return None
    if task.mode is not AssetMode.COG:
        find: Callable[[Task], BaseGeometry | None] = import_module(_COGS).find_outline
        if found := find(task):
            return found
    why = "no valid pixel" if _has_edge(task) else "no edge mask (EDG)"
    task.recipe.tell(f"{name}: the geometry is the outline of the tile; the product has {why}")
    return None


def _has_edge(task: Task) -> bool:
    return any(file.kind == "EDG" for file in task.product.files)


def _wanted_paths(task: Task) -> dict[str, str]:
    return {key: path for key, path in paths_of(task.product).items() if key in task.keys}


def _members(task: Task) -> tuple[str, ...]:
    """What is unpacked: all there is but what is not wanted; of a known Item, what it lacks."""
    listed = {path_in(task.source, path): key for key, path in paths_of(task.product).items()}
    asked = {name for name, key in listed.items() if key in task.keys}
    if task.known or task.recipe.choice.include:
        return tuple(asked)
    return tuple(name for name in task.source.names() if name in asked or name not in listed)


def _report(task: Task, *, is_done: bool) -> None:
    """All or nothing: these forms read no pixel and take seconds."""
    sizes = [task.source.size(path_in(task.source, path)) for path in _wanted_paths(task).values()]
    done = (len(sizes), sum(sizes)) if is_done else (0, 0)
    task.report(done[0], len(sizes), done[1], sum(sizes))


def _move_all(folder: Path, target: Path) -> None:
    try:
        for path in folder.iterdir():
            path.rename(target / path.name)
    except OSError as error:
        raise CatalogError(f"{target}: cannot be written: {error.strerror}") from error


def _link(archive: Path, target: Path) -> None:
    """A second name for an archive, so that a kill loses neither; a copy where there are none."""
    try:
        os.link(archive, target)
    except OSError:
        shutil.copyfile(archive, target)
