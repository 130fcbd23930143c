"""The documentation site as `make docs` builds it, and its pages as a web browser reads them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[1]
_ASKED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
}
"""What makes a web browser ask for something, beside `link`."""

_ONLY_TOLD = frozenset({"canonical", "next", "prev", "author", "license"})
"""Kinds of `link` that no web browser asks for."""


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a build."""

    site: Path
    code: int
    said: str

    def pages(self) -> list[Path]:
        """All pages, but the one for addresses that do not exist: it has no place of its own."""
        return sorted(page for page in self.site.rglob("*.html") if page.name != "404.html")


def build(target: Path, config: Path = ROOT / "mkdocs.yml") -> Built:
    """`make docs`, into a folder."""
    done = subprocess.run(  # noqa: S603 -- our own line
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config, "-d", target],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Built(target, done.returncode, f"{done.stdout}{done.stderr}")


class SitePage(HTMLParser):
    """A page as a web browser reads it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.links: list[str] = []
        """What a person can follow."""
        self.asked: list[str] = []
        """What is asked for without anybody's doing."""
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "link" and not _ONLY_TOLD & set(found.get("rel", "").split()):
            self.asked.append(found["href"])
        if (asked := found.get(_ASKED.get(tag, ""))) is not None:
            self.asked.append(asked)


def is_elsewhere(href: str) -> bool:
    """Whether an address names another host or program than the site's own."""
    parts = urlsplit(href)
    return bool(parts.scheme or parts.netloc) and parts.scheme != "data"


def targets(page: SitePage) -> Iterator[tuple[str, Path, str]]:
    """Each link within the site: as written, the file that it names, the anchor in it."""
    for href in [*page.links, *page.asked]:
        parts = urlsplit(href)
        if not is_elsewhere(href) and parts.scheme != "data":
            path = page.path.parent / unquote(parts.path) if parts.path else page.path
            yield href, path.resolve(), unquote(parts.fragment)
