from datetime import date

import pytest

from peps_stac.domain import FullMajaRequest, JobStatus, MajaRequest, MgrsTile, Order, Process

TILE = MgrsTile.parse("31TCJ")


def test_a_series_is_asked_for_with_the_inputs_of_full_maja() -> None:
    request = FullMajaRequest(TILE, date(2017, 9, 1), date(2017, 11, 30), relative_orbit=51)

    assert request.process is Process.FULL_MAJA
    assert request.inputs == {
        "startDate": "2017-09-01",
        "completionDate": "2017-11-30",
        "tileid": "31TCJ",
        "relativeOrbitNumber": "51",
    }


def test_one_product_is_asked_for_by_name() -> None:
    assert MajaRequest("S2A_X").inputs == {"product": "S2A_X"}


@pytest.mark.parametrize("status", JobStatus)
def test_a_state_is_open_or_final_or_nothing_was_sent(status: JobStatus) -> None:
    claims = (status.is_open, status.is_final, status is JobStatus.ORDERABLE)

    assert claims.count(True) == 1


def test_an_order_without_a_job_id_is_unconfirmed() -> None:
    assert Order(process=Process.MAJA, status=JobStatus.ORDERED).is_unconfirmed
    assert not Order(process=Process.MAJA, status=JobStatus.ORDERED, id="1").is_unconfirmed
