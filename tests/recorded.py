"""Where the recorded answers and real metadata stand, when they are there."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"

needs_recorded = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the recorded data are not beside this checkout (CI has them)"
)
