"""What people own becomes a catalog, whatever else lies beside it."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio

from builders_archives import (
    ALONE,
    RAW,
    SLIVER,
    WHOLE,
    added,
    built,
    files_of,
    the_item,
    unpacked,
)
from builders_muscate import a_style, write_folder, write_zip
from peps_stac.archive import open_product, read_product
from peps_stac.domain import JobStatus, Reason
from peps_stac.errors import RequestError
from peps_stac.simulator.products import ProductStyle, product_name
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.layers import keys_of
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog, validate
from peps_stac.workflow import AssetChoice, AssetMode, OutcomeState, add

ZIP = AssetChoice(mode=AssetMode.ZIP)
FLAT = replace(ALONE, exclude=("SRE_*",))


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def states(outcomes: list[Any]) -> list[str]:
    return [str(outcome.state) for outcome in outcomes]


# What is refused


def a_zip_of(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return path


def a_text(path: Path) -> Path:
    path.write_text("hello")
    return path


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "MAJA's native format": (
        lambda folder: a_zip_of(folder / "a.zip", "S2A_OPER_SSC_L2VALD_31TFJ____20190314.HDR"),
        "native (Earth Explorer) format",
    ),
    "ESA's L1C": (
        lambda folder: a_zip_of(folder / "a.zip", "S2A_MSIL1C_X.SAFE/MTD_MSIL1C.xml"),
        "an L1C product of ESA",
    ),
    "ESA's L2A": (
        lambda folder: a_zip_of(folder / "a.zip", "S2A_MSIL2A_X.SAFE/MTD_MSIL2A.xml"),
        "Sen2Cor",
    ),
    "a monthly synthesis": (
        lambda folder: write_zip(folder / "a.zip", a_style(level="L3A")),
        "level L3A",
    ),
    "VENUS": (
        lambda folder: write_zip(folder / "a.zip", a_style(platform="VENUS")),
        "satellite VENUS",
    ),
    "Landsat": (
        lambda folder: write_zip(folder / "a.zip", a_style(platform="LANDSAT8")),
        "satellite LANDSAT8",
    ),
    "no metadata": (lambda folder: a_zip_of(folder / "a.zip", "readme.txt"), "no *_MTD_ALL.xml"),
    "two metadata": (
        lambda folder: a_zip_of(folder / "a.zip", "A/A_MTD_ALL.xml", "B/B_MTD_ALL.xml"),
        "2 products in one",
    ),
    "no zip": (lambda folder: a_text(folder / "a.zip"), "not a whole zip"),
    "files outside": (
        lambda folder: write_folder(folder, a_style(prefix="../")),
        "not a path inside the product",
    ),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("assets", [ALONE, RAW, ZIP], ids=["cog", "raw", "zip"])
def test_what_is_no_such_product_is_refused_in_a_line_and_nothing_is_written(
    tmp_path: Path, make: Callable[[Path], Path], reason: str, assets: AssetChoice
) -> None:
    (tmp_path / "mine").mkdir()
    catalog = Catalog(tmp_path / "catalog")
    [outcome] = added(catalog, make(tmp_path / "mine"), assets=assets)

    assert outcome.state is OutcomeState.FAILED
    assert reason in outcome.detail
    assert "\n" not in outcome.detail
    assert not catalog.root.exists()


def test_a_folder_without_products_is_told_and_the_others_are_added(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    outcomes = added(Catalog(tmp_path / "catalog"), tmp_path / "empty", built().path)

    assert states(outcomes) == ["failed", "added"]
    assert outcomes[0].detail.startswith("no MAJA product there")


def test_a_path_that_is_not_there_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")

    with pytest.raises(RequestError, match="nowhere: no such file or folder"):
        added(catalog, built().path, tmp_path / "nowhere")
    assert not catalog.root.exists()


@pytest.mark.parametrize("pattern", ["FRE_*", "b04", "ATB_R1", ""])
def test_a_pattern_that_no_key_matches_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(RequestError, match="matches no asset key of form cog; keys are B02"):
        added(Catalog(tmp_path), built().path, assets=AssetChoice(exclude=(pattern,)))


def test_a_pattern_for_a_layer_that_only_other_products_have_is_fine(tmp_path: Path) -> None:
    choice = replace(ALONE, exclude=("DTF_*", "DFP_R1"))

    assert states(added(Catalog(tmp_path), built().path, assets=choice)) == ["added"]


def test_a_product_with_nothing_of_what_is_included_is_no_item(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    [outcome] = added(catalog, built().path, assets=replace(ALONE, include=("DTF_*",)))

    assert outcome.state is OutcomeState.FAILED
    assert "nothing that DTF_* includes" in outcome.detail
    assert not catalog.root.exists()


def test_no_workers_convert_nothing(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="give 1 or more"):
        added(Catalog(tmp_path), built().path, assets=AssetChoice(workers=0))


# Too cloudy


def test_a_product_given_up_by_maja_is_noted_on_its_scene(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    scene = item_from_product(WHOLE)
    catalog.put(scene)
    [outcome] = added(catalog, built(style=ProductStyle(valid=False)).path)

    noted = catalog.get(scene.id, L1C_COLLECTION)
    assert noted is not None
    order = order_of(noted)
    assert order is not None
    assert outcome.state is OutcomeState.TOO_CLOUDY
    assert (order.status, order.reason) == (JobStatus.FAILED, Reason.TOO_CLOUDY)
    assert validate(catalog).findings == ()


# Many


def test_one_failure_does_not_stop_the_others(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "deep" / "er").mkdir(parents=True)
    os.link(built().path, mine / "deep" / "er" / "a.zip")
    (mine / "deep" / "b.zip").write_bytes(b"PK" + bytes(100))
    unpacked(built(SLIVER).path, mine / "unpacked")
    catalog = Catalog(tmp_path / "catalog")
    outcomes = added(catalog, mine)

    assert states(outcomes) == ["failed", "added", "added"]
    assert len(list(catalog.ids(L2A_COLLECTION))) == 2
    assert validate(catalog).findings == ()


def test_a_product_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    archive = built().path

    assert states(added(Catalog(tmp_path), archive, archive.parent, archive)) == ["added"]


def test_an_archive_beside_its_unpacked_folder_is_one_item(tmp_path: Path) -> None:
    os.link(built().path, tmp_path / "a.zip")
    unpacked(built().path, tmp_path / "unpacked")

    assert states(added(Catalog(tmp_path / "catalog"), tmp_path)) == ["added", "kept"]


@pytest.mark.parametrize("assets", [ALONE, RAW, ZIP], ids=["cog", "raw", "zip"])
def test_a_second_run_adds_nothing_and_changes_no_byte(tmp_path: Path, assets: AssetChoice) -> None:
    catalog = Catalog(tmp_path)
    paths = [built().path, built(SLIVER).path]
    added(catalog, *paths, assets=assets)
    before = tree(tmp_path)

    assert states(added(catalog, *paths, assets=assets)) == ["kept", "kept"]
    assert tree(tmp_path) == before


def test_the_catalog_does_not_find_its_own_files(tmp_path: Path) -> None:
    """As with `add .` where the catalog is below."""
    os.link(built().path, tmp_path / "a.zip")
    catalog = Catalog(tmp_path / "catalog")
    added(catalog, tmp_path, assets=RAW)

    assert states(added(catalog, tmp_path, assets=RAW)) == ["kept"]
    [refused] = added(catalog, catalog.item_dir(the_item(catalog)), assets=RAW)
    assert "the catalog's own folder" in refused.detail


# Forms


def test_a_folder_in_place_is_referred_to_by_absolute_paths(tmp_path: Path) -> None:
    folder = unpacked(built().path, tmp_path / "mine")
    catalog = Catalog(tmp_path / "catalog")
    added(catalog, folder, assets=RAW)
    item = the_item(catalog)

    hrefs = [asset.href for asset in item.assets.values()]
    assert all(Path(href).is_absolute() and Path(href).is_file() for href in hrefs)
    assert item.properties["maja:assets"] == "raw"
    assert list(catalog.item_dir(item).iterdir()) == [catalog.item_path(item)]
    assert validate(catalog).findings == ()


def test_links_in_a_folder_lead_to_files_that_lie_outside(tmp_path: Path) -> None:
    """Large files are often kept on another disk."""
    folder = unpacked(built().path, tmp_path / "mine")
    [band] = folder.rglob("*_FRE_B4.tif")
    (tmp_path / "other").mkdir()
    band.rename(tmp_path / "other" / "b4.tif")
    band.symlink_to(tmp_path / "other" / "b4.tif")
    catalog = Catalog(tmp_path / "catalog")

    assert states(added(catalog, folder, assets=RAW)) == ["added"]
    with rasterio.open(files_of(the_item(catalog))["B04"]) as dataset:
        np.testing.assert_array_equal(dataset.read(1), built().pixels("FRE_B4"))


def test_raw_is_every_file_as_delivered(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    added(catalog, built().path, assets=RAW)
    folder = catalog.item_dir(the_item(catalog))

    product = built()
    for name in product.names():
        assert (folder / name.partition("/")[2]).read_bytes() == product.member(
            name.rpartition("/")[2]
        )
    assert the_item(catalog).assets["ATB_R1"].media_type == "image/tiff; application=geotiff"


def test_of_a_zip_only_what_is_small_is_taken_out(tmp_path: Path) -> None:
    """Readers open rasters in it by an absolute path only."""
    catalog, product = Catalog(tmp_path), built()
    added(catalog, product.path, assets=ZIP)
    item = the_item(catalog)
    href = item.assets["B8A"].href

    assert href.startswith(f"/vsizip/{product.path.resolve()}/")
    with rasterio.open(href) as dataset:
        np.testing.assert_array_equal(dataset.read(1), product.pixels("FRE_B8A"))
    for key in ("metadata", "quicklook", "processing-information"):
        assert item.assets[key].href.startswith("./")
        assert files_of(item)[key].is_file()
    assert not list(tmp_path.rglob("*.tif"))
    assert product.path.is_file()
    assert validate(catalog).findings == ()


def test_an_archive_of_another_name_is_found_by_readers_too(tmp_path: Path) -> None:
    """GDAL tells archives by `.zip`, or by braces."""
    archive = tmp_path / "product.maja"
    os.link(built().path, archive)
    catalog = Catalog(tmp_path / "catalog")
    added(catalog, archive, assets=ZIP)

    with rasterio.open(the_item(catalog).assets["B02"].href) as dataset:
        assert dataset.shape == (122, 122)


def test_a_folder_has_no_archive_to_keep_so_it_is_referred_to(tmp_path: Path) -> None:
    folder = unpacked(built().path, tmp_path / "mine")
    catalog = Catalog(tmp_path / "catalog")
    added(catalog, folder, assets=ZIP)

    assert the_item(catalog).properties["maja:assets"] == "raw"
    assert states(added(catalog, folder, assets=ZIP)) == ["kept"]


@pytest.mark.parametrize(("first", "second"), [(RAW, "cog"), (ALONE, "zip"), (ZIP, "raw")])
def test_another_form_is_made_only_when_it_is_asked_for(
    tmp_path: Path, first: AssetChoice, second: str
) -> None:
    catalog = Catalog(tmp_path)
    added(catalog, built().path, assets=first)

    assert states(added(catalog, built().path)) == ["kept"]
    asked = AssetChoice(mode=AssetMode(second), workers=1)
    [outcome] = added(catalog, built().path, assets=asked)
    assert outcome.state is OutcomeState.COMPLETED
    assert outcome.detail.endswith(f"is {second}")
    assert the_item(catalog).properties["maja:assets"] == second
    assert validate(catalog).findings == ()
    there = set(catalog.item_dir(the_item(catalog)).rglob("*.tif"))
    assert there == {path for path in files_of(the_item(catalog)).values() if path in there}


# Choice


def names_of(item: pystac.Item) -> set[str]:
    return set(item.assets)


@pytest.mark.parametrize("mode", AssetMode)
def test_what_is_left_out_is_told_and_added_by_a_wider_choice(
    tmp_path: Path, mode: AssetMode
) -> None:
    catalog, path = Catalog(tmp_path / "catalog"), built().path
    narrow = AssetChoice(mode=mode, include=("B0*", "CLM_R2"), exclude=("B08",), workers=1)
    added(catalog, path, assets=narrow)
    item = the_item(catalog)
    assert names_of(item) == {
        *("B02", "B03", "B04", "B05", "B06", "B07", "CLM_R2", "metadata"),
    }
    left_out = item.properties["maja:left_out"]
    assert {"B08", "SRE_B02", "EDG_R1", "quicklook"} <= set(left_out)
    written = {
        key: path.stat().st_mtime_ns for key, path in files_of(item).items() if path.exists()
    }

    wide = AssetChoice(mode=mode, exclude=("SRE_B0*",), workers=1)
    [outcome] = added(catalog, path, assets=wide)
    item = the_item(catalog)
    assert outcome.state is OutcomeState.COMPLETED
    assert item.properties["maja:left_out"] == [
        f"SRE_{band}" for band in ("B02", "B03", "B04", "B05", "B06", "B07", "B08")
    ]
    again = {key: path.stat().st_mtime_ns for key, path in files_of(item).items() if path.exists()}
    assert written.items() <= again.items(), "what was there is not made twice"

    added(catalog, path, assets=replace(wide, exclude=()))
    whole = Catalog(tmp_path / "whole")
    added(whole, path, assets=AssetChoice(mode=mode, workers=1))
    assert contents(the_item(catalog)) == contents(the_item(whole))
    assert states(added(catalog, path, assets=narrow)) == ["kept"]
    assert validate(catalog).findings == ()


def contents(item: pystac.Item) -> dict[str, Any]:
    document = item.to_dict(include_self_link=False, transform_hrefs=False)
    document["properties"].pop("updated", None)
    files = {k: p.read_bytes() if p.exists() else None for k, p in files_of(item).items()}
    return {**document, "files": files, "stac_extensions": sorted(document["stac_extensions"])}


def test_previews_need_no_band_to_be_kept(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    added(catalog, built().path, assets=replace(ALONE, include=("thumbnail",)))
    item = the_item(catalog)

    assert names_of(item) == {"thumbnail", "metadata"}
    assert {path.suffix for path in catalog.item_dir(item).iterdir()} == {".jpg", ".xml", ".json"}
    added(catalog, built().path, assets=replace(ALONE, include=("visual",)))
    assert names_of(the_item(catalog)) == {"thumbnail", "visual", "metadata"}


def test_an_unpacked_archive_has_no_file_that_is_left_out(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    added(catalog, built().path, assets=replace(RAW, exclude=("SRE_*", "*_R1")))
    names = {path.name for path in catalog.item_dir(the_item(catalog)).rglob("*")}

    assert not any("_SRE_" in name or name.endswith("_R1.tif") for name in names)
    assert "HDR.xml" in names, "what is no asset comes along"


# Versions


def version(number: str, **style: Any) -> Path:  # noqa: ANN401 -- of ProductStyle
    return built(style=ProductStyle(version=number, **style)).path


@pytest.mark.parametrize(
    "order", [("1.0", "2.2", "4.0"), ("4.0", "1.0", "2.2"), ("2.2", "4.0", "1.0")]
)
def test_versions_of_a_scene_lead_to_each_other_in_whatever_order_they_come(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    catalog = Catalog(tmp_path)
    catalog.put(item_from_product(WHOLE))
    for number in order:
        added(catalog, version(number), assets=replace(RAW, include=("B02",)))
    added(catalog, built(SLIVER).path, assets=replace(RAW, include=("B02",)))

    names = {n: product_name(WHOLE, ProductStyle(version=n)) for n in order}
    found = {
        item.id: {str(link.rel): link for link in item.links if "version" in str(link.rel)}
        for item in catalog.items(L2A_COLLECTION)
    }
    titles = {
        number: {relation: link.title for relation, link in found[name].items()}
        for number, name in names.items()
    }
    assert titles == {
        "1.0": {"successor-version": names["2.2"], "latest-version": names["4.0"]},
        "2.2": {
            "predecessor-version": names["1.0"],
            "successor-version": names["4.0"],
            "latest-version": names["4.0"],
        },
        "4.0": {"predecessor-version": names["2.2"]},
    }
    assert found[product_name(SLIVER)] == {}
    assert validate(catalog).findings == ()


def test_version_links_lost_by_a_crash_are_mended_by_the_next_run(tmp_path: Path) -> None:
    catalog, few = Catalog(tmp_path), replace(RAW, include=("B02",))
    added(catalog, version("1.0"), version("4.0"), assets=few)
    before = tree(tmp_path)
    for item in catalog.items(L2A_COLLECTION):
        item.links = [link for link in item.links if "version" not in str(link.rel)]
        catalog.put(item)

    added(catalog, version("4.0"), assets=few)
    assert tree(tmp_path) == before


# Crashes and crowds

SCRIPT = """
import sys
from pathlib import Path
from peps_stac import AssetChoice, Catalog, add
print("ready", flush=True)
for outcome in add(Catalog(sys.argv[1]), [Path(sys.argv[2])], assets=AssetChoice(workers=2)):
    print(outcome.state, flush=True)
