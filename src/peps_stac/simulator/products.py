"""One MAJA product as a zip in MUSCATE format, made up from an L1C scene."""

import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from peps_stac.domain import L1CProduct
from peps_stac.errors import RequestError
from peps_stac.simulator.compose import footprint_of, scene_of
from peps_stac.simulator.landscape import landscape
from peps_stac.simulator.metadata import Made, metadata
from peps_stac.simulator.quicklook import black
from peps_stac.simulator.rasters import Drawn, Rasters, draw
from peps_stac.simulator.sidecars import header, job_information
from peps_stac.simulator.style import (
    DEFAULT_STYLE,
    ProductStyle,
    acquired,
    archive_name,
    is_valid,
    maja_ran,
    platform,
    product_name,
    relative_orbit,
    tile,
)
from peps_stac.simulator.tiling import TILE_SIDE_M
from peps_stac.simulator.view import angle_grids, view_of

__all__ = ["SIZES", "ProductStyle", "acquired", "build_product", "is_valid", "product_name"]

SIZES = tuple(size for size in range(100, 10_981, 2) if TILE_SIDE_M % size == 0)
"""Rows and columns that the 10 m grid may have: an even number, pixels of whole metres."""

_NEARBY = 4
# The first day a zip can tell: a real one would make other bytes every time.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16
_UNIX = 3
# Three times as fast as the usual level on such rasters, and little larger.
_DEFLATE_LEVEL = 1


def build_product(
    product: L1CProduct, target: Path, *, size: int = 732, style: ProductStyle = DEFAULT_STYLE
) -> Path:
    """Write the MAJA product of a scene; the same arguments always make the same bytes.

    Args:
        product: The scene; needs tile and platform.
        target: The archive when its name ends in `.zip`, else the folder to put it in.
        size: Rows and columns of the 10 m grid, one of `SIZES`. The product always covers the
            whole tile, so that fewer pixels are larger ones.
        style: What the product contains.

    Returns:
        The archive.

    Raises:
        RequestError: A size that does not divide the tile, or a scene that MAJA cannot take.
    """
    _check_size(size)
    place = target if target.suffix == ".zip" else target / f"{archive_name(product, style)}.zip"
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=place.parent) as scratch:
        folder = Path(scratch) / "product"
        folder.mkdir()
        files = _write(product, folder, size, style)
        draft = Path(scratch) / "product.zip"
        _pack(draft, folder, files, _top(product, style))
        draft.replace(place)
    return place


def _check_size(size: int) -> None:
    if size not in SIZES:
        near = sorted(sorted(SIZES, key=lambda one: abs(one - size))[:_NEARBY])
        nearby = ", ".join(str(one) for one in near)
        message = f"size: {size} is no even number of rows of whole metres in {TILE_SIDE_M} m"
        raise RequestError(f"{message}; give one of {nearby}")


def _top(product: L1CProduct, style: ProductStyle) -> str:
    outer = archive_name(product, style)
    return f"{outer}/{product_name(product, style)}" if style.nested else outer


def _write(product: L1CProduct, folder: Path, size: int, style: ProductStyle) -> list[str]:
    """Write every file below a folder; the paths in it, in the order of the archive."""
    name = product_name(product, style)
    footprint = footprint_of(product)
    view = view_of(tile(product), relative_orbit(product))
    angles = angle_grids(tile(product), view, footprint)
    if style.valid:
        rasters = Rasters(folder, name, tile(product), size, style)
        scene = scene_of(product, size, footprint)
        drawn = draw(scene, rasters, view, tuple(angles[0].by_detector))
    else:
        drawn = Drawn(_percent_given_up(product), 0, black(), ())
    made = Made(size, drawn.cloud_percent, drawn.snow_percent, angles)
    small = {f"{name}_MTD_ALL.xml": metadata(product, style, made)}
    if style.with_quicklook:
        small[f"{name}_QKL_ALL.jpg"] = drawn.quicklook
    if style.with_data:
        small |= _data(product, style)
    for path, content in small.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return [*small, *drawn.files]


def _percent_given_up(product: L1CProduct) -> int:
    return 100 if product.cloud_cover is None else round(product.cloud_cover)


def _data(product: L1CProduct, style: ProductStyle) -> dict[str, bytes]:
    name = product_name(product, style)
    validity = "L2VALD" if style.valid else "L2NOTV"
    flags = {
        "Processing_Mode": style.processing_mode,
        "Adjacency_Effects_And_Slope_Correction": "true" if style.with_fre else "false",
        "Quality_check": "false",
        "Validity_Flag": validity,
        "Cirrus_Correction": "true",
        "CAMS_Processing": "Activated_NoAvailableData",
    }
    relief = landscape(tile(product)).elevation.nodes
    ran = maja_ran(product, style)
    maja = header(platform(product), validity, style.maja_version, ran)
    return {
        f"DATA/{name}_JPI_ALL.xml": job_information(relief, flags),
        f"DATA/{name}_PVD_ALL/HDR.xml": maja,
    }


def _pack(archive: Path, folder: Path, files: Iterable[str], top: str) -> None:
    with zipfile.ZipFile(archive, "w") as packed:
        for path in files:
            source = folder / path
            member = zipfile.ZipInfo(f"{top}/{path}", _EPOCH)
            member.create_system = _UNIX
            member.external_attr = _READABLE
            member.compress_type = zipfile.ZIP_DEFLATED
            # Whole files: the largest, at full size, has 241 MB.
            packed.writestr(member, source.read_bytes(), compresslevel=_DEFLATE_LEVEL)
            source.unlink()
