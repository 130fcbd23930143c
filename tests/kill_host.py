"""A process with everything imported that forks one child for each run, so that a kill is cheap.

It has one thread, so that a fork copies no lock that somebody holds. Each line of stdin is a
run; the answer is a line of JSON: how the child ended, and the steps it counted.
"""

import json
import os
import signal
import sys
import time
import traceback
from typing import Any

import rasterio  # noqa: F401 -- warm, as is what the verbs import

from kill_steps import Steps
from kill_verbs import run


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        told = _warmed(order) if order["is_warming"] else _forked(order)
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _warmed(order: dict[str, Any]) -> dict[str, Any]:
    """Run in this very process, so that whatever is imported on the way is there for all."""
    run(order["facts"])
    return {"is_killed": False}


def _forked(order: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live(order, writing)
    os.close(writing)
    if order["after_s"] is not None:
        time.sleep(order["after_s"])
        os.kill(child, signal.SIGKILL)  # ours until it is waited for, alive or not
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    is_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"is_killed": is_killed, **(json.loads(told) if told and not is_killed else {})}


def _live(order: dict[str, Any], writing: int) -> None:
    """The life of the child; returns never."""
    steps, began, error = Steps(order["at"]), time.monotonic(), None
    try:
        if order["at"] is not None:
            steps.watch()
        run(order["facts"])
    except BaseException:  # noqa: BLE001 -- told to the parent
        error = traceback.format_exc()
    steps.rest()
    told = {"steps": steps.count, "seconds": time.monotonic() - began, "error": error}
    os.write(writing, json.dumps(told).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
