"""Which versions are installed, whether they work together, and what the extras would give."""

import os
import platform
import re
import ssl
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from typing import Any

from peps_stac.cli.doctor_findings import Finding, blamed, good, note, problem, warning

AREA = "versions"
EXTRAS = {
    "raster": "COGs, previews and statistics of products; the simulator and the demo",
    "index": "fast searches of large catalogs, GeoParquet, SQL",
    "xarray": "load, odc-stac and stackstac: products as a cube",
    "dask": "add on a cluster (--scheduler)",
    "s3": "catalogs on object storage (s3://bucket/prefix)",
    "keyring": "the account in the system's keyring",
}
"""What each would give."""

_LIBRARIES = (
    "pystac",
    "requests",
    "urllib3",
    "shapely",
    "pyproj",
    "click",
    "rich",
    "orjson",
    "filelock",
)
_REQUIRED = re.compile(r"""(?P<name>[\w.-]+).*;.*extra\s*==\s*["'](?P<extra>[\w-]+)["']""")
_UTM = 32631
_DRIVERS = {"GTiff", "COG", "JPEG"}
_DATA_FOLDERS = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH")


def versions() -> Iterator[Finding]:
    """The package, Python, libraries, projections, GDAL, the extras."""
    yield _installed("peps-stac")
    yield good(AREA, "Python", f"{platform.python_version()}, {sys.executable}")
    yield good(AREA, "system", f"{platform.platform()}, {ssl.OPENSSL_VERSION}")
    yield from _libraries()
    yield from _projections()
    yield from _gdal()
    yield from _extras()


def _installed(name: str) -> Finding:
    try:
        return good(AREA, name, metadata.version(name))
    except metadata.PackageNotFoundError:
        advice = f"install it again: pip install --force-reinstall {name}"
        return problem(AREA, name, "its metadata is missing", advice)


def _libraries() -> Iterator[Finding]:
    found = {name: _version(name) for name in _LIBRARIES}
    there = [f"{name} {version}" for name, version in found.items() if version]
    yield good(AREA, "libraries", ", ".join(there))
    for name in (name for name, version in found.items() if not version):
        yield problem(AREA, name, "not installed", "pip install --upgrade peps-stac")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _projections() -> Iterator[Finding]:
    try:
        pyproj: Any = import_module("pyproj")
        shapely: Any = import_module("shapely")
        to_wgs84 = pyproj.Transformer.from_crs(_UTM, 4326, always_xy=True)
        to_wgs84.transform(500_000, 4_800_000)
    except Exception as error:  # noqa: BLE001 -- a broken library may raise anything
        yield blamed(AREA, "PROJ", error, _folders_advice())
        return
    geos = ".".join(map(str, shapely.geos_version))
    yield good(AREA, "PROJ", f"{pyproj.proj_version_str} ({pyproj.datadir.get_data_dir()})")
    yield good(AREA, "GEOS", geos)


def _gdal() -> Iterator[Finding]:
    """Nothing where rasterio is not installed: the extras tell."""
    if _version("rasterio") is None:
        return
    try:
        rasterio: Any = import_module("rasterio")
        drivers: Any = import_module("rasterio.drivers")
        crs: Any = import_module("rasterio.crs")
        crs.CRS.from_epsg(_UTM).to_wkt()
        with rasterio.Env() as env:
            missing = sorted(_DRIVERS - set(env.drivers()))
    except Exception as error:  # noqa: BLE001 -- as above
        yield blamed(AREA, "GDAL", error, _folders_advice())
        return
    version = f"{rasterio.__gdal_version__}, rasterio {rasterio.__version__}"
    if missing:
        advice = "install the wheel of rasterio from PyPI, or GDAL with these drivers"
        yield problem(AREA, "GDAL", f"{version} without {', '.join(missing)}", advice)
    else:
        yield good(AREA, "GDAL", f"{version}, {len(drivers.raster_driver_extensions())} formats")
    for name in filter(os.environ.get, _DATA_FOLDERS):
        advice = f"unset {name} if projections or formats are not found"
        yield note(AREA, name, f"{os.environ[name]}: replaces what comes with the wheels", advice)


def _folders_advice() -> str:
    given = [name for name in _DATA_FOLDERS if os.environ.get(name)]
    return f"unset {' '.join(given)}" if given else "install it again: pip install --upgrade pyproj"


def _extras() -> Iterator[Finding]:
    wanted: dict[str, list[str]] = {name: [] for name in EXTRAS}
    for line in _requirements():
        match = _REQUIRED.match(line)
        if match and match["extra"] in wanted:
            wanted[match["extra"]].append(match["name"])
    for extra, names in ((extra, names) for extra, names in wanted.items() if names):
        found = {name: _version(name) for name in names}
        missing = [name for name, version in found.items() if version is None]
        if missing:
            lacking = f"without {', '.join(missing)} there is no: {EXTRAS[extra]}"
            advice = f"if you want it: pip install 'peps-stac[{extra}]'"
            yield note(AREA, f"extra {extra}", lacking, advice)
        else:
            there = ", ".join(f"{name} {version}" for name, version in found.items())
            yield good(AREA, f"extra {extra}", there)
    if not any(wanted.values()):
        yield warning(AREA, "extras", "not told by the package", "install peps-stac again")


def _requirements() -> list[str]:
    try:
        return metadata.requires("peps-stac") or []
    except metadata.PackageNotFoundError:
        return []
