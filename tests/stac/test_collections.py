"""The Collections, as they are before any Item is in them."""

import pytest

from expectations import assert_expected
from peps_stac.errors import RequestError
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION, OFFER_COLLECTION, collection
from schemas import core_faults

EACH = pytest.mark.parametrize("collection_id", [L1C_COLLECTION, L2A_COLLECTION, OFFER_COLLECTION])


@EACH
def test_a_collection_as_a_whole(collection_id: str) -> None:
    assert_expected(collection_id, collection(collection_id).to_dict())


@EACH
def test_a_collection_is_valid(collection_id: str) -> None:
    assert not core_faults(collection(collection_id).to_dict())


@EACH
def test_a_collection_leads_to_the_terms_of_its_data(collection_id: str) -> None:
    """`license` is `other`, so STAC wants a link to the text."""
    made = collection(collection_id)

    assert made.license == "other"
    assert made.get_single_link("license")


def test_two_calls_share_nothing() -> None:
    collection(L1C_COLLECTION).links.clear()

    assert collection(L1C_COLLECTION).links


def test_there_is_no_other_collection() -> None:
    with pytest.raises(RequestError, match="landsat"):
        collection("landsat")
