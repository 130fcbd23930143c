"""Which files of a product are kept, as a person says it."""

from pathlib import Path

import pytest

from builders_cli import Run, one_line
from peps_stac.cli.errors import ExitCode
from peps_stac.simulator import Simulator

ONE = ("-t", "31TCJ", "--datetime", "2017-11-27")


def test_what_was_left_out_is_added_by_the_same_command_with_a_wider_choice(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    peps_stac("order", *ONE)
    simulator.jobs.finish()
    peps_stac("download", "--include", "B0[34]", "--workers", "1")
    assert {path.name for path in tmp_path.rglob("*.tif")} == {"B03.tif", "B04.tif"}

    again = peps_stac("download", "--include", "B0[34]")
    assert "nothing new" in again.stderr

    wider = peps_stac("download", "--include", "B*", "--exclude", "B1*", "--workers", "1")
    assert wider.stdout.startswith("completed ")
    assert {path.name for path in tmp_path.rglob("B*.tif")} == {
        *("B02.tif", "B03.tif", "B04.tif", "B05.tif", "B06.tif", "B07.tif", "B08.tif", "B8A.tif")
    }


@pytest.mark.parametrize("command", ["add", "download"])
def test_a_pattern_that_no_asset_has_is_one_line(
    command: str, peps_stac: Run, tmp_path: Path
) -> None:
    peps_stac("order", *ONE)
    paths = [str(tmp_path)] if command == "add" else []

    result = peps_stac(command, *paths, "--exclude", "FRE_*")

    assert "'FRE_*' matches no asset key" in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE
