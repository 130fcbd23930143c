"""The Collections of a catalog: the scenes known, the products on this disk, and on a service.

What is written here never changes with the Items. Extents and summaries do, and belong to
`peps_stac.store`, which replaces the placeholders.
"""

from datetime import UTC, datetime
from typing import Final

import pystac
from pystac import Provider, ProviderRole

from peps_stac.errors import RequestError

L1C_COLLECTION: Final = "sentinel-2-l1c"
L2A_COLLECTION: Final = "sentinel-2-l2a-maja"
OFFER_COLLECTION: Final = "sentinel-2-l2a-theia"

COPERNICUS_TERMS: Final = (
    "https://sentinel.esa.int/documents/247904/690755/Sentinel_Data_Legal_Notice"
)
"""The licence of Sentinel data and of what is made of them."""

_LAUNCH = datetime(2015, 6, 23, tzinfo=UTC)
"""Of Sentinel-2A: nothing is older."""


def collection(collection_id: str) -> pystac.Collection:
    """One of the Collections, new, without Items; its extent is all that there could be.

    Raises:
        RequestError: Another id.
    """
    if collection_id == L1C_COLLECTION:
        return _l1c()
    if collection_id == L2A_COLLECTION:
        return _l2a()
    if collection_id == OFFER_COLLECTION:
        return _offers()
    message = f"no Collection {collection_id!r} in a catalog of peps-stac"
    there = f"{L1C_COLLECTION}, {L2A_COLLECTION} and {OFFER_COLLECTION}"
    raise RequestError(f"{message}; there are {there}")


def _l1c() -> pystac.Collection:
    esa = Provider(
        "ESA",
        "Sentinel-2 of the Copernicus programme of the European Union.",
        [ProviderRole.PRODUCER, ProviderRole.PROCESSOR, ProviderRole.LICENSOR],
        "https://sentinels.copernicus.eu",
    )
    cnes = Provider(
        "CNES",
        "Mirror of the Sentinel products: PEPS until March 2026, GEODES since.",
        [ProviderRole.HOST],
        "https://geodes.cnes.fr",
    )
    return _collection(
        L1C_COLLECTION,
        "Sentinel-2 L1C scenes",
        "Sentinel-2 level 1C scenes (top of atmosphere reflectance) as a "
        "catalogue service describes them, and where the order of MAJA for each of them "
        "stands (`order:status`). The products themselves stay with the service.",
        ["L1C"],
        [esa, cnes],
    )


def _l2a() -> pystac.Collection:
    esa = Provider(
        "ESA",
        "Sentinel-2 of the Copernicus programme of the European Union: the L1C input.",
        [ProviderRole.PRODUCER, ProviderRole.LICENSOR],
        "https://sentinels.copernicus.eu",
    )
    cnes = Provider(
        "CNES",
        "MAJA, the processor, is by CNES, CESBIO and DLR. It runs at CNES (PEPS, Theia) or "
        "wherever the owner of a product has run it.",
        [ProviderRole.PROCESSOR],
        "https://github.com/CNES/MAJA",
    )
    return _collection(
        L2A_COLLECTION,
        "Sentinel-2 L2A tiles by MAJA",
        "Sentinel-2 level 2A tiles made by MAJA in the MUSCATE format: surface reflectance "
        "corrected for slopes (FRE) and not (SRE), water vapour, aerosols, and masks of "
        "clouds, shadows, water, snow and edges. The files are on this disk.",
        ["L2A", "MAJA", "MUSCATE", "surface reflectance", "cloud mask"],
        [esa, cnes],
    )


def _offers() -> pystac.Collection:
    esa = Provider(
        "ESA",
        "Sentinel-2 of the Copernicus programme of the European Union: the L1C input.",
        [ProviderRole.PRODUCER, ProviderRole.LICENSOR],
        "https://sentinels.copernicus.eu",
    )
    theia = Provider(
        "Theia",
        "Made the products with MAJA, for whole countries and years.",
        [ProviderRole.PROCESSOR],
        "https://www.theia-land.fr",
    )
    cnes = Provider(
        "CNES", "GEODES, which has the archives.", [ProviderRole.HOST], "https://geodes.cnes.fr"
    )
    return _collection(
        OFFER_COLLECTION,
        "Sentinel-2 L2A tiles by MAJA, to be had from Theia",
        "Sentinel-2 level 2A tiles that Theia made with MAJA and that GEODES serves: one Asset "
        "each, the archive at the service, which asks for a key (`order:status` is `orderable`). "
        "Once an archive was fetched (`succeeded`), its files are those of the Item of the same "
        f"id in `{L2A_COLLECTION}`.",
        ["L2A", "MAJA", "MUSCATE", "Theia", "surface reflectance"],
        [esa, theia, cnes],
    )


def _collection(
    collection_id: str, title: str, description: str, keywords: list[str], providers: list[Provider]
) -> pystac.Collection:
    extent = pystac.Extent(
        pystac.SpatialExtent([-180.0, -90.0, 180.0, 90.0]),
        pystac.TemporalExtent([[_LAUNCH, None]]),
    )
    made = pystac.Collection(
        collection_id,
        description,
        extent,
        title=title,
        license="other",
        keywords=["Sentinel-2", "Copernicus", "MSI", *keywords],
        providers=providers,
    )
    terms = "Legal notice on the use of Copernicus Sentinel data"
    made.add_link(pystac.Link("license", COPERNICUS_TERMS, pystac.MediaType.PDF, terms))
    return made
