"""Jobs in processes of their own; the functions here are found by every Python."""

import os
import signal
from functools import partial
from operator import floordiv
from pathlib import Path

import pytest

from peps_stac.errors import CatalogError
from peps_stac.workflow.workers import Workers


@pytest.mark.parametrize("count", [1, 2])
def test_every_job_is_done_once(count: int) -> None:
    with Workers(count) as workers:
        results = list(workers.run([partial(pow, number, 2) for number in range(10)]))

    assert sorted(results) == [number**2 for number in range(10)]


def test_the_jobs_of_more_than_one_worker_are_done_elsewhere() -> None:
    with Workers(2) as workers:
        [there] = workers.run([os.getpid])
        [again] = workers.run([os.getpid])
    [here] = Workers(1).run([os.getpid])

    assert here == os.getpid() != there
    assert there == again, "a worker does more than one job"


@pytest.mark.parametrize("count", [1, 2])
def test_what_a_job_raises_is_raised_here_and_the_next_jobs_are_done(count: int) -> None:
    with Workers(count) as workers:
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                list(workers.run([partial(floordiv, 1, number) for number in (1, 0, 1, 1)]))
        assert list(workers.run([partial(floordiv, 6, 3)])) == [2]


def test_a_worker_that_is_killed_is_one_line() -> None:
    """As the kernel does when memory runs out."""
    with Workers(2) as workers:
        [there] = workers.run([os.getpid])
        os.kill(there, signal.SIGKILL)
        with pytest.raises(CatalogError, match="code -9; killed for lack of memory") as caught:
            list(workers.run([os.getpid]))
        assert "\n" not in str(caught.value)
        assert list(workers.run([partial(pow, 2, 3)])) == [8]


def test_what_a_job_prints_is_no_result(capfd: pytest.CaptureFixture[str]) -> None:
    with Workers(2) as workers:
        assert list(workers.run([partial(print, "hello", flush=True)])) == [None]

    assert capfd.readouterr().out == ""


def test_workers_end_with_the_run() -> None:
    with Workers(2) as workers:
        [there] = workers.run([os.getpid])

    assert not Path(f"/proc/{there}").exists()


def test_no_worker_is_started_for_nothing() -> None:
    with Workers(2) as workers:
        assert list(workers.run([])) == []
        assert workers._all == []  # noqa: SLF001 -- nothing else tells
