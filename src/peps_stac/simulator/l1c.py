"""The L1C archives a simulator serves: small, made when asked for, the same every time.

Real archives weigh 700 MB. These hold a manifest and some noise, so that their size and
checksum are true; `peps_stac.simulator.showing` writes both into the answers in place of the
recorded ones.
"""

import hashlib
import io
import zipfile
from functools import lru_cache

_MADE = (1980, 1, 1, 0, 0, 0)
_KEPT = 32
_MEASURED = 100_000


def l1c_zip(name: str, size: int) -> bytes:
    """The archive of a scene.

    Args:
        name: Product name without `.SAFE`.
        size: Bytes of noise in it; the archive is some hundred bytes longer.
    """
    return _zip(name, size)


@lru_cache(maxsize=_MEASURED)
def size_and_md5(name: str, size: int) -> tuple[int, str]:
    """Length of that archive in bytes, and its MD5 in lower-case hexadecimal digits."""
    content = _write(name, size)
    return len(content), hashlib.md5(content, usedforsecurity=False).hexdigest()


@lru_cache(maxsize=_KEPT)
def _zip(name: str, size: int) -> bytes:
    return _write(name, size)


def _write(name: str, size: int) -> bytes:
    manifest = f"<manifest product='{name}' note='simulated, holds no image'/>\n".encode()
    noise = hashlib.shake_128(name.encode()).digest(size)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for member, content in (("manifest.safe", manifest), ("GRANULE/noise.bin", noise)):
            archive.writestr(zipfile.ZipInfo(f"{name}.SAFE/{member}", _MADE), content)
    return buffer.getvalue()
