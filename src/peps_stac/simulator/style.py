"""The forms in which MAJA products occur, and how they are named."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from peps_stac.domain import L1CProduct, MgrsTile
from peps_stac.errors import RequestError
from peps_stac.simulator.orbits import orbits_over
from peps_stac.simulator.scenes import seconds_into_datatake

TOO_CLOUDY = 90.0
"""Percent of cloud above which no product is issued."""

_PLATFORM = re.compile(r"sentinel-2([a-z])")
_ORBIT_IN_NAME = re.compile(r"_R(\d{3})_")
_PROCESSED_IN_NAME = re.compile(r"_(\d{8}T\d{6})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductStyle:
    """What a product contains and how its metadata spell it.

    The defaults are those of MAJA 3.1.1 run on ESA's L1C, as on PEPS.
    """

    version: str = "1.0"
    """`PRODUCT_VERSION`; `V1-0` in the name."""
    profile: str = "C"
    """Letter in the names of folder and files."""
    folder_profile: str | None = None
    """Letter in the names of archive and outer folder, where it differs."""
    metadata_profile: str = "USER"
    """USER, or DISTRIBUTED as Theia has it."""
    with_fre: bool = True
    with_sre: bool = True
    with_dfp: bool = False
    with_dtf: bool = False
    with_iab: bool = True
    with_data: bool = True
    with_quicklook: bool = True
    old_natures: bool = False
    """Names of masks and missing wavelengths as in products below version 1.95."""
    epsg_prefix: bool = False
    """`EPSG:32631` for `32631`."""
    dot_paths: bool = False
    """`./` before every path in the metadata."""
    float_numbers: bool = False
    """`300000.0` for `300000`."""
    nested: bool = False
    """One more folder inside the outer one."""
    valid: bool = True
    """False: MAJA ran and gave up (L2NOTV): black quicklook, no image, no mask."""
    mask_compression: Literal["deflate", "none"] = "deflate"
    esa_input: bool = False
    """The input goes by ESA's name, not by one in MUSCATE style."""
    processing_mode: str = "STANDARD_MODE"
    maja_version: str = "3.1.1"
    processed: datetime | None = None
    """When MAJA ran, UTC; None: a year after the scene."""


DEFAULT_STYLE = ProductStyle()

THEIA_STYLE = ProductStyle(version="4.0", metadata_profile="DISTRIBUTED")
"""Theia's own production, as GEODES has it since 2025."""


def product_name(product: L1CProduct, style: ProductStyle = DEFAULT_STYLE) -> str:
    """Name of the MAJA product of a scene, as in its `PRODUCT_ID`.

    Raises:
        RequestError: The scene has no tile or no platform.
    """
    return f"{identifier(product, style.profile)}_V{style.version.replace('.', '-')}"


def archive_name(product: L1CProduct, style: ProductStyle = DEFAULT_STYLE) -> str:
    """Name of the outer folder, and of the archive without `.zip`."""
    letter = style.folder_profile or style.profile
    return f"{identifier(product, letter)}_V{style.version.replace('.', '-')}"


def identifier(product: L1CProduct, profile: str, level: str = "L2A") -> str:
    """The name without its version."""
    instant = acquired(product)
    time = f"{instant:%Y%m%d-%H%M%S}-{instant.microsecond // 1000:03d}"
    return f"{platform(product)}_{time}_{level}_T{tile(product)}_{profile}"


def acquired(product: L1CProduct) -> datetime:
    """Mean sensing time of the tile: 4 to 6 minutes after the datatake began.

    To the millisecond, as MAJA writes it.
    """
    later = timedelta(seconds=seconds_into_datatake(tile(product)))
    instant = product.start + later
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def is_valid(product: L1CProduct) -> bool:
    """Whether MAJA issues a product: up to 90 % of cloud, or nobody knows."""
    return product.cloud_cover is None or product.cloud_cover <= TOO_CLOUDY


def tile(product: L1CProduct) -> MgrsTile:
    """The tile of a scene.

    Raises:
        RequestError: A product of many tiles.
    """
    if product.tile is None:
        message = f"{product.name} has no tile: MAJA takes products of one tile"
        raise RequestError(f"{message}; order one named ..._Txxxxx_...")
    return product.tile


def platform(product: L1CProduct) -> str:
    """`SENTINEL2A`.

    Raises:
        RequestError: The platform is unknown or no Sentinel-2.
    """
    match = _PLATFORM.fullmatch(product.platform or "")
    if match is None:
        message = f"{product.name}: platform {product.platform!r} is no Sentinel-2"
        raise RequestError(f"{message}; order a product of Sentinel-2")
    return f"SENTINEL2{match[1].upper()}"


def relative_orbit(product: L1CProduct) -> int:
    """As the service says, else as the name says, else the orbit that sees the tile best."""
    if product.relative_orbit is not None:
        return product.relative_orbit
    match = _ORBIT_IN_NAME.search(product.name)
    if match:
        return int(match[1])
    return next(iter(orbits_over(tile(product))), 1)


def l1c_produced(product: L1CProduct) -> datetime:
    """When ESA made the input, which MAJA copies as its own `PRODUCTION_DATE`."""
    match = _PROCESSED_IN_NAME.search(product.name)
    if match is None:
        return product.start + timedelta(hours=4)
    return datetime.strptime(f"{match[1]}Z", "%Y%m%dT%H%M%S%z")


def maja_ran(product: L1CProduct, style: ProductStyle) -> datetime:
    """When MAJA made the product."""
    return style.processed or l1c_produced(product) + timedelta(days=365)
