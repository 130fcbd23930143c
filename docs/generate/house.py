"""The rooms of the package and what they import, as one SVG picture.

Where a room stands is said here; the arrows come from the imports themselves, so that the picture
cannot tell of a house that is not there. `python docs/generate/house.py` draws it anew.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "peps_stac"
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"

FOR_ALL = frozenset({"errors", "clock", "tell", "listening"})
"""Single modules that any room may import; drawn without arrows."""

_WIDTH, _HEIGHT = 1000, 832
_BOX_HEIGHT = 58
_HEAD = f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" \
font-family="system-ui, sans-serif" text-anchor="middle">
<title>The rooms of peps-stac; an arrow means: imports</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0 0 8 4 0 8z" fill="#888"/></marker></defs>
<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>
<rect x="174" y="14" width="652" height="108" rx="8" fill="none" stroke="#bbb" \
stroke-dasharray="5 4"/>
<text x="500" y="37" font-size="14" fill="#555">any room may import these</text>"""
_FILLS = {
    "pure": ("#e8f4ea", "#3c8b4f"),
    "network": ("#e6effb", "#2f6db5"),
    "disk": ("#fdf1dd", "#b97a14"),
    "verb": ("#f3e8f7", "#8a4aa3"),
    "edge": ("#f0f0f0", "#666666"),
}
_LEGEND = (
    (70, "pure", "no clock, network or disk"),
    (310, "network", "the network"),
    (460, "disk", "the disk"),
    (590, "verb", "the verbs"),
    (730, "edge", "the person and the machine"),
)


@dataclass(frozen=True, slots=True)
class Room:
    """A box of the picture."""

    middle: int
    top: int
    kind: str
    words: str
    width: int = 146

    @property
    def left(self) -> int:
        """Its left edge."""
        return self.middle - self.width // 2

    @property
    def right(self) -> int:
        """Its right edge."""
        return self.middle + self.width // 2

    @property
    def bottom(self) -> int:
        """Its lower edge; y grows downwards."""
        return self.top + _BOX_HEIGHT

    def nearest(self, x: int) -> int:
        """The place on the upper or lower edge that is nearest to `x`."""
        return min(max(x, self.left + 14), self.right - 14)


ROOMS: Mapping[str, Room] = {
    "errors": Room(263, 52, "pure", "what can go wrong"),
    "clock": Room(421, 52, "edge", "the time of day"),
    "tell": Room(579, 52, "edge", "a line to the person"),
    "listening": Room(737, 52, "network", "a web server"),
    "domain": Room(500, 156, "pure", "tile, query, order, product", 240),
    "http": Room(255, 252, "network", "login, retries, cache, files", 200),
    "muscate": Room(745, 252, "pure", "what a MAJA product says", 200),
    "provider": Room(255, 348, "pure", "what services share", 200),
    "stac": Room(610, 348, "pure", "writes Items, Collections", 190),
    "ogc": Room(95, 454, "network", "OGC Processes"),
    "peps": Room(255, 454, "network", "resto and WPS"),
    "geodes": Room(415, 454, "network", "scenes, Theia"),
    "store": Room(575, 454, "disk", "the catalog"),
    "raster": Room(735, 454, "disk", "COGs, footprints"),
    "archive": Room(895, 454, "disk", "zips, safely"),
    "loading": Room(575, 550, "disk", "xarray, stackstac"),
    "simulator": Room(210, 636, "edge", "a PEPS of one's own", 160),
    "workflow": Room(520, 636, "verb", "search, order, follow, download, add, sync, report", 380),
    "browse": Room(895, 636, "edge", "STAC Browser"),
    "cli": Room(500, 718, "edge", "one small module per command", 920),
}
"""From the top: a room imports only rooms above it."""


def rooms_on_disk() -> set[str]:
    """The folders and modules of the package."""
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return folders | {path.stem for path in PACKAGE.glob("[a-z]*.py")}


@cache
def imports() -> dict[str, set[str]]:
    """What each room imports from other rooms, those for all left out."""
    found: dict[str, set[str]] = {name: set() for name in ROOMS}
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room in found:
            found[room] |= (_rooms_in(path.read_text()) & ROOMS.keys()) - FOR_ALL - {room}
    return found


def arrows() -> list[tuple[str, str]]:
    """The imports that no way through a third room stands for."""
    direct = imports()
    return [
        (room, other)
        for room in ROOMS
        for other in ROOMS
        if other in direct[room]
        and not any(other in _reached(direct, third) for third in direct[room] - {other})
    ]


def drawing() -> str:
    """The picture as SVG."""
    parts = (
        _HEAD,
        *(_line(ROOMS[start], ROOMS[end]) for start, end in arrows()),
        *(_box(name, room) for name, room in ROOMS.items()),
        *_legend(_HEIGHT - 24),
        "</svg>",
    )
    return "\n".join((*parts, ""))


def _rooms_in(source: str) -> set[str]:
    modules = (
        node.module or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
    )
    return {name.split(".")[1] for name in modules if name.startswith("peps_stac.")}


def _reached(direct: Mapping[str, set[str]], start: str) -> set[str]:
    return set(direct[start]).union(*(_reached(direct, other) for other in direct[start]))


def _line(start: Room, end: Room) -> str:
    x1 = start.nearest(end.middle)
    x2 = end.nearest(x1)
    return (
        f'<path d="M{x1} {start.top} L{x2} {end.bottom}" stroke="#888" stroke-width="1.6" '
        'fill="none" marker-end="url(#head)"/>'
    )


def _box(name: str, room: Room) -> str:
    fill, stroke = _FILLS[room.kind]
    return (
        f'<rect x="{room.left}" y="{room.top}" width="{room.width}" height="{_BOX_HEIGHT}" '
        f'rx="6" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'
        f'<text x="{room.middle}" y="{room.top + 25}" font-size="18" font-weight="600" '
        f'fill="#222">{escape(name)}</text>'
        f'<text x="{room.middle}" y="{room.top + 45}" font-size="13.5" '
        f'fill="#444">{escape(room.words)}</text>'
    )


def _legend(y: int) -> Iterator[str]:
    for x, kind, words in _LEGEND:
        fill, stroke = _FILLS[kind]
        yield (
            f'<rect x="{x}" y="{y - 12}" width="16" height="16" rx="3" fill="{fill}" '
            f'stroke="{stroke}"/><text x="{x + 24}" y="{y + 1}" font-size="14" fill="#444" '
            f'text-anchor="start">{escape(words)}</text>'
        )


if __name__ == "__main__":
    PICTURE.write_text(drawing())
