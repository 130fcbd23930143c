"""Whole documents that are kept, in `tests/expected/` or the docs, compared with those of now.

They change only on purpose: `PEPS_STAC_REWRITE_EXPECTED=1 pytest ...` writes them anew and
fails, so that the difference is read before it is committed.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

EXPECTED = Path(__file__).parent / "expected"
REWRITE = "PEPS_STAC_REWRITE_EXPECTED"


def assert_expected(name: str, document: dict[str, Any]) -> None:
    """The document equals `tests/expected/<name>.json`."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    assert_file(EXPECTED / f"{name}.json", f"{text}\n")


def assert_file(path: Path, text: str) -> None:
    """The file has this text; of two JSON texts the documents are compared, which says more."""
    known = path.read_text(encoding="utf-8") if path.is_file() else ""
    if os.environ.get(REWRITE) and known != text:
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was rewritten; read the difference, then run without {REWRITE}")
    if path.suffix == ".json":
        # Through JSON, since that is what users get: a tuple and a list are the same there.
        assert json.loads(text) == json.loads(known or "null"), path
    assert known == text, path
