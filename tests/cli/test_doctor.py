"""What `doctor` tells of a machine, above all of one on which something is broken."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import filelock
import pytest
from click import unstyle

from builders_cli import NOWHERE, Run, run
from builders_http import Reply, Server
from builders_terminal import Terminal
from builders_workflow import TOULOUSE
from peps_stac.cli import doctor, doctor_disk, doctor_versions
from peps_stac.cli.doctor_findings import State, examined, good
from peps_stac.cli.errors import ExitCode
from peps_stac.clock import utc_now
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.ogc.documents import OGC_ROOT
from peps_stac.simulator.scenes import features
from peps_stac.store import Catalog
from peps_stac.store.layout import JOURNAL, LOCK
from peps_stac.workflow.quarantine import put_aside

Told = dict[tuple[str, str], dict[str, Any]]
AREAS = ["versions", "settings", "account", "service", "disk", "catalog", "browser"]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    scenes = features([TOULOUSE], date(2017, 11, 12), date(2017, 11, 22))
    with Simulator(scenes, size=100, clock=SimulatedClock(speed=0)) as running:
        yield running


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)


def told(home: Path, *words: str, **env: str) -> Told:
    """What it says where there is no problem, by area and name."""
    found, code = asked(home, words, env)
    assert State.PROBLEM not in {one["state"] for one in found.values()}, found
    assert code == ExitCode.DONE
    return found


def broken(home: Path, *words: str, **env: str) -> Told:
    """What it says where there is one."""
    found, code = asked(home, words, env)
    assert State.PROBLEM in {one["state"] for one in found.values()}
    assert code == ExitCode.FAILED
    return found


def asked(home: Path, words: tuple[str, ...], env: dict[str, str]) -> tuple[Told, int]:
    done = run("doctor", "--json", *words, home=home, env=env)
    found = json.loads(done.stdout)
    assert list(dict.fromkeys(one["area"] for one in found)) == AREAS
    for one in found:
        assert one["found"]
        assert (one["advice"] is None) == (one["state"] == State.GOOD), one
    return {(one["area"], one["name"]): one for one in found}, done.exit_code


def at(simulator: Simulator, home: Path) -> dict[str, str]:
    return {"PEPS_STAC_PEPS_URL": simulator.url, "PEPS_STAC_CATALOG": str(home / "catalog")}


def test_where_all_is_well_it_says_so_and_leaves_nothing_behind(
    peps_stac: Run, tmp_path: Path
) -> None:
    peps_stac("order", "-t", "31TCJ", "--datetime", "2017-11-12/2017-11-22")
    before = sorted(tmp_path.rglob("*"))

    done = peps_stac("doctor", "--login")

    assert done.exit_code == ExitCode.DONE, done.stdout
    assert "all is well" in done.stderr.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before
    for line in ("answers in", "welcome", "of sentinel-2-l1c", " ordered", "one writer at a time"):
        assert line in done.stdout


def test_a_service_that_is_away_is_a_problem_unless_it_is_not_asked(tmp_path: Path) -> None:
    found = broken(tmp_path)

    assert found["service", "peps"]["state"] == State.PROBLEM
    assert NOWHERE in found["service", "peps"]["found"]
    assert told(tmp_path, "--offline")["service", "not asked"]["state"] == State.NOTE


def test_the_one_that_has_closed_is_told_to_have(tmp_path: Path) -> None:
    """With a proxy that is away, so that nobody is asked."""
    proxy = {"HTTPS_PROXY": NOWHERE, "PEPS_STAC_PEPS_URL": "https://peps.cnes.fr"}
    found = broken(tmp_path, **proxy)

    assert "PEPS closed on 2026-03-25" in found["service", "peps"]["advice"]
    assert found["service", "peps proxy"]["found"] == "127.0.0.1:9"


def test_who_answers_something_else_is_not_the_service(tmp_path: Path) -> None:
    with Server() as other:
        path = "/resto/api/collections/S2ST/search.json"
        other.on(path, Reply(200, b"<html>", {"Content-Type": "text/html"}))
        found = broken(tmp_path, PEPS_STAC_PEPS_URL=other.url)

    assert found["service", "peps"]["state"] == State.PROBLEM


@pytest.mark.parametrize("provider", ["geodes", "peps"])
def test_each_service_of_the_settings_is_asked(
    provider: str, simulator: Simulator, tmp_path: Path
) -> None:
    urls = {
        "PEPS_STAC_PEPS_URL": simulator.url,
        "PEPS_STAC_GEODES_URL": simulator.url,
        "PEPS_STAC_PROCESSES_URL": f"{simulator.url}{OGC_ROOT}",
    }
    found = told(tmp_path, PEPS_STAC_PROVIDER=provider, **urls)

    for name in (provider, "processes"):
        assert found["service", name]["state"] == State.GOOD


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("= broken", "configuration"),
        ("password = 'abc-123-xyz'", "configuration"),
        ("max_rate = 'fast'", "values"),
    ],
)
def test_a_broken_configuration_is_one_problem_and_the_rest_goes_on(
    content: str, name: str, tmp_path: Path
) -> None:
    config = tmp_path / "config" / "peps-stac"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(content)

    found = broken(tmp_path, "--offline")

    assert found["settings", name]["state"] == State.PROBLEM
    assert found["disk", "locks"]["state"] == State.GOOD
    assert "abc-123-xyz" not in str(found)


def test_each_setting_is_told_with_its_source(simulator: Simulator, tmp_path: Path) -> None:
    config = tmp_path / "config" / "peps-stac"
    config.mkdir(parents=True)
    (config / "config.toml").write_text('max_rate = "2 MB/s"\nusername = "who.else@example.org"\n')
    env = at(simulator, tmp_path) | {"PEPS_STAC_CATALOGUE": "typo"}

    found = told(tmp_path, **env)

    def source(name: str) -> str:
        return str(found["settings", name]["found"]).rpartition(" (")[2]

    assert source("peps_url") == "PEPS_STAC_PEPS_URL)"
    assert found["settings", "max_rate"]["found"] == "2 MB/s (configuration)"
    assert found["settings", "username"]["found"] == "is set (configuration)"
    assert source("provider") == "default)"
    assert found["settings", "PEPS_STAC_CATALOGUE"]["state"] == State.WARNING
    typed = run("--catalog", "here", "doctor", home=tmp_path, env=env)
    assert "here (--catalog)" in typed.stdout


def test_an_unknown_provider_is_a_problem(tmp_path: Path) -> None:
    found = broken(tmp_path, "--offline", PEPS_STAC_PROVIDER="pops")

    assert found["settings", "provider"]["state"] == State.PROBLEM


def test_the_account_is_found_where_it_is_and_never_told(tmp_path: Path) -> None:
    name, secret = "some.body@example.org", "qwertz-987"
    both = {"PEPS_STAC_USERNAME": name, "PEPS_STAC_PASSWORD": secret}
    file = tmp_path / "account.txt"
    file.write_text(f"{name} {secret}\n")
    file.chmod(0o644)
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {name} password {secret}\n")
    (tmp_path / "netrc").chmod(0o600)

    by_netrc = told(tmp_path, "--offline")
    by_environment = told(tmp_path, "--offline", **both)
    by_file = told(tmp_path, "--offline", PEPS_STAC_AUTH=str(file))

    assert by_netrc["account", "found"]["found"].endswith(f": {tmp_path / 'netrc'}")
    assert (
        "PEPS_STAC_USERNAME and PEPS_STAC_PASSWORD" in by_environment["account", "found"]["found"]
    )
    assert by_file["account", "found"]["found"].endswith(f": {file}")
    assert by_file["account", str(file)]["advice"] == f"chmod 600 {file}"
    for found in (by_netrc, by_environment, by_file):
        assert name not in str(found)
        assert secret not in str(found)


@pytest.mark.parametrize(
    "env",
    [
        {"PEPS_STAC_PASSWORD": "alone"},
        {"PEPS_STAC_AUTH": "nowhere.txt"},
    ],
)
def test_half_an_account_is_a_problem(env: dict[str, str], tmp_path: Path) -> None:
    found = broken(tmp_path, "--offline", **env)

    assert found["account", "found"]["state"] == State.PROBLEM


@pytest.mark.parametrize("provider", ["peps", "geodes"])
def test_without_an_account_a_person_is_told_how_to_get_in(provider: str, tmp_path: Path) -> None:
    found = told(tmp_path, "--offline", PEPS_STAC_PROVIDER=provider)

    assert found["account", "found"]["state"] == State.NOTE
    assert "login" in found["account", "found"]["advice"]


def test_a_login_that_is_refused_is_a_problem(simulator: Simulator, tmp_path: Path) -> None:
    account = {"PEPS_STAC_USERNAME": "nobody", "PEPS_STAC_PASSWORD": "abc-123-xyz"}
    env = at(simulator, tmp_path) | account
    found = broken(tmp_path, "--login", **env)

    assert found["service", "login"]["state"] == State.PROBLEM
    assert "abc-123-xyz" not in str(found)


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    """In /proc nobody makes files, not even who may do anything."""
    found = broken(tmp_path, "--offline", PEPS_STAC_CATALOG="/proc/catalog")

    assert found["disk", "catalog folder"]["state"] == State.PROBLEM
    assert "--catalog" in found["disk", "catalog folder"]["advice"]


def test_a_catalog_on_object_storage_is_looked_for_there(tmp_path: Path) -> None:
    aws = {"AWS_ENDPOINT_URL": NOWHERE, "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s-1"}
    found = broken(tmp_path, "--offline", PEPS_STAC_CATALOG="s3://bucket/x", **aws)

    assert found["settings", "catalog"]["found"] == "s3://bucket/x (PEPS_STAC_CATALOG)"
    assert "repair" not in found["catalog", "catalog"]["advice"]
    assert ("disk", "catalog space") not in found


def test_a_bundle_that_is_not_there_is_told_as_it_is(tmp_path: Path) -> None:
    url = {"PEPS_STAC_PEPS_URL": "https://peps.cnes.fr"}
    found = broken(tmp_path, PEPS_STAC_CA_BUNDLE=str(tmp_path / "none.pem"), **url)

    assert found["service", "peps"]["advice"] == "check the path"


def test_a_disk_that_is_full_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_disk, "_NO_ROOM", 10**18)

    found = broken(tmp_path, "--offline")

    assert found["disk", "catalog space"]["state"] == State.PROBLEM


def test_a_disk_over_the_network_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(doctor_disk, "_MOUNTS", mounts)

    found = told(tmp_path, "--offline", PEPS_STAC_CATALOG=str(tmp_path / "catalog"))

    assert found["disk", "catalog file system"]["state"] == State.WARNING


def test_a_damaged_catalog_is_a_problem(tmp_path: Path) -> None:
    root = tmp_path / "catalog"
    root.mkdir()
    (root / "catalog.json").write_text("{")

    found = broken(tmp_path, "--offline", PEPS_STAC_CATALOG=str(root))

    assert found["catalog", "catalog"]["state"] == State.PROBLEM


def test_a_file_where_the_catalog_should_be_is_a_problem(tmp_path: Path) -> None:
    config = tmp_path / "config" / "peps-stac"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(f'catalog = "{config}/config.toml"\n')

    found = broken(tmp_path, "--offline")

    assert "is no folder" in found["catalog", "catalog"]["found"]


def test_what_was_left_undone_is_told_with_what_to_do(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    peps_stac("search", "-t", "31TCJ", "--datetime", "2017-11-12/2017-11-22", "--save")
    peps_stac("items", "--reindex")
    catalog = Catalog(tmp_path / "catalog")
    item = next(catalog.items("sentinel-2-l1c"))
    lost = {"peps:process": "MAJA", "order:status": "ordered", "peps:submission": "0" * 32}
    item.properties |= lost
    catalog.put(item)
    (catalog.root / JOURNAL).write_text("{}")
    catalog.downloads_dir.mkdir()
    (catalog.downloads_dir / "part").write_bytes(b"half")
    (tmp_path / "bad.zip").write_bytes(b"bad")
    put_aside(catalog, tmp_path / "bad.zip", href="x", reason="damaged", when=utc_now())

    found = told(tmp_path, **at(simulator, tmp_path))

    for name, advice in (
        ("index", "--reindex"),
        ("unconfirmed", "peps-stac status"),
        ("journal", "nothing"),
        (".downloads", "peps-stac download"),
        ("quarantine", "add"),
    ):
        assert advice in found["catalog", name]["advice"], name
    assert (catalog.root / JOURNAL).read_text() == "{}", "it has changed nothing"


HOLD = """
import sys, filelock
with filelock.FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_writer_at_work_is_told_and_not_waited_for(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    peps_stac("search", "-t", "31TCJ", "--datetime", "2017-11-12", "--save")
    lock = tmp_path / "catalog" / LOCK
    with subprocess.Popen(  # noqa: S603 -- our own code
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        found = told(tmp_path, **at(simulator, tmp_path))
        writer.communicate()

    assert "another process" in found["catalog", "writer"]["found"]
    after = told(tmp_path, **at(simulator, tmp_path))
    assert after["catalog", "writer"]["state"] == State.GOOD
    with filelock.FileLock(lock, timeout=0):
        pass


def test_an_extra_that_is_not_there_is_told_with_what_it_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name in ("duckdb", "rasterio", "orjson"):
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)
    found = {one.name: one for one in doctor_versions.versions()}

    assert found["extra index"].state is State.NOTE
    assert "without duckdb" in found["extra index"].found
    assert found["extra index"].advice.endswith("pip install 'peps-stac[index]'")
    assert found["orjson"].state is State.PROBLEM
    assert "GDAL" not in found


def test_a_library_that_is_broken_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rasterio", None)
    monkeypatch.setitem(sys.modules, "pyproj", None)
    monkeypatch.setenv("PROJ_LIB", "/usr/share/proj")
    found = {one.name: one for one in doctor_versions.versions()}

    assert found["GDAL"].state is State.PROBLEM
    assert found["PROJ"].state is State.PROBLEM
    assert "unset PROJ_LIB" in found["PROJ"].advice


def test_a_check_that_breaks_is_a_finding_and_keeps_what_it_found() -> None:
    def check() -> Iterator[Any]:
        yield good("disk", "space", "enough")
        raise ZeroDivisionError("never seen")

    first, second = examined("disk", check)

    assert first.state is State.GOOD
    assert second.state is State.PROBLEM
    assert "ZeroDivisionError: never seen" in second.found


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_on_a_terminal_it_fits(
    columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = on_terminal(tmp_path, monkeypatch, COLUMNS=str(columns))

    assert "\x1b[32mok" in text
    lines = unstyle(text).splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0] == "versions"


def test_without_colours_where_nobody_wants_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = on_terminal(tmp_path, monkeypatch, COLUMNS="80", NO_COLOR="1")

    assert "\x1b[3" not in text
    assert "ok peps-stac" in unstyle(text)


def on_terminal(home: Path, monkeypatch: pytest.MonkeyPatch, **env: str) -> str:
    for name, value in {"HOME": str(home), "TERM": "xterm-256color", **env}.items():
        monkeypatch.setenv(name, value)
    for name in [name for name in os.environ if name.startswith("PEPS_STAC")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(home)
    found = doctor.findings(offline=True)
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    doctor.show(found)
    return terminal.getvalue()
