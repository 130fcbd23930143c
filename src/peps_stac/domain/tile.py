"""A Sentinel-2 tile: one 100 km square of the Military Grid Reference System (MGRS)."""

import re
from dataclasses import dataclass
from typing import Self

from peps_stac.errors import RequestError

_TILE = re.compile(r"T?(?P<zone>\d{1,2})(?P<band>[A-Z])(?P<column>[A-Z])(?P<row>[A-Z])")
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
# NGA.STND.0037, section 3: column letters come in three sets, by zone modulo 3.
_COLUMNS = {1: "ABCDEFGH", 2: "JKLMNPQR", 0: "STUVWXYZ"}
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_LAST_ZONE = 60
_FIRST_NORTHERN_BAND = "N"


@dataclass(frozen=True, slots=True, order=True)
class MgrsTile:
    """One tile, such as 31TCJ; sorts by zone, band and square."""

    zone: int
    """UTM zone, 1 to 60."""
    band: str
    """Latitude band, one letter; N and above are north of the equator."""
    square: str
    """Column and row letter of the 100 km square."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The tile that text names; lower case and a leading T are accepted.

        Raises:
            RequestError: No tile has this name.
        """
        match = _TILE.fullmatch(text.strip().upper())
        if match is None:
            raise RequestError(f"unknown tile {text!r}: write five characters such as 31TCJ")
        zone = int(match["zone"])
        reason = _first_fault(zone, match["band"], match["column"], match["row"])
        if reason:
            raise RequestError(f"unknown tile {text!r}: {reason}")
        return cls(zone, match["band"], match["column"] + match["row"])

    def __str__(self) -> str:
        return f"{self.zone:02d}{self.band}{self.square}"

    @property
    def grid_code(self) -> str:
        """`MGRS-31TCJ`, as the STAC grid extension writes it (no leading zero)."""
        return f"MGRS-{self.zone}{self.band}{self.square}"

    @property
    def epsg(self) -> int:
        """EPSG code of the tile's UTM zone on WGS 84, e.g. 32631; 327xx in the south."""
        return (32600 if self.is_northern else 32700) + self.zone

    @property
    def is_northern(self) -> bool:
        """Whether the tile lies north of the equator."""
        return self.band >= _FIRST_NORTHERN_BAND


def _first_fault(zone: int, band: str, column: str, row: str) -> str | None:
    if not 1 <= zone <= _LAST_ZONE:
        return f"there is no UTM zone {zone}, only 1 to {_LAST_ZONE}"
    if band not in _BANDS:
        return f"there is no latitude band {band}"
    columns = _COLUMNS[zone % 3]
    if column not in columns:
        return f"columns of zone {zone} are {columns[0]} to {columns[-1]}, not {column}"
    return None if row in _ROWS else f"there is no row {row}, only A to V"
