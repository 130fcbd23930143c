"""The commands against a simulator: what a person types, and what comes back."""

import json
from functools import partial
from pathlib import Path

import pystac
import pytest

from builders_cli import NOWHERE, Run, one_line
from peps_stac.cli.errors import ExitCode
from peps_stac.domain import MajaRequest
from peps_stac.http.session import Session
from peps_stac.peps.wps import execute_params
from peps_stac.simulator import Action, Fault, Scenario, Script, Simulator

NOVEMBER = ("-t", "31TCJ", "-o", "51", "-d", "2017-11-01", "-f", "2017-12-01")
ONE = ("-t", "31TCJ", "--datetime", "2017-11-27")
SCENES = 6


def old_answer(simulator: Simulator, product: str) -> bytes:
    """What `peps_maja_process.py` got from the service and saved as a log."""
    with Session(simulator.url, credentials=simulator.credentials) as session:
        params = execute_params(MajaRequest(product), title="Maja-Process")
        return session.send_once("/resto/wps", params).content


def catalog_of(home: Path) -> pystac.Catalog:
    return pystac.Catalog.from_file(str(home / "catalog" / "catalog.json"))


def test_a_search_prints_a_table_and_saves_nothing(peps_stac: Run, tmp_path: Path) -> None:
    result = peps_stac("search", *NOVEMBER)

    header, *rows = result.stdout.splitlines()
    assert header.split() == ["id", "date", "cloud", "orbit", "tile"]
    assert len(rows) == SCENES
    assert all(row.endswith("31TCJ") for row in rows)
    assert not (tmp_path / "catalog").exists()


def test_a_search_as_json_is_an_item_collection_alone_on_stdout(peps_stac: Run) -> None:
    result = peps_stac("search", *NOVEMBER, "--json")

    items = pystac.ItemCollection.from_dict(json.loads(result.stdout))
    assert len(items) == SCENES
    assert "6 products found" in result.stderr


def test_no_result_is_one_line_with_a_hint(peps_stac: Run) -> None:
    result = peps_stac("search", "-t", "31TCJ", "-d", "2017-11-30", "-f", "2017-11-30")

    assert "no product matches; --end 2017-11-30 leaves out that day" in one_line(result.stderr)
    assert result.exit_code == ExitCode.FAILED


def test_saving_twice_adds_nothing_the_second_time(peps_stac: Run, tmp_path: Path) -> None:
    first = peps_stac("search", *NOVEMBER, "--save")
    second = peps_stac("--catalog", str(tmp_path / "catalog"), "search", *NOVEMBER)

    assert "6 new, 0 changed" in first.stderr
    assert "0 new, 0 changed" in second.stderr
    assert len(list(catalog_of(tmp_path).get_items(recursive=True))) == SCENES


