"""One product made ready for the catalog: its files staged, and nothing of the catalog changed.

All that costs time happens here, so this may run anywhere that sees the archive and the catalog's
folder: in this process, in a worker process, or on another machine.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import pystac

from peps_stac.archive import ProductSource, open_product, read_product
from peps_stac.clock import utc_now
from peps_stac.domain import L2AProduct
from peps_stac.errors import CatalogError, PepsStacError, RequestError
from peps_stac.muscate.processing import NOT_VALID
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.stac.completion import mode_of
from peps_stac.stac.l2a import item_from_l2a
from peps_stac.stac.layers import METADATA_KEY, AssetMode, keys_of
from peps_stac.store import Catalog
from peps_stac.store.files import disk_errors, remove_tree
from peps_stac.workflow.making import make
from peps_stac.workflow.recipe import AssetChoice, Recipe, Step, Task
from peps_stac.workflow.source_files import Made
from peps_stac.workflow.workers import Workers


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made of a product: nothing twice, and in no other form unless asked for."""

    mode: AssetMode
    left_out: tuple[str, ...] = ()
    """Keys of Assets that are not wanted."""
    missing: tuple[str, ...] = ()
    """Keys of those that are, and that the Item lacks."""
    known: pystac.Item | None = None
    """To be completed; None: a new Item, or one in another form than it has."""


@dataclass(frozen=True, slots=True)
class StagedFiles:
    """Files that the catalog can take over."""

    folder: Path
    made: Made


@dataclass(frozen=True, slots=True)
class Prepared:
    """A product of which only the Item is still to be written."""

    product: L2AProduct
    plan: Plan
    files: StagedFiles | None = None
    """None: the Item has all that is wanted, or MAJA issues nothing."""
    told: tuple[str, ...] = ()
    """What is worth knowing and no failure."""


@dataclass(frozen=True, slots=True)
class Job:
    """One product to be prepared by a process that knows nothing else."""

    path: Path
    """The archive or folder; absolute, as all paths here."""
    catalog: str
    """Root of the catalog."""
    place: Path
    """A folder of the catalog's staging; each attempt makes its own in it."""
    choice: AssetChoice
    form: AssetMode
    """What `choice` means for a new Item where the run was started."""
    is_owned: bool = False

    @property
    def ticket(self) -> Path:
        """A file that is there as long as somebody waits for the result."""
        return self.place / "wanted"

    def open(self) -> None:
        """Make place and ticket.

        Raises:
            CatalogError: The disk refuses.
        """
        with disk_errors(self.place):
            self.place.mkdir()
            self.ticket.touch()

    def close(self) -> None:
        """Remove what was made; a worker that is still at it cleans up behind itself."""
        self.ticket.unlink(missing_ok=True)
        remove_tree(str(self.place))


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a product could not be prepared."""

    error: PepsStacError | OSError


def attempt(job: Job) -> Prepared | Failure:
    """Prepare a product, elsewhere; needs no lock, and may be tried again when it was killed."""
    told: list[str] = []
    recipe = Recipe(job.choice, Workers(1), tell=told.append, report=partial(_check_wanted, job))
    folder = job.place / uuid4().hex
    try:
        _check_place(job)
        with open_product(job.path) as source:
            fresh = partial(_made_folder, folder)
            catalog = Catalog(job.catalog)
            prepared = prepare(catalog, source, recipe, fresh, is_owned=job.is_owned)
        return replace(prepared, told=tuple(told))
    except (PepsStacError, OSError) as error:
        remove_tree(str(folder))
        return Failure(error)
    finally:
        if not job.ticket.exists():
            remove_tree(str(job.place))
            with suppress(OSError):
                job.place.parent.rmdir()


def prepare(
    catalog: Catalog,
    source: ProductSource,
    recipe: Recipe,
    fresh: Callable[[], Path],
    *,
    is_owned: bool = False,
) -> Prepared:
    """Read a product, and make the files that the catalog lacks of it.

    Args:
        catalog: Only read.
        source: The product, open.
        recipe: What is wanted of it, and in what form.
        fresh: Makes an empty folder on the catalog's file system; called when it is needed.
        is_owned: The archive is a download of our own; in the form `zip` the Item takes it.

    Raises:
        ResponseError: Not a MAJA Sentinel-2 L2A product, or not a whole one.
        DownloadError: A damaged archive.
        RequestError: Nothing of what was chosen is in it.
        CatalogError: No space, or the catalog cannot be read.
    """
    product = read_product(source)
    if product.validity == NOT_VALID:
        return Prepared(product, Plan(recipe.choice.form))
    plan = _plan(catalog, product, source.path, recipe.choice)
    settled = replace(plan, known=None)
    if not plan.missing:
        return Prepared(product, settled)
    folder = fresh() / "product"
    folder.mkdir()
    task = Task(
        source=source,
        product=product,
        mode=plan.mode,
        keys=plan.missing,
        folder=folder,
        item_dir=folder if catalog.is_remote else _item_dir(catalog, product),
        recipe=recipe,
        known=plan.known,
        is_owned=is_owned,
    )
    return Prepared(product, settled, StagedFiles(folder, make(task)))


def _check_place(job: Job) -> None:
    host = socket.gethostname()
    shared = "use a file system that all workers share, under the same path"
    if not job.ticket.exists():
        raise CatalogError(f"{job.catalog}: the worker on {host} cannot see it; {shared}")
    if not job.path.exists():
        raise RequestError(f"{job.path}: the worker on {host} cannot see it; {shared}")
    if job.choice.form is not job.form:
        message = f"the worker on {host} lacks rasterio: pip install 'peps-stac[raster]' there"
        raise RequestError(f"{job.path}: {message}")


def _check_wanted(job: Job, _: Step) -> None:
    """Stop between two rasters when the run that asked for them is gone."""
    if not job.ticket.exists():
        raise CatalogError(f"{job.path}: the run that wanted it was stopped")


def _made_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _plan(catalog: Catalog, product: L2AProduct, path: Path, choice: AssetChoice) -> Plan:
    known = catalog.get(product.product_id, L2A_COLLECTION)
    mode = mode_of(known) if known and choice.mode is None else choice.form
    if mode is AssetMode.ZIP and path.is_dir():
        mode = AssetMode.RAW  # nothing is packed: the files stay where they are
    if catalog.is_remote and mode is not AssetMode.COG:
        message = f"{catalog.href}: {product.product_id} is there as {mode}; --assets cog"
        raise RequestError(f"{message} makes COGs of it")
    keys = keys_of(product, mode)
    wanted = choice.of(keys)
    if choice.include and wanted == (METADATA_KEY,):
        patterns = ", ".join(choice.include)
        raise RequestError(f"{path}: nothing that {patterns} includes is in this product")
    left_out = tuple(key for key in keys if key not in wanted)
    if known and choice.mode is not None and mode is not mode_of(known):
        return Plan(mode, left_out, wanted)
    missing = tuple(key for key in wanted if known is None or key not in known.assets)
    return Plan(mode, left_out, missing, known)


def _item_dir(catalog: Catalog, product: L2AProduct) -> Path:
    """Where the Item will be; an Item without files is enough to tell."""
    return catalog.item_dir(item_from_l2a(product, files={}, now=utc_now()))
