"""The catalogs above the Items on object storage, each replaced only as it was read.

S3 replaces an object on condition that it is still the version that was read (`If-Match`), or
that there is none yet (`If-None-Match: *`). So a second writer, which no lock keeps out there, is
noticed before anything it wrote is lost.
"""

import os

from peps_stac.store import objects
from peps_stac.store.files import to_bytes
from peps_stac.store.layout import ITEMS
from peps_stac.store.objects import Version
from peps_stac.store.parents import Document
from peps_stac.store.tree import Skeleton, Tree


class ObjectTree(Tree):
    """As `Tree`; for one change, since it keeps the versions that it has read.

    Whatever writes may raise `objects.ChangedError`: another writer was faster, and what is
    there has to be looked at again (`recompute`, with another tree).
    """

    def __init__(self, root: str, skeleton: Skeleton) -> None:
        super().__init__(root, skeleton)
        self._versions: dict[str, Version] = {}

    def prune(self) -> None:
        """Deletes the catalogs that the last update found empty."""
        addresses = [f"{self._root}/{path}" for path in self._empty]
        parquet = [f"{os.path.dirname(address)}/{ITEMS}" for address in addresses]  # noqa: PTH120 -- an address
        objects.remove([*addresses, *parquet])
        self._empty = []

    def _folders(self, folder: str) -> set[str]:
        return set(objects.folders_in(f"{self._root}/{folder}".rstrip("/")))

    def _load(self, path: str) -> Document | None:
        if path not in self._versions:
            # Before it is read: what is read later can only be newer, and then not be replaced.
            self._versions[path] = objects.version_of(f"{self._root}/{path}")
        return super()._load(path)

    def _save(self, path: str, document: Document) -> None:
        address = f"{self._root}/{path}"
        content = to_bytes(document, address)
        version = self._versions.pop(path, None)
        if content != objects.read(address):
            objects.write(address, content, instead_of=version)
