"""From the catalog into other tools: which Items, and their pixels as xarray or for stackstac."""

from peps_stac.loading.selection import select
from peps_stac.loading.stacking import stackstac_items

__all__ = ["select", "stackstac_items"]
