"""Loads the builder of L2A products when the first one is asked for.

It needs rasterio (the extra `raster`) and takes a second to load, which a simulator that is only
searched does without.
"""

import importlib
from pathlib import Path

from peps_stac.domain import L1CProduct
from peps_stac.errors import RequestError
from peps_stac.simulator.style import DEFAULT_STYLE, THEIA_STYLE, ProductStyle, product_name


def build_product(product: L1CProduct, target: Path, *, size: int) -> Path:
    """Write the MUSCATE zip of a scene; see `peps_stac.simulator.products.build_product`.

    Raises:
        RequestError: rasterio is not installed, or the scene cannot have a product.
    """
    return _build(product, target, size, DEFAULT_STYLE)


def build_theia_product(product: L1CProduct, target: Path, *, size: int) -> Path:
    """Write it as Theia's own production has it (`THEIA_STYLE`).

    Raises:
        RequestError: As `build_product`.
    """
    return _build(product, target, size, THEIA_STYLE)


def theia_name(product: L1CProduct) -> str:
    """Name of that product.

    Raises:
        RequestError: The scene has no tile or no platform.
    """
    return product_name(product, THEIA_STYLE)


def _build(product: L1CProduct, target: Path, size: int, style: ProductStyle) -> Path:
    try:
        products = importlib.import_module("peps_stac.simulator.products")
    except ModuleNotFoundError as error:
        message = f"simulated products need {error.name}, which is not installed"
        raise RequestError(f"{message}; pip install 'peps-stac[raster]'") from error
    return Path(products.build_product(product, target, size=size, style=style))
