"""Which version of each STAC extension this package writes, and two forms they ask for.

Projection, eo and raster stay at v1: their v2 schemas refuse `proj:epsg`, `eo:bands` and
`raster:bands`, without which odc-stac has no band aliases and stackstac no CRS.
"""

import re
from typing import Final

from peps_stac.errors import RequestError

_OFFICIAL: Final = "https://stac-extensions.github.io"

CLASSIFICATION_SCHEMA: Final = f"{_OFFICIAL}/classification/v1.1.0/schema.json"
EO_SCHEMA: Final = f"{_OFFICIAL}/eo/v1.1.0/schema.json"
FILE_SCHEMA: Final = f"{_OFFICIAL}/file/v2.1.0/schema.json"
GRID_SCHEMA: Final = f"{_OFFICIAL}/grid/v1.1.0/schema.json"
ORDER_SCHEMA: Final = f"{_OFFICIAL}/order/v1.1.0/schema.json"
PROCESSING_SCHEMA: Final = f"{_OFFICIAL}/processing/v1.2.0/schema.json"
PROJECTION_SCHEMA: Final = f"{_OFFICIAL}/projection/v1.2.0/schema.json"
RASTER_SCHEMA: Final = f"{_OFFICIAL}/raster/v1.1.0/schema.json"
SAT_SCHEMA: Final = f"{_OFFICIAL}/sat/v1.0.0/schema.json"
SENTINEL2_SCHEMA: Final = f"{_OFFICIAL}/sentinel-2/v1.0.0/schema.json"
TIMESTAMPS_SCHEMA: Final = f"{_OFFICIAL}/timestamps/v1.1.0/schema.json"
VERSION_SCHEMA: Final = f"{_OFFICIAL}/version/v1.2.0/schema.json"
VIEW_SCHEMA: Final = f"{_OFFICIAL}/view/v1.0.0/schema.json"

PEPS_SCHEMA: Final = "https://peps-stac.github.io/peps/v1.0.0/schema.json"
"""`peps:…`, where an order of MAJA stands; published with this package."""
MAJA_SCHEMA: Final = "https://peps-stac.github.io/maja/v1.0.0/schema.json"
"""`maja:…`, what a MAJA product says of its processing; published with this package."""

_MD5 = re.compile(r"[0-9a-f]{32}")
# Multicodec table: md5 is 0xd5, as an unsigned varint d5 01; then the length, 16 bytes.
_MD5_PREFIX = "d50110"


def multihash_of_md5(md5: str) -> str:
    """`file:checksum` of the file extension, for an MD5 of 32 hexadecimal digits in any case.

    Raises:
        RequestError: No MD5.
    """
    digest = md5.strip().lower()
    if not _MD5.fullmatch(digest):
        raise RequestError(f"no MD5: {md5!r}; give 32 hexadecimal digits")
    return _MD5_PREFIX + digest


def md5_of_multihash(checksum: str) -> str | None:
    """The MD5 in a `file:checksum`, lower case; None when the checksum is of another kind."""
    digest = checksum.lower().removeprefix(_MD5_PREFIX)
    return digest if _MD5.fullmatch(digest) and digest != checksum.lower() else None
