"""Every reader of XML against documents that were written to do harm: one line, and no more.

The readers are what the package does with XML from elsewhere: metadata in an archive, answers of
the service, answers that the old scripts saved.
"""

import ast
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from builders_muscate import a_header, a_jpi, a_metadata
from peps_stac.domain.markup import MAX_BYTES, MAX_DEPTH, MAX_TAGS, parse_xml
from peps_stac.errors import PepsStacError
from peps_stac.muscate.metadata import read_metadata
from peps_stac.muscate.processing import with_header, with_jpi
from peps_stac.peps.legacy import read_saved_reply
from peps_stac.peps.wps import read_execute_response

NAME = "P/P_MTD_ALL.xml"
PRODUCT = read_metadata(a_metadata(), NAME)
REPLY = (
    b'<wps:ExecuteResponse xmlns:wps="http://www.opengis.net/wps/1.0.0" '
    b'statusLocation="http://peps.example/wps/outputs/pywps-1.xml">'
    b"<wps:Status><wps:ProcessAccepted>yes</wps:ProcessAccepted></wps:Status>"
    b"</wps:ExecuteResponse>"
)

READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "metadata": (lambda content: read_metadata(content, NAME), a_metadata()),
    "processing information": (lambda content: with_jpi(PRODUCT, content), a_jpi()),
    "header": (lambda content: with_header(PRODUCT, content), a_header()),
    "answer of the service": (read_execute_response, REPLY),
    "saved answer": (read_saved_reply, REPLY),
}
each_reader = pytest.mark.parametrize("reader", READERS)


def body_of(reader: str) -> bytes:
    """The reader's good document without its declaration."""
    content = READERS[reader][1]
    return content.partition(b"?>")[2] if content.startswith(b"<?xml") else content


def doctype(body: bytes, subset: str, inside: str = "") -> bytes:
    """A document with a DTD before it, and a text inside its first element."""
    head, mark, rest = body.partition(b">")
    return f"<!DOCTYPE a [{subset}]>".encode() + head + mark + inside.encode() + rest


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

