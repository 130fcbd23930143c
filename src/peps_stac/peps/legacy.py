"""What the old scripts left on disk: saved answers to a submission, and lists of products.

The scripts kept nothing but the raw answer of the service, in a `.log` file: for a single product
it is called `<product>.log`, for a series as the person liked. It names the job; the inputs it
names only where the service repeats them.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

import orjson

from peps_stac.errors import ResponseError
from peps_stac.peps.wps import job_id_of, read_execute_response
from peps_stac.provider.values import one_line, read_instant, read_mapping, read_text

_LOCATION = re.compile(r"""statusLocation\s*=\s*(["'])(?P<href>[^"'<>]+)\1""")
_CREATED = re.compile(r"""creationTime\s*=\s*(["'])(?P<time>[^"'<>]+)\1""")
_PRODUCT = re.compile(r"\b(?P<name>S2[A-Z]_\w*?L1C_\w+?)(?:\.SAFE|\.zip|\.log)?(?=[\s,;\"']|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReply:
    """What a saved answer says of the job that it started."""

    job_id: str
    status_href: str
    """As written, maybe with an internal host."""
    process: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    """Empty where the service did not repeat them."""
    created: datetime | None = None


def looks_like_reply(content: bytes) -> bool:
    """Whether a file is an answer of the service, rather than a list of products."""
    head = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return head in (b"<", b"{", b"") or b"statusLocation" in content


def read_saved_reply(content: bytes) -> SavedReply:
    """The job of an answer to Execute, also one that was cut short or has text around it.

    Raises:
        ResponseError: It names no job; says what it holds instead.
        RequestError, AuthenticationError: It holds the service's refusal.
    """
    text = content.decode("utf-8", errors="replace")
    location = _LOCATION.search(text)
    href = unescape(location["href"]).strip() if location else ""
    job_id = job_id_of(href)
    if job_id is None:
        raise _complaint(content)
    try:
        answer = read_execute_response(_document(content))
    except ResponseError:
        made = _CREATED.search(text)
        return SavedReply(
            job_id=job_id, status_href=href, created=read_instant(made["time"]) if made else None
        )
    return SavedReply(
        job_id=job_id,
        status_href=href,
        process=answer.process,
        inputs=answer.inputs,
        created=answer.created,
    )


def read_product_list(text: str) -> tuple[str, ...]:
    """L1C product names of a list, each once and in its order, without `.SAFE`.

    One name per line; what else is on the line, before or after it, is left alone, as are empty
    lines and lines that begin with `#`.

    Raises:
        ResponseError: A line without a name; says which.
    """
    names: dict[str, None] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _PRODUCT.search(line)
        if match is None:
            message = f"line {number} names no L1C product: {one_line(line)!r}"
            raise ResponseError(f"{message}; give one name per line")
        names[match["name"]] = None
    if not names:
        raise ResponseError("the list names no product; give one L1C name per line")
    return tuple(names)


def _document(content: bytes) -> bytes:
    """The XML in it: headers or words of a terminal may stand around."""
    first, last = content.find(b"<"), content.rfind(b">")
    return content[first : last + 1]


def _complaint(content: bytes) -> Exception:
    """What is wrong with an answer that names no job."""
    if not content.strip():
        return ResponseError("it is empty: the submission was never answered")
    try:
        said = read_text(read_mapping(orjson.loads(content)).get("ErrorMessage"))
    except ValueError:
        said = None
    if said:
        return ResponseError(f"it holds an error of the service: {one_line(said)}; order again")
    # An exception report is raised as the refusal that it is.
    read_execute_response(_document(content))
    return ResponseError("it names no status document of a job (statusLocation)")
