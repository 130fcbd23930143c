from dataclasses import replace
from typing import Any

import pytest

from builders_muscate import Style, a_metadata, a_style
from peps_stac.domain import Grid, L2AProduct
from peps_stac.muscate.metadata import read_metadata
from peps_stac.stac.l2a_assets import AssetFile, assets_of
from peps_stac.stac.layers import asset_key

BANDS = ["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"]


def product_of(style: Style | None = None) -> L2AProduct:
    style = style or Style()
    return read_metadata(a_metadata(style), f"folder/{style.name}_MTD_ALL.xml")


def fields_of(product: L2AProduct, **files: AssetFile) -> dict[str, dict[str, Any]]:
    """Assets by key as in an Item: of all files as delivered, or of those named."""
    paths = {asset_key(product, file): file.path for file in product.files}
    delivered = {key: AssetFile(f"./{path}") for key, path in paths.items()}
    delivered["metadata"] = AssetFile("./MTD_ALL.xml", 5)
    return {k: a.to_dict() for k, a in assets_of(product, files or delivered).items()}


def test_there_is_one_asset_a_file_reflectance_first() -> None:
    product = product_of(a_style(detectors=("05",), masks=("CLM", "MG2", "EDG", "SAT", "IAB")))

    assert list(fields_of(product)) == [
        *BANDS,
        *(f"SRE_{band}" for band in BANDS),
        *("ATB_R1", "ATB_R2", "CLM_R1", "CLM_R2", "MG2_R1", "MG2_R2", "EDG_R1", "EDG_R2"),
        *("SAT_R1", "SAT_R2", "IAB_R1", "IAB_R2", "DTF_R1-D05", "DTF_R2-D05"),
        *("quicklook", "processing-information", "metadata"),
    ]


def test_plain_band_names_are_flat_reflectance() -> None:
    fields = fields_of(product_of())

    assert fields["B02"]["href"].endswith("_FRE_B2.tif")
    assert fields["SRE_B02"]["href"].endswith("_SRE_B2.tif")


def test_plain_band_names_are_surface_reflectance_where_there_is_no_flat() -> None:
    fields = fields_of(product_of(a_style(families=("SRE",))))

    assert fields["B02"]["href"].endswith("_SRE_B2.tif")
    assert fields["B02"]["eo:bands"][0]["common_name"] == "blue"
    assert not any(key.startswith("SRE") for key in fields)


def test_nir_and_nir08_are_b8_and_b8a() -> None:
    fields = fields_of(product_of())

    assert fields["B08"]["href"].endswith("_FRE_B8.tif")
    assert fields["B08"]["eo:bands"][0]["common_name"] == "nir"
    assert fields["B08"]["gsd"] == 10
    assert fields["B8A"]["href"].endswith("_FRE_B8A.tif")
    assert fields["B8A"]["eo:bands"][0]["common_name"] == "nir08"
    assert fields["B8A"]["gsd"] == 20


def test_a_band_is_described_in_both_spellings() -> None:
    product = product_of()
    asset = fields_of(product)["B02"]
    facts = {
        "common_name": "blue",
        "center_wavelength": 0.4923,
        "full_width_half_max": 0.0649,
        "solar_illumination": 1959.7,
    }

    assert asset == {
        "href": f"./{product.product_id}_FRE_B2.tif",
        "type": "image/tiff; application=geotiff",
        "title": "Surface reflectance corrected for slopes (FRE), B02 (blue), 10 m",
        "roles": ["data", "reflectance"],
        "gsd": 10,
        "proj:shape": [10980, 10980],
        "proj:transform": [10, 0, 300000, 0, -10, 4900020],
        "data_type": "int16",
        "nodata": -10000,
        "bands": [{"name": "B02", **{f"eo:{name}": fact for name, fact in facts.items()}}],
        "eo:bands": [{"name": "B02", **facts}],
        "raster:bands": [
            {
                "data_type": "int16",
                "nodata": -10000,
                "scale": 0.0001,
                "offset": 0,
                "spatial_resolution": 10,
            }
        ],
    }


