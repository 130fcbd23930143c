from pathlib import Path

import pytest

from peps_stac.errors import RequestError
from peps_stac.http.line import Line, read_line
from peps_stac.http.session import Session


def test_a_line_is_read_from_texts() -> None:
    kept = {"max_rate": "2.5M", "stall_timeout": "120", "ca_bundle": "ca.pem"}

    assert read_line(kept.get) == Line(2_500_000.0, 120.0, Path("ca.pem"))


@pytest.mark.parametrize("text", [None, ""])
def test_what_is_not_set_is_as_usual(text: str | None) -> None:
    assert read_line(lambda _: text) == Line(None, 60.0, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("max_rate", "fast"),
        ("max_rate", "1"),
        ("stall_timeout", "0"),
        ("stall_timeout", "nan"),
        ("stall_timeout", "inf"),
        ("stall_timeout", "a minute"),
    ],
)
def test_a_bad_setting_is_named_with_its_value(name: str, text: str) -> None:
    with pytest.raises(RequestError, match=rf"{name} \(PEPS_STAC_{name.upper()}\): '{text}'"):
        read_line({name: text}.get)


def test_a_session_takes_them_all(tmp_path: Path) -> None:
    line = Line(1e6, 5.0, tmp_path)

    with Session("https://peps.invalid", **line.options()):
        assert line.options()["timeout_s"] == (5.0, 5.0)
