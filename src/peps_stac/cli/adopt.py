"""`peps-stac adopt`: take over orders made elsewhere."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.completing import tiles
from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.errors import share_failed
from peps_stac.cli.helping import Command
from peps_stac.cli.next_steps import tell_next
from peps_stac.cli.options import auth_option, json_option
from peps_stac.cli.output import plural, print_json, print_table, tell
from peps_stac.cli.settings import load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from peps_stac.domain import FullMajaRequest
    from peps_stac.workflow import Adoption


EXAMPLES = (
    ("What the service lists for the account", "peps-stac adopt"),
    (
        "What the old scripts ordered: their product list, and where their logs are",
        "peps-stac adopt products.txt --logs maja",
    ),
    (
        "A series whose log does not tell it",
        "peps-stac adopt series.log -t 31TCJ --datetime 2017-10-01/2017-12-31",
    ),
)


@click.command("adopt", cls=Command, examples=EXAMPLES)
@click.argument("paths", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option(
    "--logs",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the logs of a product list are (-w of the old scripts).  [default: beside it]",
)
@click.option(
    "-t",
    "--tile",
    metavar="TILE",
    shell_complete=tiles,
    help="Tile of a series whose log does not tell it.",
)
@click.option("--datetime", "period", metavar="A/B", help="Its days, as they were ordered.")
@click.option("-o", "--orbit", type=int, metavar="N", help="Its relative orbit, if it had one.")
@json_option
@auth_option
def command(  # noqa: PLR0913 -- the options of the command
    paths: tuple[Path, ...],
    *,
    logs: Path | None,
    tile: str | None,
    period: str | None,
    orbit: int | None,
    as_json: bool,
    auth: Path | None,
) -> int:
    """Take over orders made elsewhere; afterwards status, watch and download know them.

    Without FILE, the jobs of MAJA that the service lists for the account. A FILE is an answer of
    the service saved when the order was made (WPS ExecuteResponse), the .log of an old script, a
    folder of such logs, or a product list: one L1C name per line, each with its log beside it.
    Scenes that the catalog does not have are searched for and saved.

    The exit code is 4 when some could not be taken over, 1 when none could, else 0.
    """
    from peps_stac.workflow import AdoptionState, adopt

    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    series = _series(tile, period, orbit)
    with connected(settings, login=True) as client:
        adoptions = list(adopt(client, catalog, paths, logs=logs, series=series, tell=tell))
    if as_json:
        print_json([_document(one) for one in adoptions])
    elif adoptions:
        print_table(("job", "", "for", "status"), [_row(one) for one in adoptions])
    failed = sum(one.state is AdoptionState.FAILED for one in adoptions)
    adopted = sum(one.state is AdoptionState.ADOPTED for one in adoptions)
    tell(f"{plural(adopted, 'order')} taken over")
    if adopted and not as_json:
        tell_next("status", "asks the service where they stand")
    return share_failed(failed=failed, succeeded=len(adoptions) - failed)


def _series(tile: str | None, period: str | None, orbit: int | None) -> "FullMajaRequest | None":
    """The series that the options describe; None without them.

    Raises:
        RequestError: Half of it.
    """
    from peps_stac.domain import FullMajaRequest, MgrsTile
    from peps_stac.domain.instants import parse_interval

    if tile is None and period is None:
        return None
    start, end = parse_interval(period) if period else (None, None)
    if tile is None or start is None or end is None:
        message = "a series is described by both: -t 31TCJ --datetime 2017-10-01/2017-12-31"
        raise RequestError(message)
    last = (end - timedelta(microseconds=1)).date()
    return FullMajaRequest(MgrsTile.parse(tile), start.date(), last, orbit)


def _row(one: "Adoption") -> tuple[str, ...]:
    from peps_stac.cli import orders

    if one.entry is None:
        return one.name, str(one.state), one.detail, "-"
    return one.name, str(one.state), orders.subject(one.entry), orders.status(one.entry)


def _document(one: "Adoption") -> dict[str, object]:
    from peps_stac.cli import orders

    return {
        "name": one.name,
        "state": one.state,
        "detail": one.detail,
        "order": orders.document(one.entry) if one.entry else None,
    }
