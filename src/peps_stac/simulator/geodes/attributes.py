"""The attributes that a search of GEODES may name: those of its data model 8.0, and `identifier`.

Any other is refused with 400, as the names of before March 2025 were from then on (eodag #1578).
"""

import math
from datetime import datetime
from typing import Any

from peps_stac.domain.instants import parse_instant
from peps_stac.simulator.geodes.records import GeodesRecord
from peps_stac.simulator.geodes.spelling import NEW_NAMES

_DATES = frozenset({"datetime", "start_datetime", "end_datetime", "processing:datetime"})
_NUMBERS = frozenset(
    {
        "area",
        "eo:cloud_cover",
        "ground_useful_pixel",
        "min_useful_pixel",
        "mission_take_id",
        "nb_col_interpolation_error",
        "nodata_pixel",
        "sat:absolute_orbit",
        "sat:orbit_cycle",
        "sat:relative_orbit",
        "saturated_defective_pixel",
        "sensor_angle",
        "sensor_pitch",
        "sensor_roll",
        "water_cover",
    }
)
_LISTS = frozenset({"continent_code", "keywords", "sci:doi"})
_TEXTS = frozenset(
    {
        "bands",
        "bbox",
        "classification",
        "dataset",
        "grid:code",
        "identifier",
        "instrument",
        "links",
        "nb_cols",
        "nb_rows",
        "parameter",
        "platform",
        "political",
        "pparameter",
        "processing:level",
        "processing:lineage",
        "processing:version",
        "processing_context",
        "processing_correction",
        "product",
        "product:type",
        "s2:datatake_id",
        "sar:beam_ids",
        "sar:instrument_mode",
        "sar:polarizations",
        "sat:orbit_state",
        "subTile",
        "swath",
        "temporal_resolution",
    }
)
_BOOLEANS = frozenset({"no_geometry", "product_validity"})
_KNOWN = _DATES | _NUMBERS | _LISTS | _TEXTS | _BOOLEANS


class BadSearch(Exception):  # noqa: N818 -- a fact about the request, turned into an answer
    """A body that GEODES refuses with 400."""


def known(given: str, *, old_names: bool) -> str:
    """The attribute that is meant.

    Raises:
        BadSearch: There is none.
    """
    # Both spellings when the records have the old one: clients of today ask with the new one.
    name = NEW_NAMES.get(given, given) if old_names else given
    if name not in _KNOWN:
        raise BadSearch(f"query: unknown attribute {given}")
    return name


def has_order(name: str) -> bool:
    """Whether one value of it may be less than another."""
    return name in _DATES | _NUMBERS | _TEXTS


def own(record: GeodesRecord, name: str) -> Any:  # noqa: ANN401 -- any attribute
    """The attribute of a record, as it is compared; None when it has none, or not of its type."""
    try:
        return typed(name, record.attributes.get(name))
    except BadSearch:
        return None


def typed(name: str, value: Any) -> Any:  # noqa: ANN401 -- any attribute
    """A value as the attribute's own type; None stays None.

    Raises:
        BadSearch: It is none of that type.
    """
    if value is None:
        return None
    if name in _DATES:
        return _instant(name, value)
    if name in _NUMBERS:
        return _number(name, value)
    if name in _TEXTS and not isinstance(value, str):
        raise BadSearch(f"query: {name}: {value} is no text")
    return value


def _instant(name: str, value: object) -> datetime:
    try:
        return parse_instant(str(value))
    except ValueError as error:
        raise BadSearch(f"query: {name}: {value} is no date") from error


def _number(name: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError as error:
        raise BadSearch(f"query: {name}: {value} is no number") from error
    if math.isnan(number):
        raise BadSearch(f"query: {name}: {value} is no number")
    return number
