"""Whether the files that an Item names are there, inside the catalog, and what they should be."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import Any

from peps_stac.store.files import is_there, opened, size_of
from peps_stac.store.links import is_local, resolved
from peps_stac.store.objects import is_remote, listed

# Multihash codes (https://github.com/multiformats/multicodec), as unsigned varints.
_ALGORITHMS = {
    b"\x11\x14": "sha1",
    b"\x12\x20": "sha256",
    b"\x13\x40": "sha512",
    b"\xd5\x01\x10": "md5",
}


def resolve(href: str, folder: str) -> str | None:
    """Absolute path of what an href in a folder leads to; None when it is not on this disk."""
    if href.startswith("file://"):
        href = href.removeprefix("file://")
    return resolved(href, folder) if is_local(href) else None


def href_fault(href: str, folder: str, root: str) -> str | None:
    """What is wrong with an href in a file of the catalog; None when nothing is.

    Only files are looked for, not what stands at URLs or inside archives.
    """
    target = resolve(href, folder)
    if target is None:
        return None
    is_inside = target.startswith(root + "/")
    if href.startswith(("/", "file://")):
        if is_inside:
            return f"{href} is absolute, so the catalog cannot be moved: make it relative"
    elif not is_inside:
        return f"{href} leads out of the catalog"
    return None if is_there(target) else f"{href} does not exist"


def asset_faults(
    document: Mapping[str, Any], folder: str, root: str, *, deep: bool
) -> Iterator[str]:
    """What is wrong with the assets of an Item in a folder, one line each."""
    with listed(folder) if is_remote(folder) else nullcontext():
        for key, asset in document.get("assets", {}).items():
            href = str(asset.get("href", ""))
            fault = href_fault(href, folder, root)
            target = resolve(href, folder)
            if fault:
                yield f"asset {key}: {fault}"
            elif target is not None:
                faults = _file_faults(asset, target, deep=deep)
                yield from (f"asset {key}: {line}" for line in faults)


def _file_faults(asset: Mapping[str, Any], path: str, *, deep: bool) -> Iterator[str]:
    announced, size = asset.get("file:size"), size_of(path)
    if announced is not None and announced != size:
        yield f"has {size} bytes, file:size says {announced}"
    checksum = asset.get("file:checksum")
    if deep and checksum is not None:
        fault = _checksum_fault(str(checksum), path)
        if fault:
            yield fault


def _checksum_fault(checksum: str, path: str) -> str | None:
    try:
        multihash = bytes.fromhex(checksum)
    except ValueError:
        return f"file:checksum {checksum!r} is not hexadecimal"
    for code, name in _ALGORITHMS.items():
        if multihash.startswith(code):
            with opened(path) as file:
                digest = hashlib.file_digest(file, name).digest()
            return (
                None if digest == multihash[len(code) :] else f"{name} differs from file:checksum"
            )
    return f"file:checksum {checksum[:8]}... is no multihash of {', '.join(_ALGORITHMS.values())}"
