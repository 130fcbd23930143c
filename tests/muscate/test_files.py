import pytest

from builders_muscate import a_metadata, a_style
from peps_stac.domain import L2AProduct
from peps_stac.errors import ResponseError
from peps_stac.muscate.metadata import read_metadata

NAME = "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_C_V1-0"
IAB = f"MASKS/{NAME}_IAB_R1.tif"


def product_with(**changes: object) -> L2AProduct:
    return read_metadata(a_metadata(a_style(**changes)), f"{NAME}_MTD_ALL.xml")


def kinds_of(product: L2AProduct) -> set[str]:
    return {file.kind for file in product.files}


def test_each_file_is_listed_once_however_often_the_metadata_name_it() -> None:
    """MG2 is named once a bit, eight times for each resolution; ATB twice."""
    product = product_with()
    paths = [file.path for file in product.files]

    assert len(paths) == len(set(paths))
    assert [file.group for file in product.files if file.kind == "MG2"] == ["R1", "R2"]
    assert [file.group for file in product.files if file.kind == "ATB"] == ["R1", "R2"]


def test_b8_and_b8a_are_told_apart() -> None:
    found = {file.band: file for file in product_with().files if file.kind == "FRE"}

    assert found["B8"].path == f"{NAME}_FRE_B8.tif"
    assert found["B8A"].path == f"{NAME}_FRE_B8A.tif"
    assert (found["B8"].group, found["B8A"].group) == ("R1", "R2")


def test_masks_are_told_by_suffix_whatever_the_metadata_call_them() -> None:
    """`Cloud` was the nature of CLM and is now that of a bit of MG2."""
    old = product_with(has_old_natures=True)
    new = product_with()

    assert [file.path for file in old.files] == [file.path for file in new.files]


@pytest.mark.parametrize("missing", ["FRE", "SRE"])
def test_a_family_of_reflectances_may_be_missing(missing: str) -> None:
    families = tuple(kind for kind in ("FRE", "SRE") if kind != missing)

    assert missing not in kinds_of(product_with(families=families))


@pytest.mark.parametrize("missing", ["IAB", "CLM", "EDG", "SAT", "MG2"])
def test_any_mask_may_be_missing(missing: str) -> None:
    masks = tuple(kind for kind in ("IAB", "CLM", "EDG", "SAT", "MG2") if kind != missing)

    assert missing not in kinds_of(product_with(masks=masks))


def test_footprints_of_detectors_are_told_by_detector_and_group() -> None:
    found = [file for file in product_with(detectors=("05", "12")).files if file.kind == "DTF"]

    assert [(file.detector, file.group) for file in found] == [
        ("05", "R1"),
        ("05", "R2"),
        ("12", "R1"),
        ("12", "R2"),
    ]


def test_quicklook_and_data_may_be_missing() -> None:
    product = product_with(quicklook=None, has_data=False)

    assert not kinds_of(product) & {"QKL", "JPI"}


def test_aberrant_pixels_and_useful_image_are_ignored() -> None:
    product = product_with(masks=("EDG", "DFP", "PIX", "USI"))

    assert kinds_of(product) == {"FRE", "SRE", "ATB", "EDG", "DFP", "QKL", "JPI"}


def test_bands_that_maja_does_not_write_are_ignored() -> None:
    content = a_metadata().replace(b"_FRE_B2.tif", b"_FRE_B1.tif")
    product = read_metadata(content, "x")

    assert "B1" not in {file.band for file in product.files}


def test_a_product_that_is_not_valid_lists_no_images() -> None:
    assert kinds_of(product_with(validity="L2NOTV")) == {"QKL", "JPI"}


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (f"./{IAB}", IAB),
        (f"  {IAB}\n", IAB),
        (f"././MASKS//{NAME}_IAB_R1.tif", IAB),
        (IAB.replace(".tif", ".TIF"), IAB.replace(".tif", ".TIF")),
    ],
)
def test_paths_are_plain(written: str, path: str) -> None:
    content = a_metadata().replace(f">{IAB}<".encode(), f">{written}<".encode())
    product = read_metadata(content, "x")

    assert [file.path for file in product.files if (file.kind, file.group) == ("IAB", "R1")] == [
        path
    ]


@pytest.mark.parametrize(
    "written",
    [f"/etc/{IAB}", f"../{IAB}", f"a/../../{IAB}", f"C:/{IAB}", f"MASKS\\{NAME}_IAB_R1.tif"],
)
def test_a_path_out_of_the_product_is_refused(written: str) -> None:
    content = a_metadata().replace(f">{IAB}<".encode(), f">{written}<".encode())

    with pytest.raises(ResponseError, match="not a path inside the product"):
        read_metadata(content, "x")


def test_two_files_for_one_layer_are_refused() -> None:
    content = a_metadata().replace(f">{IAB}<".encode(), f">other/{IAB}<".encode(), 1)

    with pytest.raises(ResponseError, match="two files for one layer"):
        read_metadata(content, "x")


def test_the_bits_of_interpolation_are_those_listed() -> None:
    assert product_with().interpolation_bits == {0: "WVC", 1: "AOT"}
    assert product_with(has_old_natures=True).interpolation_bits == {0: "AOT"}


def test_unlisted_bits_of_interpolation_follow_the_version() -> None:
    old = {"name": NAME.replace("_C_V1-0", "_D_V1-4"), "version": "1.4", "masks": ("EDG",)}

    assert product_with(**old).interpolation_bits == {0: "AOT"}
    assert product_with(masks=("EDG",)).interpolation_bits == {0: "WVC", 1: "AOT"}
