"""The licences of everything that a build of STAC Browser contains.

Most of them ask that their text goes where a copy of the software goes.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

_NAMES = ("licen", "copying", "notice")


def licence_texts(project: Path) -> str:
    """The packages of a finished `npm ci` that a page may contain, by the text of their licence.

    Args:
        project: Folder of `package-lock.json` and `node_modules`.
    """
    lock = json.loads((project / "package-lock.json").read_text("utf-8"))
    users: defaultdict[str, list[str]] = defaultdict(list)
    for folder, facts in lock["packages"].items():
        if folder and not facts.get("dev") and (project / folder).is_dir():
            name = folder.rpartition("node_modules/")[2]
            text = _text(project / folder) or f"Licence: {_declared(facts)}"
            users[text].append(f"{name} {facts['version']}")
    parts = ("\n".join(sorted(names)) + "\n\n" + text for text, names in users.items())
    return ("\n\n" + "-" * 79 + "\n\n").join(sorted(parts)) + "\n"


def _text(folder: Path) -> str:
    found = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name.lower().startswith(_NAMES) and path.suffix != ".js"
    )
    return "\n\n".join(path.read_text("utf-8", errors="replace").strip() for path in found)


def _declared(facts: dict[str, Any]) -> str:
    return str(facts.get("license", "not declared"))
