"""One valid default per domain type; a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shapely.geometry import MultiPolygon, Polygon

from peps_stac.domain import (
    Event,
    Grid,
    JobReport,
    JobStatus,
    L1CProduct,
    L2AProduct,
    MgrsTile,
    Order,
    Process,
    ProductFile,
    SearchQuery,
    ViewAngles,
)

PRODUCT_NAME = "S2A_MSIL1C_20171127T105351_N0206_R051_T31TCJ_20171127T130253"
PRODUCT_ID = "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0"
JOB_ID = "0d5f0a9c-d3a1-11e7-9d0d-005056a8a5c7"
SUBMISSION = "5f0c2f0e-6f0a-4f39-8d52-6a4f5a5a3c11"
HOST = "https://peps.example.org"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_footprint() -> MultiPolygon:
    ring = [(0.5, 43.24), (1.87, 43.26), (1.87, 44.25), (0.48, 44.23), (0.5, 43.24)]
    return MultiPolygon([Polygon(ring)])


def a_product(**changes: Any) -> L1CProduct:  # noqa: ANN401 -- any field
    """A whole single-tile scene of the tile of Toulouse."""
    product = L1CProduct(
        name=PRODUCT_NAME,
        start=utc("2017-11-27T10:53:51.026"),
        end=utc("2017-11-27T10:53:51.026"),
        service_id="8b37c9b6-4a43-5b3f-a4b7-6ba6e2ed0a37",
        footprint=a_footprint(),
        tile=MgrsTile.parse("31TCJ"),
        platform="sentinel-2a",
        product_type="S2MSI1C",
        level="L1C",
        absolute_orbit=12695,
        relative_orbit=51,
        orbit_state="descending",
        cloud_cover=12.5,
        datatake_id="GS2A_20171127T105351_012695_N02.06",
        datatake_type="INS-NOBS",
        processing_baseline="02.06",
        created=utc("2017-11-27T18:02:11.5"),
        published=utc("2017-11-27T18:30:00"),
        updated=utc("2017-11-28T06:00:00.25"),
        product_href=f"{HOST}/resto/collections/S2ST/8b37c9b6-4a43-5b3f-a4b7-6ba6e2ed0a37/download",
        size=712345678,
        md5="0123456789abcdef0123456789abcdef",
        quicklook_href=f"{HOST}/quicklook/2017/11/27/S2A/{PRODUCT_NAME}_quicklook.jpg",
        record_href=f"{HOST}/resto/collections/S2ST/8b37c9b6-4a43-5b3f-a4b7-6ba6e2ed0a37.json",
    )
    return replace(product, **changes)


def an_order(**changes: Any) -> Order:  # noqa: ANN401 -- any field
    """One MAJA order that is running."""
    order = Order(
        process=Process.MAJA,
        status=JobStatus.SHIPPING,
        inputs={"product": PRODUCT_NAME},
        id=JOB_ID,
        date=utc("2017-12-01T08:00:00"),
        submission=SUBMISSION,
        job_status="STALLED",
        progress=40.0,
        monitor=f"{HOST}/resto/wps/outputs/pywps-{JOB_ID}.xml",
        history=(
            Event(JobStatus.ORDERED, utc("2017-12-01T08:00:00"), "user"),
            Event(JobStatus.SHIPPING, utc("2017-12-01T08:10:00.5"), "report", "STALLED"),
        ),
    )
    return replace(order, **changes)


def a_report(**changes: Any) -> JobReport:  # noqa: ANN401 -- any field
    """A job that has finished with one product."""
    report = JobReport(
        job_status="FINISHED",
        status=JobStatus.SUCCEEDED,
        progress=100.0,
        results=(f"{HOST}/cgi-bin/mapcache_results/maja/{JOB_ID}/{PRODUCT_ID}.zip",),
        unprocessed=0,
        logs=(f"{HOST}/cgi-bin/mapcache_results/logs/joblog-{JOB_ID}.log",),
    )
    return replace(report, **changes)


def a_query(**changes: Any) -> SearchQuery:  # noqa: ANN401 -- any field
    """One tile, one month."""
    query = SearchQuery(
        tiles=(MgrsTile.parse("31TCJ"),),
        start=utc("2017-11-01T00:00:00"),
        end=utc("2017-11-30T23:59:59.999"),
    )
    return replace(query, **changes)


def an_l2a(**changes: Any) -> L2AProduct:  # noqa: ANN401 -- any field
    """The L2A product of `a_product`, with a file of each kind that MAJA delivers."""
    product = L2AProduct(
        product_id=PRODUCT_ID,
        acquired=utc("2017-11-27T10:58:27.648"),
        platform="sentinel-2a",
        tile=MgrsTile.parse("31TCJ"),
        epsg=32631,
        grids={
            "R1": Grid(300000.0, 4900020.0, 10.0, -10.0, 10980, 10980),
            "R2": Grid(300000.0, 4900020.0, 20.0, -20.0, 5490, 5490),
        },
        metadata_path=f"{PRODUCT_ID}/{PRODUCT_ID}_MTD_ALL.xml",
        files=_files(),
        version="1.0",
        profile="DISTRIBUTED",
        produced=utc("2017-12-01T09:00:00"),
        absolute_orbit=12695,
        sun_zenith=66.4,
        sun_azimuth=170.2,
        view_angles={"B2": ViewAngles(5.1, 104.0), "B8A": ViewAngles(5.3, 105.0)},
        solar_irradiance={"B2": 1941.63, "B8A": 955.19},
        cloud_cover=14.0,
        snow_cover=0.0,
        l1c_name=PRODUCT_NAME,
        datatake_start=utc("2017-11-27T10:53:51"),
        processing_mode="STANDARD_MODE",
        validity="L2VALD",
        cams="NO",
        maja_version="3.1.1",
        processed=utc("2017-12-01T08:40:00"),
    )
    return replace(product, **changes)


_BANDS = {"R1": ("B2", "B3", "B4", "B8"), "R2": ("B5", "B6", "B7", "B8A", "B11", "B12")}


def _files() -> tuple[ProductFile, ...]:
    bands = [
        ProductFile(f"{PRODUCT_ID}_{kind}_{band}.tif", kind, group, band)
        for kind in ("FRE", "SRE")
        for group, names in _BANDS.items()
        for band in names
    ]
    layers = [
        ProductFile(f"{folder}{PRODUCT_ID}_{kind}_{group}.tif", kind, group)
        for kind, folder in (
            ("ATB", ""),
            ("CLM", "MASKS/"),
            ("MG2", "MASKS/"),
            ("EDG", "MASKS/"),
            ("SAT", "MASKS/"),
        )
        for group in _BANDS
    ]
    return (*bands, *layers, ProductFile(f"{PRODUCT_ID}_QKL_ALL.jpg", "QKL"))
