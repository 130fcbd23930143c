"""The archive of a simulator, read from a file of recorded answers."""

from pathlib import Path
from typing import Any

import orjson

from peps_stac.errors import RequestError
from peps_stac.peps.recorded import raw_features


def read_features(path: Path) -> list[dict[str, Any]]:
    """The raw PEPS features of a file: a raw PEPS answer, or one that eodag wrote.

    Raises:
        RequestError: The file cannot be read, is no JSON, or holds no scene.
    """
    try:
        document = orjson.loads(path.read_bytes())
    except OSError as error:
        raise RequestError(f"--records {path}: {error.strerror}; give a file") from error
    except orjson.JSONDecodeError as error:
        raise RequestError(f"--records {path}: no JSON ({error}); give a saved answer") from error
    features = raw_features(document)
    if not features:
        raise RequestError(f"--records {path}: no scene in it; give a saved search answer")
    return features
