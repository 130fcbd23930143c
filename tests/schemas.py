"""Validation against STAC's schemas, kept offline, and against our own."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import pystac
from jsonschema import Draft7Validator, FormatChecker
from pystac.validation.stac_validator import JsonSchemaSTACValidator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from recorded import SHARED

Document = dict[str, Any]

OWN = {
    document["$id"]: document
    for entry in (files("peps_stac.stac") / "schemas").iterdir()
    if (document := json.loads(entry.read_text(encoding="utf-8")))
}
"""Our own schemas by URI."""

L1C_PROFILE = "https://peps-stac.github.io/profiles/l1c-item/v1.0.0/schema.json"
L2A_PROFILE = "https://peps-stac.github.io/profiles/l2a-item/v1.0.0/schema.json"
OFFER_PROFILE = "https://peps-stac.github.io/profiles/offer-item/v1.0.0/schema.json"


def in_catalog(document: Document) -> Document:
    """The same Item with the links that the store writes: core STAC wants one to the Collection."""
    above = {
        "root": "../../../../catalog.json",
        "parent": "../catalog.json",
        "collection": "../../../collection.json",
    }
    links = [{"rel": rel, "href": href, "type": "application/json"} for rel, href in above.items()]
    return {**document, "links": [*links, *document["links"]]}


def core_faults(document: Document) -> list[str]:
    """What the core schemas of STAC 1.1.0 find, which pystac brings along."""
    kinds = {
        "Feature": pystac.STACObjectType.ITEM,
        "Collection": pystac.STACObjectType.COLLECTION,
        "Catalog": pystac.STACObjectType.CATALOG,
    }
    try:
        JsonSchemaSTACValidator().validate_core(
            document, kinds[document["type"]], document["stac_version"]
        )
    except pystac.STACValidationError as error:
        return [str(error)]
    return []


def own_faults(document: Document, *uris: str) -> list[str]:
    """What our own schemas find: those given, and those the document declares."""
    declared = [uri for uri in document.get("stac_extensions", []) if uri in OWN]
    return [fault for uri in (*uris, *declared) for fault in _faults(document, OWN[uri])]


def extension_faults(document: Document) -> list[str]:
    """What the schemas of the declared extensions find; needs the recorded data."""
    index = _index()
    declared = [uri for uri in document.get("stac_extensions", []) if uri not in OWN]
    unknown = [f"no schema kept for {uri}" for uri in declared if uri not in index]
    known = [uri for uri in declared if uri in index]
    return unknown + [f for uri in known for f in _faults(document, index[uri])]


def _faults(document: Document, schema: Document) -> list[str]:
    validator = Draft7Validator(schema, registry=_registry(), format_checker=FormatChecker())
    return [
        f"{schema.get('title')}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in validator.iter_errors(json.loads(json.dumps(document)))
    ]


@cache
def _registry() -> Registry[Any]:
    resources = {uri: DRAFT7.create_resource(schema) for uri, schema in (OWN | _index()).items()}
    return Registry[Any]().with_resources(resources.items())


@cache
def _index() -> dict[str, Any]:
    folder = SHARED / "stac-schemas"
    if not folder.is_dir():
        return {}
    index: dict[str, str] = json.loads((folder / "index.json").read_text())
    return {uri: json.loads((folder / name).read_text()) for uri, name in index.items()}
