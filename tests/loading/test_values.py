"""Facts of two real products: built into rasters of full size, `load` gives them back."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stackstac
from shapely.geometry import Point

from builders_loading import ULX, ULY, catalogued, write_product
from peps_stac.loading import stackstac_items
from peps_stac.loading.cube import load
from peps_stac.store import Catalog
from recorded import SHARED, needs_recorded

VALUES = SHARED / "muscate"
NAMES = (
    "SENTINEL2A_20180822-110418-291_L2A_T31TCJ_D_V1-8",
    "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_D_V1-4",
)
KINDS = {
    "Aux_IA": "IAB",
    "Aux_Mask_Cloud": "CLM",
    "Aux_Mask_MG2": "MG2",
    "Aux_Mask_Edge": "EDG",
    "Aux_Mask_Saturation": "SAT",
    "Aux_Mask_Defective_Pixel": "DFP",
}
Fact = dict[str, Any]


def file_of(layer: str) -> tuple[str, int]:
    """Name of the file and band in it, from 0."""
    kind, _, last = layer.rpartition("_")
    if kind in ("WVC", "AOT"):
        return f"ATB_{last}", ("WVC", "AOT").index(kind)
    if kind in ("Flat_Reflectance", "Surface_Reflectance"):
        return f"{'FRE' if kind[0] == 'F' else 'SRE'}_{last}", 0
    if "Detector" in layer:
        group, detector = layer.removeprefix("Aux_Mask_Detector_Footprint_").split("_")
        return f"DTF_{group}-D{detector}", 0
    return f"{KINDS[kind]}_{last}", 0


def band_of(layer: str) -> str:
    """What `load` calls it."""
    file, _ = file_of(layer)
    kind, _, last = file.partition("_")
    if kind in ("FRE", "SRE"):
        band = last if last[1:].startswith(("1", "8A")) else f"B0{last[1:]}"
        return band if kind == "FRE" else f"SRE_{band}"
    return layer if kind == "ATB" else file


def raw_of(fact: Fact) -> int:
    """The number in the file, by the rules that the facts come with."""
    layer, value = fact["layer"], float(fact["value"])
    if "Reflectance" in layer:
        return -10000 if np.isnan(value) else round(value * 10000)
    factor = {"WVC": 20, "AOT": 200}.get(layer[:3], 1)
    return 0 if np.isnan(value) else round(value * factor)


def corners(facts: list[Fact]) -> dict[str, Any]:
    """Per file the pixels from the upper left corner to the last that a fact is about."""
    files: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        files[file_of(fact["layer"])[0]].append(fact)
    made = {}
    for file, found in files.items():
        shape = (max(f["row"] for f in found) + 1, max(f["col"] for f in found) + 1)
        dtype = "int16" if file[:3] in ("FRE", "SRE") else "uint8"
        pixels = np.zeros((2 if file.startswith("ATB") else 1, *shape), dtype)
        for fact in found:
            band = file_of(fact["layer"])[1]
            pixels[band, fact["row"], fact["col"]] = raw_of(fact)
        made[file] = pixels
    return made


@pytest.fixture(scope="module", params=NAMES)
def product(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Catalog, dict[str, Any]]:
    tmp_path = tmp_path_factory.mktemp("facts")
    document = json.loads((VALUES / f"values_{request.param}.json").read_text())
    masks = ("IAB", "CLM", "EDG", "SAT", "MG2", "DFP")
    has_defects = any("Defective" in fact["layer"] for fact in document["pixels"])
    path = write_product(
        tmp_path,
        request.param,
        corners(document["pixels"]),
        masks=masks if has_defects else masks[:-1],
        detectors=tuple(document["detectors_present"]),
        has_old_natures=True,
    )
    return catalogued(tmp_path / "catalog", [path]), document


@needs_recorded
def test_every_listed_pixel_comes_back_through_load(
    product: tuple[Catalog, dict[str, Any]],
) -> None:
    catalog, document = product
    by_layer: dict[str, list[Fact]] = defaultdict(list)
    for fact in document["pixels"]:
        by_layer[fact["layer"]].append(fact)

    for layer, facts in by_layer.items():
        name = band_of(layer)
        values = load(catalog, bands=name, chunks={"x": 512, "y": 512})[name][0]
        assert values.shape == (facts[0]["size"], facts[0]["size"])
        for fact in facts:
            found = values.isel(y=fact["row"], x=fact["col"]).values
            expected = np.asarray(float(fact["value"]), found.dtype)
            np.testing.assert_array_equal(found, expected, err_msg=str(fact))


@needs_recorded
def test_a_pixel_outside_the_swath_is_nothing_and_not_clear(tmp_path: Path) -> None:
    """Of the third pixel of V1-8 all masks but EDG and IAB are 0, which reads as clear."""
    document = json.loads((VALUES / f"values_{NAMES[0]}.json").read_text())
    detectors = tuple(document["detectors_present"])
    path = write_product(
        tmp_path, NAMES[0], corners(document["pixels"]), detectors=detectors, has_old_natures=True
    )
    found = load(catalogued(tmp_path / "c", [path]), bands=("red", "AOT_R1"), masks="clear")

    third = found.isel(time=0, y=1193, x=692).compute()
    assert np.isnan(third.red)
    assert np.isnan(third.AOT_R1)
    assert float(found.red[0, 437, 220]) == np.float32(
        next(
            float(fact["value"])
            for fact in document["pixels"]
            if (fact["layer"], fact["row"]) == ("Flat_Reflectance_B4", 437)
        )
    )


@needs_recorded
def test_degrees_lead_to_the_pixel_they_belong_to(product: tuple[Catalog, dict[str, Any]]) -> None:
    """The listed positions are upper left corners, counted from 0."""
    catalog, document = product

    for told in document["lonlat_of_R1_pixels"]:
        inside = Point(told["lon"] + 5e-5, told["lat"] - 4e-5)
        found = load(catalog, bands="B04", intersects=inside)
        assert found.x.values.tolist() == [ULX + 10 * told["col"] + 5]
        assert found.y.values.tolist() == [ULY - 10 * told["row"] - 5]


@needs_recorded
def test_stackstac_reads_the_same_values(product: tuple[Catalog, dict[str, Any]]) -> None:
    catalog, document = product
    facts = [fact for fact in document["pixels"] if fact["layer"] == "Flat_Reflectance_B4"]
    stack = stackstac.stack(stackstac_items(catalog), assets=["B04"], chunksize=512)

    assert (float(stack.x[0]), float(stack.y[0])) == (ULX, ULY)
    assert facts
    for fact in facts:
        found = float(stack[0, 0, fact["row"], fact["col"]])
        np.testing.assert_allclose(found, float(fact["value"]), rtol=1e-12)
