from collections.abc import Iterator

import pytest

from builders_peps import ScriptedPeps, a_scripted_peps
from peps_stac.domain import Credentials
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient


@pytest.fixture
def peps() -> Iterator[ScriptedPeps]:
    with a_scripted_peps() as script:
        yield script


@pytest.fixture
def client(peps: ScriptedPeps) -> Iterator[PepsClient]:
    credentials = Credentials(username="me@example.org", password="synthetic")  # noqa: S106 -- no real one
    with Session(
        peps.url, credentials=credentials, attempts=2, sleep=lambda _seconds: None
    ) as session:
        yield PepsClient(session)
