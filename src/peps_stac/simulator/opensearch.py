"""The OpenSearch description that every search answer links to."""

from html import escape

from peps_stac.simulator.parameters import PARAMETERS

_NAMESPACES = {
    "": "http://a9.com/-/spec/opensearch/1.1/",
    "geo": "http://a9.com/-/opensearch/extensions/geo/1.0/",
    "time": "http://a9.com/-/opensearch/extensions/time/1.0/",
    "eo": "http://a9.com/-/opensearch/extensions/eo/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "resto": "http://mapshup.info/-/resto/2.0/",
}


def open_search(folder: str) -> str:
    """The description of the search below an address, with every parameter it knows."""
    template = "&".join(
        f"{name}={{{parameter.server_name}?}}" for name, parameter in PARAMETERS.items()
    )
    names = " ".join(
        f'xmlns:{prefix}="{uri}"' if prefix else f'xmlns="{uri}"'
        for prefix, uri in _NAMESPACES.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<OpenSearchDescription {names}>\n'
        "<ShortName>Simulated PEPS</ShortName>\n"
        '<Url type="application/json" rel="results" '
        f'template="{escape(f"{folder}/search.json?{template}")}"/>\n'
        "</OpenSearchDescription>\n"
    )
