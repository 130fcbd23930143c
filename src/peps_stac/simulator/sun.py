"""Where the sun stands, to a few hundredths of a degree.

The low-precision formulas of the Astronomical Almanac: mean anomaly, ecliptic longitude,
declination and hour angle.
"""

import math
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Angles = NDArray[np.float64]

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


def sun_angles(instant: datetime, lon: Angles, lat: Angles) -> tuple[Angles, Angles]:
    """Zenith and azimuth (clockwise from north) of the sun, degrees, at places in degrees."""
    days = (instant - _J2000).total_seconds() / 86_400
    anomaly = math.radians(357.528 + 0.9856003 * days)
    mean_longitude = 280.460 + 0.9856474 * days
    ecliptic = math.radians(
        mean_longitude + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    tilt = math.radians(23.439 - 4e-7 * days)
    declination = math.asin(math.sin(tilt) * math.sin(ecliptic))
    right_ascension = math.atan2(math.cos(tilt) * math.sin(ecliptic), math.cos(ecliptic))
    sidereal = 280.46062 + 360.9856474 * days
    hour = np.radians(sidereal + lon) - right_ascension
    place = np.radians(lat)
    up = np.sin(place) * math.sin(declination) + np.cos(place) * math.cos(declination) * np.cos(
        hour
    )
    east = -math.cos(declination) * np.sin(hour)
    north = math.sin(declination) * np.cos(place) - math.cos(declination) * np.sin(place) * np.cos(
        hour
    )
    zenith = np.degrees(np.arccos(np.clip(up, -1, 1)))
    return zenith, np.degrees(np.arctan2(east, north)) % 360
