import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from peps_stac.errors import CatalogError
from peps_stac.http.space import Space


@pytest.fixture(autouse=True)
def _free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))


def test_two_never_count_on_the_same_free_bytes(tmp_path: Path) -> None:
    space = Space()
    refused = pytest.raises(
        CatalogError,
        match="needs 500 bytes, has 1 kB of which 600 bytes are for other downloads; free space",
    )
    with space.claimed(tmp_path, 600):
        with space.claimed(tmp_path, 400):
            pass
        with refused, space.claimed(tmp_path, 500):
            pass
    with space.claimed(tmp_path, 1000):
        pass


def test_a_claim_shrinks_as_bytes_are_written(tmp_path: Path) -> None:
    space = Space()
    with space.claimed(tmp_path, 900) as claim:
        space.renew(claim, 100)
        with space.claimed(tmp_path, 900):
            pass


def test_a_claim_that_can_no_longer_be_met_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = Space()
    with space.claimed(tmp_path, 900) as claim:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=99))
        with pytest.raises(CatalogError, match=f"no space in {tmp_path}: needs 100 bytes"):
            space.renew(claim, 100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with space.claimed(tmp_path, 1000):
        """The claim that failed is gone with its `with`."""


def test_another_disk_is_another_matter(tmp_path: Path) -> None:
    other = next((one for one in (Path("/proc"), Path("/dev")) if one.is_dir()), None)
    if other is None or other.stat().st_dev == tmp_path.stat().st_dev:
        other = tmp_path
        needed = 0
    else:
        needed = 1000
    space = Space()
    with space.claimed(tmp_path, 1000), space.claimed(other, needed):
        pass
