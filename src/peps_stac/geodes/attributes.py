"""The names of GEODES's attributes: those of today for those of before March 2025."""

from collections.abc import Mapping
from typing import Any

_NAME_OF_OLD = {
    "dataType": "dataset",
    "spaceborne:absoluteOrbitID": "sat:absolute_orbit",
    "spaceborne:cloudCover": "eo:cloud_cover",
    "spaceborne:orbitDirection": "sat:orbit_state",
    "spaceborne:orbitID": "sat:relative_orbit",
    "spaceborne:productLevel": "processing:level",
    "spaceborne:productType": "product:type",
    "spaceborne:satellitePlatform": "platform",
    "spaceborne:satelliteSensor": "instrument",
    "spaceborne:sensorMode": "sar:instrument_mode",
    "spaceborne:tile": "grid:code",
    "temporal:endDate": "end_datetime",
    "temporal:startDate": "start_datetime",
    "versionInfo": "version",
}
_NOTHING = "[]"
"""What is written, as text, for a list without entries."""


def attributes(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes under the names of today, without those that say nothing.

    An attribute that stands under both names keeps the value of the new one.
    """
    said = {name: value for name, value in properties.items() if value not in (_NOTHING, "", None)}
    old = {new: said[name] for name, new in _NAME_OF_OLD.items() if name in said}
    return {**old, **{name: value for name, value in said.items() if name not in _NAME_OF_OLD}}
