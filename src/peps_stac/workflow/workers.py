"""Processes that do the heavy work of a run, several jobs at once.

Not `multiprocessing`: its `spawn` runs the caller's script a second time unless that is guarded,
which those of scientists rarely are, and its `fork` may copy a lock that GDAL holds in another
thread. A worker here is a Python of its own that imports this package and nothing else, reads
jobs from its stdin and writes results to its stdout, and ends when its parent does.
"""

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

from peps_stac.errors import CatalogError

Result = TypeVar("Result")
Given = TypeVar("Given")

_START = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from peps_stac.workflow.workers import serve; serve()"
)
_AHEAD = 2
"""Things taken for each worker: one in work, and one that it finds when that is done."""
_BROKEN = (OSError, EOFError, pickle.UnpicklingError)


class Workers:
    """Some worker processes, started when the first job comes; a context manager."""

    def __init__(self, count: int) -> None:
        """Names how many; with 1 the jobs are done in this process."""
        self.count = count
        self._is_stopping = False
        self._idle: list[subprocess.Popen[bytes]] = []
        self._all: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def run(self, jobs: Sequence[Callable[[], Result]]) -> Iterator[Result]:
        """The results of jobs as they come, in any order.

        When one fails, or the caller goes away, all others are stopped at once.

        Args:
            jobs: Functions of modules, made ready with `functools.partial`.

        Raises:
            CatalogError: A worker was killed, or had too little memory.
            Exception: Whatever a job raises.
        """
        if self.count == 1:
            for job in jobs:
                yield job()
            return
        try:
            yield from self._run(jobs)
        except BaseException:
            self.stop()  # what a thread started or gave back while the others were ended
            raise

    def stream(
        self, given: Iterable[Given], do: Callable[[Given], Result]
    ) -> Iterator[tuple[Given, Result | CatalogError]]:
        """What a function makes of each of very many things, as it comes, in any order.

        Only as many are taken as keep all workers busy, and no result waits for another. A
        worker that was killed costs its own result alone.

        Args:
            given: Taken one by one.
            do: A function of a module.

        Raises:
            Exception: Whatever the function raises.
        """
        self._is_stopping = False
        waiting = iter(given)
        running: dict[Future[Result], Given] = {}
        with ThreadPoolExecutor(self.count) as threads:
            try:
                while True:
                    for one in islice(waiting, _AHEAD * self.count - len(running)):
                        running[threads.submit(self._do, partial(do, one))] = one
                    if not running:
                        return
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        kept = _kept(running.pop(future), future)
                        yield kept
            except BaseException:
                self._abandon(running)
                raise

    def stop(self) -> None:
        """End all processes, whatever they do; the next job starts new ones."""
        processes, self._all, self._idle = self._all, [], []
        for process in processes:
            _end(process)

    def _run(self, jobs: Sequence[Callable[[], Result]]) -> Iterator[Result]:
        self._is_stopping = False
        with ThreadPoolExecutor(self.count) as threads:
            futures: list[Future[Result]] = [threads.submit(self._do, job) for job in jobs]
            try:
                for future in as_completed(futures):
                    yield future.result()
            except BaseException:
                self._abandon(futures)
                raise

    def _abandon(self, futures: Iterable[Future[Result]]) -> None:
        self._is_stopping = True
        for future in futures:
            future.cancel()
        self.stop()

    def _do(self, job: Callable[[], Result]) -> Result:
        process = self._taken()
        try:
            is_done, answer = _asked(process, job)
        except _BROKEN as error:
            raise CatalogError(_end_of(process)) from error
        self._idle.append(process)
        if not is_done:
            raise answer
        result: Result = answer
        return result

    def _taken(self) -> subprocess.Popen[bytes]:
        if self._is_stopping:
            raise CatalogError("not converted, because another raster of the product failed")
        try:
            return self._idle.pop()  # one call, so that two threads never take the same
        except IndexError:
            return self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", _START]
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._all.append(process)
        if process.stdin is not None:
            process.stdin.write(pickle.dumps(sys.path))
        return process


def serve() -> None:
    """Do the jobs that come on stdin until it ends: the life of a worker."""
    # Ctrl-C reaches the whole group of processes; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)  # noqa: S301 -- from our own parent
            answers.write(_answer(job))
            answers.flush()
        except (EOFError, BrokenPipeError):
            return


def _answer(job: Callable[[], object]) -> bytes:
    try:
        return pickle.dumps((True, job()))
    except MemoryError:
        message = "not enough memory to convert a raster; try with fewer workers"
        return pickle.dumps((False, CatalogError(message)))
    except Exception as error:  # noqa: BLE001 -- raised again by the parent
        error.add_note(traceback.format_exc())
        return pickle.dumps((False, error))


def _asked(process: subprocess.Popen[bytes], job: Callable[[], object]) -> tuple[bool, Any]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    if process.stdin.closed or process.stdout.closed:
        raise EOFError
    process.stdin.write(pickle.dumps(job))
    process.stdin.flush()
    answer: tuple[bool, Any] = pickle.load(process.stdout)  # noqa: S301 -- from our own child
    return answer


def _kept(given: Given, future: Future[Result]) -> tuple[Given, Result | CatalogError]:
    try:
        return given, future.result()
    except CatalogError as error:
        return given, error


def _end_of(process: subprocess.Popen[bytes]) -> str:
    _end(process)
    return (
        f"a worker process ended while it converted a raster (code {process.returncode}; killed "
        "for lack of memory?); run the command again with fewer workers"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue
