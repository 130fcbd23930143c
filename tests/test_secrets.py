"""Whole runs with a password that is nowhere else, and then every byte that they left or said.

What must not hold it: the catalog, the cache, configuration, temporary files, partial downloads
and their notes, stdout and stderr also with -vv, the arguments of any process, and any server but
the configured one. The name of the account may be said to its owner, by `login` and in errors that
are about the account; it is written nowhere.
"""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from builders_cli import environment, run
from builders_http import Reply, Server, error_reply
from peps_stac.cli.errors import ExitCode
from peps_stac.domain import MgrsTile
from peps_stac.simulator import Account, Action, Fault, SimulatedClock, Simulator
from peps_stac.simulator.scenes import features

USERNAME = "zq.owner-7719@example.org"
PASSWORD = "Kx7/Qm+Z2v%T9&\u00e9=\"'\\:;$w4"  # noqa: S105 -- made up for this test
WRONG = "Jh3/Ty+W8n%R5&\u00e8=\"'\\:;$q6"
API_KEY = "apikey-5f81c2e09d7b"
TOKEN_START = "eyJhbGci"  # noqa: S105 -- how any JSON Web Token begins: {"alg
Env = Mapping[str, str]
SECRETS = (PASSWORD, WRONG, API_KEY)
DAY = ("-t", "31TCJ", "--datetime", "2017-11-27")


def forms(secret: str) -> Iterator[bytes]:
    """A secret as it could be written by accident."""
    for encoding in ("utf-8", "latin-1", "utf-16-le"):
        raw = secret.encode(encoding)
        yield raw
        yield raw.hex().encode()
        for whole in (raw, *(f"{name}:{secret}".encode(encoding) for name in (USERNAME, ""))):
            yield from _base64(whole)
    yield from (
        quote(secret).encode(),
        quote(secret, safe="").encode(),
        quote_plus(secret).encode(),
    )
    yield from (repr(secret).encode()[1:-1], json.dumps(secret).encode()[1:-1])
    yield secret[:8].encode()  # the beginning alone is too much
    yield secret[-8:].encode("utf-8")


