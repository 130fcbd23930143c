"""The options that say which scenes are meant, the same in every command."""

import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.completing import tiles, words
from peps_stac.cli.helping import Command
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import datetime as dt

    from shapely.geometry.base import BaseGeometry

    from peps_stac.domain import SearchQuery

_PLATFORM = re.compile(r"(?:s|sentinel-?)2-?(?P<unit>[a-z])", re.IGNORECASE)
_PLATFORMS = ("sentinel-2a", "sentinel-2b", "sentinel-2c")
_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CORNERS = 4
_SHORT = {"location": "-l", "tiles": "-t", "orbit": "-o", "start": "-d", "end": "-f"}

# In the order of the fields of `Selection`.
_OPTIONS = (
    click.option("-l", "--location", metavar="TEXT", help='A place, or "Toulouse August".'),
    click.option("--lon", type=float, metavar="X", help="Longitude of a point, degrees."),
    click.option("--lat", type=float, metavar="Y", help="Latitude of a point, degrees."),
    click.option(
        "--bbox",
        metavar="W S E N",
        help="A box, degrees; also as W,S,E,N. West greater than east crosses the antimeridian.",
    ),
    click.option("--lonmin", type=float, metavar="X", help="West edge of a box."),
    click.option("--latmin", type=float, metavar="Y", help="South edge of a box."),
    click.option("--lonmax", type=float, metavar="X", help="East edge of a box."),
    click.option("--latmax", type=float, metavar="Y", help="North edge of a box."),
    click.option(
        "--intersects", metavar="GEOJSON", help="A GeoJSON file, GeoJSON text, or - for stdin."
    ),
    click.option(
        "-t",
        "--tile",
        "tiles",
        multiple=True,
        metavar="TILE",
        shell_complete=tiles,
        help="31TCJ or T31TCJ; repeatable.",
    ),
    click.option("-o", "--orbit", type=int, metavar="N", help="Relative orbit, 1 to 143."),
    click.option("-d", "--start", metavar="DATE", help="First day, included: YYYY-MM-DD."),
    click.option(
        "-f",
        "--end",
        metavar="DATE",
        help="End of the period: a bare date is that day at 00:00, "
        "so that day itself is NOT included (--datetime A/B includes it).",
    ),
    click.option(
        "--datetime",
        metavar="A/B",
        help="The period as STAC writes it: the day B IS included "
        "(with --end it is not); .. leaves an end open.",
    ),
    click.option("--cloud-cover", type=float, metavar="N", help="Percent of cloud at most."),
    click.option(
        "--platform",
        metavar="NAME",
        shell_complete=words(*_PLATFORMS),
        help="S2A or sentinel-2a, and so on.",
    ),
    click.option("--limit", type=int, metavar="N", help="Results at most."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was typed; None or empty: not given."""

    location: str | None = None
    lon: float | None = None
    lat: float | None = None
    bbox: str | None = None
    lonmin: float | None = None
    latmin: float | None = None
    lonmax: float | None = None
    latmax: float | None = None
    intersects: str | None = None
    tiles: tuple[str, ...] = ()
    orbit: int | None = None
    start: str | None = None
    end: str | None = None
    datetime: str | None = None
    cloud_cover: float | None = None
    platform: str | None = None
    limit: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no option was given."""
        return self == Selection()

    @property
    def hint(self) -> str:
        """What to try when nothing was found."""
        if self.end and _BARE_DATE.fullmatch(self.end):
            return f"--end {self.end} leaves out that day; widen the period, area or cloud cover"
        return "widen the period, the area or the cloud cover"

    @property
    def words(self) -> str:
        """The options as they are typed."""
        given = [(field.name, getattr(self, field.name)) for field in fields(self)]
        found = [
            (_SHORT.get(name) or f"--{name.replace('_', '-')}", str(each))
            for name, value in given
            for each in (value if isinstance(value, tuple) else (value,))
            if each is not None
        ]
        return " ".join(f"{option} {shlex.quote(value)}" for option, value in found)

    def query(self) -> "SearchQuery":
        """What to search for.

        Raises:
            RequestError: A value makes no sense, or two exclude each other.
        """
        from peps_stac.domain import MgrsTile, SearchQuery

        start, end = self.period()
        return SearchQuery(
            location=self.location,
            point=self._point(),
            bbox=self._box(),
            intersects=None if self.intersects is None else read_geometry(self.intersects),
            tiles=tuple(dict.fromkeys(map(MgrsTile.parse, self.tiles))),
            relative_orbit=self.orbit,
            start=start,
            end=end,
            cloud_cover=self.cloud_cover,
            platform=None if self.platform is None else parse_platform(self.platform),
            limit=self.limit,
        )

    def period(self) -> "tuple[dt.datetime | None, dt.datetime | None]":
        """First and last instant, both included; None where open.

        Raises:
            RequestError: No such date, or both spellings at once.
        """
        from peps_stac.domain.instants import parse_date, parse_interval

        if self.datetime is not None:
            if self.start or self.end:
                raise RequestError("--datetime excludes --start and --end; give one of the two")
            return parse_interval(self.datetime)
        start = None if self.start is None else parse_date(self.start, "--start")
        end = None if self.end is None else parse_date(self.end, "--end")
        return start, end

    def _point(self) -> tuple[float, float] | None:
        if self.lon is None and self.lat is None:
            return None
        if self.lon is None or self.lat is None:
            given, missing = ("--lat", "--lon") if self.lon is None else ("--lon", "--lat")
            raise RequestError(f"{given} without {missing}: a point needs both")
        return self.lon, self.lat

    def _box(self) -> tuple[float, float, float, float] | None:
        edges = {name: getattr(self, name) for name in ("lonmin", "latmin", "lonmax", "latmax")}
        given = [value for value in edges.values() if value is not None]
        if given and self.bbox is not None:
            raise RequestError("--bbox excludes --lonmin, --latmin, --lonmax and --latmax")
        if self.bbox is not None:
            return parse_bbox(self.bbox)
        if not given:
            return None
        if len(given) < _CORNERS:
            missing = ", ".join(f"--{name}" for name, value in edges.items() if value is None)
            raise RequestError(f"the box is not complete: {missing} is missing")
        west, south, east, north = given
        return west, south, east, north


class SelectionCommand(Command):
    """A command whose `--bbox` takes four words as well as one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse them, `--bbox W S E N` first written as one word."""
        return super().parse_args(ctx, join_bbox(args))


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the selection options; the function is called with `selection`, a `Selection`."""
    return _with_options(function, [field.name for field in fields(Selection)])


def tile_and_period_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add those that choose by tile and period, and no others; the function is called as above."""
    return _with_options(function, ["tiles", "start", "end", "datetime"])


def _with_options(function: Callable[..., Any], names: Sequence[str]) -> Callable[..., Any]:
    @wraps(function)
    def with_selection(**given: Any) -> Any:  # noqa: ANN401 -- whatever the other options are
        chosen = {name: given.pop(name) for name in names}
        return function(selection=Selection(**chosen), **given)

    decorated: Callable[..., Any] = with_selection
    known = dict(zip((field.name for field in fields(Selection)), _OPTIONS, strict=True))
    for name in reversed(names):
        decorated = known[name](decorated)
    return decorated


def join_bbox(args: Sequence[str]) -> list[str]:
    """The words of a command line with the numbers after `--bbox` written as one word."""
    words = list(args)
    if "--bbox" not in words:
        return words
    first = words.index("--bbox") + 1
    last = first
    while last < min(first + _CORNERS, len(words)) and _is_number(words[last].strip(",")):
        last += 1
    joined = [",".join(word.strip(",") for word in words[first:last])] if last > first else []
    return [*words[:first], *joined, *join_bbox(words[last:])]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def parse_bbox(text: str) -> tuple[float, float, float, float]:
    """West, south, east and north of `W,S,E,N`; blanks may stand for commas.

    Raises:
        RequestError: Not four numbers.
    """
    words = text.replace(",", " ").split()
    if len(words) != _CORNERS or not all(map(_is_number, words)):
        message = f"--bbox: {text!r} is not a box; give four numbers: west south east north"
        raise RequestError(message)
    west, south, east, north = map(float, words)
    return west, south, east, north


def parse_platform(text: str) -> str:
    """`sentinel-2a` for `S2A`, `Sentinel-2A` and the like.

    Raises:
        RequestError: No Sentinel-2 satellite.
    """
    match = _PLATFORM.fullmatch(text.strip())
    if match is None:
        message = f"--platform: {text!r} is no Sentinel-2 satellite; give S2A or sentinel-2a"
        raise RequestError(message)
    return f"sentinel-2{match['unit'].lower()}"


def read_geometry(text: str) -> "BaseGeometry":
    """The geometry of a GeoJSON file, of GeoJSON text, or (`-`) of stdin.

    A Feature gives its geometry, a FeatureCollection the union of its geometries.

    Raises:
        RequestError: No such file, no GeoJSON, or coordinates that are not degrees.
    """
    import orjson

    try:
        document = orjson.loads(_geojson_text(text))
    except orjson.JSONDecodeError as error:
        raise RequestError(f"--intersects: {_short(text)} is not JSON: {error}") from error
    geometry = _geometry_of(document, text)
    if not geometry.is_empty:
        west, south, east, north = geometry.bounds
        if west < -180 or south < -90 or east > 180 or north > 90:  # noqa: PLR2004 -- the globe
            message = f"--intersects: {_short(text)} goes beyond 180 and 90 degrees; "
            raise RequestError(f"{message}give longitude and latitude, WGS 84")
    return geometry


def _geojson_text(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if text.lstrip().startswith("{"):
        return text
    try:
        return Path(text).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        message = f"--intersects: cannot read {_short(text)}: {reason}; give a GeoJSON file"
        raise RequestError(message) from error


def _geometry_of(document: Any, source: str) -> "BaseGeometry":  # noqa: ANN401 -- any JSON
    from shapely import union_all
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        if document["type"] == "FeatureCollection":
            return union_all([shape(feature["geometry"]) for feature in document["features"]])
        geometry = shape(document["geometry"] if document["type"] == "Feature" else document)
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"--intersects: {_short(source)} holds no GeoJSON geometry; "
        raise RequestError(f"{message}give a Geometry, Feature or FeatureCollection") from error
    return geometry


def _short(text: str) -> str:
    shown = "stdin" if text == "-" else " ".join(text.split())
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004 -- fits in a line
