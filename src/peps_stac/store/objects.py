"""Files of a catalog on object storage: each is one object, whole or not there.

Needs the extra `s3`. Addresses are text, `s3://bucket/prefix/name`; credentials, region and
endpoint come from where all of AWS's tools take them (`AWS_ACCESS_KEY_ID`, `AWS_PROFILE`,
`AWS_ENDPOINT_URL`, `~/.aws`). Nothing is cached: what a read answers is what S3 has, which is
read-after-write consistent.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from io import BufferedReader
from pathlib import Path
from posixpath import normpath
from typing import Any, Final

from peps_stac.errors import CatalogError, RequestError

SCHEME: Final = "s3://"
_CHANGED: Final = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409")
_UNKNOWN_CONDITION: Final = ("NotImplemented", "501")
_AHEAD: Final = 64
"""Objects that are read at once."""
_ADVICE: Final = (
    (("NoCredentials", "PartialCredentials"), "set AWS_ACCESS_KEY_ID or AWS_PROFILE"),
    (("PermissionError", "ClientError"), "check the credentials and what they may do"),
    (("FileNotFoundError",), "check the bucket and the prefix"),
    (("EndpointConnection", "ConnectionError", "Timeout"), "check AWS_ENDPOINT_URL and the line"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a listing says of an object."""

    name: str
    size: int


class ChangedError(CatalogError):
    """Somebody else wrote an object since it was read."""


class _Any(Enum):
    ANY = "any"


ANY: Final = _Any.ANY
"""Whatever version is there, or none."""
Version = str | None | _Any


def is_remote(path: str) -> bool:
    """Whether a path is an address rather than a file of this machine."""
    return "://" in path


def text_of(root: Path | str) -> str:
    """A root as it was typed: as a `Path` an address has lost one of its slashes."""
    text = str(root)
    if isinstance(root, Path) and text.startswith(f"{SCHEME[:-1]}"):
        return f"{SCHEME}{text.removeprefix(SCHEME[:-1])}"
    return text


def root_of(text: str) -> str:
    """The address of a catalog as it is written everywhere, without a slash at its end.

    Raises:
        RequestError: Another kind of storage, or no bucket.
    """
    address = text.rstrip("/")
    if not address.startswith(SCHEME) or not address.removeprefix(SCHEME).strip("/"):
        raise RequestError(f"{text}: no catalog can be there; give a folder or s3://bucket/prefix")
    return join(address)


def join(*parts: str) -> str:
    """An address with `.` and `..` worked in: the parts below the first, one after the other."""
    scheme, _, path = "/".join(parts).partition("://")
    return f"{scheme}://{normpath(path)}"


def read(address: str) -> bytes | None:
    """The bytes of an object; None when there is none.

    Raises:
        CatalogError: It cannot be read.
    """
    ahead = _READ_AHEAD.pop(address, None)
    if ahead is not None:
        return ahead
    with _errors(address):
        try:
            content: bytes = _system().cat_file(address)
        except FileNotFoundError:
            return None
        return content


def read_ahead(addresses: Sequence[str]) -> Iterator[str]:
    """Each address in turn, when what is there was asked for: many at once.

    The next `read` of it costs nothing, until the following address is taken.
    """
    for start in range(0, len(addresses), _AHEAD):
        some = list(addresses[start : start + _AHEAD])
        with _errors(some[0]):
            found = _system().cat(some, on_error="return")
        for address in some:
            content = found.get(address.removeprefix(SCHEME))
            if isinstance(content, bytes):
                _READ_AHEAD[address] = content
            yield address
            _READ_AHEAD.pop(address, None)


def exists(address: str) -> bool:
    """Whether there is such an object."""
    return size_of(address) is not None


def size_of(address: str) -> int | None:
    """Bytes of an object; None when there is none."""
    for folder, sizes in _LISTED.items():
        if address.startswith(f"{folder}/"):
            return sizes.get(address)
    with _errors(address):
        try:
            found = _system().info(address)
        except FileNotFoundError:
            return None
        return int(found["size"]) if found["type"] == "file" else None


@contextmanager
def listed(folder: str) -> Iterator[None]:
    """Meanwhile what `exists` and `size_of` tell of a prefix is that of one listing."""
    with _errors(folder):
        found = _system().find(folder, detail=True)
    _LISTED[folder] = {f"{SCHEME}{name}": int(entry["size"]) for name, entry in found.items()}
    try:
        yield
    finally:
        del _LISTED[folder]


@contextmanager
def opened(address: str) -> Iterator[BufferedReader]:
    """An object to be read from its beginning."""
    with _errors(address), _system().open(address, "rb") as file:
        yield file


