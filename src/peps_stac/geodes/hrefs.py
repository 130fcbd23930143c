"""Which addresses GEODES has, whatever host an answer names for them."""

from peps_stac.provider import hrefs

DEFAULT_URL = "https://geodes-portal.cnes.fr"

WEB_PAGE = "https://geodes.cnes.fr"
"""The portal for people: the one place where data are brought back from tape."""

RESTORING = f"bring it back on {WEB_PAGE} (sign in, find the product), then run again"
"""What a person does about an archive on tape."""

_PUBLIC = ("/api/", "/availability/")


def on_service(href: str, base_url: str) -> str:
    """The address on the configured service of what an answer names.

    Args:
        href: Absolute, or a path from the root.
        base_url: Of the configured service; it may have a path of its own.

    Raises:
        ResponseError: The path is not one of the service's.
    """
    return hrefs.on_service(href, base_url, lambda path: path if path.startswith(_PUBLIC) else None)
