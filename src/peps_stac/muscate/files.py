"""The files that a product's metadata list, told apart by the suffix of their names.

Never by NATURE: `Cloud` means the CLM file in old products and a bit of the MG2 file in new ones.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from peps_stac.domain import ProductFile
from peps_stac.muscate.bands import BANDS
from peps_stac.muscate.document import Document, attribute_of, local_name, text_of, whole_of

REFLECTANCE_KINDS: Final = ("FRE", "SRE")

_ORGANISATION = "Product_Organisation/Muscate_Product"
_FILE_TAGS = ("QUICKLOOK", "IMAGE_FILE", "MASK_FILE", "DATA_FILE")

# `_B8` is a prefix of `_B8A`: the dot that follows tells them apart.
_SUFFIXES = (
    re.compile(r"_(?P<kind>FRE|SRE)_(?P<band>B\d{1,2}A?)\.TIFF?"),
    re.compile(r"_(?P<kind>ATB|CLM|MG2|EDG|SAT|IAB|DFP)_(?P<group>R[12])\.TIFF?"),
    re.compile(r"_(?P<kind>DTF)_(?P<group>R[12])-D(?P<detector>\d\d)\.TIFF?"),
    re.compile(r"_(?P<kind>QKL)_ALL\.(?:JPE?G|PNG)"),
    re.compile(r"_(?P<kind>JPI)_ALL\.XML"),
)
_NATURES = {"WVC_Interpolation": "WVC", "AOT_Interpolation": "AOT"}
_UNSAFE = re.compile(r"[\\:\x00-\x1f\x7f]")
_LAST_BIT = 8


def list_files(document: Document) -> tuple[ProductFile, ...]:
    """Each file of a known kind once, in the order of the metadata.

    Aberrant pixels (PIX), useful image (USI), private data and the like are left out.

    Raises:
        ResponseError: A path outside the product, or two files for one layer.
    """
    found: dict[tuple[str | None, ...], ProductFile] = {}
    for path in _paths(document):
        file = _file_at(path)
        if file is None:
            continue
        layer = (file.kind, file.group, file.band, file.detector)
        known = found.setdefault(layer, file)
        if known.path != path:
            document.fail(f"lists two files for one layer: {known.path} and {path}")
    return tuple(found.values())


def interpolation_bits(document: Document) -> dict[int, str]:
    """The bits of the IAB masks as listed: offset from 0 -> WVC or AOT; empty: not listed.

    A product without a number gives the only one it has bit 0, as old products do.
    """
    listed: dict[int, str] = {}
    for mask in document.elements(f"{_ORGANISATION}/Mask_List/Mask"):
        name = _NATURES.get(text_of(mask.find("Mask_Properties/NATURE")) or "")
        for element in mask.iterfind("Mask_File_List/MASK_FILE") if name else ():
            number = whole_of(attribute_of(element, "bit_number")) or len(set(listed.values())) + 1
            if name and name not in listed.values() and 1 <= number <= _LAST_BIT:
                listed[number - 1] = name
    return dict(sorted(listed.items()))


def _paths(document: Document) -> Iterator[str]:
    organisation = document.root.find(_ORGANISATION)
    for element in organisation.iter() if organisation is not None else ():
        if local_name(element) in _FILE_TAGS and (path := _path_of(document, element)):
            yield path


def _path_of(document: Document, element: Element) -> str | None:
    """A path relative to the metadata file, without `./`; None when blank."""
    text = text_of(element)
    if text is None:
        return None
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if text.startswith("/") or ".." in parts or _UNSAFE.search(text):
        document.fail(f"lists the file {text[:200]!r}, which is not a path inside the product")
    return "/".join(parts) or None


def _file_at(path: str) -> ProductFile | None:
    name = path.rpartition("/")[2].upper()
    for suffix in _SUFFIXES:
        match = suffix.search(name)
        if match and match.end() == len(name):
            found = match.groupdict()
            band = found.get("band")
            if band is not None and band not in BANDS:
                return None
            group = BANDS[band].group if band else found.get("group")
            return ProductFile(path, found["kind"], group, band, found.get("detector"))
    return None
