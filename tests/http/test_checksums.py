import hashlib
import threading
from contextlib import suppress

import pytest

from peps_stac.errors import RequestError
from peps_stac.http.checksums import Checksum, announced, summing

MD5 = hashlib.md5(b"x", usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize(
    ("md5", "sha256", "expected"),
    [
        (None, None, None),
        ("", None, None),
        (MD5.upper(), None, Checksum("MD5", MD5)),
        (None, f" {SHA256}\n", Checksum("SHA-256", SHA256)),
        (MD5, SHA256, Checksum("SHA-256", SHA256)),
    ],
)
def test_the_better_sum_is_taken_in_lower_case(
    md5: str | None, sha256: str | None, expected: Checksum | None
) -> None:
    assert announced(md5, sha256) == expected


@pytest.mark.parametrize(("md5", "sha256"), [("d41d", None), ("x" * 32, None), (None, MD5)])
def test_what_is_no_sum_is_refused(md5: str | None, sha256: str | None) -> None:
    with pytest.raises(RequestError, match="hexadecimal digits"):
        announced(md5, sha256)


@pytest.mark.parametrize("name", ["MD5", "SHA-256"])
def test_a_sum_goes_on_where_another_ended(name: str) -> None:
    digest = Checksum(name, "").begin()
    digest.update(b"a" * 1000)
    with summing(digest) as sums:
        assert sums is not None
        for _ in range(100):
            sums.update(b"b" * 1000)
        sums.update(b"")
        found = sums.finish()

    whole = hashlib.new(name.replace("-", ""), b"a" * 1000 + b"b" * 100_000)
    assert found == whole.hexdigest()


def test_no_thread_stays_when_the_download_fails() -> None:
    before = threading.active_count()
    with suppress(KeyError), summing(hashlib.sha256()) as sums:
        assert sums is not None
        sums.update(b"x")
        raise KeyError

    assert threading.active_count() == before
