"""What is made once for all tests in a web browser: STAC Browser, catalogs, Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from builders_shown import a_large_catalog, a_shown_catalog
from builders_web import CHROMIUM, cannot_run
from peps_stac.browse import BuildError, build_pages


@pytest.fixture(scope="session")
def pages(request: pytest.FixtureRequest) -> Path:
    """STAC Browser, built as for a person; kept beside pytest's cache for the next run."""
    try:
        return build_pages(request.config.rootpath / ".pytest_cache")
    except BuildError as error:
        cannot_run(str(error))
        raise


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, pages: Path) -> Iterator[Browser]:
    del pages  # Nothing to look at without them.
    if CHROMIUM is None:
        cannot_run("Chromium is not installed (apt-get install chromium)")
    options = ["--no-sandbox", "--enable-unsafe-swiftshader"]
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalog of `a_shown_catalog`; not to be changed."""
    return a_shown_catalog(tmp_path_factory.mktemp("shown") / "toulouse")


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory, shown: Path) -> Path:
    """A hundred products of one tile and year; not to be changed."""
    return a_large_catalog(tmp_path_factory.mktemp("large") / "toulouse", shown, 100)
