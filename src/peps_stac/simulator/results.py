"""The L2A products a simulator delivers: built when first asked for, then kept on disk."""

import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from peps_stac.domain import L1CProduct, Process
from peps_stac.errors import RequestError, ResponseError
from peps_stac.peps.resto import read_product
from peps_stac.simulator.answers import FilePart
from peps_stac.simulator.holdings import Record
from peps_stac.simulator.scenario import Scenario
from peps_stac.simulator.timetable import Job

_NOT_VALID_NOTE = "This date is not valid: more than {limit:g} percent of cloud.\n"


class BuildProduct(Protocol):
    """Writes the MUSCATE zip of a scene; `peps_stac.simulator.products.build_product`."""

    def __call__(self, product: L1CProduct, target: Path, *, size: int) -> Path:
        """Write the zip to `target`, `size` pixels of 10 m wide, and return its path."""
        ...


NameProduct = Callable[[L1CProduct], str]
"""The name of a scene's L2A product, without `.zip`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One file that a job delivers."""

    name: str
    """File name, with `.zip`."""
    record: Record
    is_valid: bool


class Results:
    """Names of results, and their files; safe to share between threads.

    Args:
        folder: Where the zips are kept; they are used again when they are there.
        size: Pixels of 10 m in a row of a built product.
        build: Writes the zip of a scene.
        name: Names the product of a scene.
    """

    def __init__(self, folder: Path, *, size: int, build: BuildProduct, name: NameProduct) -> None:
        self._folder = folder
        self._size = size
        self._build = build
        self._name = name
        self._lock = threading.Lock()
        self._building: dict[str, threading.Lock] = {}

    def of(self, job: Job, scenario: Scenario) -> tuple[Result, ...]:
        """What a finished job delivers, oldest date first.

        Dates that are lost are left out, a date too cloudy is there by a name that says so, and
        two baselines of one scene have the same name.
        """
        lost = lost_of(job, scenario)
        return tuple(self._result(scene, scenario) for scene in job.scenes if scene not in lost)

    def file(self, result: Result, scenario: Scenario) -> FilePart:
        """The zip of a result; two that ask at once build it once.

        Raises:
            OSError: It cannot be written.
        """
        target = self._folder / str(self._size) / result.name
        with self._lock:
            lock = self._building.setdefault(result.name, threading.Lock())
        with lock:
            if not target.exists():
                self._write(result, target, scenario)
        return FilePart(target, 0, target.stat().st_size)

    def _write(self, result: Result, target: Path, scenario: Scenario) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial.zip")
        if result.is_valid:
            self._build(read_product(result.record.feature), partial, size=self._size)
        else:
            with zipfile.ZipFile(partial, "w") as archive:
                note = _NOT_VALID_NOTE.format(limit=scenario.cloudy_above)
                archive.writestr(zipfile.ZipInfo(f"{target.stem}/README.txt"), note)
        partial.replace(target)

    def _result(self, record: Record, scenario: Scenario) -> Result:
        name = self._product_name(record)
        cloud = record.cloud_cover
        if cloud is not None and cloud > scenario.cloudy_above:
            name = f"{name}_{scenario.not_valid_word}"
            return Result(name=f"{name}.zip", record=record, is_valid=False)
        return Result(name=f"{name}.zip", record=record, is_valid=True)

    def _product_name(self, record: Record) -> str:
        try:
            return self._name(read_product(record.feature))
        except (ResponseError, RequestError):
            # A quirky feature: no tile, no platform, or nothing that can be read. Its job ends
            # all the same.
            return f"{record.name}_L2A"


def lost_of(job: Job, scenario: Scenario) -> tuple[Record, ...]:
    """The dates that the scenario loses of a series; a job of one product loses none."""
    if job.process != Process.FULL_MAJA:
        return ()
    return tuple(
        scene
        for scene in job.scenes
        if {scene.name, f"{scene.start:%Y-%m-%d}"} & scenario.unprocessed
    )
