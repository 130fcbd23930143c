"""Whole documents kept under `tests/expected/`, compared with what the code makes now.

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
    path = EXPECTED / f"{name}.json"
    # Through JSON, since that is what users get: a tuple and a list are the same there.
    made = json.loads(json.dumps(document))
    if os.environ.get(REWRITE):
        text = json.dumps(made, indent=2, ensure_ascii=False)
        path.write_text(f"{text}\n", encoding="utf-8")
        pytest.fail(f"{path.name} was rewritten; read the difference, then run without {REWRITE}")
    assert made == json.loads(path.read_text(encoding="utf-8"))
