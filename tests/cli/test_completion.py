"""What a key press completes: in real shells, those that this machine has; bash it must have."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from builders_cli import environment, run
from peps_stac.cli import COMMANDS, main
from peps_stac.cli.completion import PROGRAM, VARIABLE
from peps_stac.cli.connect import PROVIDERS

SCENE = "S2A_MSIL1C_20171127T105401_N0206_R051_T31TCJ_20171127T125534"
PRODUCT = "SENTINEL2A_20171127-105401-000_L2A_T31TCJ_D_V1-4"

IN_SHELL = {
    "bash": """
eval "$(peps-stac completion bash)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_peps_stac_completion peps-stac
printf '%s\\n' "${COMPREPLY[@]}"
""",
    # What zle would show is printed instead: it asks for a terminal.
    "zsh": """
autoload -U compinit && compinit -D -u
eval "$(peps-stac completion zsh)"
[[ $_comps[peps-stac] == _peps_stac_completion ]] || exit 1
compadd() { print -l -- "${completions[@]}" }
_describe() { print -l -- "${completions_with_descriptions[@]%%:*}" }
words=("$@")
CURRENT=$#
_peps_stac_completion
""",
    "fish": """
peps-stac completion fish | source
complete -C (string join " " -- $argv) | string split -f1 \\t
""",
}
HERE = [shell for shell in IN_SHELL if shell == "bash" or shutil.which(shell)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A catalog with a scene and a product, by their folders alone."""
    root = tmp_path / "catalog"
    (root / "sentinel-2-l1c" / "31TCJ" / "2017" / SCENE).mkdir(parents=True)
    (root / "sentinel-2-l2a-maja" / "32TLQ" / "2018" / PRODUCT).mkdir(parents=True)
    (root / ".staging" / "31TDJ").mkdir(parents=True)
    return tmp_path


def completed(shell: str, *line: str, home: Path, **env: str) -> list[str]:
    """What a shell offers at the end of a line, after its lines were read as from its file."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    after = ["--"] if shell == "fish" else [shell]
    done = subprocess.run(  # noqa: S603 -- our own words
        [shell, *flags, "-c", IN_SHELL[shell], *after, "peps-stac", *line],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=home,
        env=environment(home, PATH=path, **env),
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("shell", HERE)
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        (("or",), ["order"]),
        (("order", "--ser"), ["--series"]),
        (("search", "-t", "3"), ["31TCJ", "32TLQ"]),
        (("retry", "S2A"), [SCENE]),
        (("items", "--status", "can"), ["canceled"]),
        (("--provider", "g"), ["geodes"]),
    ],
)
def test_a_shell_completes(
    shell: str, line: tuple[str, ...], offered: list[str], home: Path
) -> None:
    assert completed(shell, *line, home=home) == offered


def offered(home: Path, *line: str, **env: str) -> list[str]:
    """The same without a shell."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PEPS_STAC")]:
            patch.delenv(name)
        for name, value in environment(home, **env).items():
            patch.setenv(name, value)
        patch.chdir(home)
        *before, last = line
        found = ShellComplete(main, {}, PROGRAM, VARIABLE).get_completions(before, last)
    return [one.value for one in found]


def test_commands_come_in_the_order_of_the_work(home: Path) -> None:
    assert offered(home, "") == list(COMMANDS)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("items", ""), [SCENE, PRODUCT]),
        (("items", "--collection", ""), ["sentinel-2-l1c", "sentinel-2-l2a-maja"]),
        (("order", "SENTINEL"), []),
        (("cancel", ""), [SCENE]),
        (("retry", "--status", "exp"), ["expired"]),
        (("search", "--platform", ""), ["sentinel-2a", "sentinel-2b", "sentinel-2c"]),
        (("--provider", ""), list(PROVIDERS)),
        (("demo", "--provider", ""), list(PROVIDERS)),
        (("add", "--assets", ""), ["cog", "raw", "zip"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
    ],
)
def test_values_come_from_the_catalog_and_from_what_is_known(
    line: tuple[str, ...], words: list[str], home: Path
) -> None:
    assert offered(home, *line) == words


def test_it_is_the_catalog_of_the_line_or_of_the_environment(home: Path) -> None:
    elsewhere, root = home / "elsewhere", str(home / "catalog")
    elsewhere.mkdir()
    line = ("search", "-t", "")

    assert offered(elsewhere, *line) == []
    assert offered(elsewhere, "--catalog", root, *line) == ["31TCJ", "32TLQ"]
    assert offered(elsewhere, *line, PEPS_STAC_CATALOG=root) == ["31TCJ", "32TLQ"]


def test_it_is_the_catalog_of_the_configuration(home: Path) -> None:
    config = home / "config" / "peps-stac"
    config.mkdir(parents=True)
    (home / "catalog").rename(home / "kept")
    (config / "config.toml").write_text(f'catalog = "{home}/kept"\nunknown = "told elsewhere"\n')

    assert offered(home, "search", "-t", "") == ["31TCJ", "32TLQ"]


@pytest.mark.parametrize("catalog", ["nowhere", "s3://bucket/prefix", "/dev/null"])
def test_without_a_catalog_nothing_is_offered_and_nothing_said(
    catalog: str, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert offered(home, "--catalog", catalog, "search", "-t", "") == []
    assert capfd.readouterr() == ("", "")


def test_a_broken_configuration_offers_nothing_and_says_nothing(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = home / "config" / "peps-stac"
    config.mkdir(parents=True)
    (config / "config.toml").write_text("= broken")

    assert offered(home, "search", "-t", "") == []
    assert capfd.readouterr() == ("", "")


def test_a_thousand_ids_are_enough(home: Path) -> None:
    year = home / "catalog" / "sentinel-2-l1c" / "31TCJ" / "2018"
    for number in range(1100):
        (year / f"S2B_{number:04}").mkdir(parents=True)

    assert len(offered(home, "order", "S2B")) == 1000
    assert len(offered(home, "order", "S2B_10")) == 100


@pytest.mark.parametrize("shell", IN_SHELL)
def test_the_lines_for_each_shell_are_printed(shell: str, tmp_path: Path) -> None:
    done = run("completion", shell, home=tmp_path)

    assert done.exit_code == 0
    assert f"{VARIABLE}={shell}_complete" in done.stdout
    assert "_peps_stac_completion" in done.stdout
    assert done.stderr == ""
