"""Finished orders and scenes at a simulator, a line to it that fails, and what must hold then."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pystac
import rasterio

from builders import a_query
from builders_workflow import AS_DELIVERED, Bench, a_bench
from fault_proxy import FaultProxy
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.outcomes import exit_code
from peps_stac.clock import Clock, Sleep
from peps_stac.domain import SearchQuery
from peps_stac.errors import PepsStacError
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Scenario
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.extensions import md5_of_multihash
from peps_stac.store import Catalog, validate
from peps_stac.workflow import Outcome, download, download_l1c

L1C_BYTES = 400_000
BLOCK = 1 << 16
"""What a download reads again of a file that broke off."""


def _at_once(_: float) -> None:
    """A wait that is none."""


@dataclass(frozen=True, slots=True)
class Target:
    """One file that is fetched."""

    name: str
    """Of its outcome while it is not there: an archive or a scene."""
    part: str
    """Of its address, and of no other."""
    size: int
    is_scene: bool = False


@dataclass
class Ran:
    """How one run of a command ended."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """The last of each name."""
    error: PepsStacError | None = None
    """What ended it early."""

    @property
    def exit_code(self) -> ExitCode:
        """What the shell would see."""
        return ExitCode.FAILED if self.error else exit_code(self.outcomes.values())

    def of(self, target: Target) -> Outcome | None:
        """What became of a file; its name changes when it is a product."""
        stem = target.name.removesuffix(".zip")
        found = (one for name, one in self.outcomes.items() if name.removesuffix(".zip") == stem)
        return next(found, None)


@dataclass
class Ground:
    """A service, a failing line to it, and one catalog."""

    bench: Bench
    """Without faults; its catalog is a template."""
    proxy: FaultProxy
    root: Path
    archives: Path
    targets: tuple[Target, ...]

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.root)

    def anew(self, root: Path) -> "Ground":
        """The same service, and a new catalog where everything is still to be fetched."""
        shutil.copytree(self.bench.catalog.root, root)
        self.proxy.clear()
        self.proxy.served.clear()
        ground = Ground(self.bench, self.proxy, root, self.archives, self.targets)
        self.proxy.on_disk = ground.on_disk
        return ground

    def on_disk(self, address: str) -> int:
        """How many bytes of the file at an address are in the catalog."""
        names = (target.name for target in self.targets if target.part in unquote(address))
        paths = ((self.root / ".downloads").glob(f"*/{_zip(name)}.part") for name in names)
        return max((path.stat().st_size for path in chain.from_iterable(paths)), default=0)

    def products(self, **options: Any) -> Ran:  # noqa: ANN401 -- as `_run`
        """Fetch what MAJA made."""
        return self._run(_products, **options)

    def scenes(self, **options: Any) -> Ran:  # noqa: ANN401 -- as `_run`
        """Fetch the archives of all scenes."""
        return self._run(partial(_scenes, sleep=options.get("sleep", _at_once)), **options)

    def _run(
        self,
        verb: Callable[..., Iterator[Outcome]],
        *,
        sleep: Sleep = _at_once,
        stall_s: float = 30.0,
        now: Clock | None = None,
        tell: Callable[[str], None] = lambda _: None,
        **options: Any,  # noqa: ANN401 -- of the verb
    ) -> Ran:
        ran, timeout_s = Ran(), (10.0, stall_s)
        login = self.bench.peps.credentials
        with Session(
            self.proxy.url, credentials=login, sleep=sleep, timeout_s=timeout_s
        ) as session:
            client, clock = PepsClient(session), now or self.bench.peps.clock
            try:
                for outcome in verb(client, self.catalog, now=clock, tell=tell, **options):
                    ran.outcomes[outcome.name] = outcome
            except PepsStacError as error:
                ran.error = error
        return ran

    def assert_nothing_is_corrupt(self, but: Collection[str] = ()) -> None:
        """What is catalogued is byte for byte what the service has, and opens.

        Products named in `but` are not looked at.
        """
        for item in self.catalog.items(L2A_COLLECTION):
            if f"{item.id}.zip" not in but:
                _assert_as_made(self.catalog.item_dir(item), self._archive(item))
        for item in self.catalog.items(L1C_COLLECTION):
            if (asset := item.assets.get("archive")) is not None:
                path = self.catalog.item_dir(item) / asset.href
                said = item.assets["product"].extra_fields["file:checksum"]
                md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
                assert md5 == md5_of_multihash(said), item.id

    def assert_all_is_valid(self) -> None:
        """Schemas, links, sizes and sums; it takes a second for each of some products."""
        assert validate(self.catalog, deep=True).findings == ()

    def catalogued(self) -> set[str]:
        """Names of targets that the catalog has."""
        scenes = self.catalog.items(L1C_COLLECTION)
        have = {item.id for item in scenes if "archive" in item.assets}
        return have | {f"{name}.zip" for name in self.catalog.ids(L2A_COLLECTION)}

    def _archive(self, item: pystac.Item) -> Path:
        return next(self.archives.rglob(f"{item.id}.zip"))


@contextmanager
def a_ground(
    folder: Path, scenes: list[dict[str, Any]], query: SearchQuery | None = None
) -> Iterator[Ground]:
    """A simulator where all scenes are ordered and done; one catalog, where nothing is fetched."""
    names = (scene["properties"]["productIdentifier"] for scene in scenes)
    scenario = Scenario(
        l1c_bytes=L1C_BYTES, running_at_once=1000, storage=dict.fromkeys(names, "disk")
    )
    archives = folder / "archives"
    with (
        a_bench(folder / "template", scenes, scenario, archives) as bench,
        FaultProxy(bench.peps.url) as proxy,
    ):
        items = bench.search(query or a_query())
        bench.order(items)
        bench.wait(48)
        template = bench.catalog
        bench.catalog = Catalog(shutil.copytree(template.root, folder / "warm"))
        bench.download(AS_DELIVERED)  # so that everything is built
        bench.catalog = template
        products = (
            Target(path.name, path.name, path.stat().st_size) for path in archives.rglob("*.zip")
        )
        scenes_there = (_scene(item) for item in items)
        targets = (*sorted(products, key=lambda one: one.name), *scenes_there)
        yield Ground(bench, proxy, template.root, archives, targets)


def _products(client: PepsClient, catalog: Catalog, **options: Any) -> Iterator[Outcome]:  # noqa: ANN401
    return download(client, catalog, **{"assets": AS_DELIVERED, **options})


def _scenes(client: PepsClient, catalog: Catalog, **options: Any) -> Iterator[Outcome]:  # noqa: ANN401
    items = list(catalog.items(L1C_COLLECTION))
    return download_l1c(client, catalog, items, **options)


def _scene(item: pystac.Item) -> Target:
    product = item.assets["product"]
    identifier = product.href.removesuffix("/download").rpartition("/")[2]
    return Target(item.id, identifier, product.extra_fields["file:size"], is_scene=True)


def _zip(name: str) -> str:
    return name if name.endswith(".zip") else f"{name}.zip"


def _assert_as_made(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive) as made:
        for info in made.infolist():
            if info.is_dir():
                continue
            path = folder / info.filename.partition("/")[2]
            assert path.read_bytes() == made.read(info), path
            if path.suffix == ".tif":
                with rasterio.open(path) as raster:
                    raster.checksum(1)
