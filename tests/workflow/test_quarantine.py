"""What fails a check is kept aside with the reason, can be tried again, and fills no disk."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from builders import a_query, utc
from builders_archives import ALONE, NOW, RAW, SLIVER, added, built, rewritten, the_item
from builders_cli import run
from builders_workflow import a_bench
from peps_stac.simulator import Action, Fault
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog, validate
from peps_stac.workflow import AssetChoice, AssetMode, OutcomeState, quarantine
from peps_stac.workflow.quarantine import forget, put_aside, quarantined

HREF = "https://me:secret@peps.example/maja/x.zip?_tk=abc&day=1"
LATER = utc("2026-05-01T12:00:00")


def aside(
    catalog: Catalog, content: bytes = b"no zip", name: str = "x.zip", reason: str = "no good"
) -> Path:
    path = catalog.downloads_dir / "order-1" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return put_aside(catalog, path, href=HREF, reason=reason, when=NOW)


def names(catalog: Catalog) -> list[str]:
    return sorted(path.name for path in catalog.quarantine_dir.iterdir())


def test_a_note_tells_why_whence_when_and_what(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    kept = aside(catalog)

    assert names(catalog) == ["x.zip", "x.zip.json"]
    assert json.loads(kept.with_name("x.zip.json").read_text()) == {
        "href": "https://peps.example/maja/x.zip?_tk=***&day=1",
        "size": 6,
        "sha256": hashlib.sha256(b"no zip").hexdigest(),
        "reason": "no good",
        "time": "2026-04-01T12:00:00Z",
        "command": "download",
        "failures": 1,
    }
    assert not list((catalog.downloads_dir / "order-1").iterdir())


def test_the_same_file_again_takes_the_place_of_the_older(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    for number in range(5):
        aside(catalog, bytes([number]) * 10)

    [one] = quarantined(catalog)
    assert one.path.read_bytes() == bytes([4]) * 10
    assert one.failures == 5


def test_the_oldest_go_when_all_become_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MAX_BYTES", 25)
    catalog = Catalog(tmp_path)
    for number in range(4):
        kept = aside(catalog, bytes(10), f"{number}.zip")
        os.utime(kept, (number, number))

    assert names(catalog) == ["2.zip", "2.zip.json", "3.zip", "3.zip.json"]
    aside(catalog, bytes(100), "large.zip")
    assert names(catalog) == ["large.zip", "large.zip.json"], "the youngest stays in any case"


def test_a_file_named_as_a_note_is_none(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    aside(catalog, name="report.json")

    assert [one.path.name for one in quarantined(catalog)] == ["report.json.bad"]


@pytest.mark.parametrize("note", [b"", b"[]", b"{", b'{"failures": "many", "reason": 3}', None])
def test_a_note_that_says_nothing_hides_no_file(tmp_path: Path, note: bytes | None) -> None:
    catalog = Catalog(tmp_path)
    path = aside(catalog).with_name("x.zip.json")
    if note is None:
        path.unlink()
    else:
        path.write_bytes(note)

    [one] = quarantined(catalog)
    assert (one.reason, one.failures) == (None, 1)


def test_a_disk_that_refuses_loses_no_file(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.quarantine_dir.write_bytes(b"no folder")

    with pytest.raises(FileExistsError):
        aside(catalog)
    assert (catalog.downloads_dir / "order-1" / "x.zip").exists()


def test_there_is_none_before_anything_fails(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    forget(catalog, "x.zip")

    assert quarantined(catalog) == ()


@pytest.mark.parametrize("mode", AssetMode)
def test_what_turns_out_good_is_catalogued_and_leaves(tmp_path: Path, mode: AssetMode) -> None:
    """A mistake of this program was mended, or the file repaired by hand."""
    catalog, good = Catalog(tmp_path), built().path
    aside(catalog, good.read_bytes(), good.name)
    aside(catalog, built(SLIVER).path.read_bytes(), built(SLIVER).path.name)

    outcomes = added(catalog, catalog.quarantine_dir, assets=AssetChoice(mode=mode, workers=1))
    assert {outcome.state for outcome in outcomes} == {OutcomeState.ADDED}
    assert names(catalog) == []
    assert len(list(catalog.ids(L2A_COLLECTION))) == 2
    assert validate(catalog, deep=True).findings == ()


def test_what_fails_again_stays_with_the_new_reason(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    kept = aside(catalog)
    [outcome] = added(catalog, kept)

    assert outcome.state is OutcomeState.FAILED
    assert "it stays in quarantine" in outcome.detail
    [one] = quarantined(catalog)
    assert one.path.read_bytes() == b"no zip"
    assert (one.command, one.failures) == ("add", 2)
    assert one.reason is not None
    assert "not a whole zip archive" in one.reason
    assert one.href is not None
    assert one.sha256 is not None


def test_what_cannot_be_helped_by_another_file_is_no_failure_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, good = Catalog(tmp_path), built().path
    aside(catalog, good.read_bytes(), good.name)
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    [outcome] = added(catalog, catalog.quarantine_dir, assets=RAW)

    assert "no space" in outcome.detail
    assert [(one.failures, one.reason) for one in quarantined(catalog)] == [(1, "no good")]


def test_an_empty_quarantine_is_told(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.quarantine_dir.mkdir()
    [outcome] = added(catalog, catalog.quarantine_dir)

    assert outcome.detail == "nothing is kept aside there"


@pytest.mark.parametrize("kind", ["no zip", "damaged", "incomplete"])
def test_what_a_person_owns_is_never_moved(tmp_path: Path, kind: str) -> None:
    catalog, own = Catalog(tmp_path / "catalog"), tmp_path / "own" / "x.zip"
    without = ("FRE_B4",) if kind == "incomplete" else ()
    rewritten(built().path, own, without=without)
    if kind == "no zip":
        own.write_bytes(b"<html>")
    elif kind == "damaged":
        content = bytearray(own.read_bytes())
        content[5000] ^= 1
        own.write_bytes(content)
    before = own.read_bytes()
    [outcome] = added(catalog, own)

    assert outcome.state is OutcomeState.FAILED
    assert own.read_bytes() == before
    assert quarantined(catalog) == ()


def test_a_download_fetches_anew_what_is_in_quarantine_and_empties_it(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search(a_query(limit=1)))
        bench.wait()
        bench.peps.faults.add(Fault(route="result", action=Action.CORRUPT, times=None))
        assert {outcome.state for outcome in bench.download()} == {OutcomeState.FAILED}
        assert {outcome.state for outcome in bench.download()} == {OutcomeState.FAILED}
        [one] = quarantined(bench.catalog)
        assert one.failures == 2

        bench.peps.faults.clear()
        assert {outcome.state for outcome in bench.download()} == {OutcomeState.ADDED}
        assert quarantined(bench.catalog) == ()


def test_validate_tells_what_is_kept_aside_and_how_to_try_again(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "my catalog")
    added(catalog, built().path)
    kept = aside(catalog)
    words = ("--catalog", str(catalog.root), "validate", "--offline")
    result = run(*words, home=tmp_path)

    assert result.exit_code == 0
    assert "in quarantine: 1 file (x.zip: no good); to try again: peps-stac" in result.stderr
    assert f"add '{catalog.quarantine_dir}'" in result.stderr
    [one] = json.loads(run(*words, "--json", home=tmp_path).stdout)["quarantine"]
    assert one["path"] == str(kept)
    assert one["reason"] == "no good"


def test_an_item_of_another_catalog_is_told_for_what_it_is(tmp_path: Path) -> None:
    other = Catalog(tmp_path / "other")
    added(other, built().path, assets=ALONE)
    [outcome] = added(Catalog(tmp_path / "mine"), other.root)

    assert outcome.state is OutcomeState.FAILED
    assert outcome.detail.startswith("an Item of another catalog, its rasters converted")
    assert "download it again" not in outcome.detail


def test_an_item_of_another_catalog_with_majas_own_files_is_a_product(tmp_path: Path) -> None:
    other, mine = Catalog(tmp_path / "other"), Catalog(tmp_path / "mine")
    added(other, built().path, assets=RAW)
    [outcome] = added(mine, other.root, assets=ALONE)

    assert outcome.state is OutcomeState.ADDED
    assert the_item(mine).id == the_item(other).id
