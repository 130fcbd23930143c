"""STAC Browser's pages, made by npm from what `recipe/` pins.

It is published as source only, and its own version ranges no longer build: `ol-stac` later than
1.1.0 needs a later `ol`. So the recipe locks every package by version and checksum, and lays a few
files over the source: labels for our fields, a base map only where it is asked for, no viewers on
other sites. The pages work under any path and are set up when they are opened.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from peps_stac.browse.licences import licence_texts
from peps_stac.errors import PepsStacError
from peps_stac.tell import Tell, silent

INDEX = "index.html"
LICENCES = "LICENCES.txt"
OLDEST_NODE = 18

_SOURCE = Path("node_modules", "@radiantearth", "stac-browser")
_CONFIG = '<!-- <script defer="defer" src="/config.js"></script> -->'
_OUR_HEAD = (
    '<link rel="icon" href="./icon.svg" type="image/svg+xml">'
    '<script defer="defer" src="./config.js"></script>'
)
_INSTALL = (
    "ci",
    "--include=dev",
    # No package's own commands run while it is installed.
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
)
_OPTIONS = {"SB_historyMode": "hash", "SB_pathPrefix": "./", "SB_noSourceMaps": "true"}
# All of them know modules, so that one bundle is enough.
_BROWSERS = ["chrome >= 100", "edge >= 100", "firefox >= 102", "safari >= 15.4"]
_LINTERS = ("@vue/cli-plugin-eslint", "babel-eslint", "eslint", "eslint-plugin-vue")
_NOT_OURS = ("SB_", "VUE_CLI_", "NODE_ENV", "BROWSERSLIST")
"""Beginnings of variables that would change what is built."""
_COMPLAINT = re.compile(r"npm (error|ERR!) |\w*Error:")
_TIMEOUT_S = 1800
_LONGEST_REASON = 300


class BuildError(PepsStacError):
    """STAC Browser cannot be built here; the message says why."""


def recipe() -> Traversable:
    """The files that decide what is built."""
    return files("peps_stac.browse").joinpath("recipe")


def pinned_version() -> str:
    """Version of STAC Browser, as `4.0.1`."""
    package = json.loads(recipe().joinpath("package.json").read_text("utf-8"))
    return str(package["dependencies"]["@radiantearth/stac-browser"])


def recipe_key() -> str:
    """Name of what is built: the same content has the same name, everywhere."""
    digest = hashlib.sha256(" ".join((*_INSTALL, *_BROWSERS, *_OPTIONS)).encode())
    for name, file in sorted(_walk(recipe())):
        content = file.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"{pinned_version()}-{digest.hexdigest()[:16]}"


def make_pages(work: Path, tell: Tell = silent, environ: Mapping[str, str] = os.environ) -> Path:
    """Install and build in an empty folder.

    Returns:
        The folder of the finished pages, below `work`.

    Raises:
        BuildError: No Node, an old one, or npm failed.
        OSError: The disk is full or not writable.
    """
    npm = _find_npm(environ)
    tell(
        f"building STAC Browser {pinned_version()}, only this once: npm fetches about 60 MB, "
        "and all takes some minutes; Ctrl-C stops it"
    )
    with as_file(recipe()) as folder:
        shutil.copytree(folder, work, dirs_exist_ok=True)
        variables = _clean(environ)
        _run((npm, *_INSTALL), work, variables)
        licences = licence_texts(work)
        _lay_over(work, folder / "overlay")
    # The script itself, not the link of npm that Windows has none of.
    build = ("node", "node_modules/@vue/cli-service/bin/vue-cli-service.js", "build")
    _run(build, work, variables | _OPTIONS | {"NODE_ENV": "production"})
    pages = work / "dist"
    (pages / LICENCES).write_text(licences, "utf-8")
    if not (pages / INDEX).is_file():
        raise BuildError(f"the build of STAC Browser left no {INDEX}: please report it")
    return pages


def _lay_over(work: Path, overlay: Path) -> None:
    """Put the source of STAC Browser beside its packages, and our files over it."""
    shutil.copytree(work / _SOURCE, work, dirs_exist_ok=True)
    shutil.copytree(overlay, work, dirs_exist_ok=True)
    package = json.loads((work / "package.json").read_text("utf-8"))
    for name in _LINTERS:
        package["devDependencies"].pop(name, None)
    package["browserslist"] = _BROWSERS
    (work / "package.json").write_text(json.dumps(package), "utf-8")
    page = work / "public" / INDEX
    page.write_text(page.read_text("utf-8").replace(_CONFIG, _OUR_HEAD), "utf-8")
    # What is shown is decided when it is served.
    (work / "public" / "config.js").unlink()


def _find_npm(environ: Mapping[str, str]) -> str:
    path = environ.get("PATH")
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not node or not npm:
        missing = "Node" if not node else "npm"
        raise BuildError(f"{missing} is not installed (https://nodejs.org, {OLDEST_NODE} or later)")
    try:
        version = subprocess.check_output([node, "--version"], text=True, timeout=60)  # noqa: S603 -- the person's own Node
    except (OSError, subprocess.SubprocessError) as error:
        raise BuildError(f"{node} does not run: {error}") from error
    major = re.match(r"v(\d+)", version)
    if not major or int(major[1]) < OLDEST_NODE:
        raise BuildError(f"{node} is {version.strip()}; {OLDEST_NODE} or later is needed")
    return npm


def _run(command: tuple[str, ...], work: Path, environ: Mapping[str, str]) -> None:
    """Run a command; what it says is kept in `build.log` and told when it fails."""
    name = f"{Path(command[0]).name} {command[1]}"
    with (work / "build.log").open("ab") as log:
        try:
            found = subprocess.run(  # noqa: S603 -- npm and node, with arguments of our own
                command,
                cwd=work,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BuildError(f"{name} failed: {error}") from error
    if found.returncode:
        said = (work / "build.log").read_text("utf-8", errors="replace")
        raise BuildError(f"{name} failed: {_reason(said)}")


def _reason(said: str) -> str:
    """The lines that tell most of why npm or webpack failed: the first and the last complaint."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    complaints = [line for line in lines if _COMPLAINT.match(line) and "_logs" not in line]
    told = list(dict.fromkeys(complaints[:1] + complaints[-1:])) or lines[-1:]
    return "; ".join(told)[:_LONGEST_REASON] or "it said nothing"


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if not name.startswith(_NOT_OURS)}
    return kept | {"CI": "1", "NO_UPDATE_NOTIFIER": "1"}


def _walk(folder: Traversable, inside: str = "") -> Iterator[tuple[str, Traversable]]:
    for child in folder.iterdir():
        name = f"{inside}{child.name}"
        if child.is_dir():
            yield from _walk(child, f"{name}/")
        elif not child.name.startswith("."):
            yield name, child
