"""On the path of every Python that a page starts: nobody waits longer than an instant.

The simulator's clock runs fast, but `--watch` looks once a minute. Commands on the pages are as
they are typed, without `--interval`.
"""

import time
from typing import SupportsIndex

_LONGEST_S = 0.2
_really = time.sleep


def _an_instant(seconds: SupportsIndex | float) -> None:
    _really(min(float(seconds), _LONGEST_S))


time.sleep = _an_instant
