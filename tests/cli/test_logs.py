"""What -v tells: enough to see what went wrong elsewhere."""

import re

from builders_cli import NOWHERE, Run
from peps_stac.cli.errors import ExitCode

DAY = ("-t", "31TCJ", "--datetime", "2017-11-27")
TIME = r"\d\d:\d\d:\d\d\.\d{3} peps-stac: "


def test_a_log_tells_what_was_typed_asked_and_answered_and_when(peps_stac: Run) -> None:
    lines = peps_stac("-v", "search", *DAY).stderr.splitlines()

    first, asked, *_, last = lines
    typed = "-v search -t 31TCJ --datetime 2017-11-27"
    assert re.fullmatch(rf"{TIME}INFO: peps-stac \S+, Python \S+, .*: {typed}", first)
    assert re.fullmatch(rf"{TIME}DEBUG: GET http://127\S+ -> 200 in \d+ ms", asked)
    assert re.fullmatch(rf"{TIME}INFO: ended with 0 after \d+\.\d s", last)


def test_what_failed_is_in_it_too(peps_stac: Run) -> None:
    result = peps_stac("-v", "login", PEPS_STAC_PEPS_URL=NOWHERE)

    assert result.exit_code == ExitCode.FAILED
    assert "-> http://127.0.0.1:9: the connection was refused" in result.stderr
    assert "ended with an error after" in result.stderr
    assert "Traceback" not in result.stderr


def test_nothing_of_it_is_told_to_who_does_not_ask(peps_stac: Run) -> None:
    peps_stac("-v", "search", *DAY)

    assert "GET" not in peps_stac("search", *DAY, "--no-cache").stderr


def test_an_address_is_logged_without_its_login(peps_stac: Run) -> None:
    said = peps_stac("-v", "--catalog", "s3://key:hidden@bucket/x", "status").stderr

    assert "s3://bucket/x" in said.splitlines()[0]
    assert "hidden" not in said.splitlines()[0]
