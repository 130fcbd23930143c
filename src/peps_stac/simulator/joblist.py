"""The job list of an account, as `/resto/wps/users/{userid}/jobs` answers it."""

import json
from typing import Any

from peps_stac.peps.resto import service_id
from peps_stac.simulator.answers import Answer, error_answer, json_answer
from peps_stac.simulator.reports import wps_status
from peps_stac.simulator.timetable import Job
from peps_stac.simulator.users import Account
from peps_stac.simulator.world import World


def job_list(world: World, account: Account, userid: str) -> Answer:
    """All jobs of an account, newest first; only the account itself may look (403)."""
    refused = _refusal(account, userid)
    if refused is not None:
        return refused
    rows = [_row(job, world) for job in world.jobs.of(account.userid)]
    envelope = {"status": "success", "message": f"WPS jobs for user {userid}", "data": rows}
    return json_answer(envelope)


def delete_job(world: World, account: Account, userid: str, gid: str) -> Answer:
    """Cancel a job; the answer is the list that remains, whether or not there was one."""
    refused = _refusal(account, userid)
    if refused is not None:
        return refused
    if not gid.isdigit():
        return error_answer(400)
    world.jobs.cancel(int(gid), account.userid)
    return job_list(world, account, userid)


def _refusal(account: Account, userid: str) -> Answer | None:
    if not userid.isdigit():
        return error_answer(400)
    return None if int(userid) == account.userid else error_answer(403)


def _row(job: Job, world: World) -> dict[str, Any]:
    state = world.jobs.state(job)
    results = len(world.results.of(job, world.scenario)) if state.is_finished else 0
    row = {
        "gid": job.gid,
        "userid": job.userid,
        "querytime": f"{job.created:%Y-%m-%d %H:%M:%S}",
        "method": job.method,
        "title": job.title,
        "notifmail": "f",
        # A text in the database: the query as JSON once more.
        "data": json.dumps(job.data),
        "identifier": job.process,
        "status": wps_status(state.word),
        "statusmessage": f"Process {job.process} accepted",
        # The file name alone: the proxy stores no address.
        "statuslocation": f"pywps-{job.id}.xml",
        "statustime": f"{job.created:%Y-%m-%dT%H:%M:%SZ}",
        "percentcompleted": str(state.percent),
        "nbresults": results,
        "logs": state.is_final,
        "acknowledge": "f",
        "visible": "t",
    }
    if "product" in job.inputs:
        product = job.inputs["product"]
        row["input"] = {"collection": "S2ST", "id": service_id(product)}
    return row
