"""Truths about a job, and all the ways in which a service may put them into documents."""

import json
from dataclasses import dataclass
from html import escape
from typing import Any

from hypothesis import strategies as st

from peps_stac.domain import JobStatus, Process, Reason

SCENE = "S2A_MSIL1C_20171127T105351_N0206_R051_T31TCJ_20171127T130253"
JOB = "0d5f0a9c-d3a1-11e7-9d0d-005056a8a5c7"
FOLDER = f"https://peps.cnes.fr/cgi-bin/mapcache_results/maja/{JOB}"
REPORT_PATH = f"/resto/wps/outputs/report-{JOB}.json"

FINAL_WORDS = {
    "CANCELED": JobStatus.CANCELED,
    "KILLED": JobStatus.CANCELED,
    "FAILED": JobStatus.FAILED,
    "IN_ERROR": JobStatus.FAILED,
    "ERROR": JobStatus.FAILED,
}
OPEN_WORDS = {
    "PENDING": JobStatus.PENDING,
    "PAUSED": JobStatus.PENDING,
    "RUNNING": JobStatus.SHIPPING,
    "STALLED": JobStatus.SHIPPING,
}
"""DESIGN, section 6, once more, so that a slip in the one table shows against the other."""
UNKNOWN_WORDS = ("HOVERING", "DONE", "SUCCEEDED", "ProcessSucceeded", "FINISHED_SOON", "42")

