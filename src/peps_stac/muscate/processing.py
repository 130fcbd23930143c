"""What stands beside the metadata: how MAJA ran, in two small files of `DATA/`.

`*_JPI_ALL.xml` tells mode and validity, the private `*_PVD_ALL/HDR.xml` alone the version of
MAJA and when it ran. Both may be missing from a product as delivered.
"""

from dataclasses import replace
from typing import Final

from peps_stac.domain import L2AProduct
from peps_stac.muscate.document import Document, instant_of, text_of

VALID: Final = "L2VALD"
NOT_VALID: Final = "L2NOTV"
"""Too cloudy, so MAJA issues no layers; names and metadata look as ever."""

_JPI_ROOT = "JobProcessingInformations"
_HEADER_ROOT = "Earth_Explorer_File"
_SOURCE = "Earth_Explorer_Header/Fixed_Header/Source"


def with_jpi(product: L2AProduct, content: bytes) -> L2AProduct:
    """A copy that knows processing mode, validity and use of CAMS from `*_JPI_ALL.xml`.

    Raises:
        ResponseError: Another kind of file.
    """
    document = Document.parse(content, f"{product.product_id}: JPI_ALL.xml")
    if document.root.tag != _JPI_ROOT:
        document.fail(f"the root is {document.root.tag!r}, not {_JPI_ROOT}; report it")
    flags: dict[str, str] = {}
    for pair in document.root.iter("Processing_Flags_And_Modes"):
        key, value = text_of(pair.find("Key")), text_of(pair.find("Value"))
        if key and value:
            flags[key] = value
    return replace(
        product,
        processing_mode=flags.get("Processing_Mode"),
        validity=flags.get("Validity_Flag"),
        cams=flags.get("CAMS_Processing"),
    )


def with_header(product: L2AProduct, content: bytes) -> L2AProduct:
    """A copy that knows the version of MAJA and when it ran from `*_PVD_ALL/HDR.xml`.

    Raises:
        ResponseError: Another kind of file.
    """
    document = Document.parse(content, f"{product.product_id}: HDR.xml")
    if document.root.tag != _HEADER_ROOT:
        document.fail(f"the root is {document.root.tag!r}, not {_HEADER_ROOT}; report it")
    is_maja = (
        "MAJA" in f"{document.text(f'{_SOURCE}/System')} {document.text(f'{_SOURCE}/Creator')}"
    )
    created = document.text(f"{_SOURCE}/Creation_Date")
    return replace(
        product,
        maja_version=document.text(f"{_SOURCE}/Creator_Version") if is_maja else None,
        processed=instant_of(created.removeprefix("UTC=")) if created else None,
    )
