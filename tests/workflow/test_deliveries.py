from pathlib import Path

from builders import JOB_ID, PRODUCT_NAME
from peps_stac.domain import JobReport, JobStatus, Order, Process
from peps_stac.store import Catalog
from peps_stac.workflow import AssetChoice
from peps_stac.workflow.deliveries import deliveries
from peps_stac.workflow.tracking import TrackedOrder


def names(tmp_path: Path, *hrefs: str) -> list[str]:
    order = Order(process=Process.FULL_MAJA, status=JobStatus.SUCCEEDED, id=JOB_ID)
    entry = TrackedOrder(order, {PRODUCT_NAME: order})
    said = JobReport(job_status="successful", status=JobStatus.SUCCEEDED, results=hrefs)
    found = deliveries(Catalog(tmp_path), AssetChoice(), entry, said)
    return [one.path.name for one in found]


def test_archives_of_one_name_in_several_folders_are_several(tmp_path: Path) -> None:
    """A service may call every result the same."""
    host = "https://store.example"

    hrefs = (f"{host}/1/result.zip", f"{host}/2/result.zip?signature=x", f"{host}/3/result.zip")

    assert names(tmp_path, *hrefs) == ["result.zip", "2_result.zip", "3_result.zip"]


def test_one_archive_is_fetched_once_by_however_many_hosts_it_is_offered(tmp_path: Path) -> None:
    paths = ("https://peps.cnes.fr/maja/a.zip", "http://internal:80/maja/a.zip")

    assert names(tmp_path, *paths) == ["a.zip"]
