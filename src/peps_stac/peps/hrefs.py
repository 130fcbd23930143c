"""Which addresses PEPS has, whatever host an answer names for them."""

from peps_stac.provider import hrefs

DEFAULT_URL = "https://peps.cnes.fr"
"""Where PEPS was, until March 2026."""

_PUBLIC = ("/resto/", "/cgi-bin/mapcache_results/", "/quicklook/")
# The internal machine serves at /wps/outputs/ what the public one serves below /resto.
_INTERNAL_OUTPUTS = "/wps/outputs/"


def on_service(href: str, base_url: str) -> str:
    """The address on the configured service of what an answer names.

    Args:
        href: Absolute, or a path from the root.
        base_url: Of the configured service; it may have a path of its own.

    Raises:
        ResponseError: The path is not one of the service's.
    """
    return hrefs.on_service(href, base_url, _public_path)


def _public_path(path: str) -> str | None:
    if path.startswith(_INTERNAL_OUTPUTS):
        return f"/resto{path}"
    return path if path.startswith(_PUBLIC) else None
