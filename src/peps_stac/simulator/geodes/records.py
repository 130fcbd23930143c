"""The records of a simulated GEODES: raw Items, without the files that hang on them."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from peps_stac.errors import RequestError
from peps_stac.simulator.geodes.spelling import with_new_names
from peps_stac.simulator.holdings import Record

L1C = "PEPS_S2_L1C"
L2A = "THEIA_REFLECTANCE_SENTINEL2_L2A"
COLLECTIONS = (L1C, L2A)

_NAMESPACE = uuid.UUID("0c8f5a5e-2d3c-4b7e-9a51-6d8c3f0b7e42")

RawItem = Mapping[str, Any]


class GeodesRecord:
    """One record, never changed.

    Args:
        item: As an answer has it; a made one still lacks its assets.
        archive: Name of the product's archive, without `.zip`.
        scene: What its files are made from; None for a recorded one, which has its own assets.

    Raises:
        RequestError: The Item has no id or no properties.
    """

    def __init__(self, item: RawItem, archive: str = "", scene: Record | None = None) -> None:
        self.item = item
        self.scene = scene
        try:
            self.id = str(item["id"])
            self.attributes = with_new_names(item["properties"])
        except (AttributeError, KeyError, TypeError) as error:
            message = (
                f"simulator GEODES records: one is no Item ({error!r}); give raw ones of GEODES"
            )
            raise RequestError(message) from error
        self.collection = str(item.get("collection") or self.attributes.get("dataset"))
        self.archive = archive or _archive_of(item)

    @cached_property
    def geometry(self) -> BaseGeometry | None:
        """The footprint as it stands, longitude first; nothing is repaired."""
        document = self.item.get("geometry")
        return shape(document) if document else None


class GeodesRecords:
    """All records, in an order that means nothing: by their ids.

    Raises:
        RequestError: Two have one id.
    """

    def __init__(self, records: Iterable[GeodesRecord]) -> None:
        self._all = tuple(sorted(records, key=lambda record: record.id))
        self._by_id = {record.id: record for record in self._all}
        if len(self._by_id) < len(self._all):
            raise RequestError("simulator GEODES records: two have the same id; give each once")
        self._by_archive = {record.archive: record for record in self._all}

    def __iter__(self) -> Iterator[GeodesRecord]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def collections(self) -> tuple[str, ...]:
        """Those of Sentinel-2, and any others that records are of."""
        return tuple(dict.fromkeys((*COLLECTIONS, *(record.collection for record in self._all))))

    def by_id(self, urn: str) -> GeodesRecord | None:
        """The record with this URN."""
        return self._by_id.get(urn)

    def by_archive(self, name: str) -> GeodesRecord | None:
        """The record whose archive is `<name>.zip`."""
        return self._by_archive.get(name)


def urn(collection: str, name: str) -> str:
    """The id of a made record, the same at every run; its UUID has version 3 as GEODES's have."""
    return f"URN:FEATURE:DATA:gdh:{uuid.uuid3(_NAMESPACE, f'{collection}/{name}')}:V1"


def _archive_of(item: RawItem) -> str:
    assets = item.get("assets")
    names = [str(name) for name in assets] if isinstance(assets, Mapping) else []
    return next((name.removesuffix(".zip") for name in names if name.endswith(".zip")), "")
