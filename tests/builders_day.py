"""The forty scenes of `docs/day-in-the-life.md`, and what becomes of each."""

from datetime import date

from builders_workflow import TOULOUSE
from peps_stac.simulator.scenes import features

_FOUND = list(features([TOULOUSE], date(2017, 9, 1), date(2018, 6, 1)))
_IS_CLOUDY = {
    scene["properties"]["productIdentifier"]: (scene["properties"]["cloudCover"] or 0) > 90
    for scene in _FOUND
}
_CLEAR = [name for name, is_cloudy in _IS_CLOUDY.items() if not is_cloudy]

CLOUDY = [name for name, is_cloudy in _IS_CLOUDY.items() if is_cloudy][:2]
SINGLES = _CLEAR[24:38]
SERIES = [*_CLEAR[:24], *CLOUDY]
LOST = _CLEAR[3:6]
CANCELED = SINGLES[5]
SCENES = [
    scene for scene in _FOUND if scene["properties"]["productIdentifier"] in {*SERIES, *SINGLES}
]
"""Raw features, as PEPS would answer them."""
