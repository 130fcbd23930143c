"""Free space on the disks, shared out among downloads that run side by side.

Each claims what it still has to write. What another has claimed is not free, although no byte of
it may be there yet.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from peps_stac.domain.sizes import size_text
from peps_stac.errors import CatalogError


@dataclass(slots=True, eq=False)
class Claim:
    """What one download, or what is made of it, will still write."""

    folder: Path
    device: int
    needed: int
    """Bytes."""


class Space:
    """The claims of one session; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._claims: list[Claim] = []

    @contextmanager
    def claimed(self, folder: Path, needed: int) -> Iterator[Claim]:
        """A claim on the disk of an existing folder, for as long as the `with` lasts.

        Raises:
            CatalogError: So much is not free, or others have claimed it.
        """
        claim = Claim(folder, folder.stat().st_dev, needed)
        self.renew(claim, needed)
        try:
            yield claim
        finally:
            with self._lock:
                self._claims.remove(claim)

    def renew(self, claim: Claim, needed: int) -> None:
        """Looks again whether what is still needed is there.

        Raises:
            CatalogError: It is not; the claim stands as it was.
        """
        with self._lock:
            others = sum(
                one.needed
                for one in self._claims
                if one is not claim and one.device == claim.device
            )
            free = shutil.disk_usage(claim.folder).free
            if free - others < needed:
                raise _no_space(claim.folder, needed, free, others)
            claim.needed = needed
            if claim not in self._claims:
                self._claims.append(claim)


def _no_space(folder: Path, needed: int, free: int, others: int) -> CatalogError:
    needs = f"needs {size_text(needed)}, has {size_text(free)}"
    shared = f" of which {size_text(others)} are for other downloads" if others else ""
    return CatalogError(f"no space in {folder}: {needs}{shared}; free space and run again")
