"""The catalog, the index, the search and `add`, beside the alternatives: one run, one page.

    python benchmarks/bench.py [--quick] [--sizes 1k,10k,100k] [--out docs/benchmarks]

Writes `catalog.md`, `catalog.svg` and all figures in `catalog.json`. 100,000 Items need some 25 GB
of disk for the time of the run, and 8 GB of memory for pystac.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from add import products
from measure import Bench, Run
from page import page
from picture import draw

SIZES = "1k,10k,100k"
QUICK = "200,1k"
ADD = (16, 122, 3)
"""Products, pixels and rounds, of which the first warms and is not counted."""
QUICK_ADD = (2, 122, 1)


def main() -> None:
    options = parsed()
    folder = Path(tempfile.mkdtemp(prefix="peps-stac-bench-", dir=options.folder))
    try:
        rounds = 1 if options.quick else options.rounds
        bench = Bench(folder, rounds, is_quick=options.quick)
        sizes = sizes_of(options.sizes or (QUICK if options.quick else SIZES))
        run = Run(
            bench.measured(sizes),
            bench.growth(sizes),
            bench.together(),
            products(folder, *(QUICK_ADD if options.quick else ADD)),
        )
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "catalog.json").write_text(json.dumps(asdict(run), indent=1) + "\n")
        draw(run.found, options.out / "catalog.svg")
        text = page(run, "catalog.svg", is_quick=options.quick)
        (options.out / "catalog.md").write_text(text)
        print(text)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="small and once: does it all work?")
    parser.add_argument("--sizes", help=f"Items, by default {SIZES}")
    parser.add_argument("--rounds", type=int, help="of everything")
    parser.add_argument("--folder", type=Path, help="on the disk that is to be measured")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"))
    return parser.parse_args()


def sizes_of(text: str) -> list[int]:
    return [
        int(part.removesuffix("k")) * (1000 if part.endswith("k") else 1)
        for part in text.split(",")
    ]


if __name__ == "__main__":
    main()
