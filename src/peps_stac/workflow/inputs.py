"""From the order on an Item back to the request that makes it."""

from datetime import date

from peps_stac.domain import (
    FullMajaRequest,
    MajaRequest,
    MgrsTile,
    Order,
    Process,
    ProcessRequest,
    SearchQuery,
)
from peps_stac.domain.instants import day_end, day_start
from peps_stac.errors import RequestError


def request_of(order: Order) -> ProcessRequest:
    """The request that an order stands for.

    Raises:
        RequestError: Its inputs are not known, or not those of its process.
    """
    return request_from(order.process, order.inputs)


def request_from(process: Process, inputs: dict[str, str]) -> ProcessRequest:
    """The request that inputs of a process make.

    Raises:
        RequestError: They are not those of the process.
    """
    try:
        if process is Process.MAJA:
            return MajaRequest(inputs["product"].removesuffix(".SAFE"))
        orbit = inputs.get("relativeOrbitNumber")
        return FullMajaRequest(
            MgrsTile.parse(inputs["tileid"]),
            date.fromisoformat(inputs["startDate"]),
            date.fromisoformat(inputs["completionDate"]),
            int(orbit) if orbit else None,
        )
    except (KeyError, ValueError) as error:
        message = f"{process} with the inputs {inputs or 'of which nothing is known'} is no request"
        raise RequestError(f"{message} ({error!r}); order its scenes anew") from error


def query_of(request: FullMajaRequest) -> SearchQuery:
    """What finds the scenes of a series."""
    return SearchQuery(
        tiles=(request.tile,),
        relative_orbit=request.relative_orbit,
        start=day_start(request.start),
        end=day_end(request.end),
    )
