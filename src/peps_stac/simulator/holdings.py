"""The scenes a simulated PEPS holds: raw features, and what a search asks of them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from peps_stac.domain.instants import parse_instant
from peps_stac.errors import RequestError

COLLECTIONS = ("S1", "S2", "S2ST")

Feature = Mapping[str, Any]

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Record:
    """One raw PEPS feature, never changed, and what was read from it.

    Raises:
        RequestError: The feature has no id, no product name or no properties.
    """

    def __init__(self, feature: Feature) -> None:
        self.feature = feature
        try:
            self.properties: Feature = feature["properties"]
            self.id = str(feature["id"])
            self.name = str(self.properties["productIdentifier"])
        except (KeyError, TypeError) as error:
            message = f"simulator features: one has no {error}; give raw PEPS features"
            raise RequestError(message) from error
        self.collection = str(self.properties.get("collection") or "S2ST")
        self.start = self.instant("startDate") or _LONG_AGO

    def instant(self, key: str) -> datetime | None:
        """A property as an instant; None when it is absent or no date."""
        text = self.properties.get(key)
        try:
            return parse_instant(text) if isinstance(text, str) else None
        except ValueError:
            return None

    @cached_property
    def geometry(self) -> BaseGeometry | None:
        """The footprint as it stands, longitude first; nothing is repaired."""
        document = self.feature.get("geometry")
        return shape(document) if document else None

    @property
    def is_visible(self) -> bool:
        """Whether a search shows it; superseded baselines are hidden."""
        return self.properties.get("visible", 1) not in (0, False)

    @property
    def cloud_cover(self) -> float | None:
        """Percent, as ESA estimates it."""
        cloud = self.properties.get("cloudCover")
        return float(cloud) if isinstance(cloud, int | float) else None

    @property
    def is_near_real_time(self) -> bool:
        """Whether it is kept on disk whatever its storage mode."""
        return self.properties.get("isNrt") == 1

    def is_beyond(self, latitude: float) -> bool:
        """Whether its footprint lies wholly beyond a latitude, north or south."""
        if self.geometry is None or self.geometry.is_empty:
            return False
        _, south, _, north = self.geometry.bounds
        return bool(south > latitude or north < -latitude)


class Holdings:
    """All records, in the order PEPS shows them: newest start first, then identifier.

    Raises:
        RequestError: A feature that is none, or two with one id.
    """

    def __init__(self, features: Iterable[Feature]) -> None:
        records = sorted((Record(feature) for feature in features), key=lambda record: record.id)
        self.newest_first = tuple(sorted(records, key=lambda found: found.start, reverse=True))
        self._by_id = {record.id: record for record in records}
        self._by_name = {record.name: record for record in records}
        if len(self._by_id) < len(records):
            raise RequestError("simulator features: two have the same id; give each scene once")

    def __iter__(self) -> Iterator[Record]:
        return iter(self.newest_first)

    def __len__(self) -> int:
        return len(self.newest_first)

    def by_id(self, collection: str, identifier: str) -> Record | None:
        """The scene with this id, hidden or not; None when the collection has none."""
        record = self._by_id.get(identifier)
        return record if record and record.collection == collection else None

    def by_name(self, name: str) -> Record | None:
        """The scene with this product name; a trailing `.SAFE` is accepted."""
        return self._by_name.get(name.removesuffix(".SAFE"))
