"""Safe reading and unpacking of one product, zip or folder."""

from peps_stac.archive.product import find_products, read_product
from peps_stac.archive.source import ProductSource, open_product
from peps_stac.archive.unpacking import check_zip, unpack

__all__ = [
    "ProductSource",
    "check_zip",
    "find_products",
    "open_product",
    "read_product",
    "unpack",
]
