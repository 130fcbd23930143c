import pytest

from builders_muscate import a_metadata, a_style
from peps_stac.domain import L2AProduct
from peps_stac.muscate.metadata import read_metadata
from peps_stac.stac.layers import AssetMode, in_order, keys_of, known_keys, layers_of

MASKS = ("CLM", "EDG", "MG2", "SAT", "DFP", "IAB")


def product_of(**changes: object) -> L2AProduct:
    style = a_style(**changes)
    return read_metadata(a_metadata(style), f"{style.name}_MTD_ALL.xml")


def test_cogs_have_one_band_each_so_the_atmosphere_is_split() -> None:
    keys = keys_of(product_of(), AssetMode.COG)

    assert {"WVC_R1", "AOT_R1", "WVC_R2", "AOT_R2"} <= set(keys)
    assert not any(key.startswith("ATB") for key in keys)


@pytest.mark.parametrize("mode", [AssetMode.RAW, AssetMode.ZIP])
def test_as_delivered_the_atmosphere_is_one_file_and_nothing_is_drawn(mode: AssetMode) -> None:
    keys = keys_of(product_of(), mode)

    assert {"ATB_R1", "ATB_R2"} <= set(keys)
    assert not {"WVC_R1", "AOT_R1", "visual", "thumbnail"} & set(keys)


def test_bands_of_an_atb_file_are_counted_from_one() -> None:
    bands = {layer.key: layer.band for layer in layers_of(product_of()) if layer.file.kind == "ATB"}

    assert bands == {
        "ATB_R1": None,
        "WVC_R1": 1,
        "AOT_R1": 2,
        "ATB_R2": None,
        "WVC_R2": 1,
        "AOT_R2": 2,
    }


@pytest.mark.parametrize("mode", AssetMode)
def test_every_key_of_a_product_is_known_beforehand(mode: AssetMode) -> None:
    """Else a pattern for it would be refused as a misprint."""
    product = product_of(masks=MASKS, detectors=("01", "12"))

    assert set(keys_of(product, mode)) <= set(known_keys(mode))


def test_keys_come_in_the_order_of_an_item_and_unknown_ones_last() -> None:
    mixed = ["metadata", "zebra", "visual", "CLM_R1", "SRE_B02", "B8A", "B12", "AOT_R1", "WVC_R1"]

    assert in_order(mixed) == (
        *("B8A", "B12", "SRE_B02", "WVC_R1", "AOT_R1", "CLM_R1", "visual", "metadata", "zebra"),
    )
