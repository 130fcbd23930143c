"""What `import peps_stac` offers."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import peps_stac


@pytest.mark.parametrize("name", peps_stac.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(peps_stac, name).__doc__


def test_the_stub_tells_type_checkers_the_same_names() -> None:
    stub = Path(peps_stac.__file__).with_suffix(".pyi").read_text()
    imports = [node for node in ast.parse(stub).body if isinstance(node, ast.ImportFrom)]

    assert sorted(alias.name for node in imports for alias in node.names) == peps_stac.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'serach'"):
        _ = peps_stac.serach  # type: ignore[attr-defined] # misspelt on purpose


def test_a_missing_extra_is_told_by_name() -> None:
    """And what needs no extra works without."""
    code = """
import sys
sys.modules["xarray"] = None
from peps_stac import select, stackstac_items
try:
    from peps_stac import load
except ImportError as error:
    print(error)
"""
    told = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert told == "peps_stac.load needs xarray: pip install 'peps-stac[xarray]'\n"


def test_importing_the_package_imports_nothing_heavy() -> None:
    """So that the command line starts at once."""
    code = "import peps_stac, sys; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    for heavy in ("requests", "pystac", "shapely", "numpy", "click", "rich"):
        assert f"'{heavy}'" not in loaded
