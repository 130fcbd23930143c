"""The plan of the house holds: a room imports only rooms listed above it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = (
    "errors",
    "clock",
    "tell",
    "listening",
    "domain",
    "http",
    "provider",
    "peps",
    "geodes",
    "ogc",
    "muscate",
    "stac",
    "archive",
    "raster",
    "store",
    "loading",
    "workflow",
    "browse",
    "simulator",
    "cli",
    "__main__",
)
"""DESIGN, section 2; `clock` and `tell` hold what every room may be given, `listening`
what two of them listen with."""

PURE = ("domain", "provider", "muscate", "stac")
PURE_MODULES = (
    "peps.resto",
    "peps.recorded",
    "peps.wps",
    "peps.report",
    "peps.jobs",
    "peps.hrefs",
    "ogc.documents",
)
IMPURE_IMPORTS = ("requests", "requests_cache", "socket", "pathlib", "os", "shutil", "time", "io")

PACKAGE = Path(__file__).parents[1] / "src" / "peps_stac"
MODULES = sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room_of(module: str) -> str:
    return module.removeprefix("peps_stac.").split(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_room_imports_only_rooms_above_it(path: Path) -> None:
    if path.parent == PACKAGE and path.name == "__init__.py":
        return
    own = room_of(f"peps_stac.{dotted(path)}")
    allowed = ROOMS[: ROOMS.index(own) + 1]

    for module in imports(ast.parse(path.read_text())):
        assert module != "peps_stac", f"{dotted(path)} imports the package itself"
        if module.startswith("peps_stac."):
            assert room_of(module) in allowed, f"{dotted(path)} reaches down to {module}"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_only_commands_hide_imports_in_functions(path: Path) -> None:
    if room_of(f"peps_stac.{dotted(path)}") == "cli":
        return
    source = path.read_text()
    functions = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))

    assert "TYPE_CHECKING" not in source
    assert not [module for function in functions for module in imports(function)]


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_readers_and_writers_have_neither_network_nor_disk_nor_clock(path: Path) -> None:
    name = dotted(path)
    if name.split(".")[0] not in PURE and name not in PURE_MODULES:
        return
    found = {module.split(".")[0] for module in imports(ast.parse(path.read_text()))}

    assert not found & set(IMPURE_IMPORTS)
