"""From Sentinel-2 scenes to a local static STAC catalog of MAJA L2A tiles.

Names are loaded when they are first used, so that `import peps_stac` costs next to nothing.
"""

from importlib import import_module

_HOMES = {
    "AuthenticationError": "errors",
    "CatalogError": "errors",
    "DownloadError": "errors",
    "PepsStacError": "errors",
    "RequestError": "errors",
    "ResponseError": "errors",
    "ServiceError": "errors",
    "JobStatus": "domain",
    "MgrsTile": "domain",
    "Order": "domain",
    "SearchQuery": "domain",
}
"""Where each public name lives."""

__all__ = sorted(_HOMES)  # noqa: PLE0605 -- one table serves both


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'peps_stac' has no attribute {name!r}")
    return getattr(import_module(f"peps_stac.{_HOMES[name]}"), name)
