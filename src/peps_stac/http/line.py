"""What is known of the line to a service: how fast, how patient, and whom to believe."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peps_stac.errors import RequestError
from peps_stac.http.pace import read_rate

_CONNECT_S = 10.0
_STALL_S = 60.0
_LONGEST_STALL_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Line:
    """Settings of a line, as people make them."""

    max_bytes_per_s: float | None = None
    """Of all downloads together; None does not limit them."""
    stall_s: float = _STALL_S
    """Without a byte for so long, the connection is given up and taken up again."""
    ca_bundle: Path | None = None
    """Certificates to believe instead of the usual ones."""

    def options(self) -> dict[str, Any]:
        """The arguments of a `Session` that these are."""
        return {
            "max_bytes_per_s": self.max_bytes_per_s,
            "timeout_s": (min(_CONNECT_S, self.stall_s), self.stall_s),
            "ca_bundle": self.ca_bundle,
        }


def read_line(setting: Callable[[str], str | None]) -> Line:
    """The line as the settings `max_rate`, `stall_timeout` and `ca_bundle` have it.

    Args:
        setting: Answers the text of a setting; None or nothing when it is not made.

    Raises:
        RequestError: A text that is no rate, or no number of seconds.
    """
    rate, stall, bundle = (setting(name) for name in ("max_rate", "stall_timeout", "ca_bundle"))
    return Line(
        max_bytes_per_s=_named("max_rate", read_rate, rate) if rate else None,
        stall_s=_named("stall_timeout", _read_seconds, stall) if stall else _STALL_S,
        ca_bundle=Path(bundle).expanduser() if bundle else None,
    )


def _read_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1.0 <= seconds <= _LONGEST_STALL_S:
        raise RequestError(f"{text!r} is no time-out; write seconds, 1 to 86400")
    return seconds


def _named(name: str, read: Callable[[str], float], text: str) -> float:
    try:
        return read(text)
    except RequestError as error:
        raise RequestError(f"{name} (PEPS_STAC_{name.upper()}): {error}") from error