OWN = (
    "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0.zip",
    "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_D_V1-1.zip",
)
OWN_NOT_VALID = (
    "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0_NOVALD.zip",
    "NOTVALD_S2A_20171127.zip",
    "S2A_OPER_SSC_L2NOTV_31TCJ____20171127.zip",
)
OF_OTHERS = (
    "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_C_V1-0.zip",
    "SENTINEL2A_20171107-105827-648_L2A_T31TCJ_C_V1-0.zip",
    "SENTINEL2A_20171107-105827-648_L2A_T31TCJ_C_V1-0_NOVALD.zip",
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so with a job, however it is told."""

    word: str | None
    results: tuple[str, ...]
    """File names, each once; there are none before the job has finished."""
    progress: int | None

    @property
    def hrefs(self) -> tuple[str, ...]:
        return tuple(f"{FOLDER}/{name}" for name in self.results)

    def end(self, process: Process, before: JobStatus) -> tuple[JobStatus, Reason | None]:
        """Where the order of `SCENE` must stand once this is known."""
        if self.word != "FINISHED":
            return (FINAL_WORDS | OPEN_WORDS).get(self.word or "", before), None
        is_series = process is Process.FULL_MAJA
        own = [name for name in self.results if not is_series or name not in OF_OTHERS]
        valid = (*OWN, *OF_OTHERS[:2])
        if any(name in valid for name in own):
            return JobStatus.SUCCEEDED, None
        return JobStatus.FAILED, Reason.TOO_CLOUDY if own else Reason.UNPROCESSED


def _truth(word: str | None, results: list[str], progress: int | None) -> Truth:
    return Truth(word, tuple(results) if word == "FINISHED" else (), progress)


truths = st.builds(
    _truth,
    st.sampled_from((*FINAL_WORDS, *OPEN_WORDS, *UNKNOWN_WORDS, *["FINISHED"] * 12, None)),
    st.lists(st.sampled_from((*OWN, *OWN_NOT_VALID, *OF_OTHERS)), unique=True, max_size=4),
    st.none() | st.integers(0, 100),
)


@st.composite
def reports(draw: st.DrawFn, truth: Truth) -> str:
    """A report that says it: nested or flat, with or without this and that."""
    said: dict[str, Any] = {"results": draw(_results(truth))}
    if truth.word is not None or draw(st.booleans()):
        said["job_status"] = truth.word
    if truth.progress is not None:
        said |= draw(_progress(truth.progress))
    said |= draw(st.fixed_dictionaries({}, optional=_DECORATION))
    keys = draw(st.permutations(sorted(said)))
    document: Any = {key: said[key] for key in keys}
    if draw(st.booleans()):
        wrapped = draw(st.sampled_from((document, [document], json.dumps(document))))
        document = {"USER_INFO": wrapped}
    text = json.dumps(document, indent=draw(st.sampled_from((None, 0, 2))))
    return draw(st.sampled_from((text, f"\n {text}\n", f"\ufeff{text}", json.dumps(text))))


@st.composite
def wps_answers(draw: st.DrawFn, report: str, state: str = "ProcessSucceeded") -> tuple[str, bool]:
    """An ExecuteResponse with the report inside, or else an address where it is (True)."""
    wps, ows, xlink = draw(st.permutations(("w", "ns0", "wps")))
    is_default = draw(st.booleans())
    p = "" if is_default else f"{wps}:"
    q = draw(st.sampled_from(('"', "'")))
    end = draw(st.sampled_from(("", "\n", "\r\n  ")))
    is_referred = draw(st.booleans())
    href = f"http://peps-vizo.cnes.fr:8081{REPORT_PATH.removeprefix('/resto')}"
    name = draw(st.sampled_from(("href", f"{xlink}:href")))
    percent = draw(
        st.sampled_from(("", f" percentCompleted={q}55{q}", f" percentCompleted={q}{q}"))
    )
    output = (
        f"<{p}Reference {name}={q}{href}{q}/>"
        if is_referred
        else f"<{p}Data><{p}LiteralData>{draw(_inside(report))}</{p}LiteralData></{p}Data>"
    )
    declared = (
        f"xmlns{'' if is_default else ':' + wps}={q}http://www.opengis.net/wps/1.0.0{q}",
        f"xmlns:{ows}={q}http://www.opengis.net/ows/1.1{q}",
        f"xmlns:{xlink}={q}http://www.w3.org/1999/xlink{q}",
        f"statusLocation={q}https://peps.cnes.fr/resto/wps/outputs/pywps-{JOB}.xml{q}",
    )
    decoy = (
        f"<{p}DataInputs><{p}Input><{ows}:Identifier>report</{ows}:Identifier>"
        f"<{p}Reference {xlink}:href={q}https://elsewhere.example/report.json{q}/>"
        f"</{p}Input></{p}DataInputs>"
    )
    told = f"{percent if state == 'ProcessStarted' else ''}>x"
    lines = (
        f"<{p}ExecuteResponse {' '.join(draw(st.permutations(declared)))}>",
        f"<{p}Process><{ows}:Identifier>PROCESSING_STATUS</{ows}:Identifier></{p}Process>",
        f"<{p}Status creationTime={q}2019-07-05T08:00:00Z{q}>",
        f"<{p}{state}{told}</{p}{state}></{p}Status>",
        draw(st.sampled_from(("", decoy))),
        f"<{p}ProcessOutputs><{p}Output><{ows}:Identifier>report</{ows}:Identifier>",
        output,
        f"</{p}Output></{p}ProcessOutputs></{p}ExecuteResponse>",
    )
    return end.join(lines), is_referred


junk = (
    st.binary(max_size=60)
    | st.text(max_size=60).map(str.encode)
    | st.sampled_from(
        (
            b"",
            b"{}",
            b"[]",
            b"null",
            b"<html><body>FINISHED</body></html>",
            b"<ExecuteResponse/>",
            b'{"ErrorMessage": "proxy", "ErrorCode": 500}',
            b"percentCompleted: 12",
            b"FINISHED or CANCELED",
        )
    )
)
"""Answers that say nothing of the end of a job."""

_DECORATION: dict[str, st.SearchStrategy[object]] = {
    "message": st.sampled_from((None, "", "all is well", 'FINISHED "a.zip"', 7)),
    "logs": st.sampled_from((None, [], [f"{FOLDER}/joblog-{JOB}.log"])),
    "wms": st.sampled_from((None, [], {})),
    "unprocessed": st.sampled_from((None, 0, "0", 3, "many")),
    "finishedTime": st.sampled_from((None, "2019-07-05T08:00:00Z")),
}


def _progress(percent: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(
        (
            {},
            {"percentCompleted": percent},
            {"percentCompleted": f"{percent}"},
            {"percentCompleted": "unknown"},
            {"process": f"{percent} % of 12 dates"},
            {"process": None, "percentCompleted": None},
        )
    )


def _results(truth: Truth) -> st.SearchStrategy[Any]:
    hrefs = list(truth.hrefs)
    if not hrefs:
        return st.sampled_from((None, [], "", {}, [None]))
    return st.sampled_from(
        (
            hrefs,
            hrefs * 2,
            [href for href in hrefs for _ in range(3)],
            [None, *hrefs, ""],
            "\n".join(hrefs),
            ", ".join(hrefs),
            {str(number): href for number, href in enumerate(hrefs)},
        )
    )


def _inside(report: str) -> st.SearchStrategy[str]:
    """As text of an element."""
    return st.sampled_from((escape(report), f"<![CDATA[{report}]]>"))
