import pytest

from peps_stac.muscate.masks import EDG_VALUES, MASKS, bits, usual_interpolation

BOTH = {0: "WVC", 1: "AOT"}


@pytest.mark.parametrize("kind", ["CLM", "MG2"])
def test_cloud_and_geophysical_masks_use_all_eight_bits(kind: str) -> None:
    assert [bit.offset for bit in bits(kind, "R1", BOTH)] == list(range(8))


def test_cloud_is_bit_one_of_both_masks_and_water_bit_zero_of_one() -> None:
    assert bits("CLM", "R1", BOTH)[1].name == "cloud"
    assert bits("MG2", "R1", BOTH)[1].name == "cloud"
    assert bits("MG2", "R1", BOTH)[0].name == "water"


@pytest.mark.parametrize("kind", ["SAT", "DFP", "DTF"])
def test_bits_of_band_masks_are_the_bands_of_the_group(kind: str) -> None:
    assert [bit.name for bit in bits(kind, "R1", BOTH)] == ["B02", "B03", "B04", "B08"]
    assert [bit.name for bit in bits(kind, "R2", BOTH)] == [
        "B05",
        "B06",
        "B07",
        "B8A",
        "B11",
        "B12",
    ]


def test_the_doubt_about_terrain_shadow_and_hidden_surface_is_told() -> None:
    shadow, hidden = bits("MG2", "R2", BOTH)[4:6]

    assert (shadow.name, hidden.name) == ("topographic_shadow", "hidden_surface")
    assert "may be swapped" in shadow.description
    assert "may be swapped" in hidden.description


def test_interpolation_has_the_bits_that_the_product_says() -> None:
    old = bits("IAB", "R1", {0: "AOT"})
    new = bits("IAB", "R1", BOTH)

    assert [(bit.offset, bit.name) for bit in old] == [(0, "AOT_interpolated")]
    assert [bit.name for bit in new] == ["WVC_interpolated", "AOT_interpolated"]


@pytest.mark.parametrize(
    ("version", "letter", "first"),
    [
        ("1.4", "D", "AOT"),
        ("1.5", "D", "AOT"),
        ("1.6", "D", "WVC"),
        ("1.0", "C", "WVC"),
        (None, "D", "WVC"),
        ("4.0", "C", "WVC"),
    ],
)
def test_unlisted_interpolation_bits_follow_the_version_of_theia(
    version: str | None, letter: str, first: str
) -> None:
    assert usual_interpolation(version, letter)[0] == first


def test_edge_has_classes_and_no_bits() -> None:
    assert bits("EDG", "R1", BOTH) == ()
    assert [(value.value, value.nodata) for value in EDG_VALUES] == [(0, False), (1, True)]


def test_every_mask_is_data() -> None:
    assert all(layer.roles[0] == "data" for layer in MASKS.values())
