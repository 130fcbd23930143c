"""The JSON schemas to validate against, and where each comes from.

Core schemas are those that pystac carries, profiles and extensions of our own those in
`peps_stac.stac.schemas`; all others come from a folder, the cache, or a download. A schema
that is nowhere is told as not checked, since an Item may be right without it.
"""

import importlib.resources
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource, Unresolvable
from referencing.jsonschema import DRAFT7

from peps_stac.errors import PepsStacError
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION, OFFER_COLLECTION
from peps_stac.store.files import disk_errors, read_document, write_whole

Schema = Mapping[str, Any]
Fetch = Callable[[str], bytes]
"""Answers what stands at a URI."""

_PROFILES = {
    L1C_COLLECTION: "/profiles/l1c-item/",
    L2A_COLLECTION: "/profiles/l2a-item/",
    OFFER_COLLECTION: "/profiles/offer-item/",
}
_CORE = "https://schemas.stacspec.org/v{version}/{kind}-spec/json-schema/{kind}.json"
_KINDS = {"Feature": "item", "Catalog": "catalog", "Collection": "collection"}
_LONGEST_MESSAGE = 300


class Source(StrEnum):
    """Where a schema comes from."""

    PYSTAC = "pystac"
    OWN = "peps-stac"
    FOLDER = "schema folder"
    CACHE = "cache"
    FETCHED = "downloaded"
    NOWHERE = "not checked"


@dataclass(frozen=True, slots=True)
class Checked:
    """How many files were checked against one schema."""

    uri: str
    source: Source
    count: int


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON schemas that come with this package, by their `$id`.

    Those of the extensions `peps:` and `maja:`, and the profiles: what Items of each Collection
    promise beyond them (`docs/items.md`). All are draft 7 and refer to no other document, so any
    validator takes them as they are. Each call answers new ones, which may be changed.
    """
    folder = importlib.resources.files("peps_stac.stac").joinpath("schemas")
    documents = [
        orjson.loads(file.read_bytes()) for file in folder.iterdir() if file.name.endswith(".json")
    ]
    return {document["$id"].rstrip("#"): document for document in documents}


class SchemaSet:
    """Finds schemas and applies them."""

    def __init__(
        self, folder: Path | None = None, cache: Path | None = None, fetch: Fetch | None = None
    ) -> None:
        """Names the places to look in.

        Args:
            folder: Has an `index.json` that maps each URI to a file beside it.
            cache: Where fetched schemas are kept.
            fetch: Gets what is nowhere else; it may raise a `PepsStacError`.
        """
        self._own = schemas()
        self._bundled = get_local_schema_cache()
        self._folder = folder
        self._index = (read_document(str(folder / "index.json")) or {}) if folder else {}
        self._cache = cache
        self._fetch = fetch
        self._found: dict[str, tuple[Schema | None, Source]] = {}
        self._validators: dict[str, Validator | None] = {}
        self._registry: Registry[bool | Schema] = Registry(retrieve=self._retrieve)  # type: ignore[call-arg]  # an attrs alias
        self._counts: Counter[str] = Counter()
        self._unresolved: set[str] = set()

    def faults(self, document: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with a STAC document, one line each.

        It is checked against its core schema, all its `stac_extensions`, and for an Item of
        ours the profile of its Collection.
        """
        for uri in dict.fromkeys(self._applicable(document)):
            self._counts[uri] += 1
            validator = self._validator(uri)
            if validator is None:
                continue
            try:
                for error in validator.iter_errors(document):
                    yield f"{uri}: {_line(error)}"
            except Unresolvable:
                self._unresolved.add(uri)

    @property
    def against(self) -> tuple[Checked, ...]:
        """What was checked so far, against what."""
        return tuple(
            Checked(uri, self._source(uri), count) for uri, count in sorted(self._counts.items())
        )

    def _applicable(self, document: Mapping[str, Any]) -> Iterator[str]:
        kind = _KINDS.get(str(document.get("type")))
        if kind:
            yield _CORE.format(version=document.get("stac_version"), kind=kind)
        yield from map(str, document.get("stac_extensions") or ())
        profile = _PROFILES.get(str(document.get("collection")))
        if profile and kind == "item":
            yield from (uri for uri in self._own if profile in uri)

    def _source(self, uri: str) -> Source:
        return Source.NOWHERE if uri in self._unresolved else self._find(uri)[1]

    def _validator(self, uri: str) -> Validator | None:
        if uri not in self._validators:
            schema = self._find(uri)[0]
            self._validators[uri] = None if schema is None else self._compiled(schema)
        return self._validators[uri]

    def _compiled(self, schema: Schema) -> Validator:
        return validator_for(schema, default=Draft7Validator)(schema, registry=self._registry)

    def _retrieve(self, uri: str) -> Resource[bool | Schema]:
        schema = self._find(uri)[0]
        if schema is None:
            raise NoSuchResource(ref=uri)  # type: ignore[call-arg]  # attrs, which mypy does not see here
        return Resource.from_contents(schema, default_specification=DRAFT7)

    def _find(self, uri: str) -> tuple[Schema | None, Source]:
        key = uri.rstrip("#")
        if key not in self._found:
            self._found[key] = self._look_for(key)
        return self._found[key]

    def _look_for(self, uri: str) -> tuple[Schema | None, Source]:
        if uri in self._bundled:
            return self._bundled[uri], Source.PYSTAC
        if uri in self._own:
            return self._own[uri], Source.OWN
        if self._folder and uri in self._index:
            return read_document(str(self._folder / str(self._index[uri]))), Source.FOLDER
        cached = self._cache / _file_name(uri) if self._cache else None
        schema = read_document(str(cached)) if cached else None
        if schema is not None:
            return schema, Source.CACHE
        return self._download(uri, cached)

    def _download(self, uri: str, cached: Path | None) -> tuple[Schema | None, Source]:
        if self._fetch is None or not uri.startswith(("https://", "http://")):
            return None, Source.NOWHERE
        try:
            content = self._fetch(uri)
            schema = orjson.loads(content)
        except (PepsStacError, orjson.JSONDecodeError):
            return None, Source.NOWHERE
        if cached:
            with disk_errors(cached):
                write_whole(str(cached), content)
        return schema, Source.FETCHED


def _file_name(uri: str) -> str:
    return re.sub(r"[^\w.-]", "_", uri.partition("://")[2])


def _line(error: ValidationError) -> str:
    deepest = best_match([error]) or error
    place = "/".join(map(str, deepest.absolute_path)) or "document"
    return f"{place}: {deepest.message}".replace("\n", " ")[:_LONGEST_MESSAGE]
