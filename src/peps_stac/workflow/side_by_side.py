"""Many products at once: each is prepared by a worker, and this process alone links the Items."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from peps_stac.archive.source import files_below
from peps_stac.errors import CatalogError, PepsStacError
from peps_stac.store import Catalog
from peps_stac.workflow.preparing import Failure, Job, Prepared, attempt
from peps_stac.workflow.recipe import Recipe, Step

_BAR = "archives"


class Crew(Protocol):
    """Those who do the work: `Workers` of this machine, or a `Cluster`."""

    def stream(
        self, given: Iterable[Job], do: Callable[[Job], Prepared | Failure]
    ) -> Iterator[tuple[Job, Prepared | Failure | CatalogError]]:
        """Each job with what was made of it, as it comes; few are taken before their time."""


def prepared_together(
    catalog: Catalog,
    crew: Crew,
    paths: Sequence[Path],
    recipe: Recipe,
    is_owned: Callable[[Path], bool],
) -> Iterator[tuple[Path, Prepared | Failure]]:
    """Each product, prepared or not, as it comes.

    What was prepared is to be taken over before the next is asked for, since then its files go;
    with them whatever a worker that was killed has left.

    Args:
        catalog: Where the Items will go.
        crew: Who prepares them.
        paths: The products, each once.
        recipe: What is wanted of each.
        is_owned: Whether a product is a download of our own.
    """
    given = {path.absolute(): path for path in paths}
    progress = _Progress(recipe, given)
    with catalog.staging() as staging, ExitStack() as opened:

        def jobs() -> Iterator[Job]:
            choice, root = recipe.choice, catalog.href
            for number, path in enumerate(given):
                place = staging / str(number)
                job = Job(path, root, place, choice, choice.form, is_owned(path))
                job.open()
                opened.callback(job.ticket.unlink, missing_ok=True)
                yield job

        for job, result in crew.stream(jobs(), attempt):
            found = Failure(result) if isinstance(result, CatalogError) else result
            if isinstance(found, Prepared):
                for line in found.told:
                    recipe.tell(line)
            yield given[job.path], found
            job.close()
            progress.count(job.path)


class _Progress:
    """Tells who listens how many products are done, by their size."""

    def __init__(self, recipe: Recipe, paths: Iterable[Path]) -> None:
        self._report = recipe.report
        self._sizes = {path: _size(path) for path in paths} if recipe.report else {}
        self._total = sum(self._sizes.values())
        self._done = self._bytes = 0

    def count(self, path: Path) -> None:
        if self._report is not None:
            self._done, self._bytes = self._done + 1, self._bytes + self._sizes[path]
            step = Step(_BAR, self._done, len(self._sizes), self._bytes, self._total)
            self._report(step)


def _size(path: Path) -> int:
    try:
        files = files_below(path).values() if path.is_dir() else (path,)
        return sum(file.stat().st_size for file in files)
    except (OSError, PepsStacError):
        return 0
