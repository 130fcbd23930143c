"""Documents of the services and products, damaged: read, or refused in one declared line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from builders_fuzz import fuzz, mutated, mutated_json
from builders_geodes import a_collection, a_record, an_l2a_record
from builders_muscate import a_header, a_jpi, a_metadata, a_southern_style
from builders_peps import (
    a_feature,
    a_job_row,
    a_page,
    a_response,
    a_token,
    an_exception_report,
    an_inline_report,
)
from peps_stac.domain import L1CProduct
from peps_stac.errors import PepsStacError
from peps_stac.geodes.availability import read_availability
from peps_stac.geodes.query import read_page as read_geodes_page
from peps_stac.http.answers import Answer
from peps_stac.muscate.metadata import read_metadata
from peps_stac.muscate.processing import with_header, with_jpi
from peps_stac.peps.jobs import read_jobs, user_id
from peps_stac.peps.legacy import read_product_list, read_saved_reply
from peps_stac.peps.recorded import raw_features
from peps_stac.peps.report import read_report
from peps_stac.peps.resto import read_page
from peps_stac.peps.wps import read_execute_response
from peps_stac.stac.l1c import item_from_product
from recorded import SHARED, needs_recorded

MARKUP = (
    *(b"<", b">", b"</", b"/>", b"&", b"&amp;", b"&#0;", b"&#x10FFFF;", b"<![CDATA[", b"]]>"),
    *(b"<!--", b"-->", b"<?", b"?>", b"<!DOCTYPE a>", b'<!ENTITY a "b">', b"xmlns=''", b'"', b"="),
    *(b"NaN", b"1e999", b"-1", b"99999999999999999999", b"0001-01-01T00:00:00+14:00", b"../../a"),
)
OBJECTS = (
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"NaN", b"1e999", b"\\u0000", b"\\ud800"),
    b"[" * 200,
)
NAME = "P/P_MTD_ALL.xml"
PRODUCT = read_metadata(a_metadata(), NAME)
REPORT = {
    "USER_INFO": {
        "job_status": "FINISHED",
        "results": ["https://peps.example/maja/1/a.zip"],
        "unprocessed": "1",
        "process": "About 50 % done",
        "logs": [],
        "message": "well",
    }
}


def declared(read: Callable[[Any], object]) -> Callable[[Any], None]:
    """Whatever is wrong is one line that can be shown."""

    def check(content: object) -> None:
        line = ""
        try:
            read(content)
        except PepsStacError as error:
            line = str(error)
        assert line.isprintable()
        assert len(line) < 2000

    return check


def answered(read: Callable[[Any], object]) -> Callable[[bytes], object]:
    """A reader of JSON, given the bytes of an answer."""

    def read_bytes(content: bytes) -> object:
        return read(Answer("http://peps.example/", 200, "application/json", content).json())

    return read_bytes


def items_of_peps(document: object) -> None:
    for product in read_page(document).products:
        orjson.dumps(item_from_product(product).to_dict())


def items_of_geodes(document: object) -> None:
    for product in read_geodes_page(document).products:
        if isinstance(product, L1CProduct):
            orjson.dumps(item_from_product(product).to_dict())


def text_of(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda content: read(content.decode(errors="replace"))


XML: dict[str, tuple[Callable[[bytes], object], tuple[bytes, ...]]] = {
    "metadata": (
        lambda content: read_metadata(content, NAME),
        (a_metadata(), a_metadata(a_southern_style())),
    ),
    "processing information": (lambda content: with_jpi(PRODUCT, content), (a_jpi(),)),
    "header": (lambda content: with_header(PRODUCT, content), (a_header(),)),
    "answer to execute": (
        read_execute_response,
        (
            a_response(),
            an_inline_report(REPORT),
            an_exception_report("InvalidParameterValue", "identifier", "no"),
        ),
    ),
    "saved answer": (read_saved_reply, (a_response(), b'{"ErrorMessage": "no"}')),
}
PAGE = a_page(a_feature(), a_feature(cloudCover=None))
ROWS = [a_job_row(), a_job_row()]
DOCUMENTS: dict[str, tuple[Callable[[Any], object], tuple[Any, ...]]] = {
    "page of PEPS": (items_of_peps, (PAGE,)),
    "list of jobs": (read_jobs, (ROWS, {"data": ROWS})),
    "token": (user_id, (a_token(sub="42"), a_token(data={"userid": 42}))),
    "recorded features": (raw_features, (PAGE,)),
    "page of GEODES": (items_of_geodes, (a_collection(a_record()), a_collection(an_l2a_record()))),
    "availability": (
        read_availability,
        ({"files": [{"checksum": "0" * 32, "available": True}]},),
    ),
    "report": (lambda document: read_report(json.dumps(document)), (REPORT, REPORT["USER_INFO"])),
}
TEXTS: dict[str, tuple[Callable[[bytes], object], tuple[bytes, ...]]] = {
    "report": (read_report, (json.dumps(REPORT, indent=1).encode(), json.dumps(REPORT).encode())),
    "list of products": (
        text_of(read_product_list),
        (b"S2A_MSIL1C_20190704T105629_N0207_R094_T31TCJ_20190704T131058.SAFE 12\n# no\n",),
    ),
}


@pytest.mark.parametrize("reader", XML)
def test_damaged_xml_is_read_or_refused_in_one_line(reader: str) -> None:
    read, good = XML[reader]
    for document in good:
        declared(read)(document)
    fuzz(declared(read), mutated(good, MARKUP), examples=250)


@pytest.mark.parametrize("reader", DOCUMENTS)
def test_json_of_other_values_is_read_or_refused_in_one_line(reader: str) -> None:
    read, good = DOCUMENTS[reader]
    for document in good:
        read(document)
    fuzz(declared(read), mutated_json(good), examples=200)


@pytest.mark.parametrize("reader", DOCUMENTS)
def test_damaged_json_is_read_or_refused_in_one_line(reader: str) -> None:
    read, good = DOCUMENTS[reader]
    texts = [json.dumps(document).encode() for document in good]
    fuzz(declared(answered(read)), mutated(texts, OBJECTS), examples=150)


@pytest.mark.parametrize("reader", TEXTS)
def test_damaged_texts_are_read_or_refused_in_one_line(reader: str) -> None:
    read, good = TEXTS[reader]
    fuzz(declared(read), mutated(good, OBJECTS), examples=200)


@needs_recorded
@pytest.mark.parametrize(
    ("pattern", "read"),
    [
        ("muscate/**/*_MTD_ALL.xml", XML["metadata"][0]),
        ("muscate/**/*_JPI_ALL.xml", XML["processing information"][0]),
        ("muscate/**/HDR.xml", XML["header"][0]),
        ("peps/wps-generic/*.xml", read_execute_response),
        ("peps/search_*.json", answered(items_of_peps)),
        ("geodes/search_*.json", answered(items_of_geodes)),
    ],
    ids=["MTD", "JPI", "HDR", "WPS", "search of PEPS", "search of GEODES"],
)
def test_damaged_recordings_are_read_or_refused_in_one_line(
    pattern: str, read: Callable[[bytes], object]
) -> None:
    good = [path.read_bytes() for path in sorted(Path(SHARED).glob(pattern))]
    assert good
    tokens = OBJECTS if pattern.endswith("json") else MARKUP
    fuzz(declared(read), mutated(good, tokens), examples=40)