"""
"""Without the usual guard: nothing of the caller's script runs twice."""


def started(catalog: Catalog, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(  # noqa: S603 -- our own words
        [sys.executable, "-c", SCRIPT, str(catalog.root), str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen[str]) -> list[str]:
    lines, _ = process.communicate(timeout=60)
    return lines.split()


def test_a_run_that_was_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    """SIGKILL at several moments of a conversion: the catalog is valid, nothing half is seen."""
    catalog, path = Catalog(tmp_path / "catalog"), built(size=732).path
    for pause in (0.5, 0.9, 1.1, 1.3, 1.6):
        process = started(catalog, path)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        ended(process)
        if catalog.root.exists() and (catalog.root / "catalog.json").exists():
            assert validate(catalog).findings == ()

    assert set(ended(started(catalog, path))) <= {"added", "kept"}
    assert keys_of_whole() == names_of(the_item(catalog))
    assert validate(catalog).findings == ()
    with catalog.lock():
        assert not list((catalog.root / ".staging").glob("*"))


def keys_of_whole() -> set[str]:
    with open_product(built(size=732).path) as source:
        return set(keys_of(read_product(source), AssetMode.COG))


def test_two_runs_at_once_end_with_one_item(tmp_path: Path) -> None:
    catalog, path = Catalog(tmp_path / "catalog"), built(size=732).path
    both = [started(catalog, path), started(catalog, path)]
    lines = sorted(line for process in both for line in ended(process))

    assert lines == ["added", "kept"]
    assert names_of(the_item(catalog)) == keys_of_whole()
    assert all(path.is_file() for path in files_of(the_item(catalog)).values())
    assert validate(catalog).findings == ()


def test_a_caller_who_goes_away_leaves_no_process(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    outcomes = add(catalog, [built().path, built(SLIVER).path], assets=AssetChoice(workers=2))
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined] # a generator, as those who loop know

    assert len(list(catalog.ids(L2A_COLLECTION))) == 1
    assert validate(catalog).findings == ()
