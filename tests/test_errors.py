import pytest

from peps_stac import errors
from peps_stac.errors import PepsStacError, ServiceError

CHILDREN = (
    "AuthenticationError",
    "CatalogError",
    "DownloadError",
    "RequestError",
    "ResponseError",
    "ServiceError",
)


@pytest.mark.parametrize("name", CHILDREN)
def test_one_base_catches_every_error(name: str) -> None:
    assert issubclass(getattr(errors, name), PepsStacError)


def test_a_service_error_says_whether_the_request_arrived() -> None:
    """An order whose request provably never arrived may be sent again."""
    assert ServiceError("timed out").arrived
    assert not ServiceError("refused", arrived=False).arrived
