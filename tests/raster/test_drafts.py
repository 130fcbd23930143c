from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from peps_stac.raster.drafts import halved

LEVELS = st.sampled_from([0, 3, 34, 129])


@given(st.lists(LEVELS, min_size=4, max_size=4))
def test_the_most_frequent_of_four_wins(values: list[int]) -> None:
    (winner,) = halved(np.array(values, np.uint8).reshape(2, 2)).ravel().tolist()

    counts = Counter(values)
    assert counts[winner] == max(counts.values())
    if counts[values[0]] == max(counts.values()):
        assert winner == values[0]


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_odd_edges_take_part(rows: int, columns: int, seed: int) -> None:
    bits = np.random.default_rng(seed).integers(0, 4, (rows, columns)).astype(np.uint8)

    half = halved(bits)

    assert half.shape == (-(-rows // 2), -(-columns // 2))
    assert set(half.ravel().tolist()) <= set(bits.ravel().tolist())
    if rows % 2 and columns % 2:
        assert half[-1, -1] == bits[-1, -1]
