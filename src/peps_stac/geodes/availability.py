"""Which files of a product can be fetched now: the answer of `/availability/{name}`."""

from typing import Any

from peps_stac.errors import ResponseError
from peps_stac.provider.facts import read_md5
from peps_stac.provider.values import read_mapping


def read_availability(document: Any) -> dict[str, bool]:  # noqa: ANN401 -- whatever JSON came
    """Whether each file is online, by its MD5.

    Raises:
        ResponseError: No list of files.
    """
    files = read_mapping(document).get("files")
    if not isinstance(files, list):
        raise ResponseError("the answer about availability lists no files; ask again later")
    online = {}
    for file in files:
        said = read_mapping(file)
        md5, is_online = read_md5(said.get("checksum")), said.get("available")
        if md5 is not None and isinstance(is_online, bool):
            online[md5] = is_online
    return online
