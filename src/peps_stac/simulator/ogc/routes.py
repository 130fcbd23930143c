"""The addresses of the OGC face, and who answers at each."""

from peps_stac.simulator.answers import Answer, json_answer
from peps_stac.simulator.ogc import face
from peps_stac.simulator.ogc.documents import (
    CONFORMANCE,
    OGC_ROOT,
    landing_document,
    process_list,
)
from peps_stac.simulator.routing import Incoming, Parts, Route, route
from peps_stac.simulator.world import World


def _landing(world: World, _: Incoming, __: Parts) -> Answer:
    return json_answer(landing_document(world))


def _conformance(_: World, __: Incoming, ___: Parts) -> Answer:
    return json_answer({"conformsTo": CONFORMANCE})


def _processes(world: World, _: Incoming, __: Parts) -> Answer:
    return json_answer(process_list(world))


_PROCESS = rf"{OGC_ROOT}/processes/(?P<process>[^/]+)"
_JOB = rf"{OGC_ROOT}/jobs/(?P<job>[^/]+)"

ROUTES: tuple[Route, ...] = (
    route("ogc landing", rf"{OGC_ROOT}/?", _landing),
    route("ogc conformance", rf"{OGC_ROOT}/conformance", _conformance),
    route("ogc processes", rf"{OGC_ROOT}/processes", _processes),
    route("ogc process", _PROCESS, face.process),
    route("ogc execute", rf"{_PROCESS}/execution", face.execute, "nothing", "POST"),
    route("ogc jobs", rf"{OGC_ROOT}/jobs", face.job_list),
    route("ogc status", _JOB, face.status),
    route("ogc dismiss", _JOB, face.dismiss, "nothing", "DELETE"),
    route("ogc results", rf"{_JOB}/results", face.results),
)
