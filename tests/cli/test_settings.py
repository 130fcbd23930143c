from pathlib import Path

import pytest

from peps_stac.cli.settings import config_path, load_settings, read_config
from peps_stac.errors import RequestError


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "peps-stac" / "config.toml"
    path.parent.mkdir()
    return path


def test_the_configuration_stands_where_it_is_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert config_path() == tmp_path / ".config" / "peps-stac" / "config.toml"


def test_without_any_setting_the_defaults_hold(config: Path) -> None:
    assert not config.exists()

    settings = load_settings(environ={})

    assert settings.catalog == Path("catalog")
    assert settings.provider == "peps"
    assert settings.peps_url == "https://peps.cnes.fr"
    assert settings.host == "peps.cnes.fr"


def test_the_environment_wins_over_the_file_and_an_option_over_both(config: Path) -> None:
    config.write_text('peps_url = "https://file.example"\nauth = "file.txt"\ncache_dir = "kept"\n')
    environ = {"PEPS_STAC_PEPS_URL": "https://environ.example", "PEPS_STAC_AUTH": "environ.txt"}

    settings = load_settings(auth=Path("option.txt"), environ=environ)

    assert settings.cache_dir == Path("kept")
    assert settings.peps_url == "https://environ.example"
    assert settings.auth == Path("option.txt")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("peps_url = ", "cannot be read"),
        ("peps_url = 3", "peps_url = 3 is not text"),
        ('password = "secret-1"', "password does not belong in this file"),
    ],
)
def test_a_broken_file_is_told_in_one_line(config: Path, text: str, complaint: str) -> None:
    config.write_text(text)

    with pytest.raises(RequestError, match=complaint) as caught:
        read_config(config)

    assert str(config) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret-1" not in str(caught.value)


def test_an_unknown_setting_is_told_and_ignored(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text('pepsurl = "https://a.example"\n')

    assert read_config(config) == {}
    assert "unknown setting 'pepsurl' is ignored" in capsys.readouterr().err


def test_the_line_is_set_like_everything_else(config: Path, tmp_path: Path) -> None:
    config.write_text(f'max_rate = "5M"\nca_bundle = "{tmp_path}"\n')

    line = load_settings(environ={"PEPS_STAC_STALL_TIMEOUT": "90"}).line

    assert line == {"max_bytes_per_s": 5e6, "timeout_s": (10.0, 90.0), "ca_bundle": tmp_path}


def test_a_rate_that_makes_no_sense_is_told_with_its_name(config: Path) -> None:
    config.write_text('max_rate = "fast"\n')

    with pytest.raises(RequestError, match=r"max_rate .*'fast' is no rate"):
        load_settings(environ={})
