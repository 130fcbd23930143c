"""`peps-stac simulate`: a PEPS and a GEODES on this machine, to rehearse on."""

import importlib.util
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.helping import Command
from peps_stac.cli.output import tell
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_TILE = "31TCJ"
DEFAULT_PERIOD = ("2017-01-01", "2017-12-31")


EXAMPLES = (
    ("A job takes six seconds instead of an hour", "peps-stac simulate --speed 600"),
    ("Other tiles and days", "peps-stac simulate -t 31TDJ -t 32TLQ -d 2018-06-01 -f 2018-08-31"),
)


@click.command("simulate", cls=Command, examples=EXAMPLES)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="By default a free one."
)
@click.option(
    "--records",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Serve the products of a saved search answer (of PEPS, or written by eodag).",
)
@click.option(
    "--size",
    type=int,
    default=366,
    metavar="N",
    show_default=True,
    help="Pixels of 10 m in a row of the L2A products; 10980 is the real size.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0),
    default=60,
    metavar="X",
    show_default=True,
    help="How much faster than real its time goes; a job takes an hour of its time.",
)
@click.option(
    "-t",
    "--tile",
    "tiles",
    multiple=True,
    metavar="TILE",
    help=f"Scenes invented for this tile; repeatable.  [default: {DEFAULT_TILE}]",
)
@click.option("-d", "--start", metavar="DATE", help=f"First day.  [default: {DEFAULT_PERIOD[0]}]")
@click.option(
    "-f", "--end", metavar="DATE", help=f"Last day, included.  [default: {DEFAULT_PERIOD[1]}]"
)
def command(  # noqa: PLR0913 -- the options of the command
    *,
    port: int,
    records: Path | None,
    size: int,
    speed: float,
    tiles: tuple[str, ...],
    start: str | None,
    end: str | None,
) -> int:
    """Run a simulated PEPS on loopback until Ctrl-C: search, orders, downloads.

    Serves invented scenes of some tiles, or real ones with --records. Prints the lines that
    point other peps-stac commands at it. At the same address it is a GEODES too, with the same
    scenes and with what MAJA makes of them (366 pixels in a row at most).
    """
    require_raster()
    check_size(size)
    from peps_stac.simulator import SimulatedClock, Simulator

    if records and (tiles or start or end):
        raise RequestError("--records excludes --tile, --start and --end: the file says it all")
    archive = _recorded(records) if records else invented(tiles, start, end)
    simulator = Simulator(archive, size=size, clock=SimulatedClock(speed=speed), port=port)
    simulator.serve_forever(click.echo)
    tell("\nthe simulator has stopped")
    return ExitCode.DONE


def require_raster() -> None:
    """Make sure that products can be built.

    Raises:
        Failure: rasterio is not installed.
    """
    if importlib.util.find_spec("rasterio") is None:
        raise Failure("the simulator needs rasterio; pip install 'peps-stac[raster]'")


def check_size(size: int) -> None:
    """Make sure that products of this size can be built.

    Raises:
        RequestError: It does not divide a tile.
    """
    from peps_stac.simulator.products import SIZES

    if size not in SIZES:
        near = sorted(sorted(SIZES, key=lambda one: abs(one - size))[:3])
        text = ", ".join(map(str, near))
        raise RequestError(f"--size: {size} does not divide a tile of 109800 m; near are {text}")


def invented(
    tiles: "Iterable[str]" = (), start: str | None = None, end: str | None = None
) -> list[dict[str, Any]]:
    """Raw features of invented scenes.

    Raises:
        RequestError: No such tile or date, or no scene in the period.
    """
    from peps_stac.domain import MgrsTile
    from peps_stac.simulator.scenes import features

    first = _day(start or DEFAULT_PERIOD[0], "--start")
    last = _day(end or DEFAULT_PERIOD[1], "--end")
    chosen = [MgrsTile.parse(tile) for tile in tiles or (DEFAULT_TILE,)]
    found = list(features(chosen, first, last))
    if not found:
        raise RequestError(f"no Sentinel-2 scene from {first} to {last}; widen the period")
    return found


def _recorded(path: Path) -> list[dict[str, Any]]:
    from peps_stac.simulator import read_features

    return read_features(path)


def _day(text: str, option: str) -> date:
    from peps_stac.domain.instants import parse_date

    return parse_date(text, option).date()
