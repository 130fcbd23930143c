"""Recorded search answers, as the features PEPS itself wrote.

eodag saved answers of PEPS under names of its own, which changed between its versions; the
values stayed PEPS's. They are put back under PEPS's names; what eodag added is left out, and
what it dropped stays absent.
"""

from collections.abc import Mapping
from typing import Any

from peps_stac.errors import ResponseError
from peps_stac.provider.values import read_mapping, read_text

_EODAG_2 = {
    "abstract": "description",
    "cloudCover": "cloudCover",
    "completionTimeFromAscendingNode": "completionDate",
    "creationDate": "dhusIngestDate",
    "instrument": "instrument",
    "keyword": "keywords",
    "modificationDate": "updated",
    "orbitDirection": "orbitDirection",
    "orbitNumber": "orbitNumber",
    "organisationName": "organisationName",
    "parentIdentifier": "parentIdentifier",
    "platform": "collection",
    "platformSerialIdentifier": "platform",
    "processingLevel": "processingLevel",
    "productType": "productType",
    "publicationDate": "published",
    "quicklook": "quicklook",
    "resolution": "resolution",
    "sensorMode": "sensorMode",
    "snowCover": "snowCover",
    "startTimeFromAscendingNode": "startDate",
    "thumbnail": "thumbnail",
    "title": "productIdentifier",
}
"""PEPS's name of each property that eodag 2 wrote under a name of its own choice."""

_EODAG_2_ADDED = frozenset(
    {
        "downloadLink",
        "eodag_product_type",
        "eodag_provider",
        "eodag_search_intersection",
        "license",
        "missionStartDate",
        "sensorType",
        "storageStatus",
        "uid",
    }
)

_EODAG_3 = {
    "constellation": "collection",
    "created": "dhusIngestDate",
    "description": "description",
    "end_datetime": "completionDate",
    "eo:cloud_cover": "cloudCover",
    "eo:snow_cover": "snowCover",
    "eodag:quicklook": "quicklook",
    "eodag:thumbnail": "thumbnail",
    "grid:code": "mgrs",
    "gsd": "resolution",
    "keywords": "keywords",
    "parentIdentifier": "parentIdentifier",
    "platform": "platform",
    "processing:level": "processingLevel",
    "product:type": "productType",
    "published": "published",
    "sar:instrument_mode": "sensorMode",
    "sat:absolute_orbit": "orbitNumber",
    "sat:orbit_state": "orbitDirection",
    "start_datetime": "startDate",
    "title": "productIdentifier",
    "updated": "updated",
}
"""The same for eodag 3, which kept the properties unknown to it as `peps:<PEPS's name>`."""


def raw_features(document: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- any recorded JSON
    """The features of a recorded answer, raw or saved by eodag 2 or 3, as PEPS wrote them.

    Raises:
        ResponseError: Not a GeoJSON FeatureCollection.
    """
    said = read_mapping(document)
    features = said.get("features")
    if said.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise ResponseError("a recorded answer is no FeatureCollection; give a search answer")
    return [_raw_feature(read_mapping(feature)) for feature in features]


def _raw_feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    saved = read_mapping(feature.get("properties"))
    if "eodag_provider" in saved:
        properties = _from_eodag_2(saved)
    elif "eodag:provider" in saved:
        properties = _from_eodag_3(saved)
    else:
        return dict(feature)
    properties["title"] = properties.get("productIdentifier")
    return {
        "type": "Feature",
        "id": saved.get("uid"),
        "geometry": feature.get("geometry"),
        "properties": {key: _null_where_said_so(value) for key, value in properties.items()},
    }


def _from_eodag_2(saved: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in saved.items() if key not in _EODAG_2_ADDED}
    return {_EODAG_2.get(key, key): value for key, value in kept.items()}


def _from_eodag_3(saved: Mapping[str, Any]) -> dict[str, Any]:
    properties = {
        key.removeprefix("peps:"): value for key, value in saved.items() if key.startswith("peps:")
    }
    properties |= {raw: saved[key] for key, raw in _EODAG_3.items() if key in saved}
    instruments, providers = saved.get("instruments"), saved.get("providers")
    if isinstance(instruments, list) and instruments:
        properties["instrument"] = instruments[0]
    if isinstance(providers, list) and providers:
        properties["organisationName"] = read_mapping(providers[0]).get("name")
    if "eodag:download_link" in saved:
        properties["services"] = {"download": {"url": saved["eodag:download_link"]}}
    return properties


def _null_where_said_so(value: object) -> object:
    """Null, where eodag wrote its words for it."""
    return None if isinstance(value, str) and read_text(value) is None else value
