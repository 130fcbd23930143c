import pytest

from peps_stac.workflow.pairing import scene_of
from peps_stac.workflow.results import file_name, verdict

SCENE = scene_of("S2A_MSIL1C_20171122T105351_N0206_R051_T31TCJ_20171122T130253")
BASE = "https://peps.example.org/cgi-bin/mapcache_results/maja/7b0c/"
OWN = "SENTINEL2A_20171122-105827-648_L2A_T31TCJ_C_V1-0"


@pytest.mark.parametrize(
    "name",
    [
        f"{OWN}.zip",
        "S2A_OPER_SSC_L2VALD_31TCJ____20171122.zip",
        "result-20171122.zip",
        "no-date-at-all.zip",
    ],
)
def test_a_result_belongs_to_the_scene_of_its_date(name: str) -> None:
    """No real name is recorded, so a name without any date is everybody's."""
    assert verdict(SCENE, [BASE + name], is_alone=False).hrefs == (BASE + name,)


@pytest.mark.parametrize(
    "name",
    [
        "SENTINEL2A_20171112-105827-648_L2A_T31TCJ_C_V1-0.zip",
        "SENTINEL2B_20171122-105827-648_L2A_T31TCJ_C_V1-0.zip",
        "SENTINEL2A_20171122-121500-648_L2A_T31TCJ_C_V1-0.zip",
    ],
)
def test_a_result_of_another_pass_is_not_the_scenes(name: str) -> None:
    found = verdict(SCENE, [BASE + name], is_alone=False)

    assert found.hrefs == ()
    assert not found.is_too_cloudy


@pytest.mark.parametrize("word", ["NOVALD", "NOTVALD", "L2NOTV"])
def test_a_result_that_is_not_valid_means_too_cloudy(word: str) -> None:
    found = verdict(SCENE, [f"{BASE}{OWN}_{word}.zip"], is_alone=False)

    assert found.hrefs == ()
    assert found.is_too_cloudy


def test_a_valid_result_wins_over_one_that_is_not() -> None:
    found = verdict(SCENE, [f"{BASE}{OWN}_NOVALD.zip", f"{BASE}{OWN}.zip"], is_alone=False)

    assert found.hrefs == (f"{BASE}{OWN}.zip",)
    assert not found.is_too_cloudy


def test_every_result_of_a_job_for_one_scene_is_its_own() -> None:
    """Whatever MAJA called it: the metadata inside decides."""
    other = f"{BASE}SENTINEL2B_20180101-000000-000_L2A_T31TCJ_C_V1-0.zip"

    assert verdict(None, [other], is_alone=True).hrefs == (other,)


def test_a_file_name_is_the_last_segment_without_its_query() -> None:
    assert file_name("https://h/a/b%20c.zip?x=/y.zip") == "b c.zip"
