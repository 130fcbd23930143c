"""Where a Sentinel-2 tile lies: from its MGRS name to metres in its UTM zone.

The grid of ESA is the 100 km grid of MGRS (NGA.STND.0037) with two changes: a tile is
109.8 km wide, so that neighbours overlap, and its upper-left corner falls on a whole 60 m
pixel, so that the three resolutions of the instrument nest.
"""

from functools import lru_cache

from pyproj import Transformer

from peps_stac.domain import MgrsTile
from peps_stac.errors import RequestError

TILE_SIDE_M = 109_800
"""Width and height of every tile, metres."""

_SQUARE_M = 100_000
_COARSEST_PIXEL_M = 60
_FALSE_NORTHING_M = 10_000_000
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_COLUMNS_IN_A_ZONE = 8
_CYCLE_M = len(_ROWS) * _SQUARE_M
_FIRST_ROW_OF_EVEN_ZONES = _ROWS.index("F")
_BAND_HEIGHT = 8
_SOUTHERN_END = -80
_NORTHERN_END = 84
_HALF_ZONE = 3

Extent = tuple[int, int, int, int]


def tile_bounds(tile: MgrsTile) -> Extent:
    """`(xmin, ymin, xmax, ymax)` of a tile, metres, in the CRS `tile.epsg`.

    The upper-left corner is that of the MGRS square, moved outwards (west, north) to a multiple
    of 60 m counted from the false easting's zero and from the equator. So 31TCJ begins at
    (300000, 4900020), 31UDS at (399960, 5700000), and in the south, where the false northing is
    no multiple of 60 m, 32MNE still begins at 10000000.

    Raises:
        RequestError: The square does not occur in the tile's latitude band.
    """
    west = (_COLUMNS.index(tile.square[0]) % _COLUMNS_IN_A_ZONE + 1) * _SQUARE_M
    equator = 0 if tile.is_northern else _FALSE_NORTHING_M
    north = _square_south(tile) + _SQUARE_M - equator
    xmin = west // _COARSEST_PIXEL_M * _COARSEST_PIXEL_M
    ymax = -(-north // _COARSEST_PIXEL_M) * _COARSEST_PIXEL_M + equator
    return (xmin, ymax - TILE_SIDE_M, xmin + TILE_SIDE_M, ymax)


@lru_cache(maxsize=256)
def to_lonlat(epsg: int) -> Transformer:
    """From metres in `epsg` to `(lon, lat)`, degrees, WGS 84."""
    return Transformer.from_crs(epsg, 4326, always_xy=True)


@lru_cache(maxsize=256)
def to_metres(epsg: int) -> Transformer:
    """From `(lon, lat)`, degrees, WGS 84, to metres in `epsg`."""
    return Transformer.from_crs(4326, epsg, always_xy=True)


def centre(tile: MgrsTile) -> tuple[float, float]:
    """`(lon, lat)` of the middle of a tile, degrees, WGS 84."""
    xmin, ymin, xmax, ymax = tile_bounds(tile)
    lon, lat = to_lonlat(tile.epsg).transform((xmin + xmax) / 2, (ymin + ymax) / 2)
    return float(lon), float(lat)


def _square_south(tile: MgrsTile) -> int:
    """Northing of the square's south edge: row letters repeat every 2000 km, the band decides."""
    first = _FIRST_ROW_OF_EVEN_ZONES if tile.zone % 2 == 0 else 0
    row = (_ROWS.index(tile.square[1]) - first) % len(_ROWS) * _SQUARE_M
    bottom, top = _band_northings(tile)
    south = row
    while south + _SQUARE_M <= bottom:
        south += _CYCLE_M
    if south >= top:
        message = f"tile {tile} does not exist: no square {tile.square} in latitude band"
        raise RequestError(f"{message} {tile.band} of zone {tile.zone}; check its name")
    return south


def _band_northings(tile: MgrsTile) -> tuple[float, float]:
    """Lowest and highest northing in a latitude band: on the middle and the edge of the zone."""
    index = _BANDS.index(tile.band)
    south = _SOUTHERN_END + index * _BAND_HEIGHT
    north = _NORTHERN_END if tile.band == _BANDS[-1] else south + _BAND_HEIGHT
    middle = tile.zone * 6 - 183
    lons = (middle, middle + _HALF_ZONE)
    _, bottoms = to_metres(tile.epsg).transform(lons, (south, south))
    _, tops = to_metres(tile.epsg).transform(lons, (north, north))
    return float(min(bottoms)), float(max(tops))
