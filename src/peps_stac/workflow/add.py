"""Catalogue the MAJA products a person already owns: no server is needed."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from peps_stac.archive import find_products
from peps_stac.clock import Clock, utc_now
from peps_stac.errors import PepsStacError, RequestError
from peps_stac.store import Catalog
from peps_stac.workflow.catalogue import Outcome, OutcomeState, catalogue


def add(catalog: Catalog, paths: Iterable[Path], *, now: Clock = utc_now) -> Iterator[Outcome]:
    """What became of each product at or below the paths; one failure never stops the others.

    Archives are unpacked into the catalog and left where they are; unpacked products are
    catalogued in place.

    Raises:
        RequestError: A path that does not exist, or holds no product at all.
    """
    for path in paths:
        if not path.exists():
            raise RequestError(f"{path}: no such file or folder")
        products = find_products(path)
        if not products:
            raise RequestError(
                f"{path}: no MAJA product there (looked for *.zip and *_MTD_ALL.xml)"
            )
        for product in products:
            yield _added(catalog, product, now)


def _added(catalog: Catalog, path: Path, now: Clock) -> Outcome:
    try:
        return catalogue(catalog, path, now=now)
    except PepsStacError as error:
        return Outcome(str(path), OutcomeState.FAILED, str(error))
