"""`Product_Organisation`: the part of the metadata that lists a product's files."""

from collections.abc import Iterable

from peps_stac.simulator.bandfacts import GROUPS
from peps_stac.simulator.elements import Element, add, branch
from peps_stac.simulator.materials import BANDS
from peps_stac.simulator.style import ProductStyle

Listed = tuple[str, dict[str, str]]
"""A path and the attributes that say what it is."""

_BITS_OF_MG2 = (
    "Water",
    "Cloud",
    "Snow",
    "Cloud_Shadow",
    "Topography_Shadow",
    "Hidden_Surface",
    "Sun_Too_Low",
    "Tangent_Sun",
)


def add_organisation(
    root: Element, name: str, style: ProductStyle, detectors: Iterable[int]
) -> None:
    """Append the list of files, as far as the product has them.

    Args:
        root: Of the metadata.
        name: Full product name, with which every file begins.
        style: What the product contains.
        detectors: Those that see the tile.
    """
    own = branch(branch(root, "Product_Organisation"), "Muscate_Product")
    start = f"./{name}" if style.dot_paths else name
    if style.with_quicklook:
        add(own, "QUICKLOOK", f"{start}_QKL_ALL.jpg", bands_id="B4,B3,B2")
    if style.valid:
        _images(branch(own, "Image_List"), start, style)
        folder = "./MASKS/" if style.dot_paths else "MASKS/"
        _masks(branch(own, "Mask_List"), folder + name, style, detectors)
    if style.with_data:
        folder = "./DATA/" if style.dot_paths else "DATA/"
        _data(branch(own, "Data_List"), folder + name)


def _images(parent: Element, start: str, style: ProductStyle) -> None:
    families = (
        ("Surface_Reflectance", "SRE", style.with_sre),
        ("Flat_Reflectance", "FRE", style.with_fre),
    )
    for nature, family, wanted in families:
        if wanted:
            files = [(f"{start}_{family}_{band}.tif", {"band_id": band}) for band in BANDS]
            _listed(parent, "Image", nature, files, encoding="int16", compression="None")
    contents = ("Water_Vapor_Content", "Aerosol_Optical_Thickness")
    for number, nature in enumerate(contents, start=1):
        files = [
            (f"{start}_ATB_{group}.tif", {"group_id": group, "band_number": str(number)})
            for group in GROUPS
        ]
        _listed(parent, "Image", nature, files, encoding="byte", compression="None")


def _masks(parent: Element, start: str, style: ProductStyle, detectors: Iterable[int]) -> None:
    def listed(nature: str, files: list[Listed]) -> None:
        # DEFLATE is what the template says, whatever was written.
        _listed(parent, "Mask", nature, files, encoding="byte", compression="DEFLATE")

    if style.with_iab:
        listed("WVC_Interpolation", _by_group(start, "IAB", 1))
        listed("AOT_Interpolation", _by_group(start, "IAB", 2))
    listed("Cloud" if style.old_natures else "Detailed_Cloud", _by_group(start, "CLM"))
    listed("Edge", _by_group(start, "EDG"))
    listed("Saturation", _by_band(start, "SAT"))
    if style.with_dfp:
        listed("Defective_Pixel", _by_band(start, "DFP"))
    if style.with_dtf:
        footprints = (_by_band(start, "DTF", f"{one:02d}") for one in detectors)
        listed("Detector_Footprint", [file for files in footprints for file in files])
    if style.old_natures:
        listed("Geophysics", _by_group(start, "MG2"))
        return
    for bit, nature in enumerate(_BITS_OF_MG2, start=1):
        listed(nature, _by_group(start, "MG2", bit))


def _by_group(start: str, mask: str, bit: int | None = None) -> list[Listed]:
    which = {} if bit is None else {"bit_number": str(bit)}
    return [(f"{start}_{mask}_{group}.tif", {"group_id": group, **which}) for group in GROUPS]


def _by_band(start: str, mask: str, detector: str | None = None) -> list[Listed]:
    which = {} if detector is None else {"detector_id": detector}
    part = "" if detector is None else f"-D{detector}"
    return [
        (f"{start}_{mask}_{group}{part}.tif", {"band_id": band, "bit_number": str(bit), **which})
        for group, bands in GROUPS.items()
        for bit, band in enumerate(bands, start=1)
    ]


def _data(parent: Element, start: str) -> None:
    kinds = (
        ("Private_Directory", "application/vnd+muscate", f"{start}_PVD_ALL"),
        ("Job_Processing_Informations_File", "application/xml", f"{start}_JPI_ALL.xml"),
    )
    for nature, media_type, path in kinds:
        one = branch(parent, "Data")
        properties = branch(one, "Data_Properties")
        add(properties, "NATURE", nature)
        add(properties, "FORMAT", media_type)
        add(branch(one, "Data_File_List"), "DATA_FILE", path, group_id="ALL")


def _listed(  # noqa: PLR0913 -- one entry of a list has these six parts
    parent: Element, kind: str, nature: str, files: list[Listed], *, encoding: str, compression: str
) -> None:
    one = branch(parent, kind)
    properties = branch(one, f"{kind}_Properties")
    add(properties, "NATURE", nature)
    add(properties, "FORMAT", "image/tiff")
    add(properties, "ENCODING", encoding)
    add(properties, "ENDIANNESS", "LittleEndian")
    add(properties, "COMPRESSION", compression)
    paths = branch(one, f"{kind}_File_List")
    for path, attributes in files:
        add(paths, f"{kind.upper()}_FILE", path, **attributes)
