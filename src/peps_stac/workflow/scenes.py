"""L1C Items by name or by series: from the catalog, else found on the service."""

from collections.abc import Iterator
from datetime import timedelta

import pystac

from peps_stac.domain import MajaRequest, MgrsTile, ProcessRequest, SearchQuery
from peps_stac.provider.interface import Catalogue
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.inputs import query_of
from peps_stac.workflow.pairing import scene_of
from peps_stac.workflow.search import search

_AROUND = timedelta(minutes=1)
"""The service's start may be milliseconds after the whole seconds of the name."""


def scene_named(
    client: Catalogue, catalog: Catalog, name: str, *, tell: Tell = silent
) -> pystac.Item | None:
    """The L1C Item of a product name; None when neither the catalog nor the service has it.

    Raises:
        ServiceError, ResponseError: The service cannot be asked.
    """
    if item := catalog.get(name, L1C_COLLECTION):
        return item
    scene = scene_of(name)
    if scene is None:
        return None
    query = SearchQuery(
        tiles=(MgrsTile.parse(scene.tile),),
        start=scene.start - _AROUND,
        end=scene.start + _AROUND,
    )
    return next((item for item in search(client, query, tell=tell) if item.id == name), None)


def scenes_of_request(
    client: Catalogue, catalog: Catalog, request: ProcessRequest, *, tell: Tell = silent
) -> Iterator[pystac.Item]:
    """The L1C Items that a job is for.

    Raises:
        ServiceError, ResponseError: The service cannot be asked.
    """
    if isinstance(request, MajaRequest):
        item = scene_named(client, catalog, request.product, tell=tell)
        yield from [item] if item else []
        return
    for found in search(client, query_of(request), tell=tell):
        yield catalog.get(found.id, L1C_COLLECTION) or found