def test_only_one_asset_claims_a_common_name() -> None:
    """Else `blue` would be two assets, and odc-stac would take one of them silently."""
    fields = fields_of(product_of())
    named = [
        (band["common_name"], key)
        for key, asset in fields.items()
        for band in asset.get("eo:bands", ())
        if "common_name" in band
    ]

    assert [key for _, key in named] == BANDS
    assert "center_wavelength" in fields["SRE_B02"]["eo:bands"][0]


def test_a_satellite_without_known_wavelengths_has_none() -> None:
    name = "SENTINEL2D_20301127-105827-648_L2A_T31TCJ_C_V5-0"
    band = fields_of(product_of(a_style(name=name, platform="SENTINEL2D")))["B03"]["eo:bands"][0]

    assert band == {"name": "B03", "common_name": "green"}


def test_the_atmosphere_is_two_bands_in_one_file() -> None:
    asset = fields_of(product_of())["ATB_R2"]

    assert [band["name"] for band in asset["bands"]] == ["WVC", "AOT"]
    assert [band["name"] for band in asset["eo:bands"]] == ["WVC", "AOT"]
    assert (asset["data_type"], asset["nodata"]) == ("uint8", 0)
    assert [band["scale"] for band in asset["raster:bands"]] == [0.05, 0.005]
    assert asset["raster:bands"][0]["unit"] == "g/cm2"
    assert asset["proj:shape"] == [5490, 5490]


def test_a_nodata_that_is_not_common_to_both_bands_stands_on_each() -> None:
    asset = fields_of(replace(product_of(), aerosol_nodata=255))["ATB_R1"]

    assert "nodata" not in asset
    assert [band["nodata"] for band in asset["bands"]] == [0, 255]
    assert [band["nodata"] for band in asset["raster:bands"]] == [0, 255]


@pytest.mark.parametrize("kind", ["CLM", "MG2", "EDG", "SAT", "IAB", "DFP"])
def test_a_mask_has_no_nodata_and_says_what_its_values_mean(kind: str) -> None:
    masks = ("CLM", "MG2", "EDG", "SAT", "IAB", "DFP")
    asset = fields_of(product_of(a_style(masks=masks)))[f"{kind}_R1"]

    assert "nodata" not in asset
    assert "nodata" not in asset["raster:bands"][0]
    assert asset["data_type"] == "uint8"
    assert "classification:bitfields" in asset or "classification:classes" in asset


def test_bits_are_fields_of_length_one_with_a_class_for_yes_and_one_for_no() -> None:
    fields = fields_of(product_of())["CLM_R1"]["classification:bitfields"]

    assert [field["offset"] for field in fields] == list(range(8))
    assert all(field["length"] == 1 for field in fields)
    assert fields[1]["classes"] == [
        {"value": 0, "name": "not_cloud"},
        {"value": 1, "name": "cloud"},
    ]
    assert fields[7]["roles"] == ["cloud"]


def test_the_edge_says_which_value_is_nodata() -> None:
    classes = fields_of(product_of())["EDG_R2"]["classification:classes"]

    assert [(each["value"], each["name"]) for each in classes] == [(0, "valid"), (1, "nodata")]
    assert [each.get("nodata") for each in classes] == [None, True]


def test_interpolation_bits_are_those_of_the_product() -> None:
    asset = fields_of(product_of(a_style(has_old_natures=True)))["IAB_R1"]

    assert [field["name"] for field in asset["classification:bitfields"]] == ["AOT_interpolated"]


@pytest.mark.parametrize(("suffix", "media_type"), [("jpg", "image/jpeg"), ("png", "image/png")])
def test_the_quicklook_has_no_grid(suffix: str, media_type: str) -> None:
    asset = fields_of(product_of(a_style(quicklook=suffix)))["quicklook"]

    assert asset["type"] == media_type
    assert asset["roles"] == ["thumbnail", "overview"]
    assert not any(name.startswith("proj:") for name in asset)


