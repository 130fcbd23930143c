"""What MkDocs asks while it builds the site: pages that are made from the package itself.

They are files of the build alone, so there is nothing to keep up to date: the commands, the
notebooks with a line each, and the changelog.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from command_pages import CommandPage, old_commands, overview, sections
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
COMMANDS = "Commands"
"""The section of the site that gets the pages of the commands."""

OVERVIEW = "<!-- all commands -->"
"""Where the page of all commands gets its table."""

OLD = "Names of maja_peps"

_PAGE = re.compile(r"`docs/([\w/-]+)\.md`")
"""How a page is named outside of the documentation."""

NOTEBOOKS = """# Notebooks

Each runs from top to bottom on a simulated service: no network, no account. The tests run all of
them. They are in the folder `notebooks` of the repository, and here:
"""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of the commands into the navigation, in the sections of the help."""
    pages = [(heading, _entries(found)) for heading, found in sections()]
    for entry in config.nav or []:
        if COMMANDS in entry:
            entry[COMMANDS] += [{heading: entries} for heading, entries in pages]
            entry[COMMANDS].append({OLD: _entries(old_commands())})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the package, its notebooks and its changelog make."""
    for page in (page for _, found in [*sections(), (OLD, old_commands())] for page in found):
        files.append(File.generated(config, _place(page), content=page.text))
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in notebooks:
        files.append(File.generated(config, f"notebooks/{path.name}", abs_src_path=str(path)))
    files.append(File.generated(config, "notebooks.md", content=_notebook_page(notebooks)))
    changelog = _PAGE.sub(r"[`\1`](\1.md)", (ROOT / "CHANGELOG.md").read_text())
    files.append(File.generated(config, "changelog.md", content=changelog))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the table of all commands where a page wants it."""
    return (
        markdown.replace(OVERVIEW, overview(list(sections()))) if OVERVIEW in markdown else markdown
    )


def _entries(pages: list[CommandPage]) -> list[dict[str, str]]:
    return [{page.name: _place(page)} for page in pages]


def _place(page: CommandPage) -> str:
    return f"commands/{page.path}"


def _notebook_page(paths: list[Path]) -> str:
    lines = "\n".join(f"- {line}" for path in paths for line in _told(path))
    return f"{NOTEBOOKS}\n{lines}\n"


def _told(path: Path) -> Iterator[str]:
    """A line with the notebook's title and what stands below it."""
    cells = json.loads(path.read_text())["cells"]
    first = "".join(next(cell["source"] for cell in cells if cell["cell_type"] == "markdown"))
    title, _, rest = first.partition("\n")
    told = " ".join(rest.strip().partition("\n\n")[0].split())
    yield f"[{title.lstrip('# ')}](notebooks/{path.name}): {told}"
