"""What a file is called over HTTP, by its name and its first bytes.

STAC Browser and QGIS decide by the media type whether a raster can be drawn, so `profile` says
cloud-optimized only where the file is. Other tools get the same words as the Items use.
"""

from pathlib import PurePath

GEOTIFF = "image/tiff; application=geotiff"
COG = f"{GEOTIFF}; profile=cloud-optimized"
ITEM = "application/geo+json"

HEAD_LENGTH = 256
"""First bytes of a file that `media_type` looks at."""

_BY_SUFFIX = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jp2": "image/jp2",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
_TIFF = (".tif", ".tiff")
_PARENTS = ("catalog.json", "collection.json")

# GDAL writes this first into a COG, and only into one.
_COG_MARK = b"LAYOUT=IFDS_BEFORE_DATA"


def media_type(path: PurePath, head: bytes = b"") -> str:
    """The media type of a file, `application/octet-stream` where its name says nothing.

    Args:
        path: Of the file; an Item has the name of its folder.
        head: Its first `HEAD_LENGTH` bytes, or fewer.
    """
    suffix = path.suffix.lower()
    if suffix in _TIFF:
        return COG if _COG_MARK in head else GEOTIFF
    if suffix == ".json" and path.name not in _PARENTS and path.stem == path.parent.name:
        return ITEM
    return _BY_SUFFIX.get(suffix, "application/octet-stream")
