"""How a simulated PEPS behaves: durations, limits, spellings and what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from peps_stac.simulator.faults import Fault
from peps_stac.simulator.geodes.scenario import GeodesScenario


class Hrefs(StrEnum):
    """Whose address the simulator writes into its answers."""

    OWN = "own"
    """Its own, as PEPS does."""
    PUBLIC = "public"
    """`https://peps.cnes.fr` (or that of GEODES), whatever address the client used."""
    INTERNAL = "internal"
    """The machine behind PEPS in WPS answers (maja_peps #12), its own elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlStyle:
    """Spelling of an ExecuteResponse; the default is that of PyWPS 3.2."""

    prefix: str = "wps"
    """Namespace prefix of WPS; empty for a default namespace."""
    one_line: bool = False
    xlink: bool = False
    """Whether the reference of an output is an `xlink:href`, as PyWPS 4 writes it."""
    lineage: bool = False
    """Whether the inputs are repeated, one of them by a reference that is no result."""
    percent: bool = True
    """Whether `ProcessStarted` says `percentCompleted`."""
    single_quotes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The life of one job, told beforehand instead of worked out from its dates."""

    words: tuple[tuple[float, str], ...] = ()
    """Minutes after the submission and the word from then on, in order. PENDING before the
    first. After FINISHED the results are there."""
    message: str | None = None
    """Told in the report."""
    dispatch_error: str | None = None
    """Text of the exception when the job never reached the cluster: its status document then
    says ProcessFailed and there is no report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a simulator does, beyond the rules it always keeps.

    Durations are in minutes, or seconds where the name says so, of the simulator's clock.
    """

    faults: tuple[Fault, ...] = ()
    """In force from the start; more by `Simulator.faults.add`."""

    # Addresses and totals of the search
    hrefs: Hrefs = Hrefs.OWN
    total_results: int | None = None
    """`totalResults` as answered, with `exactCount` false; None: the true number."""
    real_sizes: bool = True
    """Whether size and checksum of a scene are those of the small archive that is served; if
    not, they stay as recorded and every download contradicts them."""

    # L1C archives
    l1c_bytes: int = 20_000
    """About the size of a served archive."""
    storage: Mapping[str, str] = field(default_factory=dict)
    """Storage mode by product name, in place of that of the feature."""
    staging_min: float = 4.0
    """From the first request of a scene on tape until it is on disk."""
    never_staged: frozenset[str] = frozenset()
    """Product names that the tape robot never brings."""
    retry_after_ms: int = 180_000
    weekly_downloads: int | None = None
    """Scenes an account may begin to download; then 420."""

    # MAJA jobs
    running_at_once: int = 10
    first_date_min: float = 60.0
    further_date_min: float = 25.0
    stalled_min: float = 5.0
    """At the start of each date; STALLED means running."""
    refusal_min: float = 10.0
    """From the start of a job that cannot succeed until it says so."""
    dispatch_s: float = 5.0
    """From acceptance until the status document says ProcessSucceeded, whatever MAJA does."""
    empty_status_s: float = 0.0
    """For so long after acceptance the status document is empty (maja_peps #6)."""
    job_days: float = 5.0
    """Jobs and their results are forgotten after so many days."""
    scripts: Mapping[int | str, Script] = field(default_factory=dict)
    """By the number of the job, from 1, or by the value of one of its inputs (a product name,
    a tile)."""
    delete_only_hides: bool = False
    """Whether deleting a job takes it off the list and lets it run, as the server's source of
    2019 reads; if not, it is canceled as well."""

    # What MAJA delivers
    cloudy_above: float = 90.0
    """Percent of ESA's cloud cover above which a date is not valid."""
    not_valid_word: str = "NOVALD"
    unprocessed: frozenset[str] = frozenset()
    """Product names, or dates (YYYY-MM-DD), that are lost in every series."""
    repeat_results: bool = False
    """Whether a report names every result twice."""

    # Spelling of WPS answers
    xml: XmlStyle = XmlStyle()
    inline_report: bool = True
    """Whether PROCESSING_STATUS answers the report itself, or only a reference to it."""
    nested_report: bool | None = None
    """Whether reports are nested under `USER_INFO` (form A). None: those of a series are, as
    files; those inside PROCESSING_STATUS and of single products are flat (forms B and C)."""
    percent_in_report: bool = True
    refusal_names_process: bool = False
    """Whether the proxy's refusal of a process has the process as its locator, as the source
    of 2019 writes it, or the word `identifier`, as PyWPS does."""

    geodes: GeodesScenario = field(default_factory=GeodesScenario)
    """The other face."""
