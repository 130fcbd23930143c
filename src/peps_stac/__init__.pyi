from peps_stac.domain import Credentials as Credentials
from peps_stac.domain import JobStatus as JobStatus
from peps_stac.domain import MgrsTile as MgrsTile
from peps_stac.domain import Order as Order
from peps_stac.domain import Reason as Reason
from peps_stac.domain import SearchQuery as SearchQuery
from peps_stac.errors import AuthenticationError as AuthenticationError
from peps_stac.errors import CatalogError as CatalogError
from peps_stac.errors import DownloadError as DownloadError
from peps_stac.errors import PepsStacError as PepsStacError
from peps_stac.errors import RequestError as RequestError
from peps_stac.errors import ResponseError as ResponseError
from peps_stac.errors import ServiceError as ServiceError
from peps_stac.http.session import Session as Session
from peps_stac.loading import select as select
from peps_stac.loading import stackstac_items as stackstac_items
from peps_stac.loading.cube import load as load
from peps_stac.loading.export import export as export
from peps_stac.peps.client import PepsClient as PepsClient
from peps_stac.store import Catalog as Catalog
from peps_stac.store import validate as validate
from peps_stac.store.index import reindex as reindex
from peps_stac.store.schemas import schemas as schemas
from peps_stac.workflow import AssetChoice as AssetChoice
from peps_stac.workflow import AssetMode as AssetMode
from peps_stac.workflow import Completeness as Completeness
from peps_stac.workflow import DateState as DateState
from peps_stac.workflow import OrderPlan as OrderPlan
from peps_stac.workflow import Outcome as Outcome
from peps_stac.workflow import OutcomeState as OutcomeState
from peps_stac.workflow import SyncPlan as SyncPlan
from peps_stac.workflow import TrackedOrder as TrackedOrder
from peps_stac.workflow import add as add
from peps_stac.workflow import adopt as adopt
from peps_stac.workflow import calendar_strip as calendar_strip
from peps_stac.workflow import cancel as cancel
from peps_stac.workflow import connect as connect
from peps_stac.workflow import download as download
from peps_stac.workflow import download_as_they_finish as download_as_they_finish
from peps_stac.workflow import download_l1c as download_l1c
from peps_stac.workflow import plan_orders as plan_orders
from peps_stac.workflow import plan_retry as plan_retry
from peps_stac.workflow import plan_series as plan_series
from peps_stac.workflow import plan_sync as plan_sync
from peps_stac.workflow import refresh as refresh
from peps_stac.workflow import remove as remove
from peps_stac.workflow import report as report
from peps_stac.workflow import save as save
from peps_stac.workflow import search as search
from peps_stac.workflow import send_planned as send_planned
from peps_stac.workflow import submit as submit
from peps_stac.workflow import sync as sync
from peps_stac.workflow import tracked as tracked
from peps_stac.workflow import watch as watch
from peps_stac.workflow import windows as windows

__all__ = [
    "AssetChoice",
    "AssetMode",
    "AuthenticationError",
    "Catalog",
    "CatalogError",
    "Completeness",
    "Credentials",
    "DateState",
    "DownloadError",
    "JobStatus",
    "MgrsTile",
    "Order",
    "OrderPlan",
    "Outcome",
    "OutcomeState",
    "PepsClient",
    "PepsStacError",
    "Reason",
    "RequestError",
    "ResponseError",
    "SearchQuery",
    "ServiceError",
    "Session",
    "SyncPlan",
    "TrackedOrder",
    "add",
    "adopt",
    "calendar_strip",
    "cancel",
    "connect",
    "download",
    "download_as_they_finish",
    "download_l1c",
    "export",
    "load",
    "plan_orders",
    "plan_retry",
    "plan_series",
    "plan_sync",
    "refresh",
    "reindex",
    "remove",
    "report",
    "save",
    "schemas",
    "search",
    "select",
    "send_planned",
    "stackstac_items",
    "submit",
    "sync",
    "tracked",
    "validate",
    "watch",
    "windows",
]
