"""One valid default of what GEODES answers, made by us."""

from hashlib import md5
from typing import Any

from peps_stac.domain import L2AOffer
from peps_stac.geodes.feature import read_record

L1C_NAME = "S2B_MSIL1C_20190704T105629_N0500_R094_T31TCJ_20230401T101112"
L2A_NAME = "SENTINEL2B_20190704-110040-123_L2A_T31TCJ_C"
VERSION = "4-0"
URL = "https://geodes-portal.cnes.fr"
SQUARE = [[1.0, 43.0], [2.0, 43.0], [2.0, 44.0], [1.0, 44.0], [1.0, 43.0]]
URN = "URN:FEATURE:DATA:gdh:00000000-0000-3000-8000-000000000001:V1"


def digest_of(name: str) -> str:
    """The MD5 that the record of a file has here."""
    return md5(name.encode(), usedforsecurity=False).hexdigest()


def an_asset(name: str, role: str = "data", media_type: str = "application/zip") -> dict[str, Any]:
    """One file of a record; what is known of it stands in a text."""
    digest = digest_of(name)
    lines = (
        "File size: 764210185 bytes",
        "Is reference: false",
        "Is online: false",
        "Datatype: RAWDATA",
        f"Checksum MD5: {digest}",
    )
    return {
        "href": f"{URL}/api/download/{URN}/files/{digest}",
        "title": name,
        "description": "\n\n".join(lines),
        "type": media_type,
        "roles": [role],
    }


def a_record(name: str = L1C_NAME, /, **properties: object) -> dict[str, Any]:
    """A search result of L1C; a property given as `...` is absent."""
    archive, picture = f"{name}.zip", f"2019/07/04/S2B/{name}_quicklook.jpg"
    said: dict[str, object] = {
        "identifier": name,
        "dataset": "PEPS_S2_L1C",
        "datetime": "2023-04-02T00:00:00.000Z",
        "start_datetime": "2019-07-04T10:56:29.024Z",
        "end_datetime": "2019-07-04T10:56:29.024Z",
        "platform": "S2B",
        "product:type": "S2MSI1C",
        "processing:level": "L1C",
        "sat:relative_orbit": 94,
        "sat:absolute_orbit": 12151,
        "sat:orbit_state": "Descending",
        "grid:code": "T31TCJ",
        "eo:cloud_cover": 12.5,
        "s2:datatake_id": "GS2B_20190704T105629_012151_N05.00",
        "sar:instrument_mode": "INS-NOBS",
        "sci:doi": "[]",
    }
    said |= properties
    return {
        "type": "Feature",
        "stac_version": "1.0.0-beta.2",
        "id": URN,
        "collection": said["dataset"],
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
        "properties": {key: value for key, value in said.items() if value is not ...},
        "links": [{"rel": "self", "href": f"{URL}/api/stac/collections/PEPS_S2_L1C/items/{URN}"}],
        "assets": {
            picture: an_asset(picture, "overview", "image/jpeg"),
            archive: an_asset(archive),
        },
    }


def an_l2a_record(name: str = L2A_NAME, /, **properties: object) -> dict[str, Any]:
    """A search result of L2A, of the scene of `a_record`; its identifier has no version."""
    record = a_record(
        L1C_NAME,
        **{
            "identifier": name,
            "dataset": "THEIA_REFLECTANCE_SENTINEL2_L2A",
            "start_datetime": "2019-07-04T11:00:40.123Z",
            "end_datetime": "2019-07-04T11:00:40.123Z",
            "processing:level": "L2A",
            "product:type": "REFLECTANCE",
            "eo:cloud_cover": 20.0,
            "eo:snow_cover": 1.0,
            "version": "4.0",
            "sat:orbit_state": ...,
            **properties,
        },
    )
    stem = f"{name}_V{VERSION}"
    files = {
        f"{stem}.zip": an_asset(f"{stem}.zip"),
        f"{stem}_MTD_ALL.xml": an_asset(f"{stem}_MTD_ALL.xml", "metadata", "application/xml"),
        f"{stem}_QKL_ALL.jpg": an_asset(f"{stem}_QKL_ALL.jpg", "overview", "image/jpeg"),
    }
    return {**record, "assets": files}


def an_offer(name: str = L2A_NAME, /, **properties: object) -> L2AOffer:
    """A product that GEODES has, as it is read."""
    offer = read_record(an_l2a_record(name, **properties))
    assert isinstance(offer, L2AOffer)
    return offer


def a_collection(*records: dict[str, Any], matched: int | None = None) -> dict[str, Any]:
    """A page of a search answer."""
    matched = len(records) if matched is None else matched
    return {
        "type": "FeatureCollection",
        "features": list(records),
        "context": {"returned": len(records), "limit": 80, "matched": matched},
        "links": [],
    }
