"""Catalogue the MAJA products a person already owns: no server is needed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

from peps_stac.archive import find_products
from peps_stac.clock import Clock, utc_now
from peps_stac.errors import (
    CatalogError,
    DownloadError,
    PepsStacError,
    RequestError,
    ResponseError,
)
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.stac.layers import AssetMode
from peps_stac.store import Catalog
from peps_stac.store.files import read_document
from peps_stac.tell import Tell, silent
from peps_stac.workflow.catalogue import Outcome, OutcomeState, catalogue, land
from peps_stac.workflow.preparing import Failure, Prepared
from peps_stac.workflow.quarantine import forget, is_quarantined, note_failure, quarantined
from peps_stac.workflow.recipe import EVERYTHING, AssetChoice, Recipe, Step
from peps_stac.workflow.side_by_side import Crew, prepared_together
from peps_stac.workflow.workers import Workers


def add(  # noqa: PLR0913 -- what and how, where, and who listens
    catalog: Catalog,
    paths: Iterable[Path],
    *,
    assets: AssetChoice = EVERYTHING,
    scheduler: str | None = None,
    now: Clock = utc_now,
    tell: Tell = silent,
    report: Callable[[Step], None] | None = None,
) -> Iterator[Outcome]:
    """What became of each product at or below the paths; one failure never stops the others.

    Archives and folders are left where and as they are, whatever is made of them. What the
    catalog has already is kept, and completed where more is wanted than was the last time.

    As long as there is one product a worker, they are made side by side and told as they come;
    the last few one by one, the workers sharing their rasters.

    Only the catalog's own quarantine, given as a path, is emptied of what turns out good; what
    fails again stays there, and its note says why.

    Args:
        catalog: Where the Items go.
        paths: Archives, unpacked products, or folders of these.
        assets: Which files of each, and in what form.
        scheduler: Address of a Dask scheduler, `tcp://host:8786`; its workers do the work instead
            of `assets.workers`, and must see archives and catalog under the same paths. Needs
            the extra `dask`.
        now: The clock.
        tell: Gets what is worth knowing and no failure.
        report: Gets how far the files of a product are.

    Raises:
        RequestError: A path that does not exist, before anything is done; a choice of assets
            that cannot be meant; an address that is none; COGs are all that object storage takes.
        ServiceError: No Dask scheduler answers, or it went away.
    """
    given = tuple(paths)
    assets.check()
    if catalog.is_remote:
        _check_remote(catalog, assets, scheduler)
    for path in given:
        if not path.exists():
            raise RequestError(f"{path}: no such file or folder")
    catalog.mend()
    with Workers(assets.workers) as workers, _crew(scheduler, workers, tell) as crew:
        recipe = Recipe(assets, workers, now, tell, report)
        found = {path: _found(catalog, path) for path in given}
        by_place = {
            product.resolve(): product
            for below in found.values()
            for product in below
            if not _is_own(catalog, product)
        }
        for path, below in found.items():
            if why := _fruitless(catalog, path, below):
                yield Outcome(str(path), OutcomeState.FAILED, why)
        products = tuple(by_place.values())
        together = len(products) if scheduler else _whole_rounds(len(products), assets.workers)
        if together:
            yield from _added_together(catalog, products[:together], crew, recipe)
        for number, product in enumerate(products[together:], start=together + 1):
            counted = _counted(report, number, len(products))
            yield _added(catalog, product, replace(recipe, report=counted))


def _check_remote(catalog: Catalog, assets: AssetChoice, scheduler: str | None) -> None:
    if assets.form is not AssetMode.COG:
        raise RequestError(f"{catalog.href}: object storage takes COGs only: --assets cog")
    if scheduler is not None:
        message = f"{catalog.href}: the workers of a cluster need a file system that all share"
        raise RequestError(f"{message}; use --workers, or add to a folder and copy that")


@contextmanager
def _crew(scheduler: str | None, workers: Workers, tell: Tell) -> Iterator[Crew]:
    if scheduler is None:
        yield workers
        return
    try:
        cluster = import_module("peps_stac.workflow.cluster")
    except ModuleNotFoundError as error:
        message = f"--scheduler {scheduler} needs {error.name}: pip install 'peps-stac[dask]'"
        raise RequestError(message) from error
    with cluster.connected(scheduler, tell) as crew:
        yield crew


def _whole_rounds(products: int, workers: int) -> int:
    """How many are made side by side, so that no worker is ever without one; 0 for one worker."""
    return products - products % workers if workers > 1 else 0


def _found(catalog: Catalog, path: Path) -> tuple[Path, ...]:
    if path.is_dir() and is_quarantined(catalog, path):
        return tuple(aside.path for aside in quarantined(catalog))
    return find_products(path)


def _fruitless(catalog: Catalog, path: Path, found: tuple[Path, ...]) -> str | None:
    if not found and is_quarantined(catalog, path):
        return "nothing is kept aside there"
    if not found:
        return "no MAJA product there (looked for *.zip and *_MTD_ALL.xml)"
    if _is_own(catalog, path):
        return "this is the catalog's own folder; what is in it is catalogued already"
    return None


def _counted(
    report: Callable[[Step], None] | None, number: int, total: int
) -> Callable[[Step], None] | None:
    """The same listener, which also hears which of how many products it is."""
    if report is None:
        return None
    return lambda step: report(replace(step, product=number, products=total))


def _is_own(catalog: Catalog, path: Path) -> bool:
    """Whether the catalog made what is there itself."""
    if catalog.is_remote:
        return False
    return path.resolve().is_relative_to((catalog.root / L2A_COLLECTION).resolve())


def _added_together(
    catalog: Catalog, paths: Sequence[Path], crew: Crew, recipe: Recipe
) -> Iterator[Outcome]:
    is_owned = partial(is_quarantined, catalog)
    for path, found in prepared_together(catalog, crew, paths, recipe, is_owned):
        try:
            outcome = _landed(catalog, path, found, recipe)
        except (PepsStacError, OSError) as error:
            outcome = _failed(catalog, path, error, recipe)
        yield outcome


def _landed(catalog: Catalog, path: Path, found: Prepared | Failure, recipe: Recipe) -> Outcome:
    if isinstance(found, Failure):
        raise found.error
    outcome = land(catalog, found, recipe.now())
    if is_quarantined(catalog, path):
        forget(catalog, path.name)
    return outcome


def _added(catalog: Catalog, path: Path, recipe: Recipe) -> Outcome:
    try:
        return catalogue(catalog, path, recipe, is_owned=is_quarantined(catalog, path))
    except (PepsStacError, OSError) as error:
        return _failed(catalog, path, error, recipe)


def _failed(
    catalog: Catalog, path: Path, error: PepsStacError | OSError, recipe: Recipe
) -> Outcome:
    why = str(error)
    if isinstance(error, (DownloadError, ResponseError)):
        why = _of_another_catalog(path) or why
        if is_quarantined(catalog, path):
            why = f"{error}; it stays in quarantine, peps-stac download fetches it anew"
            with suppress(CatalogError):  # a full disk: the note of the time before is as good
                note_failure(catalog, path, reason=str(error), when=recipe.now())
    return Outcome(str(path), OutcomeState.FAILED, why)


def _of_another_catalog(folder: Path) -> str | None:
    """What to do with the folder of an Item, whose rasters are not those of MAJA any more."""
    with suppress(PepsStacError):
        document = read_document(str(folder / f"{folder.name}.json")) or {}
        if document.get("type") == "Feature" and "stac_version" in document:
            return (
                "an Item of another catalog, its rasters converted or in an archive: open that "
                "catalog as it is, or add the archive that the Item was made from"
            )
    return None
