"""The index follows the Items: which years are written again, and what is never believed."""

import json
import os
import shutil
from pathlib import Path

import duckdb
import geopandas
import orjson
import pyarrow.parquet as pq
import pytest
import rustac
import stac_geoparquet.arrow

from builders_index import an_indexed_catalog, found_by, parquet_files, rewrite
from builders_store import (
    NOON,
    PRODUCTS,
    SCENES,
    a_catalog,
    a_product,
    add_product,
    an_item,
    rewritten,
    some_items,
)
from peps_stac.errors import CatalogError
from peps_stac.loading.selection import as_criteria, as_query
from peps_stac.store import Catalog, index, validate
from peps_stac.store.index import reindex
from peps_stac.store.index_manifest import Manifest, stale_items
from peps_stac.store.journal import Entry, Journal
from peps_stac.store.layout import INDEX, JOURNAL, Part
from peps_stac.store.records import record_of
from peps_stac.store.search_criteria import Criteria
from peps_stac.store.search_filter import Filter

EVERYTHING = as_criteria(as_query())


def cloudier(than: float) -> Criteria:
    return as_criteria(as_query(), filter=Filter.parse(f"eo:cloud_cover > {than}"))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return an_indexed_catalog(tmp_path / "catalog")


def ids(catalog: Catalog) -> set[str]:
    return set(catalog.ids(SCENES))


class TestIncrementally:
    """Only what changed is written again."""

    def test_adding_an_item_rewrites_its_year_alone(self, catalog: Catalog) -> None:
        before = parquet_files(catalog)
        catalog.put(an_item("S2A_31TCJ_new"))

        done = reindex(catalog)

        assert rewritten(before, parquet_files(catalog)) == [f"{SCENES}/31TCJ/2017"]
        assert done.written == [f"{SCENES}/31TCJ/2017"]
        assert done.items == len(ids(catalog))
        assert "S2A_31TCJ_new" in found_by(catalog, EVERYTHING, use_index=True)

    def test_without_a_change_nothing_is_written(self, catalog: Catalog) -> None:
        before = {path: path.stat().st_mtime_ns for path in catalog.root.rglob("*")}

        done = reindex(catalog)

        assert (done.written, done.faults) == ([], [])
        assert {path: path.stat().st_mtime_ns for path in catalog.root.rglob("*")} == before

    def test_putting_an_item_as_it_is_leaves_the_index_up_to_date(self, catalog: Catalog) -> None:
        catalog.put(an_item("S2A_30TYP_00000", tile="30TYP"))
        reindex(catalog)

        catalog.put(an_item("S2A_30TYP_00000", tile="30TYP"))

        assert stale_items(str(catalog.root)) == 0

    def test_a_change_in_place_is_seen(self, catalog: Catalog) -> None:
        """An order that moves on rewrites no catalog above, only the Item."""
        item = catalog.get("S2A_31TCJ_00003", SCENES)
        assert item is not None
        item.properties["order:status"] = "failed"
        catalog.put(item)

        assert stale_items(str(catalog.root)) > 0
        failed = as_criteria(as_query(), statuses=["failed"])
        assert found_by(catalog, failed, use_index=True) == [item.id]
        assert reindex(catalog).written == [f"{SCENES}/31TCJ/2018"]
        assert found_by(catalog, failed, use_index=True) == [item.id]

    def test_removing_the_last_item_of_a_year_leaves_nothing(self, tmp_path: Path) -> None:
        catalog = a_catalog(tmp_path / "catalog", an_item("one"), an_item("two", tile="30TYP"))
        reindex(catalog)
        catalog.remove("one", SCENES)

        assert not (catalog.root / SCENES / "31TCJ").exists()
        assert found_by(catalog, EVERYTHING, use_index=True) == ["two"]
        assert reindex(catalog).items == 1
        manifest = Manifest.load(str(catalog.root), SCENES)
        assert manifest is not None
        assert list(manifest.entries) == ["30TYP/2017"]
        assert validate(catalog).findings == ()

    def test_an_item_that_moves_to_another_year_moves_in_the_index(self, catalog: Catalog) -> None:
        item = catalog.get("S2A_31TCJ_00003", SCENES)
        assert item is not None
        item.datetime = NOON.replace(year=2021)
        catalog.put(item)

        found = found_by(catalog, EVERYTHING, use_index=True)
        reindex(catalog)

        assert found == found_by(catalog, EVERYTHING, use_index=True)
        assert found.count(item.id) == 1

    def test_old_data_files_do_not_pile_up(self, catalog: Catalog) -> None:
        for number in range(3):
            catalog.put(an_item(f"new_{number}"))
            reindex(catalog)

        assert len(list((catalog.root / INDEX).iterdir())) == 2

    def test_what_is_set_right_after_a_kill_is_seen(self, catalog: Catalog) -> None:
        """A writer that was killed before its first Item; the next one writes it in place."""
        item = catalog.get("S2A_31TCJ_00003", SCENES)
        assert item is not None
        item.properties["order:status"] = "failed"
        record = record_of(item, str(catalog.root))
        Journal(str(catalog.root / JOURNAL)).begin([Entry(record.place, content=record.content)])

        catalog.mend()

        assert stale_items(str(catalog.root)) > 0
        failed = as_criteria(as_query(), statuses=["failed"])
        assert found_by(catalog, failed, use_index=True) == [item.id]


