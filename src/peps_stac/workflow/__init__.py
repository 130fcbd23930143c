"""The verbs: each joins a client, a writer and the catalog, and nothing else."""

from peps_stac.stac.layers import AssetMode
from peps_stac.workflow.add import add
from peps_stac.workflow.adopt import Adoption, AdoptionState
from peps_stac.workflow.adopt_files import adopt
from peps_stac.workflow.calendar_strip import calendar_strip
from peps_stac.workflow.cancel import cancel
from peps_stac.workflow.catalogue import Outcome, OutcomeState
from peps_stac.workflow.completeness import Completeness, DateState, ExpectedDate
from peps_stac.workflow.connect import connect
from peps_stac.workflow.download import download, download_as_they_finish
from peps_stac.workflow.expected import expected_end
from peps_stac.workflow.l1c_download import download_l1c
from peps_stac.workflow.looking import Elsewhere, Refused
from peps_stac.workflow.offers import download_offers, offered
from peps_stac.workflow.order import send_planned, submit
from peps_stac.workflow.plan import OrderPlan, Planned, plan_orders, plan_series
from peps_stac.workflow.recipe import AssetChoice, Step
from peps_stac.workflow.refresh import refresh
from peps_stac.workflow.removal import remove
from peps_stac.workflow.report import report
from peps_stac.workflow.retry import Repairable, plan_retry
from peps_stac.workflow.search import save, search
from peps_stac.workflow.sync import sync
from peps_stac.workflow.sync_plan import SyncPlan, plan_sync
from peps_stac.workflow.tracking import TrackedOrder, tracked
from peps_stac.workflow.watch import watch
from peps_stac.workflow.windows import Window, windows

__all__ = [
    "Adoption",
    "AdoptionState",
    "AssetChoice",
    "AssetMode",
    "Completeness",
    "DateState",
    "Elsewhere",
    "ExpectedDate",
    "OrderPlan",
    "Outcome",
    "OutcomeState",
    "Planned",
    "Refused",
    "Repairable",
    "Step",
    "SyncPlan",
    "TrackedOrder",
    "Window",
    "add",
    "adopt",
    "calendar_strip",
    "cancel",
    "connect",
    "download",
    "download_as_they_finish",
    "download_l1c",
    "download_offers",
    "expected_end",
    "offered",
    "plan_orders",
    "plan_retry",
    "plan_series",
    "plan_sync",
    "refresh",
    "remove",
    "report",
    "save",
    "search",
    "send_planned",
    "submit",
    "sync",
    "tracked",
    "watch",
    "windows",
]
