"""A catalog on object storage, with a real S3 server on loopback."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import odc.stac
import pystac
import pytest
import rasterio

from builders_archives import RAW, SLIVER, WHOLE, added, built
from builders_cli import run
from builders_s3 import a_bucket, an_s3_server
from builders_store import PRODUCTS, an_item, skeleton, some_items
from peps_stac import load, select
from peps_stac.errors import CatalogError, RequestError
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog, objects, validate
from peps_stac.store.object_tree import ObjectTree
from peps_stac.store.object_writer import ObjectWriter
from peps_stac.store.records import record_of
from peps_stac.workflow import AssetChoice, OutcomeState, add

FEW = AssetChoice(include=("B0[234]", "CLM_*", "EDG_*", "SAT_*", "visual", "thumbnail"), workers=1)


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[str]:
    with an_s3_server() as address:
        yield address


@pytest.fixture
def root() -> str:
    return f"s3://{a_bucket()}/deep/catalog"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Two products in a folder."""
    catalog = Catalog(tmp_path_factory.mktemp("folder"))
    added(catalog, built(WHOLE).path, built(SLIVER).path, assets=FEW)
    return catalog


@pytest.fixture(scope="module")
def remote(folder: Catalog) -> Catalog:
    """The same, as any tool would copy it."""
    address = f"s3://{a_bucket()}/copy"
    copy(folder.root, address)
    return Catalog(address)


def copy(source: Path, address: str) -> None:
    for path in source.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            objects.upload(path, f"{address}/{path.relative_to(source).as_posix()}")


def contents(address: str) -> dict[str, bytes]:
    files = fsspec.filesystem("s3", use_listings_cache=False)
    own = address.removeprefix("s3://")
    return {name.removeprefix(f"{own}/"): files.cat_file(name) for name in files.find(address)}


