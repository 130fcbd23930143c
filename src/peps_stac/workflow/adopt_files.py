"""Take over the jobs that saved answers and the files of the old scripts name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from peps_stac.clock import Clock, utc_now
from peps_stac.domain import FullMajaRequest, ListedJob, MajaRequest, Process, ProcessRequest
from peps_stac.errors import RequestError, ResponseError
from peps_stac.peps.legacy import (
    SavedReply,
    looks_like_reply,
    read_product_list,
    read_saved_reply,
)
from peps_stac.provider.interface import Service
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.adopt import (
    Adoption,
    FoundJob,
    adopt_job,
    adopt_listed,
    from_row,
    guarded,
)
from peps_stac.workflow.context import SearchingContext
from peps_stac.workflow.inputs import request_from
from peps_stac.workflow.pairing import scene_of

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes; logs and lists have some kilobytes."""


def adopt(  # noqa: PLR0913 -- the service, the disk, and what the files do not tell
    client: Service,
    catalog: Catalog,
    paths: Iterable[Path] = (),
    *,
    logs: Path | None = None,
    series: FullMajaRequest | None = None,
    now: Clock = utc_now,
    tell: Tell = silent,
) -> Iterator[Adoption]:
    """Take over orders made elsewhere; afterwards they are followed and fetched as any other.

    Args:
        client: Whom to ask.
        catalog: Where the scenes and their orders are written.
        paths: Saved answers of the service (WPS ExecuteResponse), the `.log` files and product
            lists of the old scripts, folders of such logs. None: the service's list of jobs.
        logs: Folder of the logs of product lists; None: each beside its list.
        series: What the series was for whose answer does not tell.
        now: The time of what is written.
        tell: Hears of what went wrong on the way.

    Raises:
        AuthenticationError: The account is refused.
        RequestError: A file that is none of these.
        ServiceError, ResponseError: The service's list of jobs cannot be read.
    """
    context = SearchingContext(client, catalog, now, tell)
    given = list(paths)
    return FileAdopter(context, logs, series).adopt(given) if given else adopt_listed(context)


@dataclass(slots=True)
class FileAdopter:
    """Takes over what files name; the service's list of jobs is asked for once, if at all."""

    context: SearchingContext
    logs: Path | None = None
    """Folder of the logs of product lists; None: each beside its list."""
    series: FullMajaRequest | None = None
    """What the person says that a series was for whose answer does not tell."""
    _listed: tuple[ListedJob, ...] | None = field(default=None, init=False)

    def adopt(self, paths: Iterable[Path]) -> Iterator[Adoption]:
        """What became of each job, or of each file that names none.

        A folder stands for the `.log` files in it. A file is taken for an answer of the service
        when it looks like one, and else for a list of products.

        Raises:
            AuthenticationError: The account is refused.
        """
        for path in paths:
            for file in sorted(path.glob("*.log")) if path.is_dir() else [path]:
                yield from self._adopted(file)

    def _adopted(self, path: Path) -> Iterator[Adoption]:
        content = _read(path)
        if looks_like_reply(content):
            yield guarded(str(path), lambda: self._from_reply(path, content))
            return
        try:
            names = read_product_list(content.decode("utf-8", errors="replace"))
        except ResponseError as error:
            message = f"{path}: {error}, or the log of a submission"
            raise RequestError(message) from error
        for name in names:
            yield guarded(name, lambda name=name: self._from_name(name, path))  # type: ignore[misc] # mypy cannot infer a lambda's default

    def _from_name(self, name: str, listing: Path) -> Adoption:
        """A product of a list: by its log, else by the service's list of jobs."""
        log = (self.logs or listing.parent) / f"{name}.log"
        if log.is_file():
            return self._from_reply(log, _read(log))
        job = next((job for job in self._jobs() if job.inputs.get("product") == name), None)
        if job is None:
            message = f"no {log} and no such job in the service's list"
            raise RequestError(f"{message}; name the folder with --logs, or order it")
        return adopt_job(self.context, from_row(job))

    def _from_reply(self, path: Path, content: bytes) -> Adoption:
        try:
            reply = read_saved_reply(content)
        except ResponseError as error:
            raise ResponseError(f"{path}: {error}") from error
        return adopt_job(self.context, self._found(path, reply))

    def _found(self, path: Path, reply: SavedReply) -> FoundJob:
        return FoundJob(
            job_id=reply.job_id,
            request=self._request(path, reply),
            created=reply.created,
            monitor=reply.status_href,
            source="log" if path.suffix == ".log" else "reply",
        )

    def _request(self, path: Path, reply: SavedReply) -> ProcessRequest:
        """What the job was for, from whoever tells."""
        if reply.process in tuple(Process) and reply.inputs:
            return request_from(Process(reply.process), reply.inputs)
        product = path.name.removesuffix(".log").removesuffix(".SAFE")
        if reply.process in (None, Process.MAJA) and scene_of(product):
            return MajaRequest(product)
        row = next((job for job in self._jobs() if job.job_id == reply.job_id), None)
        if row and row.inputs:
            return from_row(row).request
        if self.series and reply.process in (None, Process.FULL_MAJA):
            return self.series
        what = "its tile and days: give -t and --datetime"
        if reply.process == Process.MAJA:
            what = "its product: call it <product>.log"
        raise RequestError(f"{path}: neither it nor the service's list of jobs tells {what}")

    def _jobs(self) -> tuple[ListedJob, ...]:
        if self._listed is None:
            self._listed = self.context.client.jobs()
        return self._listed


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})"
        raise RequestError(f"{message}; give a log, a saved answer, or a product list") from error
