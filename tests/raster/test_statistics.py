import numpy as np
import pytest

from peps_stac.errors import ResponseError
from peps_stac.raster.statistics import Histogram, Statistics


def test_statistics_leave_nodata_out() -> None:
    table = Histogram("int16")
    table.add(np.array([[-10_000, -5, 10]], np.int16))
    table.add(np.array([[-10_000, 25, 10]], np.int16))

    found = table.statistics(-10_000)

    assert (found.minimum, found.maximum, found.mean) == (-5, 25, 10.0)
    assert found.stddev == pytest.approx(np.std([-5, 10, 25, 10]))
    assert found.valid_percent == pytest.approx(100 * 4 / 6)


def test_every_pixel_counts_where_there_is_no_nodata() -> None:
    table = Histogram("uint8")
    table.add(np.array([[0, 255]], np.uint8))

    assert table.statistics(None) == Statistics(0, 255, 127.5, 127.5, 100.0)


def test_statistics_of_nothing_are_unknown() -> None:
    table = Histogram("uint8")
    table.add(np.zeros((3, 3), np.uint8))

    assert table.statistics(0) == Statistics(None, None, None, None, 0.0)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16"])
def test_statistics_are_exact(dtype: str) -> None:
    kind = np.iinfo(dtype)
    chance = np.random.default_rng(1)
    values = chance.integers(kind.min, kind.max, (200, 300), endpoint=True).astype(dtype)
    table = Histogram(dtype)
    table.add(values[:77])
    table.add(values[77:, ::1])

    found = table.statistics(None)

    assert (found.minimum, found.maximum) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.mean(dtype=np.float64), rel=1e-12)
    assert found.stddev == pytest.approx(values.std(dtype=np.float64), rel=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "int32", "complex64"])
def test_what_maja_never_writes_is_refused(dtype: str) -> None:
    with pytest.raises(ResponseError, match=dtype):
        Histogram(dtype)
