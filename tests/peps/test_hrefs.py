import pytest

from builders_peps import WPS_ID
from peps_stac.errors import ResponseError
from peps_stac.peps.hrefs import on_service

BASE = "https://peps.cnes.fr"
LOOPBACK = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "href",
    [
        f"{BASE}/resto/wps/outputs/pywps-{WPS_ID}.xml",
        f"{BASE}/anything/at/all?a=b&c=d",
        "https://PEPS.cnes.fr:443/resto/x",
    ],
)
def test_an_address_on_the_service_stays_as_it_is(href: str) -> None:
    assert on_service(href, BASE) == href


def test_the_internal_machine_gives_way_to_the_public_one() -> None:
    """maja_peps issue 12: nobody outside reaches it, and it must not get the password."""
    internal = f"http://peps-vizo.cnes.fr:8081/wps/outputs/pywps-{WPS_ID}.xml"

    assert on_service(internal, BASE) == f"{BASE}/resto/wps/outputs/pywps-{WPS_ID}.xml"


@pytest.mark.parametrize(
    "path",
    [
        "/resto/api/collections/S2ST/search.json?&page=2&q=a%20b",
        f"/cgi-bin/mapcache_results/maja/{WPS_ID}/L2A.zip",
        "/quicklook/2019/07/04/S2B/a_quicklook.jpg",
    ],
)
def test_a_public_address_moves_to_the_configured_service(path: str) -> None:
    assert on_service(f"{BASE}{path}", LOOPBACK) == f"{LOOPBACK}{path}"
    assert on_service(path, LOOPBACK) == f"{LOOPBACK}{path}"


def test_plain_http_moves_to_https() -> None:
    assert on_service("http://peps.cnes.fr/resto/wps", BASE) == f"{BASE}/resto/wps"


def test_a_base_with_a_path_keeps_it() -> None:
    base = "https://mirror.example/peps/"

    assert on_service(f"{BASE}/resto/x?a=b", base) == "https://mirror.example/peps/resto/x?a=b"
    assert on_service("http://inside/peps/resto/x", base) == "https://mirror.example/peps/resto/x"
    assert on_service("https://mirror.example/peps/y", base) == "https://mirror.example/peps/y"


@pytest.mark.parametrize(
    "href",
    [
        "https://evil.example/steal",
        "https://evil.example/steal?x=/resto/",
        "https://peps.cnes.fr.evil.example/steal",
        "https://peps.cnes.fr@evil.example/resto/x",
        "https://user:secret@peps.cnes.fr/resto/x",
        "https://evil.example/resto/../steal",
        "https://evil.example/resto/%2e%2e/steal",
        "https://evil.example\\@peps.cnes.fr/resto/x",
        "https://peps.cnes.fr/resto/x\r\nHost: evil.example",
        "https://peps.cnes.fr:eighty/resto/x",
        "https://[::1/resto/x",
        "file:///resto/passwd",
        "ftp://peps.cnes.fr/resto/x",
        "javascript:alert(1)",
        "resto/x",
        "",
    ],
)
def test_an_unknown_path_on_another_host_is_refused(href: str) -> None:
    with pytest.raises(ResponseError) as caught:
        on_service(href, BASE)

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_refusal_shows_no_query() -> None:
    with pytest.raises(ResponseError) as caught:
        on_service("https://evil.example/steal?token=secret", BASE)

    assert "secret" not in str(caught.value)
    assert "https://evil.example/steal" in str(caught.value)
