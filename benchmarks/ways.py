"""One step of one way to keep Items on disk, alone in its process; prints seconds and peak memory.

    python benchmarks/ways.py VERB WAY ROOT INPUT [MORE]

Each way is in a module of its own, which imports only what that way is made of, so that its peak is
its own; imports are done before the clock starts.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from inputs import peak_mb

INDEX = ("index", "reindex", "find")


def module_of(verb: str, way: str) -> str:
    if verb in INDEX:
        return "ways_index"
    if verb == "put":
        return "ways_crowd"
    if way.startswith("pystac"):
        return "ways_pystac"
    return "ways_files" if way in ("raw", "orjson", "rustac") else "ways_store"


def perform(verb: str, way: str, root: str, source: str) -> dict[str, float]:
    """Does one step; seconds, processor seconds and peak memory of it."""
    step = step_of(verb, way)
    began, used = time.perf_counter(), time.process_time()
    answer = step(root, source)
    said = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
    said |= {"peak_mb": peak_mb()}
    said |= answer if isinstance(answer, dict) else {}
    return said | ({"seconds": answer} if isinstance(answer, float) else {})


def step_of(verb: str, way: str) -> Callable[[str, str], Any]:
    step: Callable[[str, str], Any] = getattr(
        import_module(module_of(verb, way)), f"{verb}_{way.replace(' ', '_')}"
    )
    if way == "rustac":
        import_module("rustac")
    return step


def main() -> None:
    said = perform(*sys.argv[1:5])
    print(json.dumps(said), flush=True)
    os._exit(0)  # what Python does while it ends is not measured


if __name__ == "__main__":
    main()
