"""Answers kept on disk for a while, so that the same search is not asked twice.

One file an answer, made of its address, content type and body alone: request headers never get
here. Two processes may share the folder. A cache that cannot be read or written is no cache.
"""

import logging
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from requests.structures import CaseInsensitiveDict
from requests_cache.backends.filesystem import FileDict
from requests_cache.cache_keys import create_key
from requests_cache.models.request import CachedRequest
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import orjson_serializer

from peps_stac.clock import utc_now
from peps_stac.errors import ResponseError
from peps_stac.http.answers import Answer

_OK = 200

logger = logging.getLogger("peps_stac.http")


class AnswerCache:
    """JSON answers with status 200, each for `keep_s` seconds."""

    def __init__(self, folder: Path | None, keep_s: float) -> None:
        """Opens, and removes what is too old; `folder` None keeps nothing."""
        self._keep = timedelta(seconds=keep_s)
        self._files = None if folder is None else _opened(folder)
        if self._files is not None:
            self._remove_expired(self._files)

    def find(self, url: str, body: bytes | None = None) -> Answer | None:
        """The answer kept for an address and what was sent to it, unless it is too old."""
        if self._files is None:
            return None
        try:
            found = self._files.get(_key(url, body))
            if found is None or found.expires is None or found.is_expired:
                return None
            return Answer(found.url, _OK, found.headers["Content-Type"], found.content)
        except Exception as error:  # noqa: BLE001 -- whatever a broken file raises: ask instead
            logger.debug("cached answer not readable: %s", type(error).__name__)
            return None

    def keep(self, url: str, answer: Answer, body: bytes | None = None) -> None:
        """Keeps an answer that is worth it."""
        if self._files is None or not _is_worth_keeping(answer):
            return
        kept = CachedResponse(
            status_code=_OK,
            url=answer.url,
            headers=CaseInsensitiveDict({"Content-Type": answer.content_type}),
            content=answer.content,
            request=_request(url, body),
            expires=utc_now() + self._keep,
        )
        try:
            self._files[_key(url, body)] = kept
        except (OSError, KeyError) as error:
            logger.debug("answer not cached: %s", type(error).__name__)

    def _remove_expired(self, files: "_Files") -> None:
        oldest = (utc_now() - self._keep).timestamp()
        for path in files.paths():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except OSError:
                logger.debug("expired answer not removed: %s", path.name)


class _Files(FileDict):
    """A file an answer, each written whole or not at all: other processes read them too."""

    def __setitem__(self, key: str, value: CachedResponse) -> None:
        with NamedTemporaryFile(dir=self.cache_dir, suffix=".new", delete=False) as file:
            written = Path(file.name)
            try:
                file.write(self.serialize(value))
                file.flush()
            except OSError:
                written.unlink()
                raise
        written.replace(self._key2path(key))


def _opened(folder: Path) -> _Files | None:
    try:
        return _Files(folder, serializer=orjson_serializer)
    except OSError as error:
        logger.debug("no cache in %s: %s", folder, error.strerror)
        return None


def _key(url: str, body: bytes | None) -> str:
    return create_key(_request(url, body))


def _request(url: str, body: bytes | None) -> CachedRequest:
    return CachedRequest(method="GET" if body is None else "POST", url=url, body=body or b"")


def _is_worth_keeping(answer: Answer) -> bool:
    if answer.status != _OK or "json" not in answer.content_type:
        return False
    try:
        answer.json()
    except ResponseError:
        return False
    return True
