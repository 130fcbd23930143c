"""The names of attributes before March 2025, by those of today.

Source: a record stored in November 2024 (`spaceborne:*`, `temporal:*`, ...). That record is of
Sentinel-1; names of attributes it does not have are left as they are.
"""

from collections.abc import Mapping
from typing import Any

_OLD_NAMES = {
    "area": "spatial:area",
    "continent_code": "spaceborne:continentsID",
    "dataset": "dataType",
    "end_datetime": "temporal:endDate",
    "endpoint_description": "accessService:endpointDescription",
    "endpoint_url": "accessService:endpointURL",
    "eo:cloud_cover": "spaceborne:cloudCover",
    "grid:code": "spaceborne:tile",
    "instrument": "spaceborne:satelliteSensor",
    "keywords": "spaceborne:keywords",
    "platform": "spaceborne:satellitePlatform",
    "processing:level": "spaceborne:productLevel",
    "product:timeliness": "spaceborne:productTimeliness",
    "product:type": "spaceborne:productType",
    "proj:bbox": "spatial:bbox",
    "sar:instrument_mode": "spaceborne:sensorMode",
    "sat:absolute_orbit": "spaceborne:absoluteOrbitID",
    "sat:orbit_state": "spaceborne:orbitDirection",
    "sat:relative_orbit": "spaceborne:orbitID",
    "start_datetime": "temporal:startDate",
    "version": "versionInfo",
}
NEW_NAMES = {old: new for new, old in _OLD_NAMES.items()}


def renamed(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties under their old names."""
    return {_OLD_NAMES.get(name, name): value for name, value in properties.items()}


def with_new_names(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties under their names of today, whichever they had."""
    return {NEW_NAMES.get(name, name): value for name, value in properties.items()}
