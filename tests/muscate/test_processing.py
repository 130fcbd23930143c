from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders_muscate import a_header, a_jpi, a_metadata, a_style
from peps_stac.errors import ResponseError
from peps_stac.muscate.metadata import read_metadata
from peps_stac.muscate.processing import with_header, with_jpi
from recorded import SHARED, needs_recorded

PRODUCT = read_metadata(a_metadata(), "MTD_ALL.xml")


def test_processing_information_tells_mode_validity_and_aerosols() -> None:
    product = with_jpi(PRODUCT, a_jpi())

    assert product.processing_mode == "BACKWARD_MODE"
    assert product.validity == "L2VALD"
    assert product.cams == "Activated"
    assert PRODUCT.validity is None


def test_a_product_that_is_too_cloudy_says_so() -> None:
    assert with_jpi(PRODUCT, a_jpi(a_style(validity="L2NOTV"))).validity == "L2NOTV"


def test_the_header_alone_tells_the_version_of_maja_and_when_it_ran() -> None:
    product = with_header(PRODUCT, a_header())

    assert product.maja_version == "3.1.1"
    assert product.processed == datetime(2018, 10, 25, 17, 34, 3, tzinfo=UTC)


def test_a_header_of_another_processor_gives_maja_no_version() -> None:
    product = with_header(PRODUCT, a_header().replace(b"MAJA", b"MACCS"))

    assert product.maja_version is None
    assert product.processed is not None


def test_facts_missing_from_both_are_none() -> None:
    product = with_header(
        with_jpi(PRODUCT, b"<JobProcessingInformations/>"), b"<Earth_Explorer_File/>"
    )

    assert product == PRODUCT


def test_another_file_is_an_error_that_names_the_product() -> None:
    with pytest.raises(ResponseError, match=r"T31TCJ_C_V1-0: JPI_ALL.xml: the root is 'a'"):
        with_jpi(PRODUCT, b"<a/>")
    with pytest.raises(ResponseError, match=r"T31TCJ_C_V1-0: HDR.xml: the root is 'a'"):
        with_header(PRODUCT, b"<a/>")


@needs_recorded
def test_the_real_files_of_maja_3_1_1_are_read() -> None:
    name = "SENTINEL2A_20160928-105637-665_L2A_T31UDS_C_V1-0"
    data = SHARED / "muscate" / name / "DATA"
    product = with_jpi(PRODUCT, (data / f"{name}_JPI_ALL.xml").read_bytes())
    product = with_header(product, (data / f"{name}_PVD_ALL" / "HDR.xml").read_bytes())

    assert product.processing_mode == "INIT_MODE"
    assert product.validity == "L2VALD"
    assert product.cams == "Activated_NoAvailableData"
    assert product.maja_version == "3.1.1"
    assert product.processed == datetime(2018, 10, 25, 17, 34, 3, tzinfo=UTC)


@given(cut=st.integers(0, 400), inserted=st.binary(max_size=30))
@settings(max_examples=100, deadline=None)
def test_damaged_files_are_read_or_refused_and_nothing_else(cut: int, inserted: bytes) -> None:
    for read, content in ((with_jpi, a_jpi()), (with_header, a_header())):
        with suppress(ResponseError):
            read(PRODUCT, content[:cut] + inserted + content[cut + len(inserted) :])
