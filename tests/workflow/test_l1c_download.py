"""L1C archives over real HTTP: staged from tape, fetched once, checked, beside their Items."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from builders import a_query
from builders_workflow import Bench, a_bench, november
from peps_stac.errors import AuthenticationError
from peps_stac.http.download import RESUME_OVERLAP_BYTES
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Account, Action, Fault, Scenario
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog, validate
from peps_stac.workflow import Outcome, OutcomeState, download_l1c, save, search

SCENES = november()[:4]
NAMES = [scene["properties"]["productIdentifier"] for scene in SCENES]
DYING = Path(__file__).parents[1] / "fetch_and_die.py"
ON_TAPE = Scenario(storage=dict.fromkeys(NAMES, "tape"))
ON_DISK = Scenario(storage=dict.fromkeys(NAMES, "disk"))


@dataclass
class Fetcher:
    """`download_l1c` on a bench, its waits only noted while the clock jumps."""

    bench: Bench
    naps: list[float] = field(default_factory=list)

    def __call__(self, **options: Any) -> list[Outcome]:  # noqa: ANN401 -- of download_l1c
        return list(self.outcomes(**options))

    def outcomes(self, **options: Any) -> Iterator[Outcome]:  # noqa: ANN401 -- as above
        clock = self.bench.peps.clock

        def sleep(seconds: float) -> None:
            self.naps.append(seconds)
            clock.sleep(seconds)

        items = list(self.bench.catalog.items(L1C_COLLECTION))
        return download_l1c(
            self.bench.client,
            self.bench.catalog,
            items,
            now=clock,
            sleep=sleep,
            tell=self.bench.lines.append,
            **options,
        )

    def archives(self) -> dict[str, Path]:
        found = {}
        for item in self.bench.catalog.items(L1C_COLLECTION):
            if asset := item.assets.get("archive"):
                found[item.id] = Path(str(asset.get_absolute_href()))
        return found

    def asked(self) -> list[str | None]:
        """The ranges of all requests for archives."""
        return [one.headers.get("range") for one in self.bench.peps.requests.of("download")]

    def fetched(self) -> list[str | None]:
        """The ranges of those that were no more than a question."""
        return [one for one in self.asked() if one != "bytes=0-0"]


@contextmanager
def a_fetcher(
    folder: Path,
    scenario: Scenario | None = None,
    scenes: list[dict[str, Any]] | None = None,
) -> Iterator[Fetcher]:
    with a_bench(folder / "catalog", SCENES if scenes is None else scenes, scenario) as bench:
        bench.search(a_query(start=None, end=None, limit=40))
        yield Fetcher(bench)


def states(outcomes: list[Outcome]) -> list[OutcomeState]:
    return [outcome.state for outcome in outcomes]


def test_what_is_on_disk_stands_beside_its_item_and_the_item_names_it(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        assert states(fetch()) == [OutcomeState.ADDED] * 4
        assert fetch.naps == []

        assert fetch.archives().keys() == set(NAMES)
        for item in fetch.bench.catalog.items(L1C_COLLECTION):
            archive, product = item.assets["archive"], item.assets["product"]
            assert archive.href == f"./{item.id}.zip"
            assert product.href.startswith("http")
            assert archive.extra_fields["file:checksum"] == product.extra_fields["file:checksum"]
            assert (
                Path(str(archive.get_absolute_href())).parent
                == Path(str(item.get_self_href())).parent
            )
        assert validate(fetch.bench.catalog, deep=True).findings == ()
        assert not fetch.bench.catalog.downloads_dir.exists()


def test_all_are_asked_for_before_any_is_waited_for(tmp_path: Path) -> None:
    """Asking starts the staging, so four take no longer than one."""
    with a_fetcher(tmp_path, ON_TAPE) as fetch:
        assert states(fetch()) == [OutcomeState.ADDED] * 4

        assert fetch.asked()[:4] == ["bytes=0-0"] * 4
        assert sum(fetch.naps) < 8 * 60  # each takes four minutes
        assert len(fetch.fetched()) == 4


def test_waits_are_as_long_as_the_service_asks_for_and_grow(tmp_path: Path) -> None:
    slow = replace(ON_TAPE, staging_min=120.0, retry_after_ms=300_000)
    with a_fetcher(tmp_path, slow) as fetch:
        fetch(interval_s=60)

        assert fetch.naps[0] >= 300
        assert max(fetch.naps) > fetch.naps[0]
        assert max(fetch.naps) <= 600 * 1.1


def test_what_never_comes_is_left_on_tape_when_the_time_is_up(tmp_path: Path) -> None:
    never = replace(ON_TAPE, never_staged=frozenset(NAMES[:1]))
    with a_fetcher(tmp_path, never) as fetch:
        outcomes = {outcome.name: outcome for outcome in fetch(timeout_s=3600)}

        assert outcomes.pop(NAMES[0]).state is OutcomeState.ON_TAPE
        assert {one.state for one in outcomes.values()} == {OutcomeState.ADDED}
        assert round(sum(fetch.naps)) <= 3600
        assert validate(fetch.bench.catalog, deep=True).findings == ()


def test_run_again_nothing_is_asked_for_or_fetched_twice(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        fetch()
        fetch.bench.peps.requests.clear()

        assert states(fetch()) == [OutcomeState.KEPT] * 4
        assert fetch.bench.peps.requests.total == 0


def test_a_new_search_keeps_the_archive_on_the_item(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        fetch()
        before = fetch.archives()
        fetch.bench.search(a_query(start=None, end=None, limit=40))

        assert fetch.archives() == before
        assert states(fetch()) == [OutcomeState.KEPT] * 4
        assert validate(fetch.bench.catalog, deep=True).findings == ()


def test_an_item_that_came_from_elsewhere_is_saved_and_keeps_the_archive(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        bench, other = fetch.bench, Catalog(tmp_path / "other")
        save(other, search(bench.client, a_query(start=None, end=None, limit=40)))
        items = list(other.items(L1C_COLLECTION))
        empty = Catalog(tmp_path / "empty")

        first = list(download_l1c(bench.client, empty, items, now=bench.peps.clock))
        save(empty, items)

        assert states(first) == [OutcomeState.ADDED] * 4
        assert validate(empty, deep=True).findings == ()
        again = list(download_l1c(bench.client, empty, items, now=bench.peps.clock))
        assert states(again) == [OutcomeState.KEPT] * 4


def test_one_killed_before_its_item_named_it_is_not_fetched_again(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        fetch()
        for item in list(fetch.bench.catalog.items(L1C_COLLECTION)):
            del item.assets["archive"]
            fetch.bench.catalog.put(item)
        fetch.bench.peps.requests.clear()

        assert states(fetch()) == [OutcomeState.ADDED] * 4
        assert fetch.bench.peps.requests.total == 0
        assert validate(fetch.bench.catalog, deep=True).findings == ()


def test_gone_and_forbidden_products_stop_no_other(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        for status, name in ((404, NAMES[0]), (403, NAMES[1])):
            where = next(s["id"] for s in SCENES if s["properties"]["productIdentifier"] == name)
            fetch.bench.peps.faults.add(
                Fault(
                    route="download",
                    action=Action.ERROR,
                    status=status,
                    message="No",
                    times=None,
                    containing=where,
                )
            )
        outcomes = {outcome.name: outcome for outcome in fetch()}

        assert outcomes[NAMES[0]].state is OutcomeState.FAILED
        assert "404" in outcomes[NAMES[0]].detail
        assert outcomes[NAMES[1]].state is OutcomeState.FAILED
        assert "403" in outcomes[NAMES[1]].detail
        assert {outcomes[name].state for name in NAMES[2:]} == {OutcomeState.ADDED}


def test_an_account_that_is_refused_ends_it_all(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        bench = fetch.bench
        wrong = Account(password="other").credentials  # noqa: S106 -- made up
        with Session(bench.peps.url, credentials=wrong, sleep=lambda _: None) as session:
            bench.client = PepsClient(session)
            with pytest.raises(AuthenticationError):
                fetch()
        assert len(fetch.asked()) == 1


def test_a_wrong_checksum_is_kept_aside_with_the_reason_and_fetched_again(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        # The questions are answered right; of the files the first one is damaged.
        damage = Fault(route="download", action=Action.CORRUPT, nth=1)
        bench = fetch.bench
        outcomes = []
        for outcome in fetch.outcomes(parallel=1):
            outcomes.append(outcome)
            if len(outcomes) == 1:
                bench.peps.faults.add(damage)
        failed = [outcome for outcome in outcomes if outcome.state is OutcomeState.FAILED]

        assert len(failed) == 1
        assert "MD5" in failed[0].detail
        [note] = [json.loads(p.read_text()) for p in bench.catalog.quarantine_dir.glob("*.json")]
        assert "MD5" in note["reason"]
        assert len(fetch.archives()) == 3
        assert states(fetch()).count(OutcomeState.ADDED) == 1
        assert validate(bench.catalog, deep=True).findings == ()


def test_a_size_that_contradicts_the_announced_one_is_refused(tmp_path: Path) -> None:
    lying = replace(ON_DISK, real_sizes=False)
    with a_fetcher(tmp_path, lying, [_measured(scene) for scene in SCENES]) as fetch:
        outcomes = fetch()

        assert states(outcomes) == [OutcomeState.FAILED] * 4
        assert all("announced" in outcome.detail for outcome in outcomes)
        assert fetch.archives() == {}


def _measured(scene: dict[str, Any]) -> dict[str, Any]:
    said = {"resourceSize": 700_000_000, "resourceChecksum": "0" * 32}
    properties = {**scene["properties"], **said, "services": {"download": {}}}
    url = scene["properties"]["services"]["download"]["url"]
    properties["services"] = {"download": {"url": url, "mimeType": "application/zip"}}
    return {**scene, "properties": properties}


def test_a_quota_ends_it_politely_and_the_rest_is_left_for_later(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, replace(ON_DISK, weekly_downloads=2)) as fetch:
        outcomes = fetch()

        assert sorted(states(outcomes)) == ["added", "added", "postponed", "postponed"]
        assert all("come back" in one.detail for one in outcomes if one.state == "postponed")
        asked = {one.path for one in fetch.bench.peps.requests.of("download")}
        assert len(asked) == 3


def test_a_service_that_is_out_for_a_while_is_asked_again(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK) as fetch:
        down = Fault(route="download", action=Action.STATUS, status=503, times=15)
        fetch.bench.peps.faults.add(down)

        assert states(fetch()) == [OutcomeState.ADDED] * 4
        assert len([line for line in fetch.bench.lines if "503" in line]) == 1


def test_a_partial_archive_is_gone_on_with(tmp_path: Path) -> None:
    big = replace(ON_DISK, l1c_bytes=1_000_000)
    with a_fetcher(tmp_path, big, SCENES[:1]) as fetch:
        # Short of its end each time, so that all attempts of one run together do not bring it.
        fetch.bench.peps.faults.add(Fault(route="download", action=Action.TRUNCATE, nth=2))
        fetch.bench.peps.faults.add(Fault(route="download", action=Action.DROP, nth=3, times=20))
        first = fetch(timeout_s=60)
        assert states(first) == [OutcomeState.FAILED]
        [part] = fetch.bench.catalog.downloads_dir.rglob("*.part")
        kept = part.stat().st_size
        assert kept > 400_000
        fetch.bench.peps.faults.clear()
        fetch.bench.peps.requests.clear()

        assert states(fetch()) == [OutcomeState.ADDED]
        [whole] = fetch.fetched()
        assert whole == f"bytes={kept - RESUME_OVERLAP_BYTES}-"


def test_an_item_without_an_archive_is_told(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK, SCENES[:1]) as fetch:
        [item] = fetch.bench.catalog.items(L1C_COLLECTION)
        del item.assets["product"]
        fetch.bench.catalog.put(item)

        [outcome] = fetch()
        assert outcome.state is OutcomeState.FAILED
        assert "names no archive" in outcome.detail


def test_no_items_are_no_work(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_DISK, []) as fetch:
        assert fetch() == []


def test_two_killed_half_way_are_gone_on_with_and_no_byte_comes_twice(tmp_path: Path) -> None:
    """Beyond the block that is dropped in case the last bytes never reached the disk."""
    size, enough = 3_000_000, 500_000
    big = replace(ON_DISK, l1c_bytes=size)
    with a_fetcher(tmp_path, big, SCENES[:2]) as fetch:
        bench = fetch.bench
        died = subprocess.run(  # noqa: S603 -- our own interpreter and file
            [sys.executable, DYING, bench.peps.url, str(bench.catalog.root), str(enough)],
            check=False,
        )
        assert died.returncode == -signal.SIGKILL
        parts = sorted(bench.catalog.downloads_dir.rglob("*.part"))
        kept = {path.name.removesuffix(".zip.part"): path.stat().st_size for path in parts}
        assert len(kept) == 2
        assert all(enough / 2 < there < size for there in kept.values())
        bench.peps.requests.clear()

        assert states(fetch()) == [OutcomeState.ADDED] * 2
        expected = {f"bytes={there - RESUME_OVERLAP_BYTES}-" for there in kept.values()}
        assert set(fetch.fetched()) == expected
        assert validate(bench.catalog, deep=True).findings == ()
        assert not bench.catalog.downloads_dir.exists()


def test_a_clock_that_is_set_back_makes_no_wait_longer(tmp_path: Path) -> None:
    with a_fetcher(tmp_path, ON_TAPE) as fetch:
        clock, chance = fetch.bench.peps.clock, Random(2)  # noqa: S311 -- repeatable

        def jumping() -> datetime:
            return clock() - timedelta(hours=chance.choice((0, 5)))

        def sleep(seconds: float) -> None:
            fetch.naps.append(seconds)
            clock.sleep(seconds)

        items = list(fetch.bench.catalog.items(L1C_COLLECTION))
        outcomes = download_l1c(
            fetch.bench.client,
            fetch.bench.catalog,
            items,
            now=jumping,
            sleep=sleep,
            timeout_s=None,
        )

        assert {one.state for one in outcomes} == {OutcomeState.ADDED}
        assert max(fetch.naps) < 3600
