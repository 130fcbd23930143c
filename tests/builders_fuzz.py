"""Good documents made bad in all kinds of ways, and how long that is tried.

A test run tries a few hundred of each, always the same ones. `PEPS_STAC_FUZZ_SECONDS=60` tries new
ones for that long for each target.
"""

import json
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Bytes = st.SearchStrategy[bytes]

SECONDS = float(os.environ.get("PEPS_STAC_FUZZ_SECONDS", "0"))
_ROUND = 500
"""Examples between two looks at the clock."""

NUMBERS = (0, 1, 0x7FFF, 0xFFFE, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(("", "null", "1e999", "NaN", "9999-99-99", "http://[", "\x1b[2J")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def fuzz(check: Callable[[Any], None], cases: st.SearchStrategy[Any], *, examples: int) -> None:
    """Call `check` with many cases; a few, or for `SECONDS`."""
    quiet = tuple(HealthCheck)

    def run(count: int, *, is_fixed: bool) -> None:
        limits = settings(
            max_examples=count,
            deadline=None,
            derandomize=is_fixed,
            database=None,
            suppress_health_check=quiet,
        )
        limits(given(cases)(check))()

    if not SECONDS:
        run(examples, is_fixed=True)
        return
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        run(_ROUND, is_fixed=False)


def mutated(good: Iterable[bytes], tokens: Iterable[bytes] = ()) -> Bytes:
    """One of some good documents after up to six changes.

    Args:
        good: Documents; parts of one may come into another.
        tokens: What has a meaning in their language.
    """
    documents = tuple(good)
    pieces = st.one_of(
        st.binary(max_size=8),
        st.sampled_from((b"", b"\0", b"\xff" * 4, b"\xff\xfe", *tokens)),
        st.builds(
            lambda number, width: number.to_bytes(8, "little")[:width],
            st.sampled_from(NUMBERS),
            st.sampled_from((1, 2, 4, 8)),
        ),
    )

    @st.composite
    def mutants(draw: st.DrawFn) -> bytes:
        content = bytearray(draw(st.sampled_from(documents)))
        for _ in range(draw(st.integers(1, 6))):
            start = draw(st.integers(0, len(content)))
            kind = draw(st.sampled_from(("flip", "put", "insert", "cut", "end", "splice")))
            if kind == "flip" and start < len(content):
                content[start] ^= 1 << draw(st.integers(0, 7))
            elif kind == "put":
                piece = draw(pieces)
                content[start : start + len(piece)] = piece
            elif kind == "insert":
                content[start:start] = draw(pieces)
            elif kind == "cut":
                del content[start : start + draw(st.integers(1, 64))]
            elif kind == "end":
                del content[start:]
            elif kind == "splice":
                other = draw(st.sampled_from(documents))
                begin = draw(st.integers(0, len(other)))
                content[start:start] = other[begin : begin + draw(st.integers(1, 200))]
        return bytes(content)

    return mutants()


def mutated_json(good: Iterable[Any]) -> st.SearchStrategy[Any]:
    """One of some good documents, some of its values replaced, left out or doubled."""
    texts = tuple(json.dumps(document) for document in good)

    @st.composite
    def mutants(draw: st.DrawFn) -> Any:  # noqa: ANN401 -- any JSON
        holder = [json.loads(draw(st.sampled_from(texts)))]
        for _ in range(draw(st.integers(1, 4))):
            _change(draw, holder)
        return holder[0] if holder else None

    return mutants()


def _change(draw: st.DrawFn, holder: Any) -> None:  # noqa: ANN401 -- a list or a dict
    """Somewhere below a list or a dict."""
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    if not keys:
        return
    key = draw(st.sampled_from(keys))
    inner = holder[key]
    if isinstance(inner, list | dict) and inner and draw(st.integers(0, 9)) > 1:
        _change(draw, inner)
        return
    kind = draw(st.sampled_from(("replace", "leave out", "double")))
    if kind == "replace":
        holder[key] = draw(JSON)
    elif kind == "leave out":
        del holder[key]
    elif isinstance(holder, list):
        holder.append(inner)
    else:
        holder[draw(st.text(max_size=4))] = inner
