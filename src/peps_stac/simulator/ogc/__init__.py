"""A third face of the simulator: MAJA by OGC API - Processes, Part 1 (OGC 18-062r2).

Its jobs, results and accounts are those of the WPS. Nobody runs such a service for MAJA yet; this
is what one would answer that keeps to the standard and does no more.
"""
