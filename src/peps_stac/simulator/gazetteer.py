"""Places that the simulated free-text search knows: cities, regions and countries.

PEPS asks a gazetteer of the whole world. This one has the places that the old scripts' readme,
the notebooks and the tests name, and a few well-known ones.
"""

from collections.abc import Mapping

from peps_stac.domain import Bounds

PLACES: Mapping[str, Bounds] = {
    # west, south, east, north
    "toulouse": (1.35, 43.53, 1.52, 43.67),
    "paris": (2.22, 48.81, 2.47, 48.91),
    "lyon": (4.77, 45.70, 4.90, 45.81),
    "marseille": (5.22, 43.17, 5.54, 43.40),
    "bordeaux": (-0.64, 44.81, -0.53, 44.92),
    "montpellier": (3.80, 43.56, 3.95, 43.66),
    "grenoble": (5.67, 45.15, 5.76, 45.22),
    "strasbourg": (7.68, 48.49, 7.84, 48.65),
    "lille": (2.96, 50.60, 3.13, 50.66),
    "nantes": (-1.65, 47.18, -1.47, 47.30),
    "brest": (-4.57, 48.35, -4.42, 48.46),
    "ajaccio": (8.60, 41.90, 8.82, 41.99),
    "corsica": (8.53, 41.33, 9.57, 43.03),
    "camargue": (4.10, 43.33, 4.90, 43.70),
    "london": (-0.51, 51.28, 0.33, 51.69),
    "berlin": (13.08, 52.33, 13.77, 52.68),
    "madrid": (-3.84, 40.31, -3.52, 40.56),
    "barcelona": (2.05, 41.31, 2.23, 41.47),
    "rome": (12.35, 41.77, 12.64, 42.00),
    "lisbon": (-9.23, 38.69, -9.09, 38.80),
    "brussels": (4.31, 50.79, 4.44, 50.92),
    "geneva": (6.11, 46.17, 6.18, 46.24),
    "amsterdam": (4.73, 52.28, 5.08, 52.43),
    "vienna": (16.18, 48.11, 16.58, 48.33),
    "athens": (23.68, 37.94, 23.80, 38.03),
    "oslo": (10.49, 59.81, 10.95, 60.14),
    "reykjavik": (-22.03, 64.04, -21.46, 64.21),
    "new york": (-74.26, 40.49, -73.70, 40.92),
    "quebec": (-71.55, 46.73, -71.13, 46.98),
    "cape town": (18.30, -34.36, 19.01, -33.47),
    "nairobi": (36.65, -1.45, 37.11, -1.16),
    "marrakech": (-8.10, 31.55, -7.89, 31.71),
    "dakar": (-17.54, 14.64, -17.12, 14.89),
    "tokyo": (139.56, 35.52, 139.92, 35.82),
    "delhi": (76.84, 28.40, 77.35, 28.88),
    "sydney": (150.52, -34.12, 151.34, -33.58),
    "rio de janeiro": (-43.80, -23.08, -43.10, -22.75),
    "suva": (178.38, -18.19, 178.52, -18.05),
    "reunion": (55.21, -21.40, 55.84, -20.87),
    "occitanie": (-0.33, 42.33, 4.85, 45.05),
    "france": (-5.15, 41.33, 9.57, 51.09),
    "spain": (-9.39, 35.94, 4.33, 43.80),
    "portugal": (-9.53, 36.96, -6.19, 42.16),
    "belgium": (2.54, 49.49, 6.41, 51.51),
    "switzerland": (5.95, 45.81, 10.50, 47.81),
    "europe": (-25.0, 34.5, 45.0, 71.5),
}
"""By name in small letters without accents."""