def files_in(folder: str) -> list[Entry]:
    """Objects directly below a prefix, by name."""
    return sorted(
        (Entry(_name(e), int(e["size"])) for e in _listed(folder) if e["type"] == "file"),
        key=lambda entry: entry.name,
    )


def folders_in(folder: str) -> list[str]:
    """Names below a prefix that have something below them, sorted, without hidden ones."""
    names = (_name(entry) for entry in _listed(folder) if entry["type"] == "directory")
    return sorted(name for name in names if not name.startswith("."))


def check_bucket(root: str) -> None:
    """Make sure that the bucket of a catalog can be reached.

    Raises:
        CatalogError: It cannot; says why.
    """
    bucket = root.removeprefix(SCHEME).partition("/")[0]
    with _errors(root):
        if not _system().exists(bucket):
            raise FileNotFoundError(f"no bucket {bucket!r}")


def version_of(address: str) -> str | None:
    """What tells the object that is there from what replaces it; None when there is none."""
    with _errors(address):
        try:
            return str(_system().info(address)["ETag"])
        except FileNotFoundError:
            return None


def write(address: str, content: bytes, *, instead_of: Version) -> None:
    """Makes or replaces an object: readers see the old bytes or the new, never a part.

    Args:
        address: Of the object.
        content: All of it.
        instead_of: Version to be replaced, None where there is to be none, or `ANY`. A server
            that knows no conditions replaces whatever is there.

    Raises:
        ChangedError: What is there is something else.
    """
    condition = _condition(instead_of)
    with _errors(address):
        try:
            _system().pipe_file(address, content, **condition)
        except OSError as error:
            code = _code(error)
            if condition and code in _CHANGED:
                raise ChangedError(_changed(address)) from error
            if not condition or code not in _UNKNOWN_CONDITION:
                raise
            _system().pipe_file(address, content)


def upload(path: Path, address: str) -> None:
    """Makes or replaces an object with what is in a file; of several parts where it is large."""
    with _errors(address):
        _system().put_file(str(path), address)


def remove(addresses: Sequence[str]) -> None:
    """Deletes objects; those that are not there are no matter."""
    if addresses:
        with _errors(addresses[0]):
            try:
                _system().rm(list(addresses))
            except FileNotFoundError:
                return


def names_below(folder: str) -> list[str]:
    """Addresses of all objects below a prefix."""
    with _errors(folder):
        try:
            return [f"{SCHEME}{name}" for name in _system().find(folder)]
        except FileNotFoundError:
            return []


def _condition(version: Version) -> dict[str, str]:
    if version is ANY:
        return {}
    return {"IfNoneMatch": "*"} if version is None else {"IfMatch": str(version)}


def _code(error: OSError) -> str:
    """The word of S3 for what was wrong."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _changed(address: str) -> str:
    return (
        f"{address}: another writer keeps changing it; object storage has no locks, so let one "
        "write at a time, and run this again"
    )


_READ_AHEAD: dict[str, bytes] = {}
_LISTED: dict[str, dict[str, int]] = {}


def _listed(folder: str) -> list[dict[str, Any]]:
    with _errors(folder):
        try:
            found: list[dict[str, Any]] = _system().ls(folder, detail=True, refresh=True)
        except FileNotFoundError:
            return []
        own = folder.removeprefix(SCHEME)
        return [entry for entry in found if entry["name"].rstrip("/") != own]


def _name(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rstrip("/").rpartition("/")[2]


def _system() -> Any:  # noqa: ANN401 -- a file system of fsspec, which has no types
    # fsspec would keep the first one, also for who has put a variable right since.
    told = frozenset(pair for pair in os.environ.items() if pair[0].startswith("AWS_"))
    return _system_of(os.getpid(), hash(told))


@cache
def _system_of(_process: int, _told: int) -> Any:  # noqa: ANN401 -- as above
    try:
        import_module("s3fs")
        fsspec = import_module("fsspec")
    except ModuleNotFoundError as error:
        message = f"{SCHEME} needs {error.name}: pip install 'peps-stac[s3]'"
        raise RequestError(message) from error
    return fsspec.filesystem("s3", use_listings_cache=False, skip_instance_cache=True)


@contextmanager
def _errors(address: str) -> Iterator[None]:
    """Turns what storage refuses into one line.

    Raises:
        CatalogError: Names the address, what the service said and what to do.
    """
    try:
        yield
    except CatalogError:
        raise
    except Exception as error:
        name = type(error).__name__
        if not (isinstance(error, OSError) or type(error).__module__.startswith("botocore")):
            raise
        advice = next(
            (advice for names, advice in _ADVICE if any(part in name for part in names)),
            "check the storage",
        )
        reason = " ".join(str(error).split()) or name
        raise CatalogError(f"{address}: {reason}: {advice}") from error
