"""Files of the old scripts, whatever became of them since."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import HOST, JOB_ID, PRODUCT_NAME, utc
from peps_stac.errors import AuthenticationError, RequestError, ResponseError
from peps_stac.peps.legacy import looks_like_reply, read_product_list, read_saved_reply

REPLY = f"""<?xml version="1.0" encoding="utf-8"?>
<wps:ExecuteResponse xmlns:wps="http://www.opengis.net/wps/1.0.0"
 xmlns:ows="http://www.opengis.net/ows/1.1" service="WPS" version="1.0.0"
 statusLocation="{HOST}/resto/wps/outputs/pywps-{JOB_ID}.xml">
<wps:Process wps:processVersion="1.0"><ows:Identifier>FULL_MAJA</ows:Identifier></wps:Process>
<wps:Status creationTime="2019-10-24T09:00:00Z">
<wps:ProcessAccepted>Process FULL_MAJA accepted</wps:ProcessAccepted></wps:Status>
<wps:DataInputs>
<wps:Input><ows:Identifier>tileid</ows:Identifier><wps:Data><wps:LiteralData>31TCJ</wps:LiteralData>
</wps:Data></wps:Input>
</wps:DataInputs>
</wps:ExecuteResponse>
"""


def test_a_log_tells_job_process_time_and_what_inputs_there_are() -> None:
    reply = read_saved_reply(REPLY.encode())

    assert reply.job_id == JOB_ID
    assert reply.status_href == f"{HOST}/resto/wps/outputs/pywps-{JOB_ID}.xml"
    assert (reply.process, reply.inputs) == ("FULL_MAJA", {"tileid": "31TCJ"})
    assert reply.created == utc("2019-10-24T09:00:00")


@pytest.mark.parametrize(
    "text",
    [
        REPLY.replace("\n", " "),
        REPLY.replace("wps:", "ns0:").replace("xmlns:wps", "xmlns:ns0"),
        f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n{REPLY}",
        f"\ufeff{REPLY}\nDone.\n",
        REPLY.replace('"', "'"),
    ],
    ids=["one line", "other prefix", "with headers", "with a mark and words", "single quotes"],
)
def test_any_spelling_of_a_log_is_read(text: str) -> None:
    assert looks_like_reply(text.encode())
    assert read_saved_reply(text.encode()).job_id == JOB_ID


def test_a_log_that_was_cut_short_still_names_its_job() -> None:
    cut = REPLY[: REPLY.index("<wps:ProcessAccepted>")]

    reply = read_saved_reply(cut.encode())

    assert (reply.job_id, reply.inputs) == (JOB_ID, {})
    assert reply.created == utc("2019-10-24T09:00:00")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b" \n", "never answered"),
        (b'{"ErrorMessage": "Unauthorized", "ErrorCode": 401}', "Unauthorized"),
        (b"<html><body>Bad gateway</body></html>", "html"),
        (REPLY.replace("statusLocation", "statusless").encode(), "names no status document"),
    ],
    ids=["empty", "error", "web page", "no location"],
)
def test_a_log_that_names_no_job_says_what_it_holds(content: bytes, complaint: str) -> None:
    assert looks_like_reply(content)
    with pytest.raises(ResponseError, match=complaint):
        read_saved_reply(content)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("MissingParameterValue", RequestError), ("InvalidParameterValue", AuthenticationError)],
)
def test_a_saved_refusal_is_told_in_the_services_words(code: str, kind: type[Exception]) -> None:
    report = (
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1">'
        f'<ows:Exception exceptionCode="{code}" locator="identifier"/></ows:ExceptionReport>'
    )
    with pytest.raises(kind, match="refused"):
        read_saved_reply(report.encode())


def test_a_product_list_has_one_name_per_line_and_maybe_more() -> None:
    other = PRODUCT_NAME.replace("T31TCJ", "T31TCK")
    text = f"\ufeff{PRODUCT_NAME}.SAFE\r\n\n# Toulouse\n0 {other} disk 12,5\n{PRODUCT_NAME};done\n"

    assert not looks_like_reply(text.encode())
    assert read_product_list(text) == (PRODUCT_NAME, other)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"{PRODUCT_NAME}\nhello\n", "line 2 names no L1C product: 'hello'"),
        ("\n\n", "names no product"),
    ],
)
def test_what_is_no_product_list_says_why(text: str, complaint: str) -> None:
    with pytest.raises(ResponseError, match=complaint):
        read_product_list(text)


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_job_or_an_error_of_ours(content: bytes) -> None:
    try:
        assert read_saved_reply(content).job_id
    except (ResponseError, RequestError, AuthenticationError) as error:
        assert "\n" not in str(error)  # noqa: PT017 -- both ends are right
