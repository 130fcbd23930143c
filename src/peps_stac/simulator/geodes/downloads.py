"""Files that a simulated GEODES sends to those who have a key, and whether it can.

Recorded by users: redirects in a circle for a bad key (pygeodes), 410 for what lies on tape
(eodag #1776), 429 for a used-up quota (pygeodes). The bodies of these answers are recorded
nowhere.
"""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

import orjson

from peps_stac.simulator.answers import Answer, FilePart, archive_answer, json_answer
from peps_stac.simulator.chance import digest
from peps_stac.simulator.geodes.files import GeodesFile
from peps_stac.simulator.geodes.records import GeodesRecord
from peps_stac.simulator.geodes.scenario import BadKey
from peps_stac.simulator.geodes.search import refused
from peps_stac.simulator.routing import Incoming
from peps_stac.simulator.users import Account
from peps_stac.simulator.world import World

_HOP = "hop"
_PERMISSION = "signature"
_OTHER_NAMES = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


def download(world: World, incoming: Incoming, urn: str, md5: str) -> Answer:
    """A file of a record, perhaps after some redirects."""
    if incoming.key_owner is None:
        return without_key(world, incoming)
    found = _file(world, urn, md5)
    if found is None:
        return refused(404, f"no file {md5} of {urn}")
    record, file = found
    if file.is_archive:
        held_back = _refusal(world, incoming.key_owner, record)
        if held_back is not None:
            return held_back
    rules, hop = world.scenario.geodes, _hop(incoming.params)
    if hop < rules.redirects:
        return _redirect(f"{incoming.path}?{_HOP}={hop + 1}")
    if rules.elsewhere and file.is_archive:
        return _redirect(_elsewhere(world, record, file))
    return _send(world, record, file, incoming)


def stored(world: World, incoming: Incoming, urn: str, md5: str) -> Answer:
    """A file by an address that holds its own permission; no key is looked at."""
    found = _file(world, urn, md5)
    if found is None or incoming.params.get(_PERMISSION) != _signature(urn, md5):
        return refused(403, "no permission")
    return _send(world, *found, incoming)


def quicklook(world: World, incoming: Incoming, urn: str, md5: str) -> Answer:
    """The picture of a record; nobody needs a key."""
    found = _file(world, urn, md5)
    if found is None or not found[1].is_picture:
        return refused(404, f"no picture {md5} of {urn}")
    return _send(world, *found, incoming)


def availability(world: World, incoming: Incoming, name: str) -> Answer:
    """Whether each file of a product is online.

    Args:
        world: The simulator.
        incoming: The request.
        name: Of the archive, without `.zip`, as pygeodes asks.
    """
    if incoming.key_owner is None:
        return without_key(world, incoming)
    record = world.geodes.records(world.scenario.geodes).by_archive(name)
    if record is None:
        return refused(404, f"no product {name}")
    return json_answer(_standing(world, record))


def fast_availability(world: World, incoming: Incoming) -> Answer:
    """The same for several records, named by addresses of their files."""
    if incoming.key_owner is None:
        return without_key(world, incoming)
    try:
        asked = [str(one["href"]) for one in orjson.loads(incoming.body)["availability"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return refused(400, "availability: give a list of href and endpointURL")
    records = world.geodes.records(world.scenario.geodes)
    urns = dict.fromkeys(part for href in asked for part in href.split("/") if ":FEATURE:" in part)
    found = [record for urn in urns if (record := records.by_id(urn))]
    return json_answer({"products": [_standing(world, record) for record in found]})


def without_key(world: World, incoming: Incoming) -> Answer:
    """What a request gets whose key is missing (401, not recorded) or bad."""
    if not incoming.has_key:
        return refused(401, "no API key")
    match world.scenario.geodes.bad_key:
        case BadKey.LOOP:
            return _redirect(incoming.target)
        case BadKey.UNAUTHORIZED:
            return refused(401, "bad API key")
        case BadKey.FORBIDDEN:
            return refused(403, "bad API key")


def _refusal(world: World, account: Account, record: GeodesRecord) -> Answer | None:
    rules, shelves = world.scenario.geodes, world.geodes.shelves
    if not shelves.is_online(record, rules):
        return refused(410, f"{record.archive}.zip is on tape")
    if not shelves.may_begin(account, record, rules.quota):
        return _used_up(rules.quota_wait_s)
    return None


def _file(world: World, urn: str, md5: str) -> tuple[GeodesRecord, GeodesFile] | None:
    record = world.geodes.records(world.scenario.geodes).by_id(urn)
    if record is None:
        return None
    files = world.geodes.files.of(record, world.scenario)
    return next(((record, file) for file in files if file.md5 == md5), None)


def _send(world: World, record: GeodesRecord, file: GeodesFile, incoming: Incoming) -> Answer:
    body = world.geodes.files.content(record, file, world.scenario)
    name = file.name.rpartition("/")[2]
    sent = archive_answer(body, name=name, etag=_etag(file, body), headers=incoming.headers)
    return replace(sent, content_type=file.media_type) if body else sent


def _etag(file: GeodesFile, body: bytes | FilePart) -> str:
    length = body.length if isinstance(body, FilePart) else len(body)
    return f"{file.md5}-{length:x}"


def _standing(world: World, record: GeodesRecord) -> dict[str, object]:
    is_online = world.geodes.shelves.is_online(record, world.scenario.geodes)
    files = world.geodes.files.of(record, world.scenario)
    return {
        "id": record.id,
        "files": [
            {"checksum": file.md5, "available": is_online or not file.is_archive} for file in files
        ],
    }


def _used_up(wait_s: int | None) -> Answer:
    answer = refused(429, "your quota is used up")
    return answer if wait_s is None else replace(answer, headers=(("Retry-After", str(wait_s)),))


def _redirect(location: str) -> Answer:
    return Answer(status=302, headers=(("Location", location),))


def _hop(params: Mapping[str, str]) -> int:
    text = params.get(_HOP, "")
    return int(text) if text.isdecimal() else 0


def _elsewhere(world: World, record: GeodesRecord, file: GeodesFile) -> str:
    """The same server under its other name, which is another host to a client."""
    scheme, _, host = world.url.partition("://")
    name, _, port = host.rpartition(":")
    path = f"/datalake/{quote(record.id)}/{file.md5}"
    other = _OTHER_NAMES.get(name, name)
    return f"{scheme}://{other}:{port}{path}?{_PERMISSION}={_signature(record.id, file.md5)}"


def _signature(urn: str, md5: str) -> str:
    return digest("permission", urn, md5)
