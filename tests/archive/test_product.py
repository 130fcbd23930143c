import shutil
import zipfile
from pathlib import Path

import pytest

from builders_muscate import Style, a_style, files_of, write_folder, write_zip
from peps_stac.archive import find_products, open_product, read_product, source
from peps_stac.domain import L2AProduct
from peps_stac.errors import RequestError, ResponseError
from recorded import SHARED, needs_recorded

NAME = Style().name


def read(path: Path) -> L2AProduct:
    with open_product(path) as product:
        return read_product(product)


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def zip_with(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return path


def test_a_zip_and_its_folder_say_the_same(tmp_path: Path) -> None:
    packed = read(write_zip(tmp_path / "x.zip"))
    unpacked = read(write_folder(tmp_path / "x").parent / "x")

    assert packed.metadata_path == f"{NAME}/{NAME}_MTD_ALL.xml"
    assert unpacked.metadata_path == f"{NAME}_MTD_ALL.xml"
    assert packed.files == unpacked.files
    assert packed.maja_version == unpacked.maja_version == "3.1.1"


@pytest.mark.parametrize(
    "folder",
    ["", "any", f"{NAME[:-6]}_D_V2-1/{NAME}", "a/b/c/d", "DATA_of_2017/x"],
    ids=["top", "other name", "two levels, other letter", "deep", "almost DATA"],
)
def test_the_product_is_found_however_deep_and_whatever_the_folders_are_called(
    tmp_path: Path, folder: str
) -> None:
    with open_product(write_zip(tmp_path / "x.zip", folder=folder)) as product:
        assert product.root == folder
        assert read_product(product).product_id == NAME


def test_paths_that_begin_with_a_dot_are_found(tmp_path: Path) -> None:
    style = a_style(prefix="./")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, content in files_of(style).items():
            archive.writestr(f"./{name}", content)

    assert len(read(tmp_path / "x.zip").files) == len(files_of(style)) - 2


def test_processing_information_is_read_from_both_files(tmp_path: Path) -> None:
    product = read(write_zip(tmp_path / "x.zip"))

    assert (product.processing_mode, product.validity) == ("BACKWARD_MODE", "L2VALD")
    assert product.processed is not None


def test_a_product_without_private_data_is_whole(tmp_path: Path) -> None:
    product = read(write_zip(tmp_path / "x.zip", a_style(has_data=False, quicklook=None)))

    assert product.validity is None
    assert product.maja_version is None


@pytest.mark.parametrize(
    "style",
    [
        a_style(families=("SRE",)),
        a_style(families=("FRE",)),
        a_style(masks=()),
        a_style(has_atmosphere=False),
        a_style(detectors=("01", "12"), masks=("EDG", "DFP")),
    ],
    ids=["no FRE", "no SRE", "no masks", "no ATB", "detectors"],
)
def test_layers_that_are_not_listed_are_not_missed(tmp_path: Path, style: Style) -> None:
    assert read(write_zip(tmp_path / "x.zip", style)).product_id == NAME


@pytest.mark.parametrize("suffix", ["_FRE_B8A.tif", "_CLM_R2.tif", "_ATB_R1.tif"])
def test_a_listed_layer_that_is_not_there_is_named(tmp_path: Path, suffix: str) -> None:
    folder = write_folder(tmp_path / "x")
    next(folder.rglob(f"*{suffix}")).unlink()

    with pytest.raises(ResponseError, match=rf"x: incomplete, .*{suffix} is listed but not there"):
        read(folder)


def test_a_quicklook_or_private_data_left_out_by_a_distributor_are_not_missed(
    tmp_path: Path,
) -> None:
    folder = write_folder(tmp_path / "x")
    shutil.rmtree(folder / "DATA")
    (folder / f"{NAME}_QKL_ALL.jpg").unlink()

    assert {"QKL", "JPI"}.isdisjoint({file.kind for file in read(folder).files})


def test_a_product_that_is_not_valid_is_read_and_has_no_files(tmp_path: Path) -> None:
    """MAJA writes no layers above 90 % of clouds; the name does not tell."""
    product = read(write_zip(tmp_path / "x.zip", a_style(validity="L2NOTV")))

    assert product.validity == "L2NOTV"
    assert product.files == ()
    assert product.product_id == NAME


def test_a_product_without_reflectance_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", a_style(families=()))

    with pytest.raises(ResponseError, match=r"x.zip: its metadata list no reflectance"):
        read(path)


def test_no_metadata_is_an_error_that_names_the_archive(tmp_path: Path) -> None:
    with pytest.raises(ResponseError, match=r"x.zip: not a MAJA product .*no \*_MTD_ALL.xml"):
        read(zip_with(tmp_path / "x.zip", "readme.txt"))


def test_metadata_inside_private_data_do_not_count(tmp_path: Path) -> None:
    path = zip_with(tmp_path / "x.zip", f"{NAME}/DATA/{NAME}_MTD_ALL.xml")

    with pytest.raises(ResponseError, match=r"no \*_MTD_ALL.xml"):
        read(path)


def test_the_shadows_of_files_that_a_mac_packs_do_not_count(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"__MACOSX/{NAME}/._{NAME}_MTD_ALL.xml", b"x")

    assert read(path).product_id == NAME


def test_two_products_in_one_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/other_MTD_ALL.xml", b"x")

    with pytest.raises(ResponseError, match="2 products in one"):
        read(path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("S2A_OPER_SSC_L2VALD_31TFJ____20190314.HDR", "native"),
        ("S2A_MSIL1C_20171127T105351_N0206_R051_T31TCJ_20171127T130253.SAFE/manifest.safe", "L1C"),
        ("X.SAFE/MTD_MSIL1C.xml", "L1C"),
        ("X.SAFE/MTD_MSIL2A.xml", "Sen2Cor"),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_other_products_are_refused_by_what_they_are(
    tmp_path: Path, kind: str, name: str, told: str
) -> None:
    if kind == "zip":
        path = zip_with(tmp_path / "x.zip", name)
    else:
        path = tmp_path / "x"
        touch(path / name)

    with pytest.raises(ResponseError, match=rf"x(.zip)?: not a MAJA product .*: .*{told}"):
        read(path)


@pytest.mark.parametrize("changes", [{"platform": "VENUS"}, {"level": "L3A"}])
def test_refusals_name_the_archive(tmp_path: Path, changes: dict[str, str]) -> None:
    path = write_zip(tmp_path / "mine.zip", a_style(**changes))

    with pytest.raises(ResponseError, match=r"mine.zip: .*MTD_ALL.xml: this is a product of level"):
        read(path)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such file or folder"), open_product(tmp_path / "x"):
        pass


def test_a_file_larger_than_asked_for_is_not_read(tmp_path: Path) -> None:
    for path in (write_zip(tmp_path / "x.zip", folder=""), write_folder(tmp_path / "x")):
        with open_product(path) as product, pytest.raises(ResponseError, match="at most 10 are"):
            product.read(f"{NAME}_MTD_ALL.xml", 10)


def test_a_file_that_is_not_in_it_is_told(tmp_path: Path) -> None:
    for path in (write_zip(tmp_path / "x.zip"), write_folder(tmp_path / "x")):
        with open_product(path) as product, pytest.raises(ResponseError, match="no file y"):
            product.read("y", 10)


def test_a_folder_of_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_FILES", 5)
    path = write_folder(tmp_path / "x")

    with pytest.raises(ResponseError, match="more than 5 files"), open_product(path):
        pass


def test_what_a_caller_raises_while_reading_is_not_taken_for_damage(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine"), open_product(write_zip(tmp_path / "x.zip")):
        raise ValueError("mine")


def test_products_are_found_below_a_folder(tmp_path: Path) -> None:
    packed = write_zip(touch(tmp_path / "b" / "x.zip"))
    unpacked = write_folder(tmp_path / "a" / "outer" / "inner")
    touch(tmp_path / ".quarantine" / "y.zip")
    touch(tmp_path / "readme.txt")
    touch(unpacked / "DATA" / "z.zip")

    assert find_products(tmp_path) == (unpacked, packed)


def test_a_product_given_itself_is_found(tmp_path: Path) -> None:
    packed, unpacked = write_zip(tmp_path / "x.zip"), write_folder(tmp_path / "x")

    assert find_products(packed) == (packed,)
    assert find_products(unpacked) == (unpacked,)
    assert find_products(unpacked / f"{NAME}_MTD_ALL.xml") == (unpacked,)


def test_nothing_is_found_where_there_is_nothing(tmp_path: Path) -> None:
    assert find_products(tmp_path) == ()


def test_a_folder_of_another_product_is_found_so_that_it_can_be_told(tmp_path: Path) -> None:
    touch(tmp_path / "S2A_OPER_SSC_L2VALD_31TFJ____20190314.HDR")

    assert find_products(tmp_path) == (tmp_path,)


@needs_recorded
def test_the_real_product_without_its_rasters_is_incomplete() -> None:
    with pytest.raises(ResponseError, match=r"SRE_B2.tif and 31 more is listed but not there"):
        read(SHARED / "muscate" / "SENTINEL2A_20160928-105637-665_L2A_T31UDS_C_V1-0")


@needs_recorded
def test_the_real_product_with_small_rasters_is_read_whole(tmp_path: Path) -> None:
    name = "SENTINEL2A_20160928-105637-665_L2A_T31UDS_C_V1-0"
    folder = tmp_path / name
    shutil.copytree(SHARED / "muscate" / name, folder)
    text = (folder / f"{name}_MTD_ALL.xml").read_text(encoding="utf-8")
    for path in {part.partition("<")[0] for part in text.split(">") if ".tif<" in part}:
        touch(folder / path)
    product = read(folder)

    assert len(product.files) == 22 + 10 + 1
    assert (product.processing_mode, product.maja_version) == ("INIT_MODE", "3.1.1")
