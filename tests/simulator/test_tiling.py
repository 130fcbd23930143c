import pytest

from peps_stac.domain import MgrsTile
from peps_stac.errors import RequestError
from peps_stac.simulator.tiling import centre, tile_bounds


@pytest.mark.parametrize(
    ("name", "epsg", "ulx", "uly"),
    [
        ("31TCJ", 32631, 300000, 4900020),
        ("31TCH", 32631, 300000, 4800000),
        ("31UDS", 32631, 399960, 5700000),
        ("32MNE", 32732, 499980, 10000000),
    ],
)
def test_real_tiles_begin_where_esa_put_them(name: str, epsg: int, ulx: int, uly: int) -> None:
    tile = MgrsTile.parse(name)

    assert tile.epsg == epsg
    assert tile_bounds(tile) == (ulx, uly - 109_800, ulx + 109_800, uly)


@pytest.mark.parametrize("name", ["31TCJ", "31UDS", "32MNE", "55PDR", "01KAB", "19LGH", "33XWG"])
def test_a_tile_lies_in_its_zone_and_its_latitude_band(name: str) -> None:
    tile = MgrsTile.parse(name)
    lon, lat = centre(tile)

    south = -80 + "CDEFGHJKLMNPQRSTUVWX".index(tile.band) * 8
    assert south - 1 < lat < south + (13 if tile.band == "X" else 9)
    assert abs((lon - (tile.zone * 6 - 183) + 180) % 360 - 180) < 5


def test_a_square_outside_its_band_is_refused() -> None:
    with pytest.raises(RequestError, match=r"31TCV does not exist.*latitude band T"):
        tile_bounds(MgrsTile.parse("31TCV"))
