"""STAC Browser as a person sees it: Debian's Chromium, our server, catalogs of our own making."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from builders_browse import served
from builders_web import Visit, a_visit, published, raster_pixels
from peps_stac.browse import external_link
from peps_stac.browse.site import ELSEWHERE
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.store import Catalog

ALIKE = 0.95
"""Of the map and the raster; other dates of the tile are at 0.25 at most."""

TILE = f"{L2A_COLLECTION}/31TCJ/2017"
SCENES = f"{L1C_COLLECTION}/31TCJ/2017"


@pytest.fixture
def visit(browser: Browser, shown: Path, pages: Path) -> Iterator[Visit]:
    with served(shown, pages) as client, a_visit(browser, client.url) as visit:
        yield visit


def product(catalog: Path) -> Path:
    """Folder of the first product."""
    return min((catalog / TILE).glob("SENTINEL2*"))


def item_path(folder: Path) -> str:
    return f"{TILE}/{folder.name}/{folder.name}.json"


def test_the_way_from_the_root_to_a_tile_on_the_map(visit: Visit, shown: Path) -> None:
    page = visit.page
    page.goto(f"{visit.url}/")
    visit.settle()
    expect(page.get_by_text("2 Items, 2017-11-02 to 2017-11-12.")).to_be_visible()

    visit.follow("Sentinel-2 L2A tiles by MAJA")
    visit.follow("31TCJ")
    page.locator(".catalog-card .stretched-link", has_text="2017").first.click()
    visit.settle()
    expect(page.locator(".item-card")).to_have_count(2)
    visit.keep_picture("browse-tile")

    visit.follow("2017-11-12 · Sentinel-2A · 31TCJ")
    folder = max((shown / TILE).glob("SENTINEL2*"))
    alike = visit.wait_for_map(raster_pixels(folder / "visual.tif"), ALIKE)
    visit.settle()
    visit.keep_picture("browse-product")

    assert alike >= ALIKE
    assert page.url.endswith(f"/{folder.name}.json")
    expect(page.locator("h1")).to_have_text("2017-11-12 · Sentinel-2A · 31TCJ")
    visit.assert_clean()


def test_thumbnails_are_on_the_cards(visit: Visit) -> None:
    visit.open(f"{TILE}/catalog.json")

    widths = visit.page.locator(".item-card img").evaluate_all(
        "images => images.map(image => image.complete ? image.naturalWidth : 0)"
    )
    assert len(widths) == 2
    assert min(widths) > 100
    visit.assert_clean()


def test_a_tile_costs_a_handful_of_requests(visit: Visit, shown: Path) -> None:
    folder = product(shown)
    visit.open(item_path(folder))
    visit.wait_for_map(raster_pixels(folder / "visual.tif"), ALIKE)
    visit.settle()

    # The Item, its parent and Collection, the thumbnail, and parts of the picture.
    assert len(visit.catalog_requests()) <= 8
    visit.assert_clean()


def test_a_band_is_drawn_when_it_is_asked_for(visit: Visit, shown: Path) -> None:
    folder = product(shown)
    visit.open(item_path(folder))
    seen = visit.map_pixels()
    visit.wait_for_map(raster_pixels(folder / "visual.tif"), ALIKE)
    asset = visit.page.locator(".asset", has_text="B08 (nir)")
    asset.get_by_text("B08 (nir)").click()
    asset.get_by_text("Show on map").click()
    visit.settle()
    nir = visit.map_pixels()

    assert any(path.endswith("/B08.tif") for path in visit.asked)
    # One band in grey, stretched by its statistics: neither flat nor in colour.
    assert abs(nir[0] - nir[2])[2:-2, 2:-2].max() < 3
    assert nir[0].std() > 10
    assert not (nir == seen).all()
    visit.assert_clean()


def test_bits_of_masks_are_described(visit: Visit, shown: Path) -> None:
    visit.open(item_path(product(shown)))
    asset = visit.page.locator(".asset", has_text="Clouds and their shadows (CLM)").first
    asset.get_by_text("Clouds and their shadows (CLM)").click()
    visit.settle()
    visit.keep_picture_of(asset, "browse-mask")

    text = re.sub(r"\s+", " ", asset.inner_text())
    assert "When it is set 0 cloud_or_shadow All clouds but the thinnest, and shadows" in text
    assert "1 cloud All clouds but the thinnest" in text
    assert "7 cirrus High clouds found at 1.38 micrometres" in text
    visit.assert_clean()


def test_orders_are_readable(visit: Visit) -> None:
    visit.open(f"{SCENES}/catalog.json")
    cards = visit.page.locator(".item-card")
    titles = cards.locator(".card-title").all_inner_texts()
    visit.keep_picture("browse-orders")

    assert [title.strip()[:10] for title in titles] == ["2017-11-02", "2017-11-12", "2017-11-17"]
    expect(cards.nth(0)).to_contain_text("MAJA: Delivered.")
    expect(cards.nth(2)).to_contain_text("Clouds 98 %. MAJA: Failed, too cloudy.")

    visit.follow("2017-11-17 · Sentinel-2B")
    metadata = visit.page.locator(".right .metadata")
    expect(metadata).to_contain_text("Order of MAJA processing")
    expect(metadata).to_contain_text("Too cloudy: MAJA makes none")
    # Its quicklook is at the service, which is never asked.
    visit.assert_clean()


def test_files_outside_the_catalog_are_listed_and_not_asked_for(
    browser: Browser, pages: Path, shown: Path, tmp_path: Path
) -> None:
    catalog = tmp_path / "moved"
    shutil.copytree(shown, catalog)
    folder = product(catalog)
    path = folder / f"{folder.name}.json"
    document = json.loads(path.read_bytes())
    hrefs = {
        "visual": "/elsewhere/visual.tif",
        "thumbnail": "https://example.org/thumbnail.jpg",
        "B04": "../../../../../elsewhere/B04.tif",
        "B08": "/vsizip//elsewhere/archive.zip/B08.tif",
    }
    for key, href in hrefs.items():
        document["assets"][key]["href"] = href
    del document["assets"]["CLM_R1"]
    path.write_text(json.dumps(document))

    with served(catalog, pages) as client, a_visit(browser, client.url) as visit:
        visit.open(f"{TILE}/catalog.json")
        visit.open(item_path(folder))
        expect(visit.page.locator(".asset", has_text="B08 (nir)")).to_be_visible()
        visit.assert_clean()


def test_a_base_map_is_asked_for_only_where_it_is_wanted(
    browser: Browser, pages: Path, shown: Path
) -> None:
    osm = "https://tile.openstreetmap.org/"
    with (
        served(shown, pages, basemap=True) as client,
        a_visit(browser, client.url, allow=osm) as visit,
    ):
        visit.open(item_path(product(shown)))
        alike = visit.wait_for_map(raster_pixels(product(shown) / "visual.tif"), ALIKE)

        assert visit.outside
        assert all(url.startswith(osm) for url in visit.outside)
        assert alike >= ALIKE
        assert visit.trouble == []


def test_a_stac_browser_elsewhere_shows_the_catalog_by_the_link(
    browser: Browser, pages: Path, shown: Path, tmp_path: Path
) -> None:
    folder = product(shown)
    with (
        served(shown) as client,
        published(pages, tmp_path / "pages") as elsewhere,
        a_visit(browser, client.url, home=elsewhere) as visit,
    ):
        link = external_link(f"{client.url}/catalog/{item_path(folder)}")
        visit.page.goto(link.replace(ELSEWHERE, elsewhere))
        alike = visit.wait_for_map(raster_pixels(folder / "visual.tif"), ALIKE)
        visit.settle()

        assert alike >= ALIKE
        visit.assert_clean()


def test_a_hundred_products_cost_what_is_on_the_screen(
    browser: Browser,
    pages: Path,
    large: Path,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    assert len(list(Catalog(large).ids(L2A_COLLECTION))) == 100
    with served(large, pages) as client, a_visit(browser, client.url) as visit:
        visit.page.goto(f"{client.url}/")
        visit.settle()
        root = len(visit.catalog_requests())
        visit.forget()
        visit.open(f"{TILE}/catalog.json")
        expect(visit.page.locator(".items header .badge")).to_have_text("100")
        tile = visit.catalog_requests()
        visit.forget()
        began = time.monotonic()
        visit.page.goto(f"{client.url}/#/{item_path(product(large))}")
        alike = visit.wait_for_map(raster_pixels(product(large) / "visual.tif"), ALIKE)
        record_testsuite_property("first_picture_s", round(time.monotonic() - began, 1))
        visit.settle()
        one = len(visit.catalog_requests())
        record_testsuite_property("requests", {"root": root, "tile": len(tile), "product": one})

        assert alike >= ALIKE
        assert root <= 4
        assert sum(path.endswith(".json") for path in tile) <= 20
        assert sum(path.endswith(".jpg") for path in tile) <= 20
        assert one <= 8
        visit.assert_clean()
