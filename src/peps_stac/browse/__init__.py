"""The catalog in a web browser: a small web server on loopback, and STAC Browser.

Nothing is changed on disk but the cache, where STAC Browser is built once. What is served is
read-only and, unless a base map is wanted, asks nobody outside for anything.
"""

from peps_stac.browse.build import BuildError, build_pages, find_pages
from peps_stac.browse.server import WebServer
from peps_stac.browse.site import Site, external_link

__all__ = ["BuildError", "Site", "WebServer", "build_pages", "external_link", "find_pages"]
