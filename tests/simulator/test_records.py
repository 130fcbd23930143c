"""The archive read from a file."""

import json
from pathlib import Path

import pytest

from builders_simulator import SEARCH, a_feature, a_job, a_simulator, ask, report_of
from peps_stac.errors import RequestError
from peps_stac.simulator import read_features
from recorded import SHARED, needs_recorded


def test_a_saved_answer_becomes_an_archive(tmp_path: Path) -> None:
    with a_simulator() as peps:
        saved = tmp_path / "answer.json"
        saved.write_bytes(ask(peps, SEARCH).content)

    assert [feature["id"] for feature in read_features(saved)] == [a_feature()["id"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>", "no JSON"),
        (json.dumps({"type": "FeatureCollection", "features": []}).encode(), "no scene"),
    ],
)
def test_a_file_without_scenes_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)

    with pytest.raises(RequestError, match=words):
        read_features(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="No such file"):
        read_features(tmp_path / "none.json")


@needs_recorded
def test_the_50_recorded_scenes_can_be_found_and_ordered() -> None:
    path = SHARED / "peps" / "eodag_result_2021-03_tier2_50products.geojson"
    with a_simulator(read_features(path)) as peps:
        every = ask(peps, SEARCH, {"maxRecords": "500"}).json["features"]
        tile = ask(peps, SEARCH, {"tileid": "31TFM"}).json["features"]
        window = {"startDate": "2021-03-01", "completionDate": "2021-04-30", "tileid": "31TFM"}
        job_id = a_job(peps, **window)
        peps.jobs.finish()
        results = report_of(peps, job_id)["results"]

    assert len(every) == 50
    assert {feature["properties"]["storage"]["mode"] for feature in every} == {"tier2"}
    assert len(results) == len(tile) > 0
