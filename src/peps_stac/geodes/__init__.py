"""What GEODES speaks: a search like STAC's, and archives for those who have a key.

GEODES followed PEPS in 2026. `query`, `feature`, `attributes`, `files`, `availability` and `hrefs`
are pure: values in, values out. `client` joins them to an `http` session. GEODES's own words stay
inside this room.
"""
