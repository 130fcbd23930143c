"""The files of one product as COGs, several rasters at once.

On disk there is never more than what the Item will have, and a few files half written: rasters
go from the archive through memory into COGs. Needs the extra `raster`, as `pixels` does.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from peps_stac.domain import L2AProduct, ProductFile
from peps_stac.stac.l2a_assets import AssetFile
from peps_stac.stac.layers import (
    THUMBNAIL_KEY,
    TRUE_COLOUR,
    VISUAL_KEY,
    Layer,
    layers_of,
)
from peps_stac.workflow.pixels import (
    Converted,
    Outline,
    Part,
    Raster,
    convert,
    draw_thumbnail,
    draw_visual,
    outline,
)
from peps_stac.workflow.recipe import Task
from peps_stac.workflow.source_files import Made, check_space, edge_of, path_in, write_small_files

_SHARE = {"FRE": 0.8, "SRE": 0.8, "ATB": 0.5}
"""Size of a COG with overviews to that of its pixels: on full tiles 0.75 for reflectance; what
is estimated is a little more, so that a disk rarely fills up on the way."""
_SHARE_OF_A_MASK = 0.1
_SCRATCH = ".scratch"


def make_cogs(task: Task) -> Made:
    """Convert what a task asks for; metadata and quicklook stay as delivered.

    Raises:
        CatalogError: Too little space, or the disk refuses.
        DownloadError: A damaged archive or raster.
        ResponseError: A raster that is none of MAJA's.
    """
    scratch = task.folder / _SCRATCH
    rasters = tuple(_rasters(task, scratch))
    check_space(task, sum(_estimate(raster) for raster in rasters))
    scratch.mkdir()
    files, found = _converted(task, rasters)
    files |= _drawn(task, scratch)
    for path in scratch.iterdir():
        path.unlink()
    scratch.rmdir()
    made = {key: replace(file, href=f"./{file.href}") for key, file in files.items()}
    wanted = {key: file for key, file in made.items() if key in task.keys}
    return Made(wanted | write_small_files(task), found.geometry if found else None)


def find_outline(task: Task) -> BaseGeometry | None:
    """Where a product has data, by its edge mask; None: no such mask, or nothing is valid."""
    found = _outline_of(*_edge_facts(task))
    return found.geometry if found else None


def _converted(
    task: Task, rasters: tuple[Raster, ...]
) -> tuple[dict[str, AssetFile], Outline | None]:
    """All rasters, the largest first, so that no process ends long before the others."""
    by_size = sorted(rasters, key=lambda raster: raster.size, reverse=True)
    total = sum(raster.size for raster in rasters)
    jobs: list[Callable[[], Converted | Outline | None]] = []
    if task.known is None:
        jobs.append(partial(_outline_of, *_edge_facts(task)))
    jobs += [partial(convert, raster) for raster in by_size]
    files: dict[str, AssetFile] = {}
    found: Outline | None = None
    done = seen = 0
    for result in task.recipe.workers.run(jobs):
        if isinstance(result, Converted):
            files |= result.files
            done, seen = done + 1, seen + result.raster.size
            task.report(done, len(rasters), seen, total)
        else:
            found = result
    return files, found


def _edge_facts(task: Task) -> tuple[Path, str | None, int]:
    edge = edge_of(task.product)
    name = path_in(task.source, edge.path) if edge else None
    return task.source.path, name, task.product.epsg


def _outline_of(product: Path, name: str | None, epsg: int) -> Outline | None:
    return None if name is None else outline(product, name, epsg)


def _rasters(task: Task, scratch: Path) -> Iterator[Raster]:
    """What has to be converted: what is asked for, and what only the previews need."""
    wanted = set(task.keys) | set(_needed_colours(task))
    layers = [layer for layer in layers_of(task.product) if layer.key in wanted]
    pixels = [layer for layer in layers if layer.file.group is not None]
    for file, group in groupby(pixels, key=lambda layer: layer.file):
        parts = tuple(_part(task, layer, scratch) for layer in group)
        yield Raster(
            product=task.source.path,
            name=path_in(task.source, file.path),
            kind=file.kind,
            parts=parts,
            size=_pixel_bytes(task.product, file) * len(parts),
        )


def _part(task: Task, layer: Layer, scratch: Path) -> Part:
    folder = task.folder if layer.key in task.keys else scratch
    return Part(
        key=layer.key,
        target=folder / f"{layer.key}.tif",
        nodata=_nodata(task.product, layer),
        band=layer.band,
    )


def _nodata(product: L2AProduct, layer: Layer) -> int | None:
    if layer.part is not None:
        return {"WVC": product.water_vapour_nodata, "AOT": product.aerosol_nodata}[layer.part]
    return product.reflectance_nodata if layer.file.band else None


def _pixel_bytes(product: L2AProduct, file: ProductFile) -> int:
    grid = product.grids[str(file.group)]
    return grid.rows * grid.columns * (2 if file.band else 1)


def _estimate(raster: Raster) -> int:
    return round(raster.size * _SHARE.get(raster.kind, _SHARE_OF_A_MASK))


def _needed_colours(task: Task) -> tuple[str, ...]:
    """Keys of the bands that the previews need and nobody has converted yet."""
    if VISUAL_KEY not in task.keys and (THUMBNAIL_KEY not in task.keys or _visual_of(task)):
        return ()
    return tuple(key for key in TRUE_COLOUR if _known_file(task, key) is None)


def _drawn(task: Task, scratch: Path) -> dict[str, AssetFile]:
    """Previews, of COGs that were just made or that the Item has already."""
    files: dict[str, AssetFile] = {}
    if not {VISUAL_KEY, THUMBNAIL_KEY} & set(task.keys):
        return files
    visual = _visual_of(task)
    if visual is None or VISUAL_KEY in task.keys:
        folder = task.folder if VISUAL_KEY in task.keys else scratch
        visual = folder / f"{VISUAL_KEY}.tif"
        red, green, blue = (_colour(task, key, scratch) for key in TRUE_COLOUR)
        nodata = task.product.reflectance_nodata
        files[VISUAL_KEY] = draw_visual((red, green, blue), visual, nodata)
    if THUMBNAIL_KEY in task.keys:
        files[THUMBNAIL_KEY] = draw_thumbnail(visual, task.folder / f"{THUMBNAIL_KEY}.jpg")
    return files


def _visual_of(task: Task) -> Path | None:
    return _known_file(task, VISUAL_KEY)


def _colour(task: Task, key: str, scratch: Path) -> Path:
    made = (task.folder / f"{key}.tif", scratch / f"{key}.tif")
    return next((path for path in made if path.exists()), None) or _known_file(task, key) or made[0]


def _known_file(task: Task, key: str) -> Path | None:
    """The file of an Asset that the Item has, where it is still there."""
    asset = task.known.assets.get(key) if task.known else None
    href = asset.get_absolute_href() if asset else None
    path = Path(href) if href else None
    return path if path and path.is_file() else None
