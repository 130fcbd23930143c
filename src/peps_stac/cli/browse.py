"""`peps-stac browse`: the catalog in a web browser."""

import ipaddress
import os
import sys
import time
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from peps_stac.cli.output import tell
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from peps_stac.browse import WebServer

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


EXAMPLES = (
    ("Tiles on a map in the web browser", "peps-stac browse"),
    ("On a machine without a screen", "peps-stac browse --no-open --port 8080"),
)


@click.command("browse", cls=Command, examples=EXAMPLES)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Listen on this port; by default on a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="HOST",
    show_default=True,
    help="Listen on this address; any but loopback lets other machines read the catalog.",
)
@click.option("--no-open", is_flag=True, help="Only print the address, open no web browser.")
@click.option(
    "--basemap", is_flag=True, help="Draw maps over OpenStreetMap: asks its servers for tiles."
)
def command(*, port: int, host: str, no_open: bool, basemap: bool) -> int:
    """Show the catalog in STAC Browser: tiles on a map, thumbnails, orders, masks.

    Serves the catalog and STAC Browser from this machine, read-only, and opens the web browser;
    Ctrl-C ends it. Nothing is asked of other machines, except for maps with --basemap.

    STAC Browser comes with the package, or is built once into the cache when Node and npm are
    installed. Without either, the catalog alone is served, with the link that shows it in a STAC
    Browser on the web.
    """
    from peps_stac.browse import Site, WebServer

    settings = load_settings()
    root = settings.catalog.resolve()
    if not (root / "catalog.json").is_file():
        raise RequestError(f"{settings.catalog}: no catalog there; name one with --catalog DIR")
    check_host(host)
    site = Site(
        catalog=root,
        browser=_browser(settings),
        title=f"Sentinel-2 tiles in {root.name or root}",
        basemap=basemap,
        started_ns=time.time_ns(),
    )
    with WebServer(site, host=host, port=port) as server, suppress(KeyboardInterrupt):
        _direct(server, wants_open=not no_open)
        server.wait()
    tell("\nthe web server has stopped")
    return ExitCode.DONE


def check_host(host: str) -> None:
    """Warn when others than this machine can come in."""
    try:
        is_ours = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_ours = host == "localhost"
    if not is_ours:
        tell(f"warning: --host {host}: every machine that reaches this one can read the catalog")


def _browser(settings: Settings) -> Path | None:
    """STAC Browser's pages, built when need be; None, after telling why, when they cannot be."""
    from peps_stac.browse import BuildError, build_pages, find_pages

    try:
        return find_pages(settings.cache_dir) or build_pages(settings.cache_dir, tell)
    except BuildError as error:
        tell(f"STAC Browser is not in this installation and was not built: {error}")
        return None


def _direct(server: "WebServer", *, wants_open: bool) -> None:
    """Print where the catalog is, and open it."""
    from peps_stac.browse import external_link

    site = server.site
    if site.browser is None:
        click.echo(f"{site.catalog_url}")
        tell(f"in a STAC Browser on the web: {external_link(site.catalog_url)}")
    else:
        click.echo(f"{site.url}/")
    sys.stdout.flush()
    if wants_open and site.browser is not None:
        if can_open(os.environ, sys.platform) and webbrowser.open(f"{site.url}/"):
            tell("opened in the web browser")
        else:
            tell("no web browser could be opened here; open that address in one")
    tell("Ctrl-C stops it")


def can_open(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a web browser would show itself, rather than take over the terminal."""
    return platform in ("darwin", "win32", "cygwin") or any(map(environ.get, _DISPLAYS))
