"""Product lists and logs, as the old scripts and every kind of server left them."""

from pathlib import Path

import pytest

from builders import JOB_ID, PRODUCT_NAME, utc
from peps_stac.cli.legacy_files import (
    Launch,
    find_launch,
    launch_document,
    read_launch,
    read_product_list,
    write_product_list,
)
from peps_stac.errors import RequestError
from peps_stac.peps.wps import WpsState, read_execute_response

HREF = f"https://peps.cnes.fr/resto/wps/outputs/pywps-{JOB_ID}.xml"
SERIES = {"startDate": "2017-07-01", "completionDate": "2018-01-01", "tileid": "31TCJ"}
OLD_LOG = f"""<?xml version="1.0" encoding="utf-8"?>
<wps:ExecuteResponse xmlns:wps="http://www.opengis.net/wps/1.0.0"
 xmlns:ows="http://www.opengis.net/ows/1.1" service="WPS" version="1.0.0" statusLocation="{HREF}">
<wps:Process wps:processVersion="1.0"><ows:Identifier>FULL_MAJA</ows:Identifier></wps:Process>
<wps:Status creationTime="2017-12-01T10:00:00Z"><wps:ProcessAccepted>Process FULL_MAJA accepted
</wps:ProcessAccepted></wps:Status></wps:ExecuteResponse>"""

REFUSAL = """<ExceptionReport xmlns="http://www.opengis.net/ows/1.1">
<Exception exceptionCode="InvalidParameterValue" locator="product"/></ExceptionReport>"""


def a_launch() -> Launch:
    when = utc("2017-12-01T10:00:00")
    return Launch(job_id=JOB_ID, status_href=HREF, process="FULL_MAJA", inputs=SERIES, created=when)


def test_a_list_that_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"

    write_product_list(path, [PRODUCT_NAME, "B"])

    assert path.read_text() == f"{PRODUCT_NAME}\nB\n"
    assert read_product_list(path) == (PRODUCT_NAME, "B")
    assert [one.name for one in tmp_path.iterdir()] == ["list.txt"]


@pytest.mark.parametrize(
    "content", [b"A\r\nB\r\n", b"A \n\n B", b"\xef\xbb\xbfA\nB\nA\n", b"A.SAFE\nB.SAFE\n"]
)
def test_a_list_may_come_from_any_system(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(content)

    assert read_product_list(path) == ("A", "B")


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\xff\xfe\x00"])
def test_a_list_that_names_nothing_is_refused_by_its_name(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RequestError, match=r"list\.txt"):
        read_product_list(path)


def test_a_list_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"-p: .* cannot be written"):
        write_product_list(tmp_path / "nowhere" / "list.txt", ["A"])


def test_a_log_of_the_old_scripts_tells_the_job() -> None:
    launch = read_launch(OLD_LOG.encode(), "x.log")

    assert (launch.job_id, launch.status_href) == (JOB_ID, HREF)
    assert (launch.process, launch.inputs) == ("FULL_MAJA", {})
    assert launch.created == utc("2017-12-01T10:00:00")


@pytest.mark.parametrize(
    "content",
    [
        OLD_LOG.replace("\n", " "),
        OLD_LOG.replace("wps:", "ns0:").replace(":wps=", ":ns0="),
        OLD_LOG.replace('"', "'"),
        f"\n \n{OLD_LOG}",
        OLD_LOG[:400],
        OLD_LOG.replace("https://peps.cnes.fr/resto", "http://peps-vizo.cnes.fr:8081"),
    ],
    ids=["one line", "prefix", "quotes", "blanks before", "cut short", "internal host"],
)
def test_a_log_is_read_in_any_spelling(content: str) -> None:
    assert read_launch(content.encode(), "x.log").job_id == JOB_ID


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ('{"ErrorMessage": "Unauthorized", "ErrorCode": 401}', "Unauthorized"),
        ("<html>Bad Gateway</html>", "statusLocation"),
        ('["x"]', "statusLocation"),
        (REFUSAL, "InvalidParameterValue product"),
    ],
)
def test_a_log_without_a_submission_says_what_it_holds(content: str, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint) as caught:
        read_launch(content.encode(), "x.log")

    assert "x.log" in str(caught.value)


def test_entities_in_a_log_are_not_followed() -> None:
    bomb = OLD_LOG.replace("<wps:Exec", '<!DOCTYPE x [<!ENTITY a "b">]><wps:Exec', 1)

    assert read_launch(bomb.encode(), "x.log").inputs == {}


def test_a_log_of_ours_is_read_back_whole() -> None:
    assert read_launch(launch_document(a_launch()).encode(), "x.log") == a_launch()


def test_a_log_of_ours_is_an_execute_response() -> None:
    answer = read_execute_response(launch_document(a_launch()).encode())

    assert (answer.job_id, answer.status_href) == (JOB_ID, HREF)
    assert answer.state is WpsState.ACCEPTED


def test_a_log_of_ours_can_be_read_where_the_old_scripts_look() -> None:
    """They take the line that begins with the root, and the last attribute of it."""
    lines = launch_document(a_launch()).splitlines()
    (root,) = [line for line in lines if line.startswith("<wps:ExecuteResponse")]

    assert root.partition('statusLocation="')[2] == f'{HREF}">'


def test_no_log_is_none_and_a_folder_is_an_error(tmp_path: Path) -> None:
    assert find_launch(tmp_path / "x.log") is None
    with pytest.raises(RequestError, match="cannot be read"):
        find_launch(tmp_path)
