"""Invented Sentinel-2 L1C scenes, told as PEPS tells real ones.

Days, orbits and footprints are those of the real satellites (`orbits`); clouds, sizes and
checksums are invented, but the same at every run.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import MgrsTile
from peps_stac.peps.resto import service_id
from peps_stac.simulator.chance import between, digest, share
from peps_stac.simulator.keywords import keywords
from peps_stac.simulator.orbits import Pass, passes, seconds_after_node, swath_over
from peps_stac.simulator.tiling import centre, to_lonlat

Feature = dict[str, Any]

# Day from which ESA used a processing baseline.
_BASELINES = (
    (date(2015, 7, 1), "0204"),
    (date(2016, 12, 7), "0205"),
    (date(2017, 10, 23), "0206"),
    (date(2018, 11, 6), "0207"),
    (date(2019, 7, 8), "0208"),
    (date(2020, 2, 4), "0209"),
    (date(2021, 3, 30), "0300"),
    (date(2021, 6, 30), "0301"),
    (date(2022, 1, 25), "0400"),
    (date(2022, 12, 6), "0509"),
    (date(2023, 12, 13), "0510"),
    (date(2024, 7, 23), "0511"),
)
# Percent of cloud below which this part of all scenes stays.
_CLOUD_QUANTILES = ((0.0, 0.0), (0.05, 0.0), (0.33, 9.0), (0.62, 45.0), (0.88, 90.0), (1.0, 100.0))
_WITHOUT_CLOUD_COVER = 0.015
# Of all weathers, one that gives 31TCJ clear, half-cloudy and hopeless days in November 2017.
_WEATHER = 5889
# Of all scenes on PEPS, by storage; the rest are on disk.
_ON_TAPE = 0.2
_FIRST_LOWER_CASE_CHECKSUM = 2021
_FIRST_REFINED = 2021
_FULL_TILE_BYTES = 780e6
_BLOCK_S = 120
_EARLIEST_S = 240
# Makes 31TCJ come 278 s after the start of its datatake, as on 27 November 2017.
_BLOCK_PHASE_S = 60


def features(
    tiles: Iterable[MgrsTile], start: date, end: date, *, base_url: str = "https://peps.cnes.fr"
) -> Iterator[Feature]:
    """Every scene of some tiles as a raw PEPS feature, oldest first.

    Args:
        tiles: Tiles wanted; one named twice counts once.
        start: First day, UTC.
        end: Last day, UTC, included.
        base_url: Where the hrefs point, without a slash at its end.

    Raises:
        RequestError: A tile does not exist.
    """
    series = [passes(tile, start, end) for tile in sorted(set(tiles))]
    for one in heapq.merge(*series, key=lambda one: one.instant):
        yield _feature(one, base_url)


def seconds_into_datatake(tile: MgrsTile) -> float:
    """Seconds from the start of a datatake until a tile is seen: 240 to 360.

    Real datatakes begin anywhere; here one begins every 800 km along the track, 4 minutes ahead.
    """
    seen = seconds_after_node(centre(tile)[1])
    return _EARLIEST_S + (seen + _BLOCK_PHASE_S) % _BLOCK_S


def cloud_cover(tile: MgrsTile, day: date, relative_orbit: int) -> float | None:
    """Percent of the tile, 0 to 100; None for the few scenes PEPS has no figure for."""
    if share(f"unknown cloud {_WEATHER}", tile, day, relative_orbit) < _WITHOUT_CLOUD_COVER:
        return None
    drawn = share(f"cloud {_WEATHER}", tile, day, relative_orbit)
    for (before, low), (after, high) in pairwise(_CLOUD_QUANTILES):
        if drawn < after:
            part = (drawn - before) / (after - before)
            return _plain(round(low + (high - low) * part, 4))
    return 100


def _plain(number: float) -> float:
    """PEPS writes a whole number without a point."""
    return int(number) if number == int(number) else number


def _feature(one: Pass, base_url: str) -> Feature:
    name = _name(one)
    geometry = _footprint(one)
    return {
        "type": "Feature",
        "id": service_id(name),
        "geometry": geometry,
        "_geometry": geometry,
        "properties": _properties(one, name, base_url),
    }


def _datatake_start(one: Pass) -> datetime:
    """To the second, plus the odd milliseconds that ESA's names do not show."""
    start = one.instant - timedelta(seconds=seconds_into_datatake(one.tile))
    late = between(-15, 15, "start", one.satellite.name, one.absolute_orbit)
    milliseconds = 24 if one.satellite.letter == "A" else 29
    whole = (start + timedelta(seconds=round(late))).replace(microsecond=0)
    return whole + timedelta(milliseconds=milliseconds)


def _baseline(day: date) -> str:
    return [number for first, number in _BASELINES if first <= day][-1]


def _name(one: Pass) -> str:
    start = _datatake_start(one)
    later = between(1.2, 5.0, "processed", one.satellite.name, one.absolute_orbit)
    processed = start + timedelta(hours=later)
    return (
        f"{one.satellite.name}_MSIL1C_{start:%Y%m%dT%H%M%S}_N{_baseline(start.date())}"
        f"_R{one.relative_orbit:03d}_T{one.tile}_{processed:%Y%m%dT%H%M%S}"
    )


