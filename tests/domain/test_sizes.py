import pytest

from peps_stac.domain.sizes import size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (750_000, "750 kB"), (2_156_675_448, "2.16 GB")],
)
def test_a_size_reads_as_people_say_it(size: int, text: str) -> None:
    assert size_text(size) == text
