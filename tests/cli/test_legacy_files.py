"""Product lists and logs, as the old scripts left them and as they are written here."""

from pathlib import Path

import pytest

from builders import JOB_ID, PRODUCT_NAME, utc
from peps_stac.cli.legacy_files import log_document, read_list, read_log, write_list
from peps_stac.domain import JobStatus, Order, Process
from peps_stac.errors import RequestError

HREF = f"https://peps.cnes.fr/resto/wps/outputs/pywps-{JOB_ID}.xml"
SERIES = {"startDate": "2017-07-01", "completionDate": "2018-01-01", "tileid": "31TCJ"}
REFUSAL = """<ExceptionReport xmlns="http://www.opengis.net/ows/1.1">
<Exception exceptionCode="InvalidParameterValue" locator="product"/></ExceptionReport>"""


OTHER_NAME = PRODUCT_NAME.replace("T31TCJ", "T31TDJ")


def an_order() -> Order:
    return Order(
        process=Process.FULL_MAJA,
        status=JobStatus.ORDERED,
        inputs=SERIES,
        id=JOB_ID,
        date=utc("2017-12-01T10:00:00"),
    )


def test_a_list_that_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"

    write_list(path, [PRODUCT_NAME, OTHER_NAME])

    assert path.read_text() == f"{PRODUCT_NAME}\n{OTHER_NAME}\n"
    assert read_list(path) == (PRODUCT_NAME, OTHER_NAME)
    assert [one.name for one in tmp_path.iterdir()] == ["list.txt"]


@pytest.mark.parametrize(
    "layout", ["{0}\r\n{1}\r\n", "{0} \n\n {1}", "\ufeff{0}\n{1}\n{0}\n", "{0}.SAFE\n{1}.SAFE\n"]
)
def test_a_list_may_come_from_any_system(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(layout.format(PRODUCT_NAME, OTHER_NAME).encode())

    assert read_list(path) == (PRODUCT_NAME, OTHER_NAME)


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\xff\xfe\x00"])
def test_a_list_that_names_nothing_is_refused_by_its_name(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RequestError, match=r"list\.txt"):
        read_list(path)


def test_a_list_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"-p: .* cannot be written"):
        write_list(tmp_path / "nowhere" / "list.txt", ["A"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ('{"ErrorMessage": "Unauthorized", "ErrorCode": 401}', "Unauthorized"),
        ("<html>Bad Gateway</html>", "html"),
        (REFUSAL, "InvalidParameterValue product"),
    ],
)
def test_a_log_without_a_job_says_what_it_holds(
    content: str, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.log"
    path.write_text(content)

    with pytest.raises(RequestError, match=complaint) as caught:
        read_log(path)

    assert "x.log" in str(caught.value)


def test_a_log_of_ours_is_read_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text(log_document(an_order(), HREF))

    reply = read_log(path)

    assert reply is not None
    assert (reply.job_id, reply.status_href, reply.created) == (JOB_ID, HREF, an_order().date)
    assert (reply.process, reply.inputs) == ("FULL_MAJA", SERIES)


def test_a_log_of_ours_can_be_read_where_the_old_scripts_look() -> None:
    """They take the line that begins with the root, and the last attribute of it."""
    lines = log_document(an_order(), HREF).splitlines()
    (root,) = [line for line in lines if line.startswith("<wps:ExecuteResponse")]

    assert root.partition('statusLocation="')[2] == f'{HREF}">'


def test_no_log_is_none_and_a_folder_is_an_error(tmp_path: Path) -> None:
    assert read_log(tmp_path / "x.log") is None
    with pytest.raises(RequestError, match="cannot be read"):
        read_log(tmp_path)


def test_a_list_may_hold_remarks_and_a_line_without_a_product_is_named(tmp_path: Path) -> None:
    """As `adopt` reads it: both take the same files."""
    path = tmp_path / "list.txt"
    path.write_text(f"# November\n{PRODUCT_NAME} 12 %\n")
    assert read_list(path) == (PRODUCT_NAME,)
    path.write_text(f"{PRODUCT_NAME}\nToulouse\n")

    with pytest.raises(RequestError, match=r"list\.txt: line 2 names no L1C product: 'Toulouse'"):
        read_list(path)
