from email.message import Message
from http import HTTPStatus

import pytest

from peps_stac.browse.ranges import Portion, Version, portion

FILE = Version(size=1000, modified_ns=1_511_780_307_250_000_000)
DATE = "Mon, 27 Nov 2017 10:58:27 GMT"
BEFORE = "Mon, 27 Nov 2017 10:58:26 GMT"
WHOLE = Portion(HTTPStatus.OK, 0, 1000)
NONE = Portion(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
SAME = Portion(HTTPStatus.NOT_MODIFIED)


def asked(headers: dict[str, str], *, is_get: bool = True) -> Portion:
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return portion(message, FILE, is_get=is_get)


def part(start: int, length: int) -> Portion:
    return Portion(HTTPStatus.PARTIAL_CONTENT, start, length)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bytes=0-0", part(0, 1)),
        ("bytes=0-499", part(0, 500)),
        ("bytes=500-", part(500, 500)),
        ("bytes=-1", part(999, 1)),
        ("bytes=-500", part(500, 500)),
        ("bytes=-5000", part(0, 1000)),
        ("bytes=990-5000", part(990, 10)),
        ("Bytes= 1-2 ", part(1, 2)),
        ("bytes=1000-", NONE),
        ("bytes=1000-2000", NONE),
        ("bytes=-0", NONE),
        # RFC 9110, section 14.2: what is not understood is as if it had not been asked.
        ("bytes=5-4", WHOLE),
        ("bytes=-", WHOLE),
        ("bytes=a-b", WHOLE),
        ("bytes=0-1,5-6", WHOLE),
        ("lines=0-1", WHOLE),
        ("bytes=" + "9" * 40 + "-", WHOLE),
        ("", WHOLE),
    ],
)
def test_a_range_is_answered(text: str, expected: Portion) -> None:
    assert asked({"Range": text}) == expected


def test_head_knows_no_ranges() -> None:
    assert asked({"Range": "bytes=0-1"}, is_get=False) == WHOLE


def test_an_empty_file_has_no_range() -> None:
    message = Message()
    message["Range"] = "bytes=0-"

    assert portion(message, Version(0, 0)).status == NONE.status


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (FILE.etag, part(0, 2)),
        (DATE, part(0, 2)),
        ('"other"', WHOLE),
        (f"W/{FILE.etag}", WHOLE),
        (BEFORE, WHOLE),
        ("nonsense", WHOLE),
    ],
)
def test_if_range_gives_the_whole_of_a_file_that_changed(condition: str, expected: Portion) -> None:
    assert asked({"Range": "bytes=0-1", "If-Range": condition}) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"If-None-Match": FILE.etag}, SAME),
        ({"If-None-Match": f'"x", W/{FILE.etag}'}, SAME),
        ({"If-None-Match": "*"}, SAME),
        ({"If-None-Match": '"x"'}, WHOLE),
        ({"If-Modified-Since": DATE}, SAME),
        ({"If-Modified-Since": BEFORE}, WHOLE),
        ({"If-Modified-Since": "yesterday"}, WHOLE),
        ({"If-Modified-Since": "Mon, 27 Nov 2017 10:58:27 -0000"}, SAME),
        # The tag is asked first, and then alone.
        ({"If-None-Match": '"x"', "If-Modified-Since": DATE}, WHOLE),
    ],
)
def test_what_the_client_has_is_not_sent_again(headers: dict[str, str], expected: Portion) -> None:
    assert asked(headers) == expected


def test_the_tag_tells_versions_of_one_second_apart() -> None:
    later = Version(FILE.size, FILE.modified_ns + 1)

    assert later.etag != FILE.etag
    assert later.last_modified == FILE.last_modified
