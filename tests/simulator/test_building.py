"""The builder of real products, loaded only when one is asked for."""

import importlib
import zipfile
from pathlib import Path

import pytest

from builders_simulator import LOGIN, a_feature, a_job, a_simulator, ask, report_of
from peps_stac.errors import RequestError
from peps_stac.peps.resto import read_product
from peps_stac.simulator.building import build_product

SIZE = 100


def test_a_delivered_product_is_a_muscate_zip(tmp_path: Path) -> None:
    pytest.importorskip("rasterio", reason="the extra raster is not installed")
    name = a_feature()["properties"]["productIdentifier"]
    with a_simulator(build=build_product, size=SIZE) as peps:
        job_id = a_job(peps, product=name)
        peps.jobs.finish()
        href = report_of(peps, job_id)["results"][0]
        zipped = tmp_path / "product.zip"
        zipped.write_bytes(ask(peps, href, login=LOGIN).content)

    with zipfile.ZipFile(zipped) as archive:
        assert archive.testzip() is None
        metadata = [member for member in archive.namelist() if member.endswith("_MTD_ALL.xml")]
    assert len(metadata) == 1
    assert href.rpartition("/")[2].removesuffix(".zip") in metadata[0]


def test_without_rasterio_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError(name="rasterio")

    monkeypatch.setattr(importlib, "import_module", missing)

    with pytest.raises(RequestError, match=r"rasterio.*pip install 'peps-stac\[raster\]'"):
        build_product(read_product(a_feature()), tmp_path / "x.zip", size=SIZE)