TRICKS: dict[str, Callable[[bytes], bytes]] = {
    "a billion laughs": lambda body: doctype(body, f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;"),
    "quadratic blowup": lambda body: doctype(body, f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 50_000),
    "a file by entity": lambda body: doctype(
        body, '<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"
    ),
    "an address by entity": lambda body: doctype(
        body, '<!ENTITY x SYSTEM "http://127.0.0.1:9/">', "&x;"
    ),
    "a parameter entity": lambda body: doctype(
        body, '<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;'
    ),
    "an external DTD": lambda body: b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">' + body,
    "an empty DTD": lambda body: b"<!DOCTYPE a>" + body,
    "a DTD in another encoding": lambda body: (
        '<?xml version="1.0" encoding="UTF-16"?>' + doctype(body, '<!ENTITY x "y">').decode()
    ).encode("utf-16"),
    "an entity nobody declared": lambda body: body.replace(b">", b">&x;", 1),
    "an encoding that nobody knows": lambda body: (
        b'<?xml version="1.0" encoding="klingon"?>' + body
    ),
    "an encoding of several bytes": lambda body: (
        b'<?xml version="1.0" encoding="shift_jis"?>' + body
    ),
    "an encoding that packs": lambda body: b'<?xml version="1.0" encoding="zlib"?>' + body,
    "an encoding that is not kept": lambda body: (
        b'<?xml version="1.0" encoding="utf-8"?>' + body.replace(b">", b">\xff\xfe", 1)
    ),
    "UTF-16 that is none": lambda body: b'<?xml version="1.0" encoding="utf-16"?>' + body,
    "a mark of UTF-16 before ASCII": lambda body: b"\xff\xfe" + body,
    "a zero": lambda body: body.replace(b">", b">\0", 1),
    "a zero as a reference": lambda body: body.replace(b">", b">&#0;", 1),
    "a control character": lambda body: body.replace(b">", b">\x1b[2J", 1),
    "half a document": lambda body: body[: len(body) // 2],
    "two documents": lambda body: body + body,
    "words before": lambda body: b"Notice: <br/> in foo.php" + body,
    "too many bytes": lambda body: body + b" " * MAX_BYTES,
    "too many elements": lambda body: body.replace(b">", b">" + b"<a/>" * MAX_TAGS, 1),
    "too many attributes": lambda body: body.replace(
        b">", b">" + b"<a " + b" ".join(b'a%d=""' % n for n in range(MAX_TAGS)) + b"/>", 1
    ),
    "too deep": lambda body: body.replace(b">", b">" + b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH, 1),
    "a hundred thousand deep": lambda body: body.replace(
        b">", b">" + b"<a>" * 90_000 + b"</a>" * 90_000, 1
    ),
    "one attribute twice": lambda body: body.replace(b">", b"><a b='1' b='2'/>", 1),
    "a prefix of no namespace": lambda body: body.replace(b">", b"><z:a/>", 1),
    "nothing": lambda _: b"",
    "blanks": lambda _: b" \n\t",
    "HTML": lambda _: b"<!DOCTYPE html><html><body>Please log in<br></body></html>",
}


@each_reader
@pytest.mark.parametrize("trick", TRICKS)
def test_a_document_that_plays_a_trick_is_one_line(reader: str, trick: str) -> None:
    read, _ = READERS[reader]
    content = TRICKS[trick](body_of(reader))
    if reader == "saved answer" and b"pywps-1" in content:
        # The job is found by its address, whatever stands around it: nothing else is believed.
        assert "passwd" not in repr(read(content))
        return
    with pytest.raises(PepsStacError) as caught:
        read(content)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    assert "root:" not in str(caught.value)


@each_reader
def test_the_same_document_without_a_trick_is_read(reader: str) -> None:
    read, content = READERS[reader]
    read(content)
    read(body_of(reader))


@each_reader
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-15"])
def test_an_encoding_that_is_declared_and_kept_is_read(reader: str, encoding: str) -> None:
    read, _ = READERS[reader]
    name = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{name}"?>' + body_of(reader).decode().replace("µ", "u")
    try:
        read(text.replace("²", "2").encode(encoding))
    except PepsStacError:
        # The old scripts wrote what they got as text: nobody else's answer is in UTF-16.
        assert reader == "saved answer"
        assert encoding.startswith("utf-16")


@each_reader
def test_one_large_value_is_only_a_value(reader: str) -> None:
    """Of an attribute or a text, within the limit of the whole: no copy of a copy."""
    read, _ = READERS[reader]
    large = b"x" * (MAX_BYTES // 2)
    body = body_of(reader)
    content = body.replace(b">", b"><a b='" + large + b"'>" + large[: MAX_BYTES // 4] + b"</a>", 1)
    tracemalloc.start()
    read(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 12 * MAX_BYTES


def test_the_most_that_is_let_in_needs_little_memory() -> None:
    count = MAX_TAGS // 2 - 5
    for content in (
        b"<a>" + b"<b/>" * (2 * count) + b"</a>",
        b"<a>" + b"".join(b'<b a%d=""/>' % n for n in range(count)) + b"</a>",
        b"<a " + b" ".join(b'a%d=""' % n for n in range(2 * count)) + b"/>",
    ):
        tracemalloc.start()
        parse_xml(content)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 128 * 2**20


def test_exceptions_within_exceptions_cost_no_square_of_their_number() -> None:
    """Each is read with all that is in it: only the limit of depth keeps that short."""
    nested = b"<e:Exception>" * 50
    end = b"</e:Exception>" * 50
    content = (
        b'<e:ExceptionReport xmlns:e="http://www.opengis.net/ows/1.1">'
        + (nested + end) * 900
        + b"</e:ExceptionReport>"
    )
    with pytest.raises(PepsStacError, match="refused the request"):
        read_execute_response(content)
    deeper = content.replace(b"<e:Exception>", b"<e:Exception>" * 2)
    with pytest.raises(PepsStacError, match="no XML that can be read"):
        read_execute_response(deeper.replace(b"</e:Exception>", b"</e:Exception>" * 2))


def test_xml_is_parsed_in_one_place() -> None:
    """Whoever adds a reader takes `parse_xml`, and adds it to the readers above."""
    package = Path(__file__).parents[1] / "src" / "peps_stac"
    parsing = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "simulator" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom | ast.Import)
        for name in _imported(node)
        if "xml" in name.lower() and not name.endswith((".Element", "escape"))
    }
    users = {path for path in parsing if path != "domain/markup.py"}
    known = {"muscate/document.py", "peps/wps.py", "archive/product.py"}

    assert parsing >= {"domain/markup.py"}
    assert users <= known


def _imported(node: ast.ImportFrom | ast.Import) -> list[str]:
    module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    return [f"{module}{alias.name}" for alias in node.names]
