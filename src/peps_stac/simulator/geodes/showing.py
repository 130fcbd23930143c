"""A record as an answer shows it: with its files, where they lie now, and its addresses."""

from typing import Any

from peps_stac.simulator.geodes.files import GeodesFile
from peps_stac.simulator.geodes.records import GeodesRecord
from peps_stac.simulator.geodes.spelling import renamed
from peps_stac.simulator.world import World


def shown(record: GeodesRecord, world: World) -> dict[str, Any]:
    """The Item of an answer; a recorded one as it stands.

    Raises:
        OSError: The archive, whose checksum it tells, cannot be built.
    """
    if record.scene is None:
        return dict(record.item)
    scenario = world.scenario
    is_online = world.geodes.shelves.is_online(record, scenario.geodes)
    files = world.geodes.files.of(record, scenario)
    snow = world.geodes.files.snow_cover(record)
    properties = dict(record.item["properties"])
    if snow is not None:
        properties["eo:snow_cover"] = float(snow)
    return {
        **record.item,
        "properties": renamed(properties) if scenario.geodes.old_names else properties,
        "links": _links(record, world.geodes_base),
        "assets": {
            file.name: _asset(file, record, world.geodes_base, is_online=is_online)
            for file in files
        },
    }


def link(rel: str, href: str, title: str, media_type: str = "application/json") -> dict[str, str]:
    """A link in the order of the recorded ones."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def _links(record: GeodesRecord, base: str) -> list[dict[str, str]]:
    collection = f"{base}/api/stac/collections/{record.collection}"
    return [
        link("root", f"{base}/api/stac", "STAC gdh root"),
        link("collection", collection, "Item collection"),
        link("self", f"{collection}/items/{record.id}", record.id, "application/geo+json"),
        link(
            "license",
            "https://spdx.org/licenses/Apache-2.0.html",
            "Apache License 2.0",
            "application/html",
        ),
    ]


def _asset(file: GeodesFile, record: GeodesRecord, base: str, *, is_online: bool) -> dict[str, Any]:
    kind, scope = ("quicklook", "?scope=gdh") if file.is_picture else ("download", "")
    lines = (
        f"File size: {file.size} bytes",
        "Is reference: false",
        f"Is online: {str(is_online or not file.is_archive).lower()}",
        f"Datatype: {file.datatype}",
        f"Checksum MD5: {file.md5}",
    )
    return {
        "href": f"{base}/api/{kind}/{record.id}/files/{file.md5}{scope}",
        "title": file.name,
        "description": "\n\n".join(lines),
        "type": file.media_type,
        "roles": [file.role],
    }