def tree(source: Path) -> dict[str, bytes]:
    return {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


# Reading


def test_reading_finds_what_a_folder_has(folder: Catalog, remote: Catalog) -> None:
    assert remote.collections() == folder.collections() == [L2A_COLLECTION]
    assert list(remote.ids()) == list(folder.ids())
    for (place, document), (same, there) in zip(
        folder.documents(), remote.documents(), strict=True
    ):
        assert (place, document) == (same, there)
        assert remote.document(place.item_id) == document
    assert remote.get("nobody") is None
    assert list(remote.ids(L2A_COLLECTION, tile="31TCJ", year=1999)) == []


def test_hrefs_of_items_open_in_other_tools(folder: Catalog, remote: Catalog) -> None:
    [item, *_] = remote.items(L2A_COLLECTION)
    here = folder.get(item.id)
    assert here is not None
    href = item.assets["B04"].get_absolute_href()
    assert href == remote.item_href(item).replace(f"{item.id}.json", "B04.tif")

    with (
        rasterio.open(href) as there,
        rasterio.open(here.assets["B04"].get_absolute_href()) as local,
    ):
        assert there.name.startswith("s3://")
        assert np.array_equal(there.read(), local.read())


def test_odc_stac_loads_the_same_pixels(folder: Catalog, remote: Catalog) -> None:
    here, there = (
        odc.stac.load(list(one.items(L2A_COLLECTION)), bands=["red"], chunks={})
        for one in (folder, remote)
    )

    assert here.red.identical(there.red) or np.array_equal(here.red.values, there.red.values)


def test_select_and_load_take_an_address(folder: Catalog, remote: Catalog) -> None:
    wanted: dict[str, Any] = {"datetime": "2017-11-01/2017-11-30", "tiles": "31TCJ"}
    chosen = select(remote.href, **wanted)
    assert [item.id for item in chosen] == [item.id for item in select(folder, **wanted)]

    here, there = (
        load(one, bands=["red"], masks="clear", chunks=None) for one in (folder, remote.href)
    )
    assert np.array_equal(here.red.values, there.red.values, equal_nan=True)


def test_a_raster_of_several_bands_is_read_through_gdals_own_spelling(
    tmp_path: Path, root: str
) -> None:
    """MAJA's own files, copied there: WVC is a band of ATB, and none tells its nodata."""
    catalog = Catalog(tmp_path)
    added(catalog, built().path, assets=RAW)
    copy(tmp_path, root)

    here, there = (load(one, bands=["WVC_R1", "B02"], chunks=None) for one in (catalog, root))

    for name in here.data_vars:
        assert np.array_equal(here[name].values, there[name].values, equal_nan=True)


def test_pystac_reads_what_we_wrote(root: str) -> None:
    """Through any I/O that it is given, as links are relative."""

    class S3(pystac.stac_io.DefaultStacIO):
        def read_text(self, source: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 -- of pystac
            content = objects.read(str(source))
            assert content is not None
            return content.decode()

    added(Catalog(root), built().path, assets=FEW)
    catalog = pystac.Catalog.from_file(f"{root}/catalog.json", stac_io=S3())

    assert [item.id for item in catalog.get_items(recursive=True)] == [built().path.stem]


# Adding


def test_add_makes_the_same_objects_as_files(folder: Catalog, root: str) -> None:
    outcomes = added(Catalog(root), built(WHOLE).path, built(SLIVER).path, assets=FEW)

    assert [str(one.state) for one in outcomes] == ["added", "added"]
    assert contents(root) == tree(folder.root)
    assert validate(Catalog(root), deep=True).is_valid


def test_products_side_by_side_are_the_same(folder: Catalog, root: str) -> None:
    side = AssetChoice(include=FEW.include, workers=2)
    outcomes = added(Catalog(root), built(WHOLE).path, built(SLIVER).path, assets=side)

    assert {str(one.state) for one in outcomes} == {"added"}
    assert contents(root) == tree(folder.root)


def test_a_second_run_keeps_and_a_wider_one_completes(root: str) -> None:
    catalog = Catalog(root)
    narrow = AssetChoice(include=("B02",), workers=1)
    first = added(catalog, built().path, assets=narrow)
    again = added(catalog, built().path, assets=narrow)
    wider = added(catalog, built().path, assets=FEW)

    assert [one.state for one in (*first, *again, *wider)] == [
        OutcomeState.ADDED,
        OutcomeState.KEPT,
        OutcomeState.COMPLETED,
    ]
    assert validate(catalog, deep=True).is_valid


def test_an_item_comes_after_its_files_and_its_links_last(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    write, upload = objects.write, objects.upload

    def noting_write(address: str, content: bytes, **how: Any) -> None:  # noqa: ANN401 -- as it is
        order.append(address)
        write(address, content, **how)

    def noting_upload(path: Path, address: str) -> None:
        upload(path, address)
        order.append(address)

    monkeypatch.setattr(objects, "write", noting_write)
    monkeypatch.setattr(objects, "upload", noting_upload)
    added(Catalog(root), built().path, assets=FEW)

    names = [name.removeprefix(f"{root}/") for name in order if "/.journal/" not in name]
    tail = [name.rpartition("/")[2] for name in names[-5:]]
    assert tail == [
        f"{built().path.stem}.json",
        "catalog.json",
        "catalog.json",
        "collection.json",
        "catalog.json",
    ]
    assert [name.count("/") for name in names[-5:]] == [4, 3, 2, 1, 0]
    assert all("/" in name for name in names[1:-1])


@pytest.mark.parametrize("after", range(10))
def test_a_writer_that_dies_leaves_nothing_half_and_the_next_goes_on(
    root: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request to S3 that changes something is once the last."""
    catalog = Catalog(root, skeleton=skeleton)
    catalog.put(an_item("S2A_31TCJ_20171101", collection_id=PRODUCTS))
    left = after

    def dying(change: Callable[..., None]) -> Callable[..., None]:
        def changed(*what: Any, **how: Any) -> None:  # noqa: ANN401 -- as it is
            nonlocal left
            if not left:
                raise KeyboardInterrupt
            left -= 1
            change(*what, **how)

        return changed

    second = an_item("S2A_31TCJ_20171102", collection_id=PRODUCTS)
    with monkeypatch.context() as patch, catalog.staging() as staging:
        for name in ("B02.tif", "B03.tif"):
            (staging / name).write_bytes(b"pixels")
        for name in ("write", "upload", "remove"):
            patch.setattr(objects, name, dying(getattr(objects, name)))
        with suppress(KeyboardInterrupt):
            catalog.put_with_files(second, staging)

    reader = Catalog(root, skeleton=skeleton)
    for _, document in reader.documents():
        assert document["id"] in ("S2A_31TCJ_20171101", "S2A_31TCJ_20171102")
    told: list[str] = []
    Catalog(root, skeleton=skeleton, tell=told.append).put(
        an_item("S2A_31TCJ_20171103", collection_id=PRODUCTS)
    )
    assert validate(reader).findings == ()
    assert not [name for name in contents(root) if name.startswith(".journal")]


def test_two_writers_at_once_lose_nothing(root: str) -> None:
    """No lock keeps them apart: each notices that a catalog changed under it, and looks again."""
    failures: list[BaseException] = []

    def put(first: int) -> None:
        writer = ObjectWriter(root, skeleton)  # with the lock of neither thread nor process
        try:
            for day in range(first, 11, 2):
                item = an_item(f"S2A_31TCJ_201711{day:02}", collection_id=PRODUCTS)
                writer.put([record_of(item, root)])
        except BaseException as error:  # noqa: BLE001 -- told by the test
            failures.append(error)

    Catalog(root, skeleton=skeleton).put(an_item("S2A_31TCJ_20171030", collection_id=PRODUCTS))
    threads = [threading.Thread(target=put, args=[first]) for first in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    catalog = Catalog(root, skeleton=skeleton)
    assert len(list(catalog.ids())) == 11
    assert validate(catalog).is_valid


def test_a_catalog_is_replaced_only_as_it_was_read(root: str) -> None:
    Catalog(root, skeleton=skeleton).put(an_item(collection_id=PRODUCTS))
    tree = ObjectTree(root, skeleton)
    assert tree.own_collections() == {PRODUCTS}
    Catalog(root, skeleton=skeleton).put(an_item("S2A_31TCJ_20171103", collection_id=PRODUCTS))

    address = f"{root}/{PRODUCTS}/collection.json"
    version = objects.version_of(address)
    objects.write(address, b"{}", instead_of=version)
    with pytest.raises(objects.ChangedError, match="one write at a time"):
        objects.write(address, b"{ }", instead_of=version)
    with pytest.raises(objects.ChangedError):
        objects.write(address, b"{ }", instead_of=None)


def test_removing_takes_files_and_links(root: str) -> None:
    catalog = Catalog(root, skeleton=skeleton)
    catalog.put_all(some_items(3))
    [first, *_] = list(catalog.ids())
    [collection] = catalog.collections()

    assert catalog.remove(first, collection)
    assert not catalog.remove(first, collection)
    assert first not in list(catalog.ids())
    assert not [name for name in contents(root) if first in name]
    assert validate(catalog).is_valid


# What is refused


def test_what_must_be_on_disk_before_a_request_leaves_is_refused(root: str) -> None:
    """Orders: no lock keeps another machine from ordering the same."""
    catalog = Catalog(root, skeleton=skeleton)
    with pytest.raises(RequestError, match="orders need a catalog in a folder"):
        catalog.put(an_item(), durable=True)
    with pytest.raises(RequestError, match="orders need a catalog in a folder"):
        catalog.put_together([an_item()])
    assert list(catalog.ids()) == []


def test_orders_and_locks_need_a_folder(root: str, tmp_path: Path) -> None:
    catalog = Catalog(root)
    with pytest.raises(RequestError, match="needs a catalog in a folder"):
        _ = catalog.root
    for words in (["status"], ["report", "-t", "31TCJ"], ["download"]):
        done = run("--catalog", root, *words, home=tmp_path)
        assert done.exit_code == 2, words
        assert f"--catalog {root}: this command needs a folder" in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("mode", ["raw", "zip"])
def test_only_cogs_go_there(root: str, tmp_path: Path, mode: str) -> None:
    done = run("--catalog", root, "add", "--assets", mode, str(built().path), home=tmp_path)

    assert done.exit_code == 2
    assert "object storage takes COGs only" in done.stderr


def test_a_cluster_is_for_folders(root: str) -> None:
    with pytest.raises(RequestError, match="file system that all share"):
        list(add(Catalog(root), [built().path], scheduler="tcp://127.0.0.1:9"))


@pytest.mark.parametrize("address", ["gs://bucket/x", "s3://", "https://example.com/catalog"])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(RequestError, match="give a folder or s3://bucket/prefix"):
        Catalog(address)


def test_a_bucket_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="check the bucket") as caught:
        list(Catalog("s3://no-such-bucket/x").items())
    assert "\n" not in str(caught.value)

    done = run("--catalog", "s3://no-such-bucket/x", "add", str(built().path), home=tmp_path)
    assert done.exit_code == 1
    assert "no-such-bucket" in done.stdout + done.stderr


def test_a_prefix_of_others_is_left_alone(root: str) -> None:
    objects.write(f"{root}/notes.txt", b"mine", instead_of=objects.ANY)

    [outcome] = added(Catalog(root), built().path, assets=FEW)

    assert outcome.state is OutcomeState.FAILED
    assert "not a catalog of peps-stac" in outcome.detail
    assert contents(root) == {"notes.txt": b"mine"}


# The command


def test_the_command_adds_lists_and_validates(root: str, tmp_path: Path) -> None:
    words = ("add", "--workers", "1", "--include", "B0[234]", str(built().path))
    made = run("--catalog", root, *words, home=tmp_path)
    found = run("--catalog", root, "items", "--json", "-t", "31TCJ", home=tmp_path)
    table = run("--catalog", root, "items", home=tmp_path)
    valid = run("--catalog", root, "validate", "--offline", "--deep", "--json", home=tmp_path)

    assert made.exit_code == 0, made.stderr
    [feature] = json.loads(found.stdout)["features"]
    href = feature["assets"]["B04"]["href"]
    assert href.startswith(f"{root}/{L2A_COLLECTION}/31TCJ/2017/")
    with rasterio.open(href) as dataset:
        assert dataset.count == 1
    assert built().path.stem in table.stdout
    assert json.loads(valid.stdout)["findings"] == []


def test_a_variable_that_is_put_right_counts_at_once(
    remote: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a notebook, where nobody starts again for a mistyped address."""
    with monkeypatch.context() as mistyped:
        mistyped.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        mistyped.setenv("AWS_MAX_ATTEMPTS", "1")
        with pytest.raises(CatalogError, match="check AWS_ENDPOINT_URL"):
            list(remote.ids())

    assert len(list(remote.ids())) == 2


def test_a_lost_file_is_found_by_validate(root: str, tmp_path: Path) -> None:
    added(Catalog(root), built().path, assets=AssetChoice(include=("B0[23]",), workers=1))
    [lost] = [name for name in contents(root) if name.endswith("B03.tif")]
    objects.remove([f"{root}/{lost}"])

    done = run("--catalog", root, "validate", "--offline", home=tmp_path)

    assert done.exit_code == 1
    assert "asset B03: ./B03.tif does not exist" in done.stdout


def test_without_s3fs_the_line_says_what_to_install(tmp_path: Path) -> None:
    hidden = tmp_path / "s3fs.py"
    hidden.write_text("raise ModuleNotFoundError('no', name='s3fs')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from peps_stac.cli import main; main()"
    )
    words = ("--catalog", "s3://bucket/x", "items")
    done = subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "pip install 'peps-stac[s3]'" in done.stderr
    shutil.rmtree(tmp_path)
