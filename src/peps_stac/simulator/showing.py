"""A scene as the simulator shows it: the recorded feature, with what is true here."""

from collections.abc import Iterable
from typing import Any

import orjson

from peps_stac.simulator.holdings import Record
from peps_stac.simulator.l1c import size_and_md5
from peps_stac.simulator.world import PUBLIC_URL, World


def shown(records: Iterable[Record], world: World) -> list[dict[str, Any]]:
    """The features of an answer.

    As recorded, except for the storage mode of this moment, the size and checksum of the archive
    that is served here (where the record has any, in its type and letter case; see
    `Scenario.real_sizes`), and the host of every address.
    """
    features = [_feature(record, world) for record in records]
    content = orjson.dumps(features)
    base = world.base.encode()
    moved = content.replace(PUBLIC_URL.encode(), base)
    loaded: list[dict[str, Any]] = orjson.loads(moved)
    return loaded


def _feature(record: Record, world: World) -> dict[str, Any]:
    mode = world.storage.mode(record, world.scenario, world.clock())
    properties = {**record.properties, "storage": {"mode": mode}}
    if world.scenario.real_sizes:
        size, md5 = size_and_md5(record.name, world.scenario.l1c_bytes)
        properties |= _measured(properties, "resourceSize", "resourceChecksum", size, md5)
        services = properties.get("services")
        if isinstance(services, dict) and isinstance(services.get("download"), dict):
            download = services["download"]
            download = {**download, **_measured(download, "size", "checksum", size, md5)}
            properties["services"] = {**services, "download": download}
    return {**record.feature, "properties": properties}


def _measured(
    recorded: dict[str, Any], size_key: str, md5_key: str, size: int, md5: str
) -> dict[str, Any]:
    """Size and checksum in the spelling of the record; what it leaves out stays out."""
    measured: dict[str, Any] = {}
    if recorded.get(size_key) is not None:
        measured[size_key] = str(size) if isinstance(recorded[size_key], str) else size
    checksum = recorded.get(md5_key)
    if checksum is not None:
        measured[md5_key] = md5.upper() if checksum == str(checksum).upper() else md5
    return measured
