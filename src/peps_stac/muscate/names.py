"""Names of MAJA products in MUSCATE format.

    SENTINEL2B_20171127-105827-648_L2A_T31TCJ_D_V1-4

A name tells platform, mean sensing time, tile, metadata profile and distribution version. The
names of one product's archive, folder and files may differ in the last two, so files are found
through the metadata and never by building names.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from peps_stac.domain import MgrsTile
from peps_stac.errors import RequestError, ResponseError

SAME_SCENE = timedelta(seconds=60)
"""A scene processed again may move by some seconds; another pass is at least minutes away."""

_NAME = re.compile(
    r"SENTINEL2(?P<unit>[A-Z])_(?P<date>\d{8})-(?P<time>\d{6})-(?P<ms>\d{3})"
    r"_L2A_(?P<tile>T\d{2}[A-Z]{3})_(?P<profile>[A-Z])(?:_V(?P<version>\d{1,4}-\d{1,4}))?",
    re.ASCII,
)
_PLATFORM = re.compile(r"S(?:ENTINEL)?[-_ ]?2(?P<unit>[A-Z])", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProductName:
    """What the name of an L2A product says; its text is the name again."""

    platform: str
    """`sentinel-2a`, ...; any letter."""
    acquired: datetime
    """Mean sensing time of the tile, UTC, to the millisecond."""
    tile: MgrsTile
    profile: str
    """`C` complete, `D` distributed, `H` hybrid; any letter."""
    version: str | None = None
    """`1.4`, the version of the distribution; None for a name without one."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The product that text names, without any suffix such as `.zip`.

        Raises:
            ResponseError: Not the name of a Sentinel-2 L2A product in MUSCATE format.
        """
        match = _NAME.fullmatch(text)
        if match is None:
            message = f"{text[:100]!r} does not name a MAJA product"
            raise ResponseError(f"{message}, such as SENTINEL2A_20160928-105637-665_L2A_T31UDS_C")
        try:
            acquired = datetime.strptime(
                match["date"] + match["time"] + match["ms"], "%Y%m%d%H%M%S%f"
            ).replace(tzinfo=UTC)
            tile = MgrsTile.parse(match["tile"])
        except (ValueError, RequestError) as error:
            raise ResponseError(f"{text!r} does not name a MAJA product: {error}") from error
        version = match["version"]
        return cls(
            platform=f"sentinel-2{match['unit'].lower()}",
            acquired=acquired,
            tile=tile,
            profile=match["profile"],
            version=version and ".".join(str(int(part)) for part in version.split("-")),
        )

    def __str__(self) -> str:
        satellite = self.platform.upper().replace("-", "")
        instant = f"{self.acquired:%Y%m%d-%H%M%S}-{self.acquired.microsecond // 1000:03d}"
        suffix = f"_V{self.version.replace('.', '-')}" if self.version else ""
        return f"{satellite}_{instant}_L2A_T{self.tile}_{self.profile}{suffix}"

    @property
    def version_order(self) -> tuple[int, ...]:
        """Sorts the versions of one scene, the latest last; a name without one comes first."""
        return tuple(int(part) for part in self.version.split(".")) if self.version else ()


def same_scene(a: ProductName, b: ProductName) -> bool:
    """Whether two products show one pass over one tile, in whatever version."""
    return (a.platform, a.tile) == (b.platform, b.tile) and (
        abs(a.acquired - b.acquired) <= SAME_SCENE
    )


def platform_of(text: str) -> str | None:
    """`sentinel-2a` for SENTINEL2A, Sentinel-2A or S2A; None for another satellite."""
    match = _PLATFORM.fullmatch(text.strip())
    return f"sentinel-2{match['unit'].lower()}" if match else None
