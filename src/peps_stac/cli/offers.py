"""What Theia has made already and a search has saved: fetched by `download` and by `sync`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from peps_stac.cli.connect import connected_geodes
from peps_stac.cli.output import tell
from peps_stac.cli.settings import Settings
from peps_stac.errors import AuthenticationError

if TYPE_CHECKING:
    from peps_stac.store import Catalog
    from peps_stac.workflow import Outcome


def fetch_offers(
    settings: Settings, catalog: "Catalog", how: dict[str, Any], *, is_alone: bool
) -> "Iterator[Outcome]":
    """Fetch all that was saved and is not there, if anything.

    Args:
        settings: Where GEODES is.
        catalog: Where the offers stand and the products go.
        how: Arguments of `download_offers`.
        is_alone: Whether nothing else is to be done: a key that is missing, or refused, is told
            as the failure of each product otherwise.

    Raises:
        AuthenticationError: No key is known, or it is refused.
    """
    from peps_stac.workflow import download_offers, offered
    from peps_stac.workflow.landing import failed

    offers = {item.id: item for item in offered(catalog, how["assets"])}
    if not offers:
        return
    try:
        with connected_geodes(settings, login=True) as client:
            for outcome in download_offers(client, catalog, tuple(offers.values()), **how):
                offers.pop(outcome.name, None)
                yield outcome
    except AuthenticationError as error:
        if is_alone:
            raise
        tell(str(error))
        for name in offers:
            yield failed(name, "not fetched: no key that GEODES takes")
