"""The search parameters that PEPS knows for `S2ST`, and how it checks their values.

Source: `RestoModel.php` and `RestoModel_sentinel2_ST.php` of the published server. Parameters
that are not in the table are ignored without notice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_DATE = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(|Z|[\+\-][0-9]{2}:[0-9]{2}))?$"
)
_INTERVAL = r"^(\[|\]|[0-9])?[0-9]+$|^[0-9]+?(\[|\])$|^(\[|\])[0-9]+,[0-9]+(\[|\])$"
_BOX = r"^[0-9\.\,\-]*$"
_MARKUP = re.compile(r"<.*?>")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class BadParameter(Exception):  # noqa: N818 -- a fact about the request, turned into an answer
    """A value that PEPS refuses with 400; the text is its `ErrorMessage`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: PEPS's name for it, and what its values must be."""

    server_name: str
    """Key in `query.searchFilters` of the answer."""
    pattern: str | None = None
    low: int | None = None
    high: int | None = None


def _equal(name: str) -> Parameter:
    return Parameter(server_name=name)


def _cover(name: str) -> Parameter:
    return Parameter(server_name=name, pattern=_INTERVAL)


PARAMETERS: Mapping[str, Parameter] = {
    "q": _equal("searchTerms"),
    "productIdentifier": _equal("productIdentifier"),
    "maxRecords": _equal("count"),  # clamped, never refused
    "index": Parameter(server_name="startIndex", low=1),
    "page": Parameter(server_name="startPage", low=1),
    "lang": Parameter(server_name="language", pattern="^[a-z]{2}$"),
    "identifier": _equal("geo:uid"),
    "geometry": _equal("geo:geometry"),
    "box": Parameter(server_name="geo:box", pattern=_BOX),
    "location": _equal("geo:name"),
    "lon": Parameter(server_name="geo:lon", low=-180, high=180),
    "lat": Parameter(server_name="geo:lat", low=-90, high=90),
    "radius": Parameter(server_name="geo:radius", low=1),
    "startDate": Parameter(server_name="time:start", pattern=_DATE),
    "completionDate": Parameter(server_name="time:end", pattern=_DATE),
    "parentIdentifier": _equal("eo:parentIdentifier"),
    "productType": _equal("eo:productType"),
    "processingLevel": _equal("eo:processingLevel"),
    "platform": _equal("eo:platform"),
    "instrument": _equal("eo:instrument"),
    "resolution": _cover("eo:resolution"),
    "organisationName": _equal("eo:organisationName"),
    "orbitDirection": _equal("eo:orbitDirection"),
    "orbitNumber": Parameter(server_name="eo:orbitNumber", low=1),
    "sensorMode": _equal("eo:sensorMode"),
    "cloudCover": _cover("eo:cloudCover"),
    "snowCover": _cover("eo:snowCover"),
    "cultivatedCover": _cover("resto:cultivatedCover"),
    "desertCover": _cover("resto:desertCover"),
    "floodedCover": _cover("resto:floodedCover"),
    "forestCover": _cover("resto:forestCover"),
    "herbaceousCover": _cover("resto:herbaceousCover"),
    "iceCover": _cover("resto:iceCover"),
    "urbanCover": _cover("resto:urbanCover"),
    "waterCover": _cover("resto:waterCover"),
    "updated": Parameter(server_name="dc:date", pattern=_DATE),
    "publishedBegin": Parameter(server_name="resto:publishedBegin", pattern=_DATE),
    "publishedEnd": Parameter(server_name="resto:publishedEnd", pattern=_DATE),
    "isNrt": Parameter(server_name="resto:isNrt", low=0, high=1),
    "realtime": _equal("resto:realtime"),
    "relativeOrbitNumber": Parameter(server_name="resto:relativeOrbitNumber", low=1),
    "tileid": Parameter(
        server_name="resto:tileid", pattern=r"^[0-6][0-9][A-Za-z]([A-Za-z]){0,2}%?$"
    ),
    "s2TakeId": Parameter(
        server_name="resto:s2TakeId", pattern=r"^G(?:S2A|S2B)_\d{8}T\d{6}_\d{6}_N\d\d\.\d\d$"
    ),
}


def understood(params: Mapping[str, str]) -> dict[str, str]:
    """The parameters that PEPS knows, checked, in the order they were sent.

    Raises:
        BadParameter: A value does not match its pattern or range.
    """
    known = {name: _MARKUP.sub("", value) for name, value in params.items() if name in PARAMETERS}
    for name, value in known.items():
        _check(name, PARAMETERS[name], value)
    return known


def _check(name: str, parameter: Parameter, value: str) -> None:
    if parameter.pattern is not None:
        if re.search(parameter.pattern, value, re.ASCII) is None:
            message = f'Value for "{name}" must follow the pattern {parameter.pattern}'
            raise BadParameter(message)
    elif parameter.low is not None:
        if _NUMBER.fullmatch(value) is None:
            raise BadParameter(f'Value for "{name}" must be numeric')
        if float(value) < parameter.low:
            raise BadParameter(f'Value for "{name}" must be greater than {parameter.low - 1}')
        if parameter.high is not None and float(value) > parameter.high:
            raise BadParameter(f'Value for "{name}" must be lower than {parameter.high + 1}')
