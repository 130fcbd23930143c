"""One Item from one MAJA zip: peps-stac beside eoreader and simplestac.

Each tool makes the Item without unpacking anything, several times in one process of its own, and
the fastest, the median and what is in the Item are compared. The two others are not among the
dependencies of this package: give the Python that has them.

    python benchmarks/items.py --eoreader EO/bin/python --simplestac SIMPLE/bin/python

`--schemas` is a folder of extension schemas as `peps-stac validate` takes it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from peps_stac.domain import MgrsTile
from peps_stac.peps.resto import read_product
from peps_stac.simulator.products import build_product
from peps_stac.simulator.scenes import features
from peps_stac.store.schemas import SchemaSet

RUNS = 7
MASKS = ("CLM", "MG2", "EDG", "SAT", "IAB", "DFP", "DTF")

_TIMED = """
import json, os, sys, time
from pathlib import Path
path, runs = sys.argv[1], int(sys.argv[2])
{prepare}
seconds, item = [], None
for _ in range(runs):
    began = time.perf_counter()
    item = create()
    seconds.append(time.perf_counter() - began)
print(json.dumps({{"seconds": seconds, "item": item}}), flush=True)
os._exit(0)  # what a tool does while Python ends is not measured
"""

_OURS = """
from peps_stac import AssetChoice, Catalog, add
from peps_stac.stac.layers import AssetMode
import tempfile
root = Path(tempfile.mkdtemp())
made = iter(range(runs))
def create():
    catalog = Catalog(root / str(next(made)))
    [outcome] = add(catalog, [Path(path)], assets=AssetChoice(AssetMode.ZIP))
    [item] = catalog.items()
    return json.loads(Path(item.get_self_href()).read_text())
"""

_EOREADER = """
import logging, warnings
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
import pystac
from eoreader.reader import Reader
pystac.Item.validate = lambda self, *_: []  # it would fetch schemas; nobody validates here
def create():
    return Reader().open(path).stac.create_item().to_dict(transform_hrefs=False)
"""

_SIMPLESTAC = """
import logging, warnings
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
from simplestac.local import MyStacItem, collection_format
def create():
    maker = MyStacItem(collection_format("S2_L2A_THEIA"))
    return maker.create_item(path, validate=False).to_dict(transform_hrefs=False)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--zip", type=Path, help="a product; by default one is made")
    parser.add_argument("--size", type=int, default=1098, help="pixels a row of the one made")
    parser.add_argument("--eoreader", help="a Python with eoreader")
    parser.add_argument("--simplestac", help="a Python with simplestac")
    parser.add_argument("--schemas", type=Path, default=os.environ.get("PEPS_STAC_SCHEMAS"))
    options = parser.parse_args()
    tools = {
        "peps-stac": (sys.executable, _OURS),
        "eoreader": (options.eoreader, _EOREADER),
        "simplestac": (options.simplestac, _SIMPLESTAC),
    }
    print("| tool | median | best | properties | assets | masks, described | schema faults |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        path = options.zip or a_product(Path(folder), options.size)
        for name, (python, prepare) in tools.items():
            print(row(name, python, prepare, path, options.schemas), flush=True)


def a_product(folder: Path, size: int) -> Path:
    """The clear scene of Toulouse of 27 November 2017."""
    day = date(2017, 11, 27)
    [feature] = features([MgrsTile.parse("31TCJ")], day, day)
    return build_product(read_product(feature), folder, size=size)


def row(name: str, python: str | None, prepare: str, path: Path, schemas: Path | None) -> str:
    if python is None:
        return f"| {name} | no Python given | | | | | |"
    code = _TIMED.format(prepare=prepare)
    ran = subprocess.run(  # noqa: S603 -- our own words
        [python, "-c", code, str(path), str(RUNS)], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        return f"| {name} | failed: {ran.stderr.strip().splitlines()[-1][:80]} | | | | | |"
    said = json.loads(ran.stdout.splitlines()[-1])
    item, seconds = said["item"], said["seconds"]
    masks = [a for key, a in item["assets"].items() if key.split("_")[0] in MASKS]
    described = sum("classification:" in json.dumps(asset) for asset in masks)
    cells = (
        f"{statistics.median(seconds) * 1000:.0f} ms",
        f"{min(seconds) * 1000:.0f} ms",
        len(item["properties"]),
        len(item["assets"]),
        f"{len(masks)}, {described}",
        faults(item, schemas),
    )
    return f"| {name} | " + " | ".join(str(cell) for cell in cells) + " |"


def faults(item: dict[str, Any], schemas: Path | None) -> str:
    """How many of the schemas that the Item declares find fault with it, of those at hand."""
    checker = SchemaSet(schemas, None, None)
    found = [fault for fault in checker.faults(item) if fault]
    return f"{len(found)}: {found[0][:60]}" if found else "none"


if __name__ == "__main__":
    main()
