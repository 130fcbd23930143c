"""From the files of a product to what they say together; and where products lie in a folder."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from peps_stac.archive.source import ProductSource, files_below, foreign_kind, metadata_names
from peps_stac.domain import L2AProduct
from peps_stac.domain.markup import MAX_BYTES
from peps_stac.errors import ResponseError
from peps_stac.muscate.files import REFLECTANCE_KINDS
from peps_stac.muscate.metadata import read_metadata
from peps_stac.muscate.processing import NOT_VALID, with_header, with_jpi

OPTIONAL_KINDS: Final = ("JPI", "QKL")
"""Listed by MAJA, but left out by some who distribute its products."""


def read_product(source: ProductSource) -> L2AProduct:
    """What a product says of itself: metadata, processing information and header.

    The files answered are those the metadata list and the archive has. A product that MAJA
    declared not valid (`validity` L2NOTV) has none.

    Raises:
        ResponseError: Not a MAJA Sentinel-2 L2A product, or a layer that it lists is missing.
        DownloadError: A damaged archive.
    """
    name = source.metadata_name
    try:
        product = read_metadata(source.read(name, MAX_BYTES), name)
        product = _with_processing(source, product)
    except ResponseError as error:
        prefix = "" if str(source.path) in str(error) else f"{source.path}: "
        raise ResponseError(f"{prefix}{error}") from error
    if product.validity == NOT_VALID:
        return replace(product, files=())
    if not any(file.kind in REFLECTANCE_KINDS for file in product.files):
        raise ResponseError(f"{source.path}: its metadata list no reflectance, FRE or SRE")
    return _with_present_files(source, product)


def find_products(path: Path) -> tuple[Path, ...]:
    """The products at or below a path, sorted: zips, and folders that hold metadata.

    Hidden folders and those inside a product are not searched, and links not followed. A folder
    of another kind of product is answered as it is, so that reading it tells what it is.
    """
    if path.is_file():
        return (path.parent if metadata_names((path.name,)) else path,)
    found: list[Path] = []
    for parent, folders, files in os.walk(path):
        if metadata_names(tuple(files)):
            found.append(Path(parent))
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent, name) for name in files if name.lower().endswith(".zip")]
    if not found and path.is_dir() and foreign_kind(tuple(files_below(path))):
        return (path,)
    return tuple(sorted(found))


def _with_processing(source: ProductSource, product: L2AProduct) -> L2AProduct:
    data = f"{_folder(source)}DATA/"
    for name in source.names():
        if name.startswith(data) and name.endswith("_JPI_ALL.xml"):
            product = with_jpi(product, source.read(name, MAX_BYTES))
        elif name.startswith(data) and name.endswith("_PVD_ALL/HDR.xml"):
            product = with_header(product, source.read(name, MAX_BYTES))
    return product


def _with_present_files(source: ProductSource, product: L2AProduct) -> L2AProduct:
    present, folder = frozenset(source.names()), _folder(source)
    missing = [file for file in product.files if folder + file.path not in present]
    lost = [file.path for file in missing if file.kind not in OPTIONAL_KINDS]
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        message = f"{source.path}: incomplete, {lost[0]}{more} is listed but not there"
        raise ResponseError(f"{message}; download it again")
    return replace(product, files=tuple(file for file in product.files if file not in missing))


def _folder(source: ProductSource) -> str:
    return f"{source.root}/" if source.root else ""
