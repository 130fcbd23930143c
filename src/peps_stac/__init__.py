"""From Sentinel-2 scenes to a local static STAC catalog of MAJA L2A tiles.

Names are loaded when they are first used, so that the command line starts at once; their types
stand in the stub beside this file.
"""

from importlib import import_module

_HOMES = {
    "AssetChoice": "workflow",
    "AssetMode": "workflow",
    "AuthenticationError": "errors",
    "Catalog": "store",
    "CatalogError": "errors",
    "Completeness": "workflow",
    "Credentials": "domain",
    "DateState": "workflow",
    "DownloadError": "errors",
    "JobStatus": "domain",
    "MgrsTile": "domain",
    "Order": "domain",
    "OrderPlan": "workflow",
    "Outcome": "workflow",
    "OutcomeState": "workflow",
    "PepsClient": "peps.client",
    "PepsStacError": "errors",
    "Reason": "domain",
    "RequestError": "errors",
    "ResponseError": "errors",
    "SearchQuery": "domain",
    "ServiceError": "errors",
    "Session": "http.session",
    "SyncPlan": "workflow",
    "TrackedOrder": "workflow",
    "add": "workflow",
    "adopt": "workflow",
    "calendar_strip": "workflow",
    "cancel": "workflow",
    "connect": "workflow",
    "download": "workflow",
    "download_as_they_finish": "workflow",
    "download_l1c": "workflow",
    "export": "loading.export",
    "load": "loading.cube",
    "plan_orders": "workflow",
    "plan_retry": "workflow",
    "plan_series": "workflow",
    "plan_sync": "workflow",
    "refresh": "workflow",
    "reindex": "store.index",
    "remove": "workflow",
    "report": "workflow",
    "save": "workflow",
    "schemas": "store.schemas",
    "search": "workflow",
    "select": "loading",
    "send_planned": "workflow",
    "stackstac_items": "loading",
    "submit": "workflow",
    "sync": "workflow",
    "tracked": "workflow",
    "validate": "store",
    "watch": "workflow",
    "windows": "workflow",
}
"""Where each public name lives."""

_EXTRAS = {"load": "xarray", "reindex": "index"}
"""What has to be installed for a name beyond the package itself."""

__all__ = sorted(_HOMES)  # noqa: PLE0605 -- one table serves both


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'peps_stac' has no attribute {name!r}")
    try:
        home = import_module(f"peps_stac.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        if name not in _EXTRAS:
            raise
        extra = f"pip install 'peps-stac[{_EXTRAS[name]}]'"
        raise ImportError(f"peps_stac.{name} needs {error.name}: {extra}") from error
    return getattr(home, name)


def __dir__() -> list[str]:
    return __all__
