"""One version everywhere, a citation that is one, and a checklist whose lines lead somewhere."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

import peps_stac
from builders_cli import run
from builders_tables import DOCS
from peps_stac.http.wire import USER_AGENT

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CITATION: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
CHECKLIST = (DOCS / "release.md").read_text("utf-8")

SEMANTIC = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
"""Releases alone; the one spelling that PEP 440 and Semantic Versioning share."""
HEADING = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)

CFF_REQUIRED = {"authors", "cff-version", "message", "title"}
CFF_KNOWN = CFF_REQUIRED | {
    *("abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords"),
    *("license", "license-url", "preferred-citation", "references", "repository"),
    *("repository-artifact", "repository-code", "type", "url", "version"),
}
"""Keys of the Citation File Format 1.2.0."""


def test_the_version_is_a_semantic_one() -> None:
    assert SEMANTIC.fullmatch(PROJECT["version"])


def test_programs_read_the_version_from_one_place(tmp_path: Path) -> None:
    assert version("peps-stac") == PROJECT["version"]
    assert run("--version", home=tmp_path).stdout == f"peps-stac {PROJECT['version']}\n"
    assert f"peps-stac/{PROJECT['version']}" == USER_AGENT


def test_no_module_has_the_version_of_its_own() -> None:
    package = Path(peps_stac.__file__).parent
    own = re.compile(rf'^__version__ =|"{re.escape(PROJECT["version"])}"', re.MULTILINE)

    assert [path for path in package.rglob("*.py") if own.search(path.read_text("utf-8"))] == []


def test_the_changelog_ends_with_the_version() -> None:
    """Its newest number is the version; before the first release there is none."""
    headings = HEADING.findall(CHANGELOG)
    numbers = [name for name, _ in headings[1:]]

    assert len(headings) == CHANGELOG.count("\n## ")
    assert headings[0] == ("Unreleased", "")
    assert numbers[:1] in ([], [PROJECT["version"]])
    assert numbers == sorted(numbers, key=as_numbers, reverse=True)
    assert all(date for _, date in headings[1:])


def test_the_citation_is_one() -> None:
    authors = CITATION["authors"]

    assert CITATION["cff-version"] == "1.2.0"
    assert set(CITATION) >= CFF_REQUIRED
    assert set(CITATION) <= CFF_KNOWN
    assert all(author.get("name") or author.get("family-names") for author in authors)
    assert all(isinstance(CITATION[key], str) for key in ("message", "title", "version"))


def test_the_citation_says_what_the_package_says() -> None:
    assert CITATION["version"] == PROJECT["version"]
    assert CITATION["title"] == PROJECT["name"]
    assert CITATION["license"] == PROJECT["license"]
    assert CITATION["keywords"] == PROJECT["keywords"]
    assert CITATION["abstract"].rstrip(".") == PROJECT["description"].rstrip(".")


def test_a_release_has_its_date_in_the_citation_too() -> None:
    dates = [date for name, date in HEADING.findall(CHANGELOG) if name == PROJECT["version"]]
    released = CITATION.get("date-released")

    assert [str(released)] == dates if dates else released is None


def test_no_address_is_invented() -> None:
    said = [*PROJECT.get("urls", {}).values(), CITATION.get("repository-code", "")]

    assert not [address for address in said if "example" in address or "..." in address]


def test_what_versions_are_about_is_said() -> None:
    for page in (CHANGELOG, (ROOT / "CONTRIBUTING.md").read_text("utf-8")):
        assert "Semantic Versioning" in page


def test_the_checklist_names_files_and_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake ([a-z]+)", CHECKLIST))
    paths = set(re.findall(r"`([\w./]+(?:\.\w+|/))`", CHECKLIST)) - {"site/"}

    assert targets == {"clean", "test", "wheel"}
    assert all(f"\n{target}:" in makefile for target in targets)
    package = Path(peps_stac.__file__).parent
    assert [name for name in paths if not (ROOT / name).exists() | (package / name).exists()] == []


def test_the_checklist_puts_schemas_where_their_identifiers_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [program] = re.findall(r"```python\n(.*?)```", CHECKLIST, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(dedent(program), "release.md", "exec"), {})  # noqa: S102 -- our own page
    written = {f"https://peps-stac.github.io/{path}" for path in files_in(tmp_path / "site")}

    assert written == set(peps_stac.schemas())


def files_in(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*.json")]


def as_numbers(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))
