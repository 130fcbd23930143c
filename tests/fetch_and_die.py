"""A process that fetches L1C archives and ends, as by a power cut, when two are half there.

Arguments: address of the service, folder of the catalog, bytes of each file at which it ends.
"""

import os
import signal
import sys

from peps_stac.http.download import Progress
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Account
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog
from peps_stac.workflow import download_l1c

SLOWLY = 4_000_000.0
"""Bytes per second of both files together."""


def main(url: str, root: str, enough: int) -> None:
    done: dict[str, int] = {}

    def report(name: str, progress: Progress) -> None:
        done[name] = progress.done
        if len(done) > 1 and min(done.values()) >= enough:
            os.kill(os.getpid(), signal.SIGKILL)

    catalog = Catalog(root)
    items = list(catalog.items(L1C_COLLECTION))
    login = Account().credentials
    with Session(url, credentials=login, max_bytes_per_s=SLOWLY) as session:
        for _ in download_l1c(PepsClient(session), catalog, items, report=report):
            pass


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
