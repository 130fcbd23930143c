import pytest

from peps_stac.errors import RequestError
from peps_stac.http.addresses import Origin, checked_base, joined, shown


@pytest.mark.parametrize(
    ("base", "href", "url"),
    [
        ("https://h", "/resto/x", "https://h/resto/x"),
        ("https://h", "resto/x", "https://h/resto/x"),
        ("https://h/proxy", "/resto/x", "https://h/proxy/resto/x"),
        ("https://h", "https://other/x?y=1#z", "https://other/x?y=1"),
        ("https://h", "//evil/x", "https://h//evil/x"),
    ],
)
def test_a_path_goes_below_the_base(base: str, href: str, url: str) -> None:
    assert joined(base, href) == url


@pytest.mark.parametrize(
    "href",
    [
        "ftp://h/x",
        "file:///etc/passwd",
        "http://",
        "http://h:99999/x",
        "http://[::1/x",
        "https://h\\@evil/x",
        "https://h/x\ny",
        "https://h evil/x",
        "https://user:secret@h/x",
    ],
)
def test_an_address_that_is_none_is_refused(href: str) -> None:
    with pytest.raises(RequestError) as caught:
        joined("https://h", href)

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://user:secret@h", "https://user:sec/ret@h/x", "https://h/?a=b", "h", ""]
)
def test_a_base_has_neither_login_nor_query(url: str) -> None:
    with pytest.raises(RequestError) as caught:
        checked_base(url)

    assert "sec" not in str(caught.value)


def test_a_base_has_no_slash_at_its_end() -> None:
    assert checked_base("https://h/x//") == "https://h/x"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h/x", "http://h/x"),
        ("https://h/x", "https://h:8443/x"),
        ("https://h/x", "https://h.evil/x"),
        ("https://h/x", "https://h./x"),
    ],
)
def test_scheme_host_and_port_make_an_origin(one: str, other: str) -> None:
    assert Origin.of(one) != Origin.of(other)


def test_case_and_the_usual_port_make_none() -> None:
    assert Origin.of("https://PEPS.cnes.fr:443/a") == Origin.of("HTTPS://peps.cnes.fr/b")


@pytest.mark.parametrize(
    ("url", "keeps"),
    [
        ("https://peps.cnes.fr", True),
        ("http://peps.cnes.fr", False),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://localhost", True),
        ("http://127.0.0.1.evil", False),
        ("http://localhost.evil", False),
    ],
)
def test_secrets_are_kept_by_https_and_by_this_machine(url: str, keeps: bool) -> None:  # noqa: FBT001 -- a table
    assert Origin.of(url).keeps_secrets is keeps


def test_what_is_shown_has_no_secrets() -> None:
    url = "https://user:pw@h/x?_tk=aa&q=b&access_token=cc&X-Amz-Signature=dd&tileid=31TCJ#f"

    assert shown(url) == (
        "https://h/x?_tk=***&q=b&access_token=***&X-Amz-Signature=***&tileid=31TCJ"
    )
    assert shown("https://h/\x1b[31m\n") == "https://h/?[31m"
    assert shown("http://[::1") == "an unreadable address"


def test_an_origin_reads_as_an_address() -> None:
    assert str(Origin.of("HTTP://[::1]:8000/x")) == "http://[::1]:8000"
    assert str(Origin.of("https://h:443")) == "https://h"
