"""What docs/search.md shows is run, so that it is true."""

import re
from pathlib import Path

import pytest

import peps_stac as ps
from builders_loading import S2A, S2B_TEN_MINUTES_LATER, a_catalog, an_item
from peps_stac.store.search_filter import Filter

PAGE = (Path(__file__).parents[1] / "docs" / "search.md").read_text()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    catalog = a_catalog(tmp_path / "catalog", an_item(S2A), an_item(S2B_TEN_MINUTES_LATER))
    ps.reindex(catalog)
    assert ps.export(ps.select(catalog), tmp_path / "found.parquet") == 2
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_of_the_page_runs(home: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, "docs/search.md", "exec"), {})  # noqa: S102 -- our own page
    assert home.is_dir()


def test_the_conditions_of_the_page_can_be_read() -> None:
    conditions = re.findall(r'(?:--filter|filter=) ?"([^"]+)"', PAGE)

    assert len(conditions) == 2
    assert all(Filter.parse(condition).text == condition for condition in conditions)
