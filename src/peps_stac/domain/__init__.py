"""Plain frozen types that every room shares: no clock, network or disk."""

from peps_stac.domain.credentials import Credentials
from peps_stac.domain.job import ListedJob, Submitted
from peps_stac.domain.l1c_name import L1CName
from peps_stac.domain.l2a import Grid, L2AProduct, ProductFile, ViewAngles
from peps_stac.domain.offer import L2AOffer
from peps_stac.domain.order import (
    Days,
    Event,
    FullMajaRequest,
    JobReport,
    JobStatus,
    MajaRequest,
    Order,
    Process,
    ProcessRequest,
    Reason,
    Waiting,
)
from peps_stac.domain.product import L1CProduct
from peps_stac.domain.query import Bounds, SearchQuery
from peps_stac.domain.tile import MgrsTile

__all__ = [
    "Bounds",
    "Credentials",
    "Days",
    "Event",
    "FullMajaRequest",
    "Grid",
    "JobReport",
    "JobStatus",
    "L1CName",
    "L1CProduct",
    "L2AOffer",
    "L2AProduct",
    "ListedJob",
    "MajaRequest",
    "MgrsTile",
    "Order",
    "Process",
    "ProcessRequest",
    "ProductFile",
    "Reason",
    "SearchQuery",
    "Submitted",
    "ViewAngles",
    "Waiting",
]