def test_sizes_are_told_where_they_are_known() -> None:
    fields = fields_of(product_of())

    assert fields["metadata"]["file:size"] == 5
    assert "file:size" not in fields["B02"]


def test_layers_without_a_file_have_no_asset() -> None:
    files = {key: AssetFile(f"./{key}.tif") for key in ("SRE_B04", "B04")}

    assert list(assets_of(product_of(), files)) == ["B04", "SRE_B04"]


def test_of_the_atmosphere_each_band_may_be_an_asset_of_its_own() -> None:
    """The reader stackstac refuses assets of two bands."""
    statistics = {"minimum": 3, "maximum": 40, "mean": 20.5, "stddev": 2.0, "valid_percent": 99.0}
    files = {
        "WVC_R1": AssetFile("./WVC_R1.tif", is_cog=True, statistics=statistics),
        "AOT_R1": AssetFile("./AOT_R1.tif", is_cog=True),
    }
    fields = fields_of(product_of(), **files)

    water, aerosols = fields["WVC_R1"], fields["AOT_R1"]
    assert water["type"] == "image/tiff; application=geotiff; profile=cloud-optimized"
    assert water["title"] == "Water vapour content (WVC), 10 m"
    assert water["bands"] == [
        {
            "name": "WVC",
            "description": "Water vapour content",
            "nodata": 0,
            "statistics": statistics,
        }
    ]
    assert water["raster:bands"][0]["unit"] == "g/cm2"
    assert [band["name"] for band in aerosols["eo:bands"]] == ["AOT"]
    assert aerosols["raster:bands"][0]["scale"] == 0.005
    assert aerosols["nodata"] == 0
    assert "statistics" not in aerosols["bands"][0]


def test_statistics_stand_beside_the_facts_of_a_band_and_not_in_raster_bands() -> None:
    """STAC Browser takes its stretch from `bands` and ignores `raster:bands` beside them."""
    file = AssetFile("./B04.tif", is_cog=True, statistics={"minimum": 1, "maximum": 9000})
    asset = fields_of(product_of(), B04=file)["B04"]

    assert asset["bands"][0]["statistics"] == {"minimum": 1, "maximum": 9000}
    assert asset["bands"][0]["eo:common_name"] == "red"
    assert "statistics" not in asset["raster:bands"][0]


def test_a_visual_has_its_own_grid_and_claims_no_name_of_a_band() -> None:
    """With `eo:bands` odc-stac would take it for a second `red`."""
    grid = Grid(300000, 4900020, 80, -80, 1373, 1373)
    asset = fields_of(product_of(), visual=AssetFile("./visual.tif", is_cog=True, grid=grid))[
        "visual"
    ]

    assert asset["roles"] == ["visual", "overview"]
    assert asset["proj:shape"] == [1373, 1373]
    assert asset["proj:transform"] == [80, 0, 300000, 0, -80, 4900020]
    assert (asset["gsd"], asset["nodata"]) == (80, 0)
    assert "eo:bands" not in asset


def test_a_file_that_tells_its_grid_is_believed() -> None:
    """Readers trust the Item before they open the file, so the two must agree."""
    grid = Grid(300000, 4900020, 900, -900, 122, 122)
    asset = fields_of(product_of(), B04=AssetFile("./B04.tif", is_cog=True, grid=grid))["B04"]

    assert asset["proj:shape"] == [122, 122]
    assert asset["proj:transform"] == [900, 0, 300000, 0, -900, 4900020]


def test_the_quicklook_gives_its_role_up_to_a_thumbnail() -> None:
    files = {"quicklook": AssetFile("./q.jpg"), "thumbnail": AssetFile("./thumbnail.jpg")}
    fields = fields_of(product_of(), **files)

    assert fields["thumbnail"]["roles"] == ["thumbnail"]
    assert fields["quicklook"]["roles"] == ["overview"]


def test_keys_can_be_told_before_there_are_assets() -> None:
    product = product_of()
    keys = {asset_key(product, file) for file in product.files}

    assert keys | {"metadata"} == set(fields_of(product))
