"""The two small files beside the metadata: how MAJA ran (JPI) and which MAJA it was (HDR)."""

from collections.abc import Mapping
from datetime import datetime

from peps_stac.simulator.elements import XSI, Element, add, branch, document
from peps_stac.simulator.texture import Pixels

_CFI = "http://eop-cfi.esa.int/CFI"


def job_information(elevation: Pixels, flags: Mapping[str, str]) -> bytes:
    """`JPI_ALL.xml`.

    Args:
        elevation: Metres above the sea, anywhere in the tile.
        flags: Key and value, in the order of the file.
    """
    root = Element("JobProcessingInformations")
    root.set("xmlns:xsi", XSI)
    root.set("xsi:noNamespaceSchemaLocation", "JobProcessingInformations.xsd")
    relief = branch(root, "MNT_Statistics")
    figures = (
        ("Min", elevation.min()),
        ("Max", elevation.max()),
        ("Average", elevation.mean()),
        ("Standard_Deviation", elevation.std()),
    )
    for tag, value in figures:
        add(relief, tag, f"{float(value):.6g}", unit="m")
    pairs = branch(root, "Processing_Flags_And_Modes_List")
    for key, flag in flags.items():
        pair = branch(pairs, "Processing_Flags_And_Modes")
        add(pair, "Key", key)
        add(pair, "Value", flag)
    return document(root)


def header(platform: str, validity: str, version: str, ran: datetime) -> bytes:
    """`HDR.xml` of MAJA's private folder: the one place that names MAJA's version and its run."""
    root = Element("Earth_Explorer_File")
    root.set("xmlns", _CFI)
    root.set("xmlns:xsi", XSI)
    root.set("schema_version", "1.00")
    fixed = branch(branch(root, "Earth_Explorer_Header"), "Fixed_Header")
    add(fixed, "File_Name", "HDR")
    add(fixed, "File_Description", "L2PublishedProductTechnicalData")
    add(fixed, "Mission", platform)
    add(fixed, "File_Class", "OPER")
    add(fixed, "File_Type", f"TEC_{validity}")
    add(fixed, "File_Version", "0001")
    source = branch(fixed, "Source")
    add(source, "System", "MAJA")
    add(source, "Creator", "MAJA_L2_NOMINAL_CHAIN")
    add(source, "Creator_Version", version)
    add(source, "Creation_Date", f"UTC={ran:%Y-%m-%dT%H:%M:%S}")
    branch(root, "Data_Block")
    return document(root)
