"""Room on the disk for files that are fetched at once, and for what will be made of them.

Each file claims what is still to come of it and what it will be turned into, so that two of them
never count on the same free bytes.
"""

import shutil
import threading
from pathlib import Path
from typing import Final

from peps_stac.archive.unpacking import SPARE_BYTES
from peps_stac.domain.sizes import size_text
from peps_stac.errors import CatalogError
from peps_stac.stac.layers import AssetMode
from peps_stac.workflow.estimate import COG_GB, RAW_GB, ZIP_GB

_GB: Final = 10**9
_WHOLE_TILE_GB: Final = {AssetMode.RAW: RAW_GB, AssetMode.COG: COG_GB, AssetMode.ZIP: 0.0}


class NoRoomYetError(Exception):
    """A file fits as soon as others that are on their way are done with."""


class Room:
    """The free space of one disk, and who counts on it; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Names a folder of the disk; it may not exist yet."""
        self._folder = folder
        self._lock = threading.Lock()
        self._claims: dict[Path, int] = {}

    def claim(self, target: Path, need: int) -> None:
        """Count on so many bytes more; an earlier claim for the file is replaced.

        Args:
            target: The file.
            need: Bytes that are still to be written for its sake.

        Raises:
            NoRoomYetError: Not while the claims of others stand.
            CatalogError: Not at all.
        """
        with self._lock:
            self._claims.pop(target, None)
            others = sum(self._claims.values())
            free = self._free()
            if free < need + SPARE_BYTES:
                raise CatalogError(
                    f"no space in {self._folder}: {target.name} needs about {size_text(need)}, "
                    f"unpacked or converted too, and some spare, has {size_text(free)}; "
                    "free space and run again"
                )
            if free < need + others + SPARE_BYTES:
                raise NoRoomYetError(target.name)
            self._claims[target] = need

    @property
    def is_claimed(self) -> bool:
        """Whether anybody counts on anything."""
        with self._lock:
            return bool(self._claims)

    def leave(self, target: Path) -> None:
        """Count on nothing more for a file."""
        with self._lock:
            self._claims.pop(target, None)

    def _free(self) -> int:
        there = next(one for one in (self._folder, *self._folder.parents) if one.exists())
        return shutil.disk_usage(there).free


def unpacked_size(packed: int, form: AssetMode) -> int:
    """About how many bytes the Item of an archive will have beside it.

    What a whole tile comes to at most, or less for a smaller archive, in the proportions of
    `peps_stac.workflow.estimate`; once the archive is there its directory tells exactly.

    Args:
        packed: Bytes of the archive.
        form: Of the Item; as a zip, it takes the archive itself.
    """
    whole_gb = _WHOLE_TILE_GB[form]
    return round(min(packed * whole_gb / ZIP_GB, max(whole_gb * _GB, packed * (whole_gb > 0))))
