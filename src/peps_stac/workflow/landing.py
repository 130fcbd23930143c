"""What becomes of one file of a service: an Item, a failure with its file kept aside, or a wait."""

from dataclasses import dataclass
from pathlib import Path

from peps_stac.clock import Clock
from peps_stac.errors import DownloadError, PepsStacError, ResponseError
from peps_stac.http.failures import QuotaError
from peps_stac.store import Catalog
from peps_stac.tell import Tell
from peps_stac.workflow.catalogue import Outcome, OutcomeState, catalogue
from peps_stac.workflow.quarantine import put_aside
from peps_stac.workflow.quota import Quota
from peps_stac.workflow.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where the files of one run come down."""

    catalog: Catalog
    quota: Quota
    now: Clock
    tell: Tell

    def made(self, path: Path, recipe: Recipe, *, href: str, is_owned: bool = True) -> Outcome:
        """Make an Item of a MAJA product.

        Args:
            path: The archive.
            recipe: What is made of it.
            href: Where it came from.
            is_owned: It is a download of our own, not needed afterwards; kept aside when bad.
        """
        try:
            outcome = catalogue(self.catalog, path, recipe, is_owned=is_owned)
            if is_owned:
                path.unlink(missing_ok=True)
        except (DownloadError, ResponseError) as error:
            return self.bad(path, error, href=href) if is_owned else failed(path.name, error)
        except (PepsStacError, OSError) as error:
            return failed(path.name, error)
        return outcome

    def bad(self, path: Path, error: Exception, *, href: str, name: str | None = None) -> Outcome:
        """Keep a file aside that is not what it should be; `name` is that of its Item."""
        name = name or path.name
        try:
            kept = put_aside(self.catalog, path, href=href, reason=str(error), when=self.now())
        except (PepsStacError, OSError) as trouble:
            return Outcome(name, OutcomeState.FAILED, f"{error}; it stays as {path}: {trouble}")
        return Outcome(name, OutcomeState.FAILED, f"{error}; kept aside as {kept}")

    def postponed(self, name: str, error: QuotaError) -> Outcome:
        """Leave a file for another day; the first time, say why."""
        if self.quota.error is not error:
            self.quota.note(error)
            self.tell(f"{error}; no further file is begun, {self.quota.advice}")
        return Outcome(name, OutcomeState.POSTPONED, self.quota.advice)


def failed(name: str, why: object) -> Outcome:
    """The outcome of what is not there, and why."""
    return Outcome(name, OutcomeState.FAILED, str(why))
