"""The verbs: each joins a client, a writer and the catalog, and nothing else."""

from peps_stac.stac.layers import AssetMode
from peps_stac.workflow.add import add
from peps_stac.workflow.catalogue import Outcome, OutcomeState
from peps_stac.workflow.connect import connect
from peps_stac.workflow.download import download, download_as_they_finish
from peps_stac.workflow.order import submit
from peps_stac.workflow.plan import OrderPlan, Planned, Refused, plan_orders, plan_series
from peps_stac.workflow.recipe import AssetChoice, Step
from peps_stac.workflow.refresh import cancel, refresh
from peps_stac.workflow.search import save, search
from peps_stac.workflow.tracking import TrackedOrder, tracked
from peps_stac.workflow.watch import watch

__all__ = [
    "AssetChoice",
    "AssetMode",
    "OrderPlan",
    "Outcome",
    "OutcomeState",
    "Planned",
    "Refused",
    "Step",
    "TrackedOrder",
    "add",
    "cancel",
    "connect",
    "download",
    "download_as_they_finish",
    "plan_orders",
    "plan_series",
    "refresh",
    "save",
    "search",
    "submit",
    "tracked",
    "watch",
]
