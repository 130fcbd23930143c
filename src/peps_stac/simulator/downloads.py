"""Files a simulated PEPS sends: L1C archives with their staging, results, logs."""

from collections.abc import Mapping

from peps_stac.simulator.answers import Answer, archive_answer, error_answer
from peps_stac.simulator.holdings import Record
from peps_stac.simulator.l1c import l1c_zip, size_and_md5
from peps_stac.simulator.reports import log_file
from peps_stac.simulator.thumbnail import QUICKLOOK
from peps_stac.simulator.users import Account
from peps_stac.simulator.world import World


def quicklook(world: World, name: str) -> Answer:
    """A picture for every scene that is there, the same for all."""
    if world.holdings.by_name(name) is None:
        return error_answer(404)
    return Answer(body=QUICKLOOK, content_type="image/jpeg")


def check_download(record: Record, account: Account | None) -> Answer:
    """Whether the archive could be asked for: an empty 200, or the error."""
    refused = _refusal(record, account)
    return refused or Answer()


def l1c_download(
    world: World, record: Record, account: Account | None, headers: Mapping[str, str]
) -> Answer:
    """The archive of a scene, or 202 and its staging begins."""
    if account is None:
        return error_answer(401)
    refused = _refusal(record, account)
    if refused is not None:
        return refused
    scenario = world.scenario
    if not world.users.may_begin(account, record.id, scenario.weekly_downloads):
        return error_answer(420, f"week|{scenario.weekly_downloads}")
    if not world.storage.ask(record, scenario, world.clock()):
        # Milliseconds, against the rule of HTTP.
        wait = str(scenario.retry_after_ms)
        return Answer(status=202, headers=(("X-regards-retry", wait), ("Retry-After", wait)))
    _, md5 = size_and_md5(record.name, scenario.l1c_bytes)
    return archive_answer(
        l1c_zip(record.name, scenario.l1c_bytes),
        name=f"{record.name}.zip",
        etag=md5,
        headers=headers,
    )


def result_download(
    world: World, account: Account, job_id: str, name: str, headers: Mapping[str, str]
) -> Answer:
    """A result of one of the account's jobs."""
    job = world.jobs.get(job_id)
    if job is None or job.userid != account.userid or not world.jobs.state(job).is_finished:
        return error_answer(404)
    for result in world.results.of(job, world.scenario):
        if result.name == name:
            part = world.results.file(result, world.scenario)
            made = part.path.stat().st_mtime_ns
            etag = f"{part.length:x}-{made:x}"
            return archive_answer(part, name=name, etag=etag, headers=headers)
    return error_answer(404)


def job_log(world: World, account: Account, job_id: str) -> Answer:
    """The log of one of the account's jobs, plain text."""
    job = world.jobs.get(job_id)
    if job is None or job.userid != account.userid:
        return error_answer(404)
    return Answer(body=log_file(job, world).encode(), content_type="text/plain; charset=utf-8")


def _refusal(record: Record, account: Account | None) -> Answer | None:
    services = record.properties.get("services")
    if not isinstance(services, dict) or "download" not in services:
        return error_answer(404)
    if not record.is_visible:
        successor = record.properties.get("newVersion") or "unavailable"
        return error_answer(404, f"Feature has been moved, new feature id is : {successor}")
    if account is None or not account.may_download:
        return error_answer(403)
    return None if account.has_license else error_answer(3002)
