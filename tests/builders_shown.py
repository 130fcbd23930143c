"""A catalog worth looking at, made by the whole job on the simulator; and a large one."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pystac

from builders import a_query
from builders_workflow import november
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Hrefs, Scenario, SimulatedClock, Simulator
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog
from peps_stac.workflow import AssetChoice, AssetMode, download, plan_orders, save, search, submit

SIZE = 732
"""Pixels of 150 m in a row: enough for a picture."""

SCENES = 3
"""The first three of November 2017: the first two become products, the last is too cloudy."""

_KEPT = ("visual", "thumbnail", "B04", "B08", "CLM_R1")
_DAYS = ("2017-11-02", "2017-11-12", "2017-11-17")


def a_shown_catalog(folder: Path) -> Path:
    """Three scenes of Toulouse: two with their products, one that is too cloudy."""
    scenes = [one for one in november() if one["properties"]["startDate"][:10] in _DAYS]
    clock = SimulatedClock(speed=0)
    # As the real service: quicklooks and archives have public addresses.
    scenario = Scenario(hrefs=Hrefs.PUBLIC)
    catalog = Catalog(folder)
    with (
        Simulator(scenes, clock=clock, scenario=scenario, size=SIZE) as peps,
        Session(peps.url, credentials=peps.credentials, sleep=lambda _: None) as session,
    ):
        client = PepsClient(session)
        found = list(search(client, a_query()))
        save(catalog, found)
        list(submit(client, catalog, plan_orders(catalog, found), now=clock))
        clock.advance(hours=3)
        assets = AssetChoice(mode=AssetMode.COG, include=_KEPT)
        list(download(client, catalog, assets=assets, now=clock))
    return folder


def a_large_catalog(folder: Path, shown: Path, count: int) -> Path:
    """One product of another catalog, as often as wanted: one every second day of 2017."""
    item = next(Catalog(shown).items(L2A_COLLECTION))
    item.make_asset_hrefs_absolute()
    document = json.dumps(item.to_dict(include_self_link=False, transform_hrefs=False))
    catalog = Catalog(folder)
    for number in range(count):
        day = datetime(2017, 1, 1, 10, 58, 19, tzinfo=UTC) + timedelta(days=3 * number)
        copy = pystac.Item.from_dict(json.loads(document), migrate=False)
        copy.id = f"SENTINEL2A_{day:%Y%m%d}-105819-569_L2A_T31TCJ_C_V1-0"
        copy.datetime = day
        copy.links = []
        copy.assets = {key: copy.assets[key] for key in ("visual", "thumbnail")}
        with catalog.staging() as staging:
            for asset in copy.assets.values():
                name = Path(asset.href).name
                shutil.copyfile(asset.href, staging / name)
                asset.href = f"./{name}"
            catalog.put_with_files(copy, staging)
    return folder
