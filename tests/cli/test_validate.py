import pytest

from builders_cli import NOWHERE
from peps_stac.cli.validate import document, schema_fetcher, verdict
from peps_stac.errors import ServiceError
from peps_stac.simulator import Simulator
from peps_stac.store import Checked, Finding, Source, Validation

EO = Checked("https://example.org/eo.json", Source.FOLDER, 3)
SAT = Checked("https://example.org/sat.json", Source.NOWHERE, 3)
BROKEN = Finding("catalog.json", "has no links")


def test_offline_nothing_is_fetched() -> None:
    with schema_fetcher(offline=True) as fetch:
        assert fetch is None


def test_after_the_first_failure_no_further_schema_is_tried(simulator: Simulator) -> None:
    """Without a network a dozen schemas would be a dozen waits."""
    with schema_fetcher(offline=False) as fetch:
        assert fetch is not None
        with pytest.raises(ServiceError):
            fetch(f"{NOWHERE}/eo.json")
        with pytest.raises(ServiceError, match="not tried"):
            fetch(f"{simulator.url}/sat.json")
    assert len(simulator.requests) == 0


def test_the_verdict_tells_what_is_wrong_and_what_was_not_checked() -> None:
    assert verdict(Validation((), (EO,))) == "valid"
    assert verdict(Validation((BROKEN,), (EO,))) == "1 finding"
    assert verdict(Validation((), (EO, SAT))) == "valid; 1 schema not at hand and not checked"


def test_the_document_holds_findings_and_sources() -> None:
    assert document(Validation((BROKEN,), (SAT,))) == {
        "valid": False,
        "findings": [{"path": "catalog.json", "message": "has no links"}],
        "against": [{"schema": SAT.uri, "source": "not checked", "files": 3}],
    }