class TestStaleness:
    """Whatever happens behind the index's back, a search finds what is there."""

    def test_a_file_changed_in_place_by_another_program_is_seen(self, catalog: Catalog) -> None:
        place = next(place for place, _ in catalog.documents(SCENES, tile="31TCJ"))
        rewrite(catalog, place, **{"eo:cloud_cover": 99.5})

        assert found_by(catalog, cloudier(99.2), use_index=True) == [place.item_id]
        assert reindex(catalog).written == [place.part.folder]

    def test_an_item_folder_deleted_by_hand_is_not_found(self, catalog: Catalog) -> None:
        place = next(place for place, _ in catalog.documents(SCENES))
        shutil.rmtree(catalog.root / place.folder)

        assert place.item_id not in found_by(catalog, EVERYTHING, use_index=True)

    def test_a_tile_deleted_by_hand_is_not_found(self, catalog: Catalog) -> None:
        shutil.rmtree(catalog.root / SCENES / "30TYP")

        assert set(found_by(catalog, EVERYTHING, use_index=True)) == ids(catalog)
        assert reindex(catalog).items == len(ids(catalog))

    @pytest.mark.parametrize("content", [b"", b"PAR1 not Parquet PAR1", None])
    def test_a_damaged_search_index_is_no_index(
        self, catalog: Catalog, content: bytes | None
    ) -> None:
        [data] = (catalog.root / INDEX).glob("*.parquet")
        if content is None:
            data.unlink()
        else:
            data.write_bytes(content)

        assert set(found_by(catalog, EVERYTHING, use_index=True)) == ids(catalog)
        reindex(catalog)
        assert set(found_by(catalog, EVERYTHING, use_index=True)) == ids(catalog)
        assert len(list((catalog.root / INDEX).glob("*.parquet"))) == 1

    @pytest.mark.parametrize(
        "content", [b"", b"[]", b"{}", b'{"version": 99}', b'{"version": 1, "entries": 3}']
    )
    def test_a_damaged_manifest_is_no_index(self, catalog: Catalog, content: bytes) -> None:
        (catalog.root / INDEX / f"{SCENES}.json").write_bytes(content)

        assert set(found_by(catalog, EVERYTHING, use_index=True)) == ids(catalog)
        assert reindex(catalog).items == len(ids(catalog))

    @pytest.mark.parametrize("content", [b"", b"PAR1", b"garbage", None])
    def test_a_damaged_or_missing_parquet_is_written_again(
        self, catalog: Catalog, content: bytes | None
    ) -> None:
        path = catalog.root / SCENES / "31TCJ/2017/items.parquet"
        if content is None:
            path.unlink()
        else:
            with path.open("r+b") as file:
                file.truncate()
                file.write(content)

        assert reindex(catalog).written == [f"{SCENES}/31TCJ/2017"]
        assert pq.read_table(path).num_rows > 0

    def test_a_moved_catalog_keeps_its_index(self, catalog: Catalog, tmp_path: Path) -> None:
        moved = Catalog(catalog.root.rename(tmp_path / "elsewhere"))

        assert stale_items(str(moved.root)) == 0
        assert reindex(moved).written == []

    def test_a_copied_catalog_writes_no_parquet_again(
        self, catalog: Catalog, tmp_path: Path
    ) -> None:
        """Its files have new times, but the Items are the same."""
        shutil.copytree(catalog.root, tmp_path / "copy", copy_function=shutil.copyfile)
        copy = Catalog(tmp_path / "copy")
        before = parquet_files(copy)

        assert set(found_by(copy, EVERYTHING, use_index=True)) == ids(catalog)
        assert reindex(copy).written == []
        assert parquet_files(copy) == before
        assert stale_items(str(copy.root)) == 0

    def test_a_year_whose_item_cannot_be_read_is_told_and_left_out(self, catalog: Catalog) -> None:
        place = next(place for place, _ in catalog.documents(SCENES, tile="30TYP"))
        (catalog.root / place.path).write_text("no JSON")

        done = reindex(catalog)

        assert len(done.faults) == 1
        assert place.path in done.faults[0]
        with pytest.raises(CatalogError, match=place.item_id):
            found_by(catalog, EVERYTHING, use_index=True)

    def test_a_catalog_that_cannot_be_written_is_still_searched(
        self, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Root may write anywhere, so the refusal is the system's call replaced by an error."""
        catalog.put(an_item("new"))

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied", "items.parquet")

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(CatalogError, match="Permission denied"):
            reindex(catalog)
        assert set(found_by(catalog, EVERYTHING, use_index=True)) == ids(catalog)

    def test_another_users_folder_is_marked_by_its_own_time_later(
        self, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only its owner may set the time of a folder; the writers' `touch` is allowed."""
        catalog.put(an_item("new"))
        part = catalog.root / SCENES / "31TCJ/2017"
        utime = os.utime

        def refuse_times(path: str, *, ns: tuple[int, int] | None = None) -> None:
            if ns is not None:
                raise PermissionError(1, "Operation not permitted", path)
            utime(path)

        with monkeypatch.context() as patch:
            patch.setattr(os, "utime", refuse_times)
            reindex(catalog)
            assert stale_items(str(catalog.root)) > 0
            assert "new" in found_by(catalog, EVERYTHING, use_index=True)
            utime(part, (1e9, 1e9))
            reindex(catalog)
        assert stale_items(str(catalog.root)) == 0

    def test_items_that_geoparquet_cannot_hold_are_found_all_the_same(self, tmp_path: Path) -> None:
        odd = an_item("odd", tile="30TYP")
        odd.properties["mixed"] = [1, "two", {"three": 3}]
        catalog = a_catalog(tmp_path / "catalog", an_item("plain"), odd)

        done = reindex(catalog)

        [fault] = done.faults
        assert "30TYP/2017: no items.parquet" in fault
        assert found_by(catalog, EVERYTHING, use_index=True) == ["odd", "plain"]
        assert reindex(catalog).faults == []


class TestInterruption:
    """A run that was stopped leaves a catalog that is right, and the next one goes on."""

    def test_what_was_done_before_the_disk_filled_up_counts(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        catalog = a_catalog(tmp_path / "catalog", *some_items(40))
        monkeypatch.setattr("peps_stac.store.index._ITEMS_A_COMMIT", 8)
        replace, allowed = os.replace, iter(range(6))

        def fill_up(source: str, target: str) -> None:
            if next(allowed, None) is None:
                raise OSError(28, "No space left on device", target)
            replace(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", fill_up)
            with pytest.raises(CatalogError, match="free some space"):
                reindex(catalog)
        assert set(found_by(catalog, EVERYTHING, use_index=True)) == ids(catalog)
        assert not list(catalog.root.rglob("*.tmp"))

        done = reindex(catalog)

        assert done.kept > 0
        assert done.items == 40
        assert set(found_by(catalog, EVERYTHING, use_index=True)) == ids(catalog)

    def test_a_change_while_it_runs_is_left_to_the_next_run(
        self, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        catalog.put(an_item("first"))
        set_mark = index._set_mark  # noqa: SLF001 -- the last step of a year

        def late(root: str, part: Part) -> int | None:
            mark = set_mark(root, part)
            catalog.put(an_item("second"))
            return mark

        with monkeypatch.context() as patch:
            patch.setattr(index, "_set_mark", late)
            reindex(catalog)
        assert {"first", "second"} <= set(found_by(catalog, EVERYTHING, use_index=True))
        assert stale_items(str(catalog.root)) > 0

        reindex(catalog)
        assert stale_items(str(catalog.root)) == 0
        assert {"first", "second"} <= set(found_by(catalog, EVERYTHING, use_index=True))


class TestGeoParquet:
    """`items.parquet` is for everybody's tools."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> str:
        item = a_product(created="2018-01-01T00:00:00Z")
        item.properties |= {"proj:code": "EPSG:32631", "view:off_nadir": 5}
        catalog = a_catalog(tmp_path / "catalog")
        add_product(catalog, item)
        reindex(catalog)
        return str(catalog.root / PRODUCTS / "31TCJ/2017/items.parquet")

    def test_duckdb_reads_times_boxes_and_assets(self, path: str) -> None:
        [row] = duckdb.execute(
            """select id, datetime = timestamptz '2017-11-27 10:58:27Z', bbox.xmin,
            assets.data.href, "proj:code", geometry is not null from read_parquet(?)""",
            [path],
        ).fetchall()

        assert row[:1] + row[1:] == (
            "L2A_31TCJ_20171127",
            True,
            0.5,
            "./L2A_31TCJ_20171127/data.bin",
            "EPSG:32631",
            True,
        )

    def test_geopandas_reads_footprints(self, path: str) -> None:
        frame = geopandas.read_parquet(path)

        assert frame.crs.to_epsg() == 4326
        assert tuple(frame.total_bounds) == (0.5, 43.2, 1.9, 44.3)

    def test_rustac_and_stac_geoparquet_read_the_item_again(self, path: str) -> None:
        [ours] = Path(path).parent.glob("*/*.json")
        written = orjson.loads(ours.read_bytes())
        [theirs] = rustac.read_sync(path)["features"]
        table = pq.read_table(path)
        [again] = stac_geoparquet.arrow.stac_table_to_items(table)

        for item in (theirs, again):
            assert item["id"] == written["id"]
            assert item["geometry"]["type"] == written["geometry"]["type"]
            assert item["properties"]["proj:code"] == "EPSG:32631"
            assert item["properties"]["eo:cloud_cover"] == written["properties"]["eo:cloud_cover"]

    def test_hrefs_lead_from_the_year_to_the_files(self, path: str) -> None:
        [item] = stac_geoparquet.arrow.stac_table_to_items(pq.read_table(path))
        folder = Path(path).parent

        hrefs = [item["assets"]["data"]["href"], *(link["href"] for link in item["links"])]
        assert all((folder / href).is_file() for href in hrefs)
        assert {link["rel"] for link in item["links"]} >= {"self", "root", "collection"}

    def test_the_file_says_that_it_is_geoparquet(self, path: str) -> None:
        said = pq.read_schema(path).metadata

        assert json.loads(said[b"geo"])["primary_column"] == "geometry"
        assert json.loads(said[b"stac-geoparquet"])["version"] == "1.0.0"

    def test_all_years_are_one_table_whatever_each_of_them_says(self, tmp_path: Path) -> None:
        """Properties, assets and types that only some Items have."""
        plain, ordered, other = an_item("a"), an_item("b", tile="30TYP"), an_item("c", tile="32TLQ")
        ordered.properties |= {"order:status": "failed", "gsd": 10.5, "peps:history": [{"a": 1}]}
        other.properties |= {"peps:history": [{"b": "x"}], "empty": [], "deep": {"x": {"y": 1}}}
        catalog = a_catalog(tmp_path / "catalog", plain, ordered, other)
        assert reindex(catalog).faults == []

        rows = duckdb.execute(
            """select id, "order:status", gsd from read_parquet(?, union_by_name=true)
            order by id""",
            [f"{catalog.root}/**/items.parquet"],
        ).fetchall()

        assert rows == [("a", None, 10.0), ("b", "failed", 10.5), ("c", None, 10.0)]
