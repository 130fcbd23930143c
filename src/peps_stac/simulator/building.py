"""Loads the builder of L2A products when the first one is asked for.

It needs rasterio (the extra `raster`) and takes a second to load, which a simulator that is only
searched does without.
"""

import importlib
from pathlib import Path

from peps_stac.domain import L1CProduct
from peps_stac.errors import RequestError


def build_product(product: L1CProduct, target: Path, *, size: int) -> Path:
    """Write the MUSCATE zip of a scene; see `peps_stac.simulator.products.build_product`.

    Raises:
        RequestError: rasterio is not installed, or the scene cannot have a product.
    """
    try:
        products = importlib.import_module("peps_stac.simulator.products")
    except ModuleNotFoundError as error:
        message = f"simulated products need {error.name}, which is not installed"
        raise RequestError(f"{message}; pip install 'peps-stac[raster]'") from error
    return Path(products.build_product(product, target, size=size))
