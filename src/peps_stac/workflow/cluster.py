"""A Dask cluster as a crew: its workers prepare products, wherever they run.

Needs the extra `dask`. Dask does again elsewhere what a worker that went away had begun, or had
done without the result having been fetched; the catalog sees each result once.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import Final, TypeVar

from distributed import CancelledError, Client, Future, KilledWorker, Security, as_completed
from distributed.comm import connect

from peps_stac.errors import CatalogError, RequestError, ServiceError
from peps_stac.tell import Tell

Given = TypeVar("Given")
Result = TypeVar("Result")

_PACKAGE: Final = "peps-stac"
CONNECT_S: Final = 10.0
_SCHEMES: Final = ("tcp://", "tls://")
_AHEAD: Final = 2
"""Jobs sent for each thread of a worker: what is finished but not yet linked takes disk."""
_LEAST: Final = 8
"""Jobs sent while there are few workers, so that a cluster that grows by need has a reason to."""


class Cluster:
    """The workers of one scheduler."""

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address
        self._known: set[str] = set()

    def stream(
        self, given: Iterable[Given], do: Callable[[Given], Result]
    ) -> Iterator[tuple[Given, Result | CatalogError]]:
        """What a function makes of each of very many things, as it comes, in any order.

        Only as many are taken as keep all workers busy. When the caller goes away, what is not
        done is cancelled.

        Args:
            given: Taken one by one.
            do: A function of a module that the workers have, too; it may be called again for a
                thing whose worker was lost.

        Raises:
            RequestError: A worker has another version of this package, or none.
            ServiceError: The scheduler went away.
            Exception: Whatever the function raises.
        """
        waiting = iter(given)
        running: dict[str, tuple[Given, Future]] = {}
        finished = as_completed(loop=self._client.loop)

        def send() -> None:
            for one in islice(waiting, max(0, self._window() - len(running))):
                future = self._client.submit(do, one, pure=False)
                running[future.key] = one, future
                finished.add(future)

        try:
            send()
            for future in finished:
                one, _ = running[future.key]
                yield one, self._result_of(future)
                running.pop(future.key)
                send()
        finally:
            self._client.cancel([future for _, future in running.values()])

    def check_workers(self) -> int:
        """Make sure that all workers have this very version: Dask waits forever for one without.

        Returns:
            How many threads they have.

        Raises:
            RequestError: One has another or none; names it.
            ServiceError: The scheduler went away.
        """
        try:
            threads = self._client.nthreads()
            new = threads.keys() - self._known
            versions = self._versions(new) if new else {}
        except OSError as error:
            raise self._lost() from error
        for worker, found in versions.items():
            _check_version(worker, found)
            self._known.add(worker)
        return sum(threads.values())

    def _versions(self, workers: Iterable[str]) -> dict[str, object]:
        """Of this package; one that has just gone away says nothing."""
        asked = self._client.run(version, _PACKAGE, workers=list(workers), on_error="return")
        return {worker: said for worker, said in asked.items() if not isinstance(said, OSError)}

    def _window(self) -> int:
        return max(_LEAST, _AHEAD * self.check_workers())

    def _result_of(self, future: Future) -> Result | CatalogError:
        try:
            result: Result = future.result()
        except KilledWorker:
            lost = "every worker that tried it was lost; for lack of memory?"
            return CatalogError(f"{lost} Give them more, or one thread each, and run again")
        except MemoryError:
            return CatalogError("not enough memory on a worker; give it more, or one thread")
        except CancelledError as error:
            raise self._lost() from error
        return result

    def _lost(self) -> ServiceError:
        message = f"{self._address}: the Dask scheduler went away; run again, it goes on there"
        return ServiceError(message)


@contextmanager
def connected(address: str, tell: Tell) -> Iterator[Cluster]:
    """The cluster of a scheduler; the connection is closed at the end.

    Args:
        address: `tcp://host:port`, or `tls://` with the certificates that Dask's own
            configuration names.
        tell: Hears when there is no worker yet.

    Raises:
        RequestError: Not such an address.
        ServiceError: No scheduler answers there.
    """
    if not address.startswith(_SCHEMES):
        message = f"--scheduler {address}: not the address of a Dask scheduler"
        raise RequestError(f"{message}; write tcp://host:8786")
    with ThreadPoolExecutor(1) as apart:  # a notebook has a running loop of its own
        apart.submit(asyncio.run, _probe(address)).result()
    with Client(address, timeout=CONNECT_S, set_as_default=False) as client:
        if not client.nthreads():
            tell(f"{address}: no worker is there yet, waiting")
        # A task, so that a cluster that grows by need starts its first worker; and one of
        # Python's own, which any worker can do.
        client.submit(os.getpid, pure=False).result()
        yield Cluster(client, address)


def _check_version(worker: str, found: object) -> None:
    here = version(_PACKAGE)
    if found != here:
        there = "no" if isinstance(found, PackageNotFoundError) else found
        message = f"{worker}: the worker has {there} {_PACKAGE}, this machine has {here}"
        raise RequestError(f"{message}; install the same on all workers")


async def _probe(address: str) -> None:
    """Make sure that a scheduler answers; where none does, `Client` leaves threads and noise."""
    try:
        arguments = Security().get_connection_args("client")
        opened = connect(address, timeout=CONNECT_S, **arguments)
        comm = await asyncio.wait_for(opened, CONNECT_S + 1)
        await comm.close()
    except (ValueError, TypeError) as error:
        raise RequestError(f"--scheduler {address}: {error}") from error
    except OSError as error:
        message = f"--scheduler {address}: no Dask scheduler answers there"
        raise ServiceError(f"{message}; check the address, and that it runs") from error