def _base64(raw: bytes) -> Iterator[bytes]:
    """Inside other base64 as well: at each of the three places that a byte can have."""
    for shift in range(3):
        packed = base64.b64encode(bytes(shift) + raw)
        inner = packed[4 if shift else 0 : len(packed) // 4 * 4 - 4]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


NETS = {form: secret for secret in SECRETS for form in forms(secret)}


def caught(content: bytes) -> list[bytes]:
    """The forms of secrets in some bytes."""
    found = [form for form in NETS if form in content]
    return found + [TOKEN_START.encode()] * (TOKEN_START.encode() in content)


@pytest.mark.parametrize(
    "leak",
    [
        f"https://{USERNAME}:{quote(PASSWORD, safe='')}@peps.example/".encode(),
        b"Authorization: Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()),
        base64.b64encode(b'{"user": 1, "password": "' + PASSWORD.encode() + b'"}'),
        base64.urlsafe_b64encode(PASSWORD.encode("latin-1")),
        f"Credentials(password={PASSWORD!r})".encode(),
        json.dumps({"password": PASSWORD}).encode(),
        f"X-API-Key: {API_KEY}".encode(),
        WRONG[:8].encode(),
        b"token eyJhbGciOiJIUzI1NiJ9.e30.",
    ],
)
def test_the_net_has_no_hole(leak: bytes) -> None:
    assert caught(b"something " + leak + b" else")


def test_the_net_is_not_so_fine_that_it_holds_everything() -> None:
    assert caught(os.urandom(2**22)) == []


@dataclass
class Ground:
    """A home for commands, a simulator to talk to, and all that was said."""

    home: Path
    peps: Simulator
    own: list[Path] = field(default_factory=list)
    """Files in which the owner keeps the account."""
    said: list[tuple[str, bytes]] = field(default_factory=list)
    arguments: set[bytes] = field(default_factory=set)
    """Of all processes that ran meanwhile."""

    def run(self, *words: str, code: int | None = 0, env: Env | None = None) -> bytes:
        """`peps-stac -vv WORDS`; its output, after what it printed was kept to be looked at."""
        command = [sys.executable, "-m", "peps_stac", "-vv", *words]
        return self.execute(command, code=code, env=env)

    def execute(self, command: list[str], *, code: int | None = 0, env: Env | None = None) -> bytes:
        with self._watched():
            done = subprocess.run(  # noqa: S603 -- our own command
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=120,
                cwd=self.home,
                env=self.environment(env or {}),
            )
        self.said.append((" ".join(command[-4:]), done.stdout + done.stderr))
        if code is not None:
            assert done.returncode == code, done.stderr.decode()
        return done.stdout + done.stderr

    def environment(self, env: Env) -> dict[str, str]:
        clean = environment(
            self.home,
            PEPS_STAC_PEPS_URL=self.peps.url,
            PEPS_STAC_CATALOG=str(self.home / "catalog"),
            PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
            TMPDIR=str(self.home / "tmp"),
            PYTHONFAULTHANDLER="1",
        )
        return {**clean, **env}

    def own_file(self, name: str, content: str) -> Path:
        path = self.home / name
        path.write_text(content, encoding="utf-8")
        path.chmod(0o600)
        self.own.append(path)
        return path

    @contextmanager
    def _watched(self) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._watch, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(0.1):
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    self.arguments.add((folder / "cmdline").read_bytes())
                except OSError:
                    continue

    def look(self) -> None:
        """No secret in any file, name of a file, output or argument; the account in no file."""
        files = [path for path in self.home.rglob("*") if path not in self.own]
        assert files
        for path in files:
            assert not caught(os.fsencode(path.relative_to(self.home)))
            if path.is_file():
                content = path.read_bytes()
                assert not caught(content), path
                assert USERNAME.encode() not in content, path
        for words, output in self.said:
            assert not caught(output), words
        for one in self.arguments:
            assert not caught(one)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    scenes = features([MgrsTile.parse("31TCJ")], date(2017, 11, 20), date(2017, 11, 30))
    account = Account(username=USERNAME, password=PASSWORD)
    clock = SimulatedClock(speed=0)
    (tmp_path / "home" / "tmp").mkdir(parents=True)
    with Simulator(scenes, accounts=[account], size=100, clock=clock) as peps:
        yield Ground(tmp_path / "home", peps)


@pytest.fixture
def by_environment() -> dict[str, str]:
    return {
        "PEPS_STAC_USERNAME": USERNAME,
        "PEPS_STAC_PASSWORD": PASSWORD,
        "PEPS_STAC_API_KEY": API_KEY,
    }


def test_the_whole_job_leaves_no_secret(ground: Ground, by_environment: dict[str, str]) -> None:
    assert USERNAME.encode() in ground.run("login", env=by_environment)
    ground.run("search", *DAY, "--save", env=by_environment)
    ground.run("order", *DAY, env=by_environment)
    ground.peps.clock.advance(hours=3)
    # One fault after which it starts anew, so that partial files and retries are there as well.
    ground.peps.faults.add(Fault(route="result", action=Action.TRUNCATE))
    ground.run("download", "--assets", "raw", code=None, env=by_environment)
    ground.run("download", "--assets", "raw", env=by_environment)
    ground.run("status", "--json", env=by_environment)

    assert list((ground.home / "catalog").rglob("*.tif"))
    assert list((ground.home / "cache").rglob("*.json")), "there was a cache to look at"
    ground.look()
    others = [said for words, said in ground.said if not words.endswith("login")]
    assert not any(USERNAME.encode() in said for said in others)


def test_an_account_in_a_file_stays_there(ground: Ground) -> None:
    path = ground.own_file("account.txt", f"{USERNAME} {PASSWORD}\n")
    path.chmod(0o644)
    output = ground.run("order", *DAY, "-a", str(path))

    assert b"can be read by everybody" in output
    ground.look()


def test_an_account_in_netrc_stays_there(ground: Ground) -> None:
    quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    ground.own_file("netrc", f'machine 127.0.0.1 login {USERNAME} password "{quoted}"\n')
    ground.run("order", *DAY)

    assert len(ground.peps.jobs) == 1
    ground.look()


def test_the_old_scripts_keep_the_password_in_their_file(ground: Ground) -> None:
    path = ground.own_file("peps.txt", f"{USERNAME} {PASSWORD}\n")
    words = [
        "-t",
        "31TCJ",
        "-d",
        "2017-11-26",
        "-f",
        "2017-11-29",
        "-a",
        str(path),
        "-n",
        "-p",
        "list.txt",
    ]
    script = "from peps_stac.cli.legacy_peps_process import command; command()"
    ground.execute([sys.executable, "-c", script, *words])

    assert ground.peps.requests.of("search")
    ground.look()


PLACES = (
    ("netrc", f"machine 127.0.0.1 login {USERNAME} passwort {PASSWORD}\n"),
    ("netrc", f'machine 127.0.0.1 login {USERNAME} password "{PASSWORD}\n'),
    ("netrc", f"{PASSWORD}\n"),
    ("account.txt", f"{PASSWORD}\n"),
    ("account.txt", f"\n{PASSWORD}\n"),
    ("config/peps-stac/config.toml", f'password = "{API_KEY}"\n'),
    ("config/peps-stac/config.toml", f"password = {PASSWORD}\n"),
    ("config/peps-stac/config.toml", f'peps_url = "http://me:{API_KEY}@127.0.0.1:9"\n'),
)


@pytest.mark.parametrize(("name", "content"), PLACES)
def test_a_place_that_cannot_be_read_is_not_quoted(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    more = ("-a", str(path)) if name == "account.txt" else ()
    env = {"PEPS_STAC_PEPS_URL": ""} if "peps_url" in content else {}
    result = run("-vv", "order", *DAY, *more, home=tmp_path, env=env)

    assert "error" in result.output
    assert result.exit_code != 0
    assert not caught(result.output.encode())


def test_an_address_with_a_login_is_refused_without_showing_it(tmp_path: Path) -> None:
    address = f"http://{USERNAME}:{quote(PASSWORD, safe='')}@127.0.0.1:9"
    result = run("-vv", "search", *DAY, home=tmp_path, env={"PEPS_STAC_PEPS_URL": address})

    assert "Traceback" in result.output
    assert not caught(result.output.encode())


def test_a_refused_login_tells_no_password(ground: Ground, by_environment: dict[str, str]) -> None:
    """With -vv, so with the traceback and all that was raised on the way."""
    wrong = {**by_environment, "PEPS_STAC_PASSWORD": WRONG}
    for words in (("login",), ("order", *DAY)):
        output = ground.run(*words, code=ExitCode.FAILED, env=wrong)
        assert b"Traceback" in output
    ground.look()


def test_the_doctor_tells_nothing_of_the_account(
    ground: Ground, by_environment: dict[str, str]
) -> None:
    """People paste it into mails: so not the name of the account either."""
    path = ground.own_file("account.txt", f"{USERNAME} {PASSWORD}\n")
    address = f"http://{USERNAME}:{quote(PASSWORD, safe='')}@127.0.0.1:9"
    outputs = [
        ground.run("doctor", "--login", env=by_environment),
        ground.run("doctor", "--json", env={"PEPS_STAC_AUTH": str(path)}),
        ground.run("doctor", code=1, env={**by_environment, "PEPS_STAC_USERNAME": ""}),
        ground.run("doctor", code=1, env={**by_environment, "PEPS_STAC_PEPS_URL": address}),
    ]

    assert not any(USERNAME.encode() in output for output in outputs)
    ground.look()


def test_a_redirect_elsewhere_takes_no_login_along(
    ground: Ground, by_environment: dict[str, str]
) -> None:
    with Server() as elsewhere:
        for route, words in (("execute", ("order", *DAY)), ("result", ("download",))):
            fault = Fault(route=route, action=Action.REDIRECT, location=elsewhere.url, times=None)
            ground.peps.faults.add(fault)
            ground.run(*words, code=None, env=by_environment)
            ground.peps.faults.clear()
            if route == "execute":
                ground.run("order", *DAY, "--again", env=by_environment)
                ground.peps.clock.advance(hours=3)
        for seen in elsewhere.seen:
            assert "authorization" not in seen.headers
            assert not caught(repr(seen).encode())
    assert ground.peps.requests.of("result")
    ground.look()


def test_nothing_goes_to_another_service_by_its_name(
    ground: Ground, by_environment: dict[str, str]
) -> None:
    """Over plain http to a machine that is not this one, not even the configured service's."""
    env = {**by_environment, "PEPS_STAC_PEPS_URL": "http://peps.example"}

    assert b"https" in ground.run("login", code=None, env=env)
    ground.look()


KEY = """
import logging, os, sys
from peps_stac.domain import Credentials
from peps_stac.http.session import Session
logging.basicConfig(level=logging.DEBUG)
with Session(sys.argv[1], credentials=Credentials(api_key=os.environ["KEY"])) as session:
    session.get("/api/download/1", login=True)
"""


def test_a_key_is_not_said_either(ground: Ground) -> None:
    """That of GEODES, with all that is logged and raised, and after a redirect elsewhere."""
    with Server() as geodes, Server() as elsewhere:
        away = Reply(302, headers={"Location": f"{elsewhere.url}/x"})
        geodes.on("/api/download/1", error_reply(401, "no"), away)
        for _ in range(2):
            command = [sys.executable, "-c", KEY, geodes.url]
            output = ground.execute(command, code=None, env={"KEY": API_KEY})
            assert b"DEBUG:" in output
        assert all(API_KEY in str(seen.headers) for seen in geodes.seen)
        assert not any(caught(repr(seen).encode()) for seen in elsewhere.seen)
    ground.run("login", code=ExitCode.FAILED, env={"PEPS_STAC_API_KEY": API_KEY})
    ground.look()


@pytest.mark.parametrize("route", ["execute", "result"])
def test_a_run_that_is_killed_leaves_no_secret(
    ground: Ground, by_environment: dict[str, str], route: str
) -> None:
    if route == "result":
        ground.run("order", *DAY, env=by_environment)
        ground.peps.clock.advance(hours=3)
    ground.peps.faults.add(Fault(route=route, action=Action.DELAY, delay_s=5))
    words = ("download",) if route == "result" else ("order", *DAY)
    command = [sys.executable, "-m", "peps_stac", "-vv", *words]
    with subprocess.Popen(  # noqa: S603 -- our own command
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ground.home,
        env=ground.environment(by_environment),
    ) as process:
        until(lambda: len(ground.peps.requests.of(route)) > 0)
        process.kill()
        output, _ = process.communicate(timeout=60)
    ground.said.append((" ".join(words), output))
    ground.look()


def until(is_so: Callable[[], bool]) -> None:
    waiting = threading.Event()
    while not is_so():
        waiting.wait(0.02)


CRASH = """
import peps_stac.http.session as session
def crash(self, *args, **kwargs):
    raise KeyError(repr(self), str(args), str(kwargs))
session.Session.get = session.Session.post = crash
from peps_stac.cli import main
main()
"""


def test_a_crash_of_our_own_tells_no_secret(ground: Ground, by_environment: dict[str, str]) -> None:
    """Python shows what the error says and the lines of code, not what stood in variables."""
    words = ["-vv", "login"]
    output = ground.execute([sys.executable, "-c", CRASH, *words], code=1, env=by_environment)

    assert b"Traceback" in output
    assert b"unexpected KeyError" in output
    ground.look()
