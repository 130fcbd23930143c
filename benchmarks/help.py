"""How long `peps-stac --help` takes, as a ratio to `python -c "import click"`.

Both are whole processes, run by turns on the same machine, so that what else it does falls on
both. The command line must not cost more than twice what click costs.
"""

import statistics
import subprocess
import sys
import time

RUNS = 21
COMMANDS = {
    "import click": [sys.executable, "-c", "import click"],
    "peps-stac --help": [sys.executable, "-m", "peps_stac", "--help"],
}


def seconds(words: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, capture_output=True, check=True)  # noqa: S603 -- our own words
    return time.perf_counter() - began


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, words in COMMANDS.items():
            times[name].append(seconds(words))
    medians = {name: statistics.median(each) for name, each in times.items()}
    print("| command | median of", RUNS, "| ratio |\n| --- | --- | --- |")
    for name, median in medians.items():
        print(f"| `{name}` | {median * 1000:.0f} ms | {median / medians['import click']:.2f} |")


if __name__ == "__main__":
    main()