def test_a_dry_run_tells_the_plan_and_sends_nothing(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    result = peps_stac("order", *NOVEMBER, "--dry-run", "--json")

    planned = json.loads(result.stdout)["planned"]
    assert [one["process"] for one in planned] == ["MAJA"] * SCENES
    assert not simulator.requests.of("execute")
    assert not (tmp_path / "catalog").exists()


def test_a_dry_run_needs_no_account(peps_stac: Run) -> None:
    result = peps_stac("order", *ONE, "--dry-run", PEPS_STAC_USERNAME="", PEPS_STAC_PASSWORD="")

    assert result.exit_code == ExitCode.DONE
    assert "nothing was sent" in result.stderr


def test_above_ten_products_somebody_has_to_agree(peps_stac: Run, simulator: Simulator) -> None:
    many = ("-t", "31TCJ", "-d", "2017-10-01", "-f", "2018-01-01")

    result = peps_stac("order", *many)

    assert result.stderr.splitlines()[-1].endswith("add --yes")
    assert result.exit_code == ExitCode.WRONG_USAGE
    assert not simulator.requests.of("execute")
    assert peps_stac("order", *many, "--yes").exit_code == ExitCode.DONE
    assert len(simulator.jobs) > 10


def test_what_a_search_prints_can_be_ordered(peps_stac: Run, simulator: Simulator) -> None:
    found = peps_stac("search", *ONE, "--json")

    result = peps_stac("order", "-", "--json", stdin=found.stdout)

    (order,) = json.loads(result.stdout)["ordered"]
    assert order["id"] == simulator.jobs[0].id
    assert list(order["items"]) == [json.loads(found.stdout)["features"][0]["id"]]


def test_an_id_that_is_not_in_the_catalog_is_found_on_the_service(
    peps_stac: Run, simulator: Simulator
) -> None:
    name = peps_stac("search", *ONE).stdout.splitlines()[1].split()[0]

    assert peps_stac("order", name).exit_code == ExitCode.DONE
    assert simulator.jobs[0].inputs["product"] == name


@pytest.mark.parametrize(
    "name", ["S2A_MSIL1C_20171127T000000_N0206_R051_T31TCJ_20171127T140439", "nonsense"]
)
def test_an_id_that_nobody_knows_is_one_line(peps_stac: Run, name: str) -> None:
    result = peps_stac("order", name)

    assert f"{name}: no such L1C product" in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_nothing_is_ordered_twice_unless_again(peps_stac: Run, simulator: Simulator) -> None:
    peps_stac("order", *ONE)

    second = peps_stac("order", *ONE)
    assert "not ordered: already ordered" in second.stdout
    assert second.exit_code == ExitCode.DONE
    assert len(simulator.requests.of("execute")) == 1

    peps_stac("order", *ONE, "--again")
    assert len(simulator.requests.of("execute")) == 2


def test_a_series_is_one_job_for_a_tile_and_its_days(peps_stac: Run, simulator: Simulator) -> None:
    """A bare --end is not included, so the last day of the job is the one before."""
    period = ("-d", "2017-10-01", "-f", "2018-01-01")

    result = peps_stac("order", "--series", "-t", "31TCJ", *period, "--yes", "--lead-in", "0")

    assert result.exit_code == ExitCode.DONE
    (job,) = simulator.jobs
    assert job.inputs == {
        "tileid": "31TCJ",
        "startDate": "2017-10-01",
        "completionDate": "2017-12-31",
    }


def test_a_series_begins_before_what_is_kept_and_the_plan_says_so(
    peps_stac: Run, simulator: Simulator
) -> None:
    result = peps_stac("order", "--series", *NOVEMBER, "--yes")

    header, row = result.stdout.splitlines()[:2]
    assert header.split()[:4] == ["tile", "ordered", "kept", "scenes"]
    assert row.split()[:5] == ["31TCJ", "2017-09-02/2017-11-30", "from", "2017-11-01", "6"]
    assert "only the days asked for are kept" in result.stderr
    assert "readme of the PEPS scripts" in result.stderr
    assert "GB as COGs" in result.stderr
    assert simulator.jobs[0].inputs["startDate"] == "2017-09-02"


def test_a_dry_run_of_a_series_tells_windows_time_and_disk_as_json(peps_stac: Run) -> None:
    result = peps_stac("order", "--series", *NOVEMBER, "--dry-run", "--json")

    [planned] = json.loads(result.stdout)["planned"]
    assert planned["kept"] == ["2017-11-01", "2017-11-30"]
    dates = planned["expected"]["dates"]
    assert planned["expected"]["minutes"] == 60 + 25 * dates
    assert planned["expected"]["cog_gb"] == pytest.approx(6 * 2.2)


def test_series_beyond_the_limit_wait_and_go_out_as_others_end(
    peps_stac: Run, simulator: Simulator
) -> None:
    order = ("order", "--series", "-t", "31TCJ", "--yes", "--max-open", "1")
    peps_stac(*order, "-d", "2017-10-01", "-f", "2017-11-01")
    second = peps_stac(*order, "-d", "2017-11-01", "-f", "2017-12-01")
    third = peps_stac(*order, "-d", "2017-12-01", "-f", "2018-01-01")

    assert "planned, goes out when other series end" in second.stderr
    assert third.exit_code == ExitCode.DONE
    shown = peps_stac("status")
    assert shown.stdout.count("planned") == 2
    assert shown.exit_code == ExitCode.STILL_RUNNING
    assert len(simulator.jobs) == 1

    simulator.jobs.finish()
    assert "a place was free" in peps_stac("download").stderr
    assert len(simulator.jobs) == 2
    canceled = peps_stac("cancel", "--status", "planned")
    assert canceled.stdout.count("canceled") == 1
    assert canceled.exit_code == ExitCode.DONE
    assert "planned" not in peps_stac("status").stdout


def test_failed_orders_are_retried_by_state_and_no_others(
    peps_stac: Run, simulator: Simulator
) -> None:
    simulator.scenario = Scenario(scripts={1: Script(words=((0.0, "FAILED"),))})
    peps_stac("order", *ONE)
    simulator.clock.advance(hours=1)
    peps_stac("status")

    dry = peps_stac("retry", "--status", "failed", "--dry-run", "--json")
    assert len(json.loads(dry.stdout)["planned"]) == 1
    result = peps_stac("retry", "--status", "failed", "--json")
    (order,) = json.loads(result.stdout)["ordered"]

    assert (order["attempt"], order["status"]) == (2, "ordered")
    assert len(simulator.jobs) == 2
    running = peps_stac("retry", order["id"])
    assert "not ordered: still ordered" in running.stdout
    assert running.exit_code == ExitCode.DONE


def test_retry_wants_to_know_which(peps_stac: Run) -> None:
    result = peps_stac("retry")

    assert "which orders?" in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_the_first_characters_of_an_order_id_are_enough_to_cancel(
    peps_stac: Run, simulator: Simulator
) -> None:
    order = json.loads(peps_stac("order", *ONE, "--json").stdout)["ordered"][0]

    assert peps_stac("cancel", order["id"][:5]).exit_code == ExitCode.WRONG_USAGE
    assert peps_stac("cancel", order["id"][:6]).exit_code == ExitCode.DONE
    assert simulator.jobs.state(simulator.jobs[0]).word == "CANCELED"


def test_orders_are_adopted_from_the_services_list_into_an_empty_catalog(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    peps_stac("order", *ONE)
    simulator.jobs.finish()
    elsewhere = str(tmp_path / "elsewhere")

    adopted = peps_stac("--catalog", elsewhere, "adopt", "--json")

    (one,) = json.loads(adopted.stdout)
    assert (one["state"], one["order"]["status"]) == ("adopted", "succeeded")
    assert peps_stac("--catalog", elsewhere, "download").stdout.startswith("added ")


def test_a_log_of_the_old_script_is_adopted(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    found = peps_stac("search", *ONE).stdout.splitlines()[1].split()[0]
    log = tmp_path / f"{found}.log"
    log.write_bytes(old_answer(simulator, found))
    (tmp_path / "products.txt").write_text(f"{found}\nnot there\n")

    refused = peps_stac("adopt", str(tmp_path / "products.txt"))
    assert "line 2 names no L1C product" in one_line(refused.stderr)

    result = peps_stac("adopt", str(log))
    assert f"{simulator.jobs[0].id}  adopted" in result.stdout
    assert result.exit_code == ExitCode.DONE
    assert "known" in peps_stac("adopt", str(log)).stdout


def test_status_says_3_while_orders_run_and_0_when_all_is_done(
    peps_stac: Run, simulator: Simulator
) -> None:
    peps_stac("order", *ONE)
    simulator.clock.advance(minutes=30)

    running = peps_stac("status", "--json")
    (order,) = json.loads(running.stdout)
    assert (order["status"], order["job_status"]) == ("shipping", "RUNNING")
    assert running.exit_code == ExitCode.STILL_RUNNING

    simulator.jobs.finish()
    done = peps_stac("status")
    assert "succeeded" in done.stdout
    assert done.exit_code == ExitCode.DONE


def test_status_asks_nothing_when_told_so(peps_stac: Run, simulator: Simulator) -> None:
    peps_stac("order", *ONE)
    simulator.requests.clear()

    result = peps_stac("status", "--no-refresh", PEPS_STAC_USERNAME="", PEPS_STAC_PASSWORD="")

    assert "ordered" in result.stdout
    assert len(simulator.requests) == 0


def test_watch_gives_up_in_time_and_says_so(peps_stac: Run) -> None:
    peps_stac("order", *ONE)

    result = peps_stac("watch", "--interval", "1h", "--timeout", "1s")

    assert "time is up" in result.stderr
    assert result.exit_code == ExitCode.STILL_RUNNING


def test_watch_ends_when_all_is_finished(peps_stac: Run, simulator: Simulator) -> None:
    peps_stac("order", *ONE)
    simulator.clock.speed = 36_000

    result = peps_stac("watch", "--interval", "0.2s")

    assert "31TCJ 2017-11-27 S2B: succeeded" in result.stderr
    assert result.exit_code == ExitCode.DONE


def test_a_canceled_order_is_no_failure(peps_stac: Run, simulator: Simulator) -> None:
    order = json.loads(peps_stac("order", *ONE, "--json").stdout)["ordered"][0]

    result = peps_stac("cancel", order["id"])

    assert "canceled" in result.stdout
    assert result.exit_code == ExitCode.DONE
    assert peps_stac("status").exit_code == ExitCode.DONE
    assert simulator.jobs.state(simulator.jobs[0]).word == "CANCELED"


def test_download_fetches_once_what_is_finished(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    peps_stac("order", *ONE)
    early = peps_stac("download")
    assert "1 order still running" in early.stderr
    assert early.exit_code == ExitCode.STILL_RUNNING

    simulator.jobs.finish()
    done = peps_stac("download", "--json")
    (outcome,) = json.loads(done.stdout)
    assert (outcome["state"], done.exit_code) == ("added", ExitCode.DONE)

    simulator.requests.clear()
    again = peps_stac("download")
    assert "nothing new to download" in again.stderr
    assert (again.stdout, again.exit_code) == ("", ExitCode.DONE)
    assert len(simulator.requests) == 0
    ids = {item.id for item in catalog_of(tmp_path).get_items(recursive=True)}
    assert outcome["name"] in ids


def test_download_with_watch_waits_for_the_rest(peps_stac: Run, simulator: Simulator) -> None:
    peps_stac("order", *ONE)
    simulator.clock.speed = 36_000

    result = peps_stac("download", "--watch", "--interval", "0.2s")

    assert result.stdout.startswith("added ")
    assert result.exit_code == ExitCode.DONE


def test_a_scene_too_cloudy_is_told_and_is_no_failure(peps_stac: Run, simulator: Simulator) -> None:
    peps_stac("order", "-t", "31TCJ", "--datetime", "2017-11-17")
    simulator.jobs.finish()

    result = peps_stac("download")

    assert result.stdout.startswith("too cloudy  S2B_MSIL1C_20171117")
    assert result.exit_code == ExitCode.DONE


def test_the_catalog_validates_and_says_against_what(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    peps_stac("order", *ONE)
    simulator.jobs.finish()
    peps_stac("download", "--assets", "raw")

    result = peps_stac("validate", "--offline")
    assert "item-spec/json-schema/item.json" in result.stdout
    assert "valid" in result.stderr
    assert result.exit_code == ExitCode.DONE

    next(tmp_path.rglob("*_FRE_B4.tif")).unlink()
    broken = peps_stac("validate", "--offline", "--json")
    assert json.loads(broken.stdout)["valid"] is False
    assert broken.exit_code == ExitCode.FAILED


def test_validate_without_a_catalog_is_one_line(peps_stac: Run) -> None:
    result = peps_stac("validate", "--offline")

    assert "no catalog there" in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_a_wrong_password_is_told_in_the_services_words(
    peps_stac: Run, simulator: Simulator
) -> None:
    result = peps_stac("order", *ONE, PEPS_STAC_PASSWORD="wrong-1")  # noqa: S106 -- no real one

    line = result.stderr.splitlines()[-1]
    assert line.startswith("peps-stac: error: ")
    assert "401" in line
    assert "wrong-1" not in result.output
    assert result.exit_code == ExitCode.FAILED
    assert len(simulator.jobs) == 0


def test_a_web_page_instead_of_an_answer_is_one_line(peps_stac: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault(route="search", action=Action.HTML, times=None))

    result = peps_stac("search", *ONE)

    assert simulator.url in one_line(result.stderr)
    assert result.exit_code == ExitCode.FAILED


def test_a_server_that_is_down_is_one_line(peps_stac: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = partial(Session, sleep=lambda _: None)
    monkeypatch.setattr("peps_stac.http.session.Session", hasty)

    result = peps_stac("search", *ONE, PEPS_STAC_PEPS_URL=NOWHERE)

    assert NOWHERE in one_line(result.stderr)
    assert result.exit_code == ExitCode.FAILED


def test_login_checks_the_account(peps_stac: Run) -> None:
    assert "is welcome" in peps_stac("login", "--no-store").stderr

    refused = peps_stac("login", "--no-store", PEPS_STAC_PASSWORD="wrong-1")  # noqa: S106 -- no real one
    assert one_line(refused.stderr)
    assert refused.exit_code == ExitCode.FAILED


def test_own_products_are_catalogued_without_a_server(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    """The zip of another catalog's download, found by a glob."""
    peps_stac("order", *ONE)
    simulator.jobs.finish()
    peps_stac("download", "--assets", "raw")
    metadata = next(tmp_path.rglob("*_MTD_ALL.xml"))

    other = {"PEPS_STAC_CATALOG": str(tmp_path / "other"), "PEPS_STAC_PEPS_URL": "nothing"}
    pattern = str(metadata.parent.parent / "SENTINEL2*")
    result = peps_stac("add", pattern, **other)

    assert result.stdout.startswith("added ")
    assert result.exit_code == ExitCode.DONE
    assert peps_stac("add", pattern, **other).stdout.startswith("kept ")
