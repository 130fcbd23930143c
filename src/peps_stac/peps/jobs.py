"""The service's own list of a user's jobs, where a submission is found whose answer was lost.

Rows are those of the server's table `jobs` (`Functions_jobs.php`); their times of day are the
service's own, without an offset, and taken as UTC here. The list may name a job
twice, keeps it for some days, and lacks a job whose submission timed out on the way.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

import orjson

from peps_stac.domain import ListedJob
from peps_stac.errors import ResponseError
from peps_stac.peps.wps import job_id_of
from peps_stac.provider.values import one_line, read_count, read_instant, read_mapping, read_text

_OUTPUTS = "/resto/wps/outputs/"
_DIGITS = re.compile(r"[0-9]+")
_JWT_PARTS = 3


def read_jobs(document: Any) -> tuple[ListedJob, ...]:  # noqa: ANN401 -- whatever JSON came
    """The jobs of a list, each once, in the service's order (newest first).

    Raises:
        ResponseError: Not a list of jobs, or a row without its id.
    """
    rows = document if isinstance(document, list) else read_mapping(document).get("data")
    if rows == {}:
        rows = []
    if not isinstance(rows, list):
        message = one_line(str(read_mapping(document).get("message") or type(document).__name__))
        raise ResponseError(f"the list of jobs cannot be read ({message}); ask again later")
    jobs: dict[str, ListedJob] = {}
    for row in rows:
        job = _read_job(read_mapping(row))
        jobs.setdefault(job.row_id, job)
    return tuple(jobs.values())


def user_id(token_document: Any) -> str:  # noqa: ANN401 -- whatever JSON came
    """The number of the account, from the token that `users/connect` answers.

    The token is a JSON Web Token of the service about the caller itself, so that its signature
    does not matter here.

    Raises:
        ResponseError: No such token.
    """
    claims = _claims(read_text(read_mapping(token_document).get("token")) or "")
    for value in (claims.get("sub"), read_mapping(claims.get("data")).get("userid")):
        number = read_count(value)
        if number is not None:
            return str(number)
    raise ResponseError("the service's login answer names no account; check the address")


def _read_job(row: Mapping[str, Any]) -> ListedJob:
    row_id = str(row.get("gid"))
    if not _DIGITS.fullmatch(row_id):
        raise ResponseError(f"a row of the list of jobs has no number (gid: {one_line(row_id)!r})")
    location = read_text(row.get("statuslocation"))
    return ListedJob(
        row_id=row_id,
        job_id=job_id_of(location) if location else None,
        title=read_text(row.get("title")),
        process=read_text(row.get("identifier")),
        inputs=_read_inputs(row.get("data")),
        created=read_instant(row.get("querytime")),
        status_href=_status_href(location),
        word=read_text(row.get("status")),
    )


def _status_href(location: str | None) -> str | None:
    """The server keeps the file name alone."""
    return f"{_OUTPUTS}{location}" if location and "/" not in location else location


def _read_inputs(data: object) -> dict[str, str]:
    """`datainputs` of the query that the server keeps with the job, as JSON in a text."""
    if isinstance(data, str):
        try:
            data = orjson.loads(data)
        except ValueError:
            return {}
    for key, value in read_mapping(data).items():
        if key.lower() == "datainputs" and isinstance(value, str):
            pairs = (pair.partition("=") for pair in value.strip().strip("[]").split(";"))
            return {name.strip(): text.strip() for name, _, text in pairs if text}
    return {}


def _claims(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    if len(parts) != _JWT_PARTS:
        return {}
    payload = parts[1]
    try:
        padded = payload.encode("ascii") + b"=" * (-len(payload) % 4)
        return read_mapping(orjson.loads(urlsafe_b64decode(padded)))
    except (ValueError, binascii.Error):
        return {}
