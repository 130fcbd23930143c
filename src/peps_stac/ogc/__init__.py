"""What OGC API - Processes (Part 1: Core, OGC 18-062r2) speaks: jobs asked for and told in JSON.

With it a MAJA service that anybody puts up can be used by configuration, in place of PEPS's WPS.
`documents` is pure: values in, values out. `client` joins it to an `http` session.
"""
