"""A MAJA L2A product in MUSCATE format, as its own metadata describes it."""

from dataclasses import dataclass, field
from datetime import datetime

from peps_stac.domain.tile import MgrsTile


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows and columns of one resolution group, in the product's UTM zone."""

    ulx: float
    """Metres, west edge of the first column."""
    uly: float
    """Metres, north edge of the first row."""
    xdim: float
    """Metres a column, positive."""
    ydim: float
    """Metres a row, negative."""
    rows: int
    columns: int

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """`proj:transform`: pixel to metres, row-major, without the constant last row."""
        return (self.xdim, 0.0, self.ulx, 0.0, self.ydim, self.uly)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """`(xmin, ymin, xmax, ymax)`, metres."""
        xmax = self.ulx + self.columns * self.xdim
        ymin = self.uly + self.rows * self.ydim
        return (self.ulx, ymin, xmax, self.uly)


@dataclass(frozen=True, slots=True)
class ProductFile:
    """One file that the metadata lists."""

    path: str
    """Relative to the metadata file, `/` between parts, no leading `./`."""
    kind: str
    """Suffix that tells the layer: FRE, SRE, ATB, CLM, MG2, EDG, SAT, IAB, DFP, DTF, QKL, JPI."""
    group: str | None = None
    """Resolution group: R1 (10 m) or R2 (20 m)."""
    band: str | None = None
    """MAJA's name of the band: B2 ... B12, B8A."""
    detector: str | None = None
    """Two digits, for DTF."""


@dataclass(frozen=True, slots=True)
class ViewAngles:
    """Mean viewing direction of one band, degrees."""

    zenith: float
    azimuth: float
    """Clockwise from north."""


@dataclass(frozen=True, slots=True, kw_only=True)
class L2AProduct:
    """What `MTD_ALL.xml` says, and what the files beside it add. None or empty: not said."""

    product_id: str
    """Full product name, with profile letter and version."""
    acquired: datetime
    """Mean sensing time of the tile, UTC. Not the time in the L1C name, which is the start of
    the datatake, up to 15 minutes earlier."""
    platform: str
    """`sentinel-2a`, ..."""
    tile: MgrsTile
    epsg: int
    grids: dict[str, Grid]
    """By group: R1, R2."""
    metadata_path: str
    """The `*_MTD_ALL.xml` itself; every file's path is relative to its folder."""
    files: tuple[ProductFile, ...]
    """Each file once, in the order of the metadata."""
    version: str | None = None
    """`1.0`: a distribution version, not MAJA's."""
    profile: str | None = None
    """`METADATA_PROFILE`: DISTRIBUTED, USER, ..."""
    produced: datetime | None = None
    """`PRODUCTION_DATE`; for MAJA run on ESA's L1C it is the L1C's date."""
    absolute_orbit: int | None = None
    sun_zenith: float | None = None
    """Degrees, mean over the tile."""
    sun_azimuth: float | None = None
    """Degrees clockwise from north."""
    view_angles: dict[str, ViewAngles] = field(default_factory=dict)
    """By MAJA band name."""
    reflectance_scale: float = 1e-4
    """Reflectance a count."""
    water_vapour_scale: float = 0.05
    """g/cm2 a count."""
    aerosol_scale: float = 0.005
    """Optical thickness at 550 nm a count."""
    reflectance_nodata: int = -10000
    water_vapour_nodata: int = 0
    aerosol_nodata: int = 0
    solar_irradiance: dict[str, float] = field(default_factory=dict)
    """W/m2/um, by MAJA band name."""
    cloud_cover: float | None = None
    """Percent, 0 to 100, as MAJA counts it."""
    snow_cover: float | None = None
    l1c_name: str | None = None
    """Name of the input as the metadata spells it (ESA's or MUSCATE's)."""
    datatake_start: datetime | None = None
    """Sensing start of the input's datatake: the time in ESA's L1C name."""
    processing_mode: str | None = None
    """INIT_MODE, STANDARD_MODE, BACKWARD_MODE."""
    validity: str | None = None
    """L2VALD, or L2NOTV for a product too cloudy to be issued."""
    cams: str | None = None
    """How CAMS aerosol data were used."""
    interpolation_bits: dict[int, str] = field(default_factory=dict)
    """What the bits of IAB say, which differs between versions: offset from 0 -> WVC or AOT."""
    maja_version: str | None = None
    processed: datetime | None = None
    """When MAJA ran, UTC."""