def _footprint(one: Pass) -> Feature:
    """MultiPolygon, longitude first; across the antimeridian one ring jumps, as on PEPS."""
    seen = swath_over(one.tile, one.relative_orbit)
    rings = [[_ring(part.exterior.coords, one.tile)] for part in _polygons(seen)]
    return {"type": "MultiPolygon", "coordinates": rings}


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    if isinstance(geometry, MultiPolygon):
        return list(geometry.geoms)
    return [geometry] if isinstance(geometry, Polygon) else []


def _ring(coordinates: Iterable[tuple[float, ...]], tile: MgrsTile) -> list[list[float]]:
    to_degrees = to_lonlat(tile.epsg)
    return [
        [round(number, 12) for number in to_degrees.transform(x, y)] for x, y, *_ in coordinates
    ]


def _properties(one: Pass, name: str, base_url: str) -> Feature:
    start = _datatake_start(one)
    day, satellite = start.date(), one.satellite.name
    arrived = start + timedelta(hours=between(5, 12, "arrived", name))
    published = _instant(arrived + timedelta(minutes=between(2, 40, "published", name)))
    path = f"{day:%Y/%m/%d}/{satellite}/{name}"
    size, checksum = _size(one), _checksum(name, day)
    percent = cloud_cover(one.tile, day, one.relative_orbit)
    baseline = _baseline(day)
    return {
        "collection": "S2ST",
        "productIdentifier": name,
        "parentIdentifier": "urn:ogc:def:EOP:ESA::SENTINEL-2:",
        "title": name,
        "description": None,
        "organisationName": "ESA",
        "startDate": _instant(start),
        "completionDate": _instant(start),
        "productType": "S2MSI1C",
        "processingLevel": "LEVEL1C",
        "platform": satellite,
        "instrument": "MSI",
        "resolution": None,
        "sensorMode": "INS-NOBS",
        "orbitNumber": one.absolute_orbit,
        "quicklook": f"{base_url}/quicklook/{path}_quicklook.jpg",
        "thumbnail": None,
        "resourceSize": size,
        "resourceChecksum": checksum,
        "updated": published,
        "published": published,
        "snowCover": None,
        "cloudCover": percent,
        "keywords": keywords(day, satellite, base_url, northern=one.tile.is_northern),
        "visible": 1,
        "orbitDirection": "descending",
        "newVersion": None,
        "isNrt": 0,
        "realtime": "Nominal",
        "dhusIngestDate": _instant(arrived),
        "relativeOrbitNumber": one.relative_orbit,
        "useDatalake": None,
        "s2TakeId": (
            f"G{satellite}_{start:%Y%m%dT%H%M%S}_{one.absolute_orbit:06d}"
            f"_N{baseline[:2]}.{baseline[2:]}"
        ),
        "mgrs": str(one.tile),
        "bareSoil": None,
        "highProbaClouds": None,
        "mediumProbaClouds": None,
        "lowProbaClouds": None,
        "snowIce": None,
        "vegetation": None,
        "water": None,
        "isRefined": 1 if day.year >= _FIRST_REFINED else None,
        "nrtResource": f"/data/NRT/{path}.zip",
        "services": _services(name, path, base_url, size, checksum),
        "links": _links(name, base_url),
        "storage": {"mode": "tape" if share("storage", name) < _ON_TAPE else "disk"},
    }


def _services(name: str, path: str, base_url: str, size: int, checksum: str) -> Feature:
    return {
        "browse": {
            "title": "Display full resolution product on map",
            "layer": {
                "type": "WMS",
                "url": f"{base_url}/cgi-bin/mapserver?map=WMS_S2ST&data={path}",
                "layers": "",
            },
        },
        "download": {
            "url": f"{base_url}/resto/collections/S2ST/{service_id(name)}/download",
            "mimeType": "application/zip",
            "size": size,
            "checksum": checksum,
        },
    }


def _links(name: str, base_url: str) -> list[dict[str, str]]:
    identifier = service_id(name)
    kinds = (("GeoJSON", "json", "application/json"), ("ATOM", "atom", "application/atom+xml"))
    return [
        {
            "rel": "alternate",
            "type": media_type,
            "title": f"{title} link for {identifier}",
            "href": f"{base_url}/resto/collections/S2ST/{identifier}.{ending}?&lang=en",
        }
        for title, ending, media_type in kinds
    ]


def _size(one: Pass) -> int:
    """Bytes of the archive: it grows with the part of the tile that is seen."""
    seen = swath_over(one.tile, one.relative_orbit).area / 109_800**2
    vary = between(0.8, 1.1, "size", one.tile, one.absolute_orbit)
    return int(_FULL_TILE_BYTES * vary * (0.04 + 0.96 * seen))


def _checksum(name: str, day: date) -> str:
    """PEPS wrote MD5 in upper case until 2020."""
    text = digest("checksum", name)
    return text if day.year >= _FIRST_LOWER_CASE_CHECKSUM else text.upper()


def _instant(instant: datetime) -> str:
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
