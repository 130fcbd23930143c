from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from builders_cli import run
from peps_stac.cli.selection import (
    Selection,
    SelectionCommand,
    join_bbox,
    parse_bbox,
    parse_platform,
    read_geometry,
    selection_options,
)
from peps_stac.domain import MgrsTile
from peps_stac.errors import RequestError

SQUARE = '{"type": "Polygon", "coordinates": [[[1, 43], [2, 43], [2, 44], [1, 44], [1, 43]]]}'


def typed(*words: str) -> Selection:
    """What a command with the selection options understands."""
    seen: list[Selection] = []

    @click.command(cls=SelectionCommand)
    @selection_options
    def command(selection: Selection) -> None:
        seen.append(selection)

    result = CliRunner().invoke(command, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return seen[0]


@pytest.mark.parametrize(
    "words",
    [
        ("--bbox", "-1.5", "43", "1.5", "44"),
        ("--bbox", "-1.5,43,1.5,44"),
        ("--bbox=-1.5,43,1.5,44",),
        ("--bbox", "-1.5 43 1.5 44"),
        ("--bbox", "-1.5,", "43,", "1.5,", "44"),
        ("--lonmin", "-1.5", "--latmin", "43", "--lonmax", "1.5", "--latmax", "44"),
    ],
)
def test_a_box_may_be_written_in_every_usual_way(words: tuple[str, ...]) -> None:
    assert typed(*words, "-o", "51").query().bbox == (-1.5, 43.0, 1.5, 44.0)


def test_numbers_after_the_box_stay_what_they_are() -> None:
    assert join_bbox(["--bbox", "1", "2", "3", "4", "5"]) == ["--bbox", "1,2,3,4", "5"]
    assert join_bbox(["-t", "31TCJ"]) == ["-t", "31TCJ"]


@pytest.mark.parametrize("text", ["1,2,3", "1,2,3,4,5", "a,b,c,d", "", "1;2;3;4"])
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="four numbers: west south east north"):
        parse_bbox(text)


def test_a_negative_longitude_is_no_option() -> None:
    assert typed("--lon", "-1.4", "--lat", "-43.6").query().point == (-1.4, -43.6)


def test_tiles_may_be_repeated_and_have_a_leading_t() -> None:
    query = typed("-t", "T31TCJ", "--tile", "30TYN", "-t", "31tcj").query()

    assert query.tiles == (MgrsTile.parse("31TCJ"), MgrsTile.parse("30TYN"))


def test_a_bare_end_is_that_day_at_midnight_and_a_datetime_includes_it() -> None:
    """What `--end` meant to users of the old scripts, and what STAC means."""
    old = typed("-t", "31TCJ", "-d", "2017-11-01", "-f", "2017-11-30").query()
    stac = typed("-t", "31TCJ", "--datetime", "2017-11-01/2017-11-30").query()

    assert old.start == stac.start == datetime(2017, 11, 1, tzinfo=UTC)
    assert old.end == datetime(2017, 11, 30, tzinfo=UTC)
    assert stac.end == datetime(2017, 11, 30, 23, 59, 59, 999000, tzinfo=UTC)


@pytest.mark.parametrize("command", ["search", "order"])
def test_help_tells_the_difference_at_both_options(command: str, tmp_path: Path) -> None:
    text = " ".join(run(command, "--help", home=tmp_path).stdout.split())

    assert "that day itself is NOT included (--datetime A/B includes it)" in text
    assert "the day B IS included (with --end it is not)" in text


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--datetime", "2017-11-01/..", "-d", "2017-11-01"), "excludes --start and --end"),
        (("--lon", "1.4"), "--lon without --lat"),
        (("--lat", "43.6"), "--lat without --lon"),
        (("--lonmin", "1", "--latmax", "44"), "--latmin, --lonmax is missing"),
        (("--bbox", "1,2,3,4", "--lonmin", "1"), "--bbox excludes --lonmin"),
        (("--lon", "1", "--lat", "2", "--bbox", "1,2,3,4"), "exclude each other"),
        (("-t", "31TXX"), "unknown tile '31TXX'"),
        (("-t", "31TCJ", "-o", "144"), "--orbit: 144"),
        (("-t", "31TCJ", "-d", "2017-13-01"), "--start: no such date: '2017-13-01'"),
        (("-t", "31TCJ", "-d", "2017-12-01", "-f", "2017-11-01"), "swap the dates"),
        (("-t", "31TCJ", "--platform", "landsat-8"), "no Sentinel-2 satellite"),
        (("-t", "31TCJ", "--cloud-cover", "101"), "--cloud-cover: 101.0"),
        (("-t", "31TCJ", "--cloud-cover", "nan"), "--cloud-cover: nan"),
        (("-d", "2017-11-01"), "nothing says where to search"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(
    words: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(RequestError, match=complaint):
        typed(*words).query()


@pytest.mark.parametrize("text", ["S2A", "s2a", "sentinel-2a", "Sentinel-2A", "SENTINEL2A"])
def test_a_platform_may_be_spelled_as_esa_or_stac_do(text: str) -> None:
    assert parse_platform(text) == "sentinel-2a"


def test_a_geometry_comes_from_text_a_file_or_stdin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(SQUARE)
    with path.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        texts = [read_geometry(SQUARE), read_geometry(str(path)), read_geometry("-")]

    assert {geometry.bounds for geometry in texts} == {(1.0, 43.0, 2.0, 44.0)}


def test_a_collection_of_features_is_their_union() -> None:
    feature = f'{{"type": "Feature", "properties": null, "geometry": {SQUARE}}}'
    other = feature.replace("43", "45").replace("44", "46")

    geometry = read_geometry(f'{{"type": "FeatureCollection", "features": [{feature},{other}]}}')

    assert geometry.bounds == (1.0, 43.0, 2.0, 46.0)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nowhere.geojson", "cannot read nowhere.geojson: No such file"),
        ('{"type": "Polygon"', "is not JSON"),
        ('{"type": "Topology"}', "holds no GeoJSON geometry"),
        ('{"type": "Feature", "geometry": null}', "holds no GeoJSON geometry"),
        ('{"type": "Point", "coordinates": [565000, 4800000]}', "beyond 180 and 90 degrees"),
    ],
)
def test_what_is_no_geojson_is_refused_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint) as caught:
        read_geometry(text)

    assert "\n" not in str(caught.value)


def test_nothing_typed_is_an_empty_selection() -> None:
    assert typed().is_empty
    assert not typed("--limit", "3").is_empty
