"""Whether `browse` can show the catalog here."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from peps_stac.cli.doctor_findings import Finding, Patient, good, note

AREA = "browser"


def browser(patient: Patient) -> Iterator[Finding]:
    """STAC Browser's pages, or what builds them, and a web browser."""
    from peps_stac.browse import find_pages
    from peps_stac.browse.npm import OLDEST_NODE, pinned_version
    from peps_stac.cli.browse import can_open

    version = f"{pinned_version()}"
    if pages := find_pages(patient.settings.cache_dir):
        yield good(AREA, "STAC Browser", f"{version} in {pages}")
    elif shutil.which("node") and shutil.which("npm"):
        found = f"{version} not built yet; Node {_node()} is there"
        yield note(AREA, "STAC Browser", found, "peps-stac browse builds it once")
    else:
        advice = f"install Node {OLDEST_NODE} or later with npm, or use STAC Browser on the web"
        yield note(AREA, "STAC Browser", f"{version} not built, and no Node to build it", advice)
    if can_open(os.environ, sys.platform):
        yield good(AREA, "web browser", "can be opened from here")
    else:
        advice = "peps-stac browse --no-open prints the address; open it elsewhere by ssh -L"
        yield note(AREA, "web browser", "no screen here", advice)


def _node() -> str:
    try:
        said = subprocess.check_output(["node", "--version"], text=True, timeout=20)  # noqa: S607 -- the person's own Node
    except (OSError, subprocess.SubprocessError):
        return "(which does not run)"
    return said.strip()
