"""The WPS processes of PEPS that a simulator offers, and their inputs.

No DescribeProcess of PEPS is recorded; names of inputs are those the old scripts send.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from peps_stac.domain import Process
from peps_stac.simulator.users import STATUS_PROCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInfo:
    """One process."""

    identifier: str
    title: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


PROCESSES: Mapping[str, ProcessInfo] = {
    info.identifier: info
    for info in (
        ProcessInfo(
            identifier=Process.MAJA,
            title="Atmospheric correction of one product",
            required=("product",),
        ),
        ProcessInfo(
            identifier=Process.FULL_MAJA,
            title="Atmospheric correction of a series of one tile",
            required=("startDate", "completionDate", "tileid"),
            optional=("relativeOrbitNumber",),
        ),
        ProcessInfo(
            identifier=STATUS_PROCESS,
            title="Where a job stands",
            required=("wps_id",),
        ),
    )
}
