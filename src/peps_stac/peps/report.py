"""The report of a job: where MAJA really stands.

No recorded report exists. Programs read it in three forms, all taken here: a series nested in
`USER_INFO`, the server's own flat object, and text read line by line for single products.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from peps_stac.domain import JobReport, JobStatus
from peps_stac.errors import ResponseError
from peps_stac.provider.values import one_line, read_count, read_mapping, read_percent, read_text

STATUS_OF_WORD: Mapping[str, JobStatus] = MappingProxyType(
    {
        "PENDING": JobStatus.PENDING,
        "PAUSED": JobStatus.PENDING,
        "RUNNING": JobStatus.SHIPPING,
        # STALLED means running, not stuck.
        "STALLED": JobStatus.SHIPPING,
        "FINISHED": JobStatus.SUCCEEDED,
        "CANCELED": JobStatus.CANCELED,
        "KILLED": JobStatus.CANCELED,
        "FAILED": JobStatus.FAILED,
        "IN_ERROR": JobStatus.FAILED,
        "ERROR": JobStatus.FAILED,
        "ExceptionReport": JobStatus.FAILED,
    }
)
"""PEPS's `job_status` in the words of `order:status` (DESIGN, section 6)."""

# PEPS, MAJA's readme and MAJA itself spell the same thing.
_NOT_VALID = ("NOVALD", "NOTVALD", "L2NOTV")
_KNOWN_KEYS = frozenset(
    {
        "USER_INFO",
        "finishedTime",
        "job_id",
        "job_status",
        "logs",
        "message",
        "percentCompleted",
        "process",
        "results",
        "unprocessed",
        "wms",
    }
)
# A comma parts two addresses only where the next one begins: it may be part of the first.
_SEPARATORS = re.compile(r"[,;]?\s+|[,;](?=https?:)")
# Not from within digits, nor across quotes: a long text would cost the square of its length.
_PERCENT = re.compile(r"(?<!\d)(?P<number>\d+(?:\.\d+)?)\s*%", re.ASCII)
_TEXT_PROGRESS = re.compile(r"percentCompleted[\"']?\s*[:=]\s*[\"']?(?P<number>\d+(?:\.\d+)?)")
_TEXT_STATUS = re.compile(r"job_status[\"']?\s*[:=]\s*[\"']?(?P<word>\w+)")
_TEXT_WORD = re.compile(r"\b(?:FINISHED|CANCELED)\b")
_TEXT_QUOTED = re.compile(r"[\"'](?P<text>[^\"'\s]*)(?=[\"'])")


def read_report(content: bytes | str) -> JobReport:
    """What a report says; an empty one says nothing, and an unknown word is kept as it is.

    Raises:
        ResponseError: Not a report in any of the three forms.
    """
    text = content if isinstance(content, str) else content.decode(errors="replace")
    text = text.removeprefix("\ufeff")
    try:
        document = orjson.loads(text)
        if isinstance(document, str):
            # A JSON text inside a JSON text, as PHP sometimes encodes twice.
            document = orjson.loads(document)
    except ValueError:
        return _read_lines(text)
    if document is None or document == []:
        document = {}
    if not isinstance(document, Mapping) or (document and not _KNOWN_KEYS & document.keys()):
        raise _unreadable(text)
    return _read_object({**document, **_read_user_info(document.get("USER_INFO"))})


def is_not_valid(href: str) -> bool:
    """Whether a result stands for a date that MAJA found too cloudy to issue."""
    try:
        path = urlsplit(href).path
    except ValueError:
        path = href
    name = unquote(path.rstrip("/").rpartition("/")[2]).upper()
    return any(mark in name for mark in _NOT_VALID)


def status_of_word(word: str | None) -> JobStatus | None:
    """The order's status for the service's word; None for a missing or unknown one."""
    if word is None:
        return None
    return STATUS_OF_WORD.get(word) or STATUS_OF_WORD.get(word.upper())


def _read_user_info(value: object) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except ValueError:
            return {}
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return read_mapping(value)


def _read_object(said: Mapping[str, Any]) -> JobReport:
    word = read_text(said.get("job_status"))
    return JobReport(
        job_status=word,
        status=status_of_word(word),
        progress=_read_progress(said),
        results=_read_hrefs(said.get("results")),
        unprocessed=read_count(said.get("unprocessed")),
        message=read_text(said.get("message")),
        logs=_read_hrefs(said.get("logs")),
    )


def _read_progress(said: Mapping[str, Any]) -> float | None:
    for value in (said.get("percentCompleted"), said.get("process")):
        percent = read_percent(value)
        if percent is None and isinstance(value, str):
            found = _PERCENT.search(value)
            percent = read_percent(found["number"]) if found else None
        if percent is not None:
            return percent
    return None


def _read_hrefs(value: object) -> tuple[str, ...]:
    """Each address once, in order; of a list, of an object's values, or of one text."""
    return tuple(dict.fromkeys(_hrefs(value)))


def _hrefs(value: object) -> Iterator[str]:
    if isinstance(value, str):
        value = _SEPARATORS.split(value.strip())
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        yield from filter(None, map(read_text, value))


def _read_lines(text: str) -> JobReport:
    """The form that the script for single products searched line by line."""
    named = _TEXT_STATUS.search(text)
    words = {named["word"]} if named else set(_TEXT_WORD.findall(text))
    progress = _TEXT_PROGRESS.search(text)
    quoted = (found["text"] for found in _TEXT_QUOTED.finditer(text))
    results = tuple(dict.fromkeys(href for href in quoted if "zip" in href.lower()))
    if text.lstrip().startswith("<") or _is_cut(text) or not (words or progress):
        raise _unreadable(text)
    # Both words: the text is about more than one state, and neither is the job's.
    word = words.pop() if len(words) == 1 else None
    return JobReport(
        job_status=word,
        status=status_of_word(word),
        progress=read_percent(progress["number"]) if progress else None,
        results=results,
    )


def _is_cut(text: str) -> bool:
    """Whether it is the beginning of a document, read while it was written.

    The rest would tell whether a word ends there, and which results there are.
    """
    whole = text.strip()
    if whole.startswith('"'):
        return True  # one text in JSON, which would have been read
    pairs = (("{", "}"), ("[", "]"))
    return whole.startswith("{") and any(whole.count(a) != whole.count(b) for a, b in pairs)


def _unreadable(text: str) -> ResponseError:
    return ResponseError(f"a job report cannot be read: {one_line(text[:80])!r}; ask again later")
