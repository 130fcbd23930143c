"""Archives of L1C scenes, beside their Items in the catalog."""

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pystac

from peps_stac.archive import check_zip
from peps_stac.errors import CatalogError, DownloadError
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.extensions import md5_of_multihash
from peps_stac.stac.l1c import ARCHIVE_KEY, PRODUCT_KEY, with_archive
from peps_stac.store import Catalog

_FOLDER = "l1c"


@dataclass(frozen=True, slots=True)
class SceneArchive:
    """The archive of one scene on the service, and what is announced of it."""

    item_id: str
    href: str
    size: int | None
    """Bytes."""
    md5: str | None
    """Hexadecimal, lower case."""


def archive_of(item: pystac.Item) -> SceneArchive | None:
    """What the Item of a scene says of its archive; None when no service is known to have it."""
    product = item.assets.get(PRODUCT_KEY)
    if product is None:
        return None
    said = product.extra_fields
    checksum = said.get("file:checksum")
    md5 = md5_of_multihash(str(checksum)) if checksum else None
    return SceneArchive(item.id, product.href, said.get("file:size"), md5)


def is_at_hand(catalog: Catalog, item: pystac.Item) -> bool:
    """Whether the archive is on this disk, and still what the service announces.

    The size of the file is looked at, its checksum is not read again: `validate --deep` does.
    """
    asset, product = item.assets.get(ARCHIVE_KEY), item.assets.get(PRODUCT_KEY)
    if asset is None:
        return False
    said = asset.extra_fields
    announced = product.extra_fields.get("file:checksum") if product else None
    path = beside(catalog, item)
    return (
        path.is_file()
        and path.stat().st_size == said.get("file:size")
        and announced in (None, said.get("file:checksum"))
    )


def beside(catalog: Catalog, item: pystac.Item) -> Path:
    """Where the archive of a scene stands, or will."""
    return catalog.item_dir(item) / f"{item.id}.zip"


def landing(catalog: Catalog, item_id: str) -> Path:
    """Where an archive is fetched to, and kept until it stands beside its Item."""
    return catalog.downloads_dir / _FOLDER / f"{item_id}.zip"


def bring_back(catalog: Catalog, item: pystac.Item) -> bool:
    """Whether an archive stood beside an Item that does not name it.

    So it is when the process was killed in between. It is checked as if it had just come.
    """
    left = beside(catalog, item)
    if ARCHIVE_KEY in item.assets or not left.is_file():
        return False
    target = landing(catalog, item.id)
    target.parent.mkdir(parents=True, exist_ok=True)
    left.replace(target)
    return True


def tidy(catalog: Catalog) -> None:
    """Remove the folders of what is fetched, where nothing is left in them."""
    for folder in (catalog.downloads_dir / _FOLDER, catalog.downloads_dir):
        with contextlib.suppress(OSError):
            folder.rmdir()


def checked_md5(path: Path, archive: SceneArchive) -> str:
    """The MD5 of a file that is what was announced, and a zip whose every member is whole.

    Raises:
        DownloadError: It is not.
    """
    size = path.stat().st_size
    if archive.size not in (None, size):
        raise DownloadError(f"{path.name}: {size} bytes came, {archive.size} were announced")
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, _md5).hexdigest()
    if archive.md5 not in (None, md5):
        raise DownloadError(f"{path.name}: its MD5 is {md5}, not {archive.md5} as announced")
    check_zip(path)
    return md5


def put_beside(catalog: Catalog, item_id: str, path: Path, md5: str) -> Path:
    """Move a checked archive beside its Item, and make the Item name it; where it is now.

    Raises:
        CatalogError: The Item is gone, or the disk refuses.
    """
    with catalog.lock():
        item = catalog.get(item_id, L1C_COLLECTION)
        if item is None:
            message = f"Item {item_id} is no longer in {catalog.root}"
            raise CatalogError(f"{message}; search for it again with --save")
        target = beside(catalog, item)
        size = path.stat().st_size
        path.replace(target)
        catalog.put(with_archive(item, str(target), size=size, md5=md5), durable=True)
    return target


def _md5() -> "hashlib._Hash":
    return hashlib.md5(usedforsecurity=False)
