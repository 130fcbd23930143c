"""`MTD_ALL.xml` of a simulated product: every element that readers of MAJA products look for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from peps_stac.domain import L1CProduct
from peps_stac.simulator.bandfacts import GROUPS, BandFacts, band_facts
from peps_stac.simulator.elements import XSI, Element, add, branch, document
from peps_stac.simulator.organisation import add_organisation
from peps_stac.simulator.reflectance import NODATA
from peps_stac.simulator.style import (
    ProductStyle,
    acquired,
    identifier,
    l1c_produced,
    platform,
    product_name,
    tile,
)
from peps_stac.simulator.sun import sun_angles
from peps_stac.simulator.tiling import TILE_SIDE_M, tile_bounds, to_lonlat
from peps_stac.simulator.view import STEP_M, AngleGrids, Grid, grid_points


@dataclass(frozen=True, slots=True)
class Made:
    """What is known once the pixels are made."""

    size: int
    """Rows and columns of the 10 m grid."""
    cloud_percent: int
    snow_percent: int
    angles: tuple[AngleGrids, ...]


def metadata(product: L1CProduct, style: ProductStyle, made: Made) -> bytes:
    """The document, UTF-8."""
    root = Element("Muscate_Metadata_Document")
    root.set("xmlns:xsi", XSI)
    root.set("xsi:noNamespaceSchemaLocation", "Muscate_Metadata.xsd")
    _identification(root, product, style)
    _characteristics(root, product, style)
    detectors = tuple(made.angles[0].by_detector)
    add_organisation(root, product_name(product, style), style, detectors)
    _geoposition(root, product, style, made.size)
    _geometry(root, product, made.angles)
    _radiometry(root, product, style)
    _quality(root, product, style, made)
    _production(root, product, style)
    return document(root)


def _identification(root: Element, product: L1CProduct, style: ProductStyle) -> None:
    own = branch(root, "Metadata_Identification")
    add(own, "METADATA_FORMAT", "METADATA_MUSCATE", version="1.16")
    add(own, "METADATA_PROFILE", style.metadata_profile)
    public = style.metadata_profile == "DISTRIBUTED"
    add(own, "METADATA_INFORMATION", "PUBLIC" if public else "EXPERT")
    data = branch(root, "Dataset_Identification")
    add(data, "IDENTIFIER", identifier(product, style.profile))
    add(data, "AUTHORITY", "THEIA")
    add(data, "PRODUCER", "MUSCATE")
    add(data, "PROJECT", "SENTINEL2")
    add(data, "GEOGRAPHICAL_ZONE", f"T{tile(product)}", type="Tile")


def _characteristics(root: Element, product: L1CProduct, style: ProductStyle) -> None:
    own = branch(root, "Product_Characteristics")
    add(own, "PRODUCT_ID", product_name(product, style))
    add(own, "ACQUISITION_DATE", _instant(acquired(product)))
    add(own, "PRODUCTION_DATE", _micros(l1c_produced(product)))
    add(own, "PRODUCT_VERSION", style.version)
    add(own, "PRODUCT_LEVEL", "L2A")
    add(own, "PLATFORM", platform(product))
    if product.absolute_orbit is not None:
        add(own, "ORBIT_NUMBER", str(product.absolute_orbit), type="Orbit")
    times = branch(own, "UTC_Acquisition_Range")
    add(times, "MEAN", _instant(acquired(product)))
    add(times, "DATE_PRECISION", "0.001", unit="s")
    _band_lists(own)


def _band_lists(parent: Element) -> None:
    names = [facts.band for facts in band_facts("A")]
    whole = branch(parent, "Band_Global_List", count=str(len(names)))
    for name in names:
        add(whole, "BAND_ID", name)
    groups = branch(parent, "Band_Group_List")
    for group, bands in GROUPS.items():
        own = branch(branch(groups, "Group", group_id=group), "Band_List", count=str(len(bands)))
        for name in bands:
            add(own, "BAND_ID", name)


def _geoposition(root: Element, product: L1CProduct, style: ProductStyle, size: int) -> None:
    own = branch(root, "Geoposition_Informations")
    system = branch(own, "Coordinate_Reference_System")
    add(system, "GEO_TABLES", "EPSG")
    flat = branch(system, "Horizontal_Coordinate_System")
    zone = tile(product)
    half = "N" if zone.is_northern else "S"
    add(flat, "HORIZONTAL_CS_TYPE", "PROJECTED")
    add(flat, "HORIZONTAL_CS_NAME", f"WGS 84 / UTM zone {zone.zone}{half}")
    add(flat, "HORIZONTAL_CS_CODE", f"{'EPSG:' if style.epsg_prefix else ''}{zone.epsg}")
    for name in ("Raster_CS", "Metadata_CS"):
        cells = branch(own, name)
        add(cells, f"{name.upper()}_TYPE", "CELL")
        add(cells, "PIXEL_ORIGIN", "0")
    places = branch(own, "Geopositioning")
    _corners(branch(places, "Global_Geopositioning"), product, style)
    groups = branch(places, "Group_Geopositioning_List")
    xmin, _, _, ymax = tile_bounds(zone)
    for group, count in (("R1", size), ("R2", size // 2)):
        grid = branch(groups, "Group_Geopositioning", group_id=group)
        pixel = TILE_SIDE_M // count
        for name, value in (("ULX", xmin), ("ULY", ymax), ("XDIM", pixel), ("YDIM", -pixel)):
            add(grid, name, _whole(value, style))
        add(grid, "NROWS", _whole(count, style))
        add(grid, "NCOLS", _whole(count, style))


def _corners(parent: Element, product: L1CProduct, style: ProductStyle) -> None:
    west, south, east, north = tile_bounds(tile(product))
    places = {
        "upperLeft": (west, north),
        "upperRight": (east, north),
        "lowerRight": (east, south),
        "lowerLeft": (west, south),
        "center": ((west + east) // 2, (south + north) // 2),
    }
    to_degrees = to_lonlat(tile(product).epsg)
    for name, (x, y) in places.items():
        lon, lat = to_degrees.transform(x, y)
        point = branch(parent, "Point", name=name)
        for tag, text in (("LAT", f"{lat:.6g}"), ("LON", f"{lon:.6g}")):
            add(point, tag, text)
        add(point, "X", _whole(x, style))
        add(point, "Y", _whole(y, style))


def _geometry(root: Element, product: L1CProduct, angles: tuple[AngleGrids, ...]) -> None:
    own = branch(root, "Geometric_Informations")
    x, y = np.broadcast_arrays(*grid_points(tile(product)))
    lon, lat = to_lonlat(tile(product).epsg).transform(x, y)
    zenith, azimuth = sun_angles(acquired(product), lon, lat)
    means = branch(own, "Mean_Value_List")
    # The middle of the tile is the middle of the grid.
    middle = (zenith.shape[0] // 2, zenith.shape[1] // 2)
    _angle_pair(branch(means, "Sun_Angles"), float(zenith[middle]), float(azimuth[middle]))
    views = branch(means, "Mean_Viewing_Incidence_Angle_List")
    for grids in angles:
        one = branch(views, "Mean_Viewing_Incidence_Angle", band_id=grids.band)
        _angle_pair(one, *grids.mean())
    lists = branch(own, "Angles_Grids_List")
    _grid_pair(branch(lists, "Sun_Angles_Grids"), zenith, azimuth)
    bands = branch(lists, "Viewing_Incidence_Angles_Grids_List")
    for grids in angles:
        band = branch(bands, "Band_Viewing_Incidence_Angles_Grids_List", band_id=grids.band)
        for detector, pair in grids.by_detector.items():
            part = branch(band, "Viewing_Incidence_Angles_Grids", detector_id=f"{detector:02d}")
            _grid_pair(part, *pair)


def _angle_pair(parent: Element, zenith: float, azimuth: float) -> None:
    add(parent, "ZENITH_ANGLE", f"{zenith:.6g}", unit="deg")
    add(parent, "AZIMUTH_ANGLE", f"{azimuth:.6g}", unit="deg")


def _grid_pair(parent: Element, zenith: Grid, azimuth: Grid) -> None:
    for name, grid in (("Zenith", zenith), ("Azimuth", azimuth)):
        own = branch(parent, name, step_unit="m", values_unit="deg")
        add(own, "COL_STEP", str(STEP_M))
        add(own, "ROW_STEP", str(STEP_M))
        rows = branch(own, "Values_List")
        for row in grid.tolist():
            add(rows, "VALUES", _numbers(row))


def _numbers(values: Iterable[float]) -> str:
    return " ".join(["NaN" if value != value else f"{value:.6g}" for value in values])  # noqa: PLR0124 -- only NaN differs from itself; called 20 000 times


def _radiometry(root: Element, product: L1CProduct, style: ProductStyle) -> None:
    own = branch(root, "Radiometric_Informations")
    add(own, "REFLECTANCE_QUANTIFICATION_VALUE", _whole(10_000, style))
    add(own, "WATER_VAPOR_CONTENT_QUANTIFICATION_VALUE", _whole(20, style))
    add(own, "AEROSOL_OPTICAL_THICKNESS_QUANTIFICATION_VALUE", _whole(200, style))
    special = branch(own, "Special_Values_List")
    add(special, "SPECIAL_VALUE", _whole(NODATA, style), name="nodata")
    add(special, "SPECIAL_VALUE", "0", name="water_vapor_content_nodata")
    add(special, "SPECIAL_VALUE", "0", name="aerosol_optical_thickness_nodata")
    bands = branch(own, "Spectral_Band_Informations_List")
    for facts in band_facts(platform(product)):
        _band(branch(bands, "Spectral_Band_Informations", band_id=facts.band), facts, style)


def _band(parent: Element, facts: BandFacts, style: ProductStyle) -> None:
    gains = branch(branch(parent, "Calibration_Coefficients_Lists"), "Native_Coefficients_List")
    add(gains, "COEFFICIENT", f"{facts.gain:.6g}", name="PhysicalGain")
    add(parent, "SOLAR_IRRADIANCE", f"{facts.irradiance:.6g}", unit="W/m²/µm")
    add(parent, "SPATIAL_RESOLUTION", str(facts.resolution), unit="m")
    if not style.old_natures:
        shortest, longest = facts.limits
        waves = branch(parent, "Wavelength")
        add(waves, "MIN", str(shortest), unit="nm")
        add(waves, "MAX", str(longest), unit="nm")
        add(waves, "CENTRAL", f"{facts.centre:.6g}", unit="nm")
    response = branch(parent, "Spectral_Response")
    add(response, "STEP", "1", unit="nm")
    add(response, "VALUES", _numbers(facts.response()))


def _quality(root: Element, product: L1CProduct, style: ProductStyle, made: Made) -> None:
    current = branch(branch(root, "Quality_Informations"), "Current_Product")
    own = branch(branch(current, "Product_Quality_List", level="N2"), "Product_Quality")
    source = branch(own, "Source_Product")
    add(source, "PRODUCT_ID", product_name(product, style))
    add(source, "ACQUISITION_DATE", _instant(acquired(product)))
    add(source, "PRODUCTION_DATE", _micros(l1c_produced(product)))
    indexes = branch(own, "Global_Index_List")
    add(indexes, "QUALITY_INDEX", str(made.cloud_percent), name="CloudPercent")
    add(indexes, "QUALITY_INDEX", str(made.snow_percent), name="SnowPercent")
    for name in ("RainDetected", "HotSpotDetected", "SunGlintDetected"):
        add(indexes, "QUALITY_INDEX", "false", name=name)


def _production(root: Element, product: L1CProduct, style: ProductStyle) -> None:
    jobs = branch(branch(root, "Production_Informations"), "Processing_Jobs_List")
    job = branch(jobs, "Job")
    add(job, "WORKPLAN_ID", f"generique_l2_{acquired(product):%Y%m%d}_01")
    add(job, "STEP_ID", "conv_mL1")
    add(job, "JOB_ID", "1")
    add(job, "PRODUCER_NAME", "MUSCATE")
    produced = l1c_produced(product)
    add(job, "START_PRODUCTION_DATE", _micros(produced))
    add(job, "END_PRODUCTION_DATE", _micros(produced))
    lists = branch(job, "Products_List")
    muscate_name = f"{identifier(product, 'C', 'L1C')}_V1-0"
    given = branch(branch(lists, "Inputs_List"), "PRODUCT")
    add(given, "PRODUCT_ID", product.name if style.esa_input else muscate_name)
    add(given, "ACQUISITION_DATE", _instant(product.start))
    add(given, "PRODUCTION_DATE", _micros(produced))
    # MAJA's outputs carry dates that mean nothing; so do these.
    taken = branch(branch(lists, "Outputs_List"), "PRODUCT")
    add(taken, "PRODUCT_ID", muscate_name)
    add(taken, "ACQUISITION_DATE", _instant(product.start))
    add(taken, "PRODUCTION_DATE", _instant(acquired(product)))


def _whole(number: float, style: ProductStyle) -> str:
    return f"{number:.1f}" if style.float_numbers else f"{number:.0f}"


def _instant(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _micros(instant: datetime) -> str:
    shown = instant + timedelta(microseconds=352)
    return shown.isoformat(timespec="microseconds").replace("+00:00", "Z")
