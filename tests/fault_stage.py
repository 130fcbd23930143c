"""Where one row of the fault matrix is played: a fresh catalog, and how the command is run."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from builders_cli import environment
from builders_http import ServedFile, Server
from fault_ground import Ground, Ran, Target
from fault_kinds import redirect
from fault_proxy import Fault
from peps_stac.http.writing import Writer
from peps_stac.simulator import Account

Options = Mapping[str, Any]
_SMALL_DISK = 300_000
_PATIENCE_S = 60


@dataclass
class Stage:
    """One run of a command, of which one file has trouble."""

    ground: Ground
    victim: Target
    faults: tuple[Fault, ...] = ()
    ever: Fault | None = None
    naps: list[float] = field(default_factory=list)
    ran: Ran = field(default_factory=Ran)
    _in_vain: int = 0

    def play(self, options: Options) -> None:
        """Run the command."""
        self.ground.proxy.plan(self.victim.part, self.faults, self.ever)
        verb = self.ground.scenes if self.victim.is_scene else self.ground.products
        self.ran = verb(**{"sleep": self.sleep, "now": self.now, **self._patience(), **options})

    def play_without_account(self, options: Options) -> None:
        """Run it; after its first fault the account is refused everywhere else, too."""
        if self.ever is not None:
            self.ground.proxy.plan("users/connect", (), self.ever)
        self.play({"parallel": 1, **options})

    def again(self) -> Ran:
        """Run it once more, and nothing goes wrong."""
        self.ground.proxy.clear()
        verb = self.ground.scenes if self.victim.is_scene else self.ground.products
        return verb()

    def now(self) -> datetime:
        """The time, as if the waits had been."""
        return self.ground.bench.peps.clock() + timedelta(seconds=sum(self.naps))

    def sleep(self, seconds: float) -> None:
        """Notes the wait; whoever does not listen, does so after three in vain."""
        self.naps.append(seconds)
        if not self.ground.proxy.is_listening:
            self._in_vain += 1
            if self._in_vain == 3:
                self.ground.proxy.accept()

    def _patience(self) -> dict[str, Any]:
        return {"timeout_s": 24 * 3600} if self.victim.is_scene else {}


def killed(stage: Stage, options: Options) -> None:
    """Run the command as a process, and kill it when it has what the fault lets through."""
    ground, login = stage.ground, Account().credentials
    ground.proxy.plan(stage.victim.part, stage.faults)
    variables = environment(
        ground.root.parent,
        PEPS_STAC_PEPS_URL=ground.proxy.url,
        PEPS_STAC_USERNAME=login.username or "",
        PEPS_STAC_PASSWORD=login.password or "",
    )
    words = ["--catalog", str(ground.root), "download", "--assets", "raw", *options]
    with subprocess.Popen(  # noqa: S603 -- our own command
        [sys.executable, "-m", "peps_stac", *words],
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        end = time.monotonic() + _PATIENCE_S
        while ground.on_disk(stage.victim.part) < 100_000 and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def to_another_host(stage: Stage, options: Options) -> None:
    """Send the client to another server, which must not learn the login."""
    content = next(stage.ground.archives.rglob(stage.victim.name)).read_bytes()
    with Server().on("/mirror.zip", ServedFile(content)) as elsewhere:
        stage.faults = (redirect(f"{elsewhere.url}/mirror.zip"),)
        stage.play(options)
    [seen] = elsewhere.seen
    assert "authorization" not in seen.headers
    assert "x-api-key" not in seen.headers


def little_space(stage: Stage, options: Options) -> None:
    """Run it on a disk that has 10 MB left, as far as the system says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000_000))
        stage.play(options)


def full_disk(stage: Stage, options: Options) -> None:
    """Run it on a small disk for the file in trouble, which the system says is a large one."""
    asked = stage.ground.bench.peps.requests.of("result")
    path = next(Path(one.path) for one in asked if stage.victim.part in one.path)
    folder = stage.ground.root / ".downloads" / path.parent.name
    with a_small_disk(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**12))
        stage.play(options)
        rescued = shutil.copytree(folder, stage.ground.root / "rescued")
    # What came outlives the small disk, as if that had become a large one.
    shutil.rmtree(folder, ignore_errors=True)
    rescued.rename(folder)


def jumping_clock(stage: Stage, options: Options) -> None:
    """Run it by a clock that is set back and forth all the time; no wait is longer for that."""
    chance = Random(7)  # noqa: S311 -- repeatable

    def now() -> datetime:
        return stage.now() + timedelta(hours=chance.choice((-5, 0, 0, 5)))

    stage.play({"now": now, **options})
    assert max(stage.naps) < 3600


@contextmanager
def a_small_disk(folder: Path) -> Iterator[None]:
    """A disk of 300 kB at a folder: a real one where that may be, else a system that plays it."""
    folder.mkdir(parents=True)
    if _is_mounted(folder):
        try:
            yield
        finally:
            subprocess.run(["umount", folder], check=True)  # noqa: S603, S607 -- our own words
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "write", _narrow(Writer.write, folder))
        yield


def _is_mounted(folder: Path) -> bool:
    """Whether a small disk could be mounted there: who may not, or on no Linux, cannot."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    words = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL_DISK}", "none", str(folder)]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0  # noqa: S603 -- our own words


def _narrow(write: Any, folder: Path) -> Any:  # noqa: ANN401 -- a method
    def writing(self: Writer, piece: bytes) -> None:
        is_there = folder in Path(self._file.name).parents
        room = max(0, _SMALL_DISK - self._done) if is_there else len(piece)
        write(self, piece[:room])
        if room < len(piece):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return writing
