"""The documentation is built, whole, and asks nobody for anything."""

import html
import re
from pathlib import Path

import click
import command_pages
import house
import pytest
from playwright.sync_api import expect, sync_playwright

import peps_stac
from builders_site import ROOT, Built, SitePage, build, is_elsewhere, targets
from builders_web import CHROMIUM, cannot_run
from peps_stac.cli import COMMANDS, SECTIONS, LazyGroup, main
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from test_layers import ROOMS

DOCS = ROOT / "docs"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def pages(built: Built) -> dict[Path, SitePage]:
    return {path.resolve(): SitePage(path) for path in built.pages()}


def text_of(page: Path) -> str:
    """What a person reads on a page."""
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text()))


def test_the_site_is_built_without_a_warning(built: Built) -> None:
    """Strict: also pages that nothing leads to, and anchors that do not exist, are warnings."""
    assert built.code == 0, built.said
    assert "WARNING" not in built.said


def test_every_page_can_be_reached_from_the_first(
    built: Built, pages: dict[Path, SitePage]
) -> None:
    reached = {path for _, path, _ in targets(pages[built.site.resolve() / "index.html"])}

    assert set(pages) <= reached
    for source in DOCS.rglob("*.md"):
        name = source.relative_to(DOCS).with_suffix(".html").as_posix().replace("README", "index")
        assert (built.site / name).is_file(), f"{source} is on no page"


def test_every_link_and_anchor_leads_somewhere(pages: dict[Path, SitePage]) -> None:
    broken = [
        f"{page.path.name}: {href}"
        for page in pages.values()
        for href, path, anchor in targets(page)
        if not path.is_file() or (anchor and path in pages and anchor not in pages[path].ids)
    ]

    assert not broken


def test_nothing_is_asked_of_other_machines(built: Built, pages: dict[Path, SitePage]) -> None:
    for page in pages.values():
        assert not [href for href in page.asked if is_elsewhere(href)], page.path
    for sheet in built.site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", sheet.read_text()), sheet


def test_every_command_has_a_page_with_all_that_its_help_says(built: Built) -> None:
    with click.Context(main, info_name="peps-stac", **main.context_settings) as parent:
        for name in COMMANDS:
            command = main.get_command(parent, name)
            assert command is not None
            text = text_of(built.site / "commands" / f"{name}.html")
            assert f"peps-stac {name} {' '.join(command.collect_usage_pieces(parent))}" in text
            for option in command.get_params(click.Context(command, parent=parent)):
                if isinstance(option, click.Option) and not option.hidden:
                    assert set(re.findall(r"--?\w[\w-]*", text)) >= set(option.opts)
            if isinstance(command, Command):
                assert all(line in text for _, line in command.examples)


def test_a_new_command_has_a_page_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    new = Command("greet", help="Greet.\n\n\b\nAs it stands.", examples=[("You", "greet you")])
    monkeypatch.setitem(SECTIONS["Look"], "greet", "Greet a <person> on --port.")
    known = LazyGroup.get_command
    monkeypatch.setattr(
        LazyGroup,
        "get_command",
        lambda self, ctx, name: new if name == "greet" else known(self, ctx, name),
    )

    [page] = [one for _, found in command_pages.sections() for one in found if one.name == "greet"]

    assert page.path == "greet.md"
    assert page.summary == "Greet a &lt;person&gt; on `--port`."
    assert "# peps-stac greet" in page.text
    assert "```text\nAs it stands.\n```" in page.text
    assert "You:\n\n```sh\ngreet you\n```" in page.text


def test_the_old_commands_have_pages(built: Built) -> None:
    for name in ("peps-maja-process", "peps-maja-download", "full-maja-process"):
        assert "the old name of" in text_of(built.site / "commands" / f"{name}.html")


def test_the_exit_codes_of_the_page_are_those_of_the_program() -> None:
    text = (DOCS / "commands" / "index.md").read_text()
    [table] = re.findall(r"\| code \|.*\n((?:\|.*\n)+)", text)

    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(
        ExitCode
    )


def test_every_public_name_is_on_a_page_of_python(
    built: Built, pages: dict[Path, SitePage]
) -> None:
    python = (built.site / "python").resolve()
    ids = set[str]().union(*(page.ids for path, page in pages.items() if path.parent == python))

    lacking = [name for name in peps_stac.__all__ if f"peps_stac.{name}" not in ids]
    assert not lacking, "add `::: peps_stac.NAME` to a page of docs/python"
    for path in python.glob("*.html"):
        assert "doc-module" not in path.read_text(), "a function was taken for its module"


def test_the_notebooks_and_the_changelog_are_in_the_site(built: Built) -> None:
    page = (built.site / "notebooks.html").read_text()

    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert (built.site / "notebooks" / path.name).is_file()
        assert f'href="notebooks/{path.name}"' in page
    assert "Unreleased" in text_of(built.site / "changelog.html")


def test_the_picture_of_the_architecture_is_that_of_the_code() -> None:
    for start, end in house.arrows():
        assert house.ROOMS[end].bottom < house.ROOMS[start].top, "an arrow goes down"
    assert house.PICTURE.read_text() == house.drawing(), "python docs/generate/house.py draws it"


def test_every_room_is_in_the_picture_and_on_its_page() -> None:
    rooms = set(ROOMS) - {"__main__"}
    page = (DOCS / "architecture.md").read_text()
    rows = re.findall(r"^\| (`[a-z]+`(?:, `[a-z]+`)*) \|", page, re.MULTILINE)

    assert set(house.ROOMS) == house.rooms_on_disk() == rooms, "give the room a place in house.py"
    assert {name for row in rows for name in re.findall(r"[a-z]+", row)} == rooms


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_from_disk_the_search_finds_and_nothing_else_is_asked_for(
    built: Built, size: tuple[int, int]
) -> None:
    if CHROMIUM is None:
        cannot_run("Chromium is not installed (apt-get install chromium)")
    width, height = size
    trouble: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on("request", lambda one: trouble.extend([one.url] * is_outside(one.url)))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        for name in ("commands/order", "python/catalog", "architecture", "faults", "index"):
            page.goto((built.site / f"{name}.html").as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.locator("label[for=__search]:visible, .md-search__input:visible").first.click()
        page.get_by_placeholder("Search").press_sequentially("quarantine")
        expect(page.locator(".md-search-result__link").first).to_be_visible()
        browser.close()

    assert not trouble


def is_outside(url: str) -> bool:
    return not url.startswith(("file:", "data:", "blob:"))
