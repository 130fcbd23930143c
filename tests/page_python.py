"""The Python of one page, in a process of its own: one unit after the other.

Each line of stdin is a JSON object with the files `code`, `variables` and `said`, with `cwd`,
and with the `page` and `line` of the code. Each is answered by a line on descriptor 9.
"""

import json
import os
import sys
import traceback
from pathlib import Path

_ANSWERS = 9


def main() -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for request in map(json.loads, sys.stdin):
        os.chdir(request["cwd"])
        take_over(Path(request["variables"]).read_bytes())
        code = "\n" * (request["line"] - 1) + Path(request["code"]).read_text()
        with Path(request["said"]).open("w") as said:
            # What this process and those that it starts say.
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        try:
            exec(compile(code, request["page"], "exec"), names)  # noqa: S102 -- our own page
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os.write(_ANSWERS, b"ended\n")
            raise
        os.write(_ANSWERS, b"done\n")


def take_over(exported: bytes) -> None:
    """The variables as the shell of the page has them now."""
    pairs = (one.decode().split("=", 1) for one in exported.split(b"\0") if one)
    variables = dict(pairs)
    for gone in os.environ.keys() - variables.keys():
        del os.environ[gone]
    os.environ.update(variables)


if __name__ == "__main__":
    main()
