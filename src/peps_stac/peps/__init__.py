"""What PEPS speaks: resto to search, WPS 1.0.0 to order, a report of its own to follow.

`resto`, `recorded`, `wps`, `report`, `jobs` and `hrefs` are pure: values in, values out.
`client` joins them to an `http` session. PEPS's own words stay inside this room.
"""
