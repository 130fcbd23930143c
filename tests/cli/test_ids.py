import io

import pytest

from peps_stac.cli.ids import parse_names, read_names
from peps_stac.errors import RequestError

ITEM = (
    '{"type": "Feature", "stac_version": "1.1.0", "id": "a", "geometry": null, "properties": '
    '{"datetime": "2017-11-27T10:54:11Z"}, "links": [], "assets": {}}'
)


def test_ids_come_one_per_line_or_as_json() -> None:
    assert parse_names("a\n\n  b\n").ids == ("a", "b")
    assert parse_names('["a", "b"]').ids == ("a", "b")


def test_items_come_alone_or_in_a_collection() -> None:
    alone = parse_names(ITEM)
    both = parse_names(f'{{"type": "FeatureCollection", "features": [{ITEM}, {ITEM}]}}')

    assert alone.all_ids == ("a",)
    assert both.all_ids == ("a", "a")


def test_a_dash_reads_stdin_between_the_other_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("b\nc\n"))

    assert read_names(["a", "-"]).ids == ("a", "b", "c")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("S2A_MSIL1C  2017-11-27  12.0", "search --json"),
        ('{"type": "FeatureCollection"', "not JSON"),
        ('{"type": "Feature", "id": "a"}', "not a STAC Item"),
        ("[1, 2]", "not a STAC Item"),
    ],
)
def test_other_text_is_refused_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint) as caught:
        parse_names(text)

    assert "\n" not in str(caught.value)


def test_an_empty_collection_names_nothing() -> None:
    """`search --json | order -` where nothing was found."""
    assert parse_names('{"type": "FeatureCollection", "features": []}').all_ids == ()
    assert parse_names("").all_ids == ()
