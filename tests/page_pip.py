"""In place of `pip install` on a page: nothing is installed, but all that is asked for is here.

So a line that names an extra or a package which does not exist, or which the tests do not run
with, fails.
"""

import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

_ROOT = Path(__file__).parents[1]
_OURS = "peps-stac"
_OPTIONS = frozenset({"-e", "--editable", "-U", "--upgrade", "-q", "--quiet"})


def main(words: list[str]) -> None:
    verb, *rest = words
    assert verb == "install", f"what is to become of pip {verb}?"
    wanted = [word for word in rest if word not in _OPTIONS]
    assert wanted, "nothing to install"
    for word in wanted:
        if word.endswith(".whl"):
            [_] = Path().glob(word)
        else:
            check(Requirement(word.replace(".[", f"{_OURS}[", 1) if word[0] == "." else word))


def check(wanted: Requirement) -> None:
    """Find the package, and what its extras need, among those that are installed."""
    extras = extras_of(wanted.name)
    assert wanted.extras <= set(extras), f"{wanted}: it has only {', '.join(sorted(extras))}"
    for extra in wanted.extras:
        for needed in extras[extra]:
            check(needed)


def extras_of(name: str) -> dict[str, list[Requirement]]:
    """What each extra of an installed package brings along; ours as they are written down now."""
    if name == _OURS:
        project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
        written = project["optional-dependencies"]
        return {extra: list(map(Requirement, needed)) for extra, needed in written.items()}
    about = distribution(name)
    needed = list(map(Requirement, about.requires or []))
    return {
        extra: [one for one in needed if one.marker and one.marker.evaluate({"extra": extra})]
        for extra in about.metadata.get_all("Provides-Extra") or []
    }


if __name__ == "__main__":
    main(sys.argv[1:])
