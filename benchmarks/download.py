"""One large file from loopback: `peps_stac` beside `curl`, by turns.

The server is nginx (sendfile) in processes of its own; every download is a new process, so that
its start counts for both; two of ours are two threads of one. Ours checks size and magic, sums
when told so, and puts the file on the disk for good (fsync) before it gets its name; `curl`
leaves it in memory, so rows tell what `curl` and a `sync` of its file take, and what `curl` and a
program that sums take. Ratios are of rates: above 1, the row is faster than what it is beside.
The last line says what the machine's cores are worth: 1.0 when two sums at once take as long as
one, 2.0 when as long as one after the other. With `--folder /dev/shm` no disk takes part.

    python benchmarks/download.py --size 2.4e9 --rounds 5
"""

import argparse
import hashlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

_OURS = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from peps_stac.http.download import download
from peps_stac.http.session import Session
url, md5, sha256, *targets = sys.argv[1:]
with Session(url) as session, ThreadPoolExecutor() as threads:
    def fetch(target):
        download(session, "/product.zip", Path(target), md5=md5, sha256=sha256, login=False)
    list(threads.map(fetch, targets))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
_CONFIGURATION = """
daemon off; master_process on; worker_processes 2; {user}
pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; sendfile_max_chunk 2m; types {{ application/zip zip; }}
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ listen 127.0.0.1:{port}; root {folder}/served; }}
}}
"""


@dataclass
class Way:
    """One way to fetch the file, and how long each turn took."""

    name: str
    commands: Callable[[Path], list[list[str]]]
    """Started at once; all are waited for."""
    beside: str = "curl"
    """The way that its ratio is against."""
    then_sync: bool = False
    seconds: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    peak_kb: int = 0

    def run(self, folder: Path) -> None:
        """Once, into an empty folder."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        os.sync()
        began, cpu_began = time.perf_counter(), cpu_of_children()
        running = [
            subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 -- our own words
            for command in self.commands(folder)
        ]
        said = [process.communicate()[0] for process in running]
        if self.then_sync:
            for path in folder.iterdir():
                subprocess.run(["sync", str(path)], check=True)  # noqa: S603, S607 -- as above
        self.seconds.append(time.perf_counter() - began)
        self.cpu_s.append(cpu_of_children() - cpu_began)
        if any(process.returncode for process in running):
            raise SystemExit(f"{self.name} failed")
        self.peak_kb = max([self.peak_kb, *(int(one) for one in said if one.strip())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=float, default=2.4e9, help="bytes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name, a_server(Path(name)) as url:
        sums = made(Path(name) / "served" / "product.zip", int(options.size))
        ways = the_ways(url, *sums)
        for _ in range(options.rounds):
            for way in ways:
                way.run(Path(name) / "fetched")
        print(table(ways, options.size))
        print(f"\nTwo MD5 at once take {two_sums_at_once():.2f} times one.")


def the_ways(url: str, md5: str, sha256: str) -> list[Way]:
    """By turns in this order."""

    def curl(folder: Path, count: int = 1) -> list[list[str]]:
        address = f"{url}/product.zip"
        return [["curl", "-sS", "-o", str(folder / f"{n}.zip"), address] for n in range(count)]

    def ours(folder: Path, *sums: str, count: int = 1) -> list[list[str]]:
        targets = [str(folder / f"{n}.zip") for n in range(count)]
        return [[sys.executable, "-c", _OURS, url, *sums, *targets]]

    def curl_and(program: str) -> Callable[[Path], list[list[str]]]:
        def commands(folder: Path) -> list[list[str]]:
            file = folder / "0.zip"
            script = f"curl -sS -o {file} {url}/product.zip && {program} {file} > {folder}/sum"
            return [["sh", "-c", script]]

        return commands

    return [
        Way("curl", curl),
        Way("peps-stac", lambda folder: ours(folder, "", "")),
        Way("curl, then sync", curl, then_sync=True),
        Way("curl, then sha256sum", curl_and("sha256sum")),
        Way("peps-stac, SHA-256", lambda folder: ours(folder, "", sha256), "curl, then sha256sum"),
        Way("curl, then md5sum", curl_and("md5sum")),
        Way("peps-stac, MD5", lambda folder: ours(folder, md5, ""), "curl, then md5sum"),
        Way("two curls", lambda folder: curl(folder, 2), "two curls"),
        Way("two curls, then sync", lambda folder: curl(folder, 2), "two curls", then_sync=True),
        Way("two of peps-stac", lambda folder: ours(folder, "", "", count=2), "two curls"),
    ]


def two_sums_at_once() -> float:
    """How much longer two take side by side than one alone; median of five."""
    piece = os.urandom(1 << 18)

    def work() -> None:
        digest = hashlib.md5(usedforsecurity=False)
        for _ in range(2000):
            digest.update(piece)

    def took(count: int) -> float:
        threads = [Thread(target=work) for _ in range(count)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - began

    return statistics.median(took(2) / took(1) for _ in range(5))


def table(ways: list[Way], size: float) -> str:
    """What a reader wants to know."""
    known = {way.name: way for way in ways}
    lines = [
        f"| {size / 1e9:.1f} GB | median | best | beside curl | beside | CPU | peak |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for way in ways:
        against_curl, against_beside = (
            statistics.median(theirs / own for theirs, own in zip(other, way.seconds, strict=True))
            for other in (known["curl"].seconds, known[way.beside].seconds)
        )
        times = f"{statistics.median(way.seconds):.2f} s | {min(way.seconds):.2f} s"
        peak = f"{way.peak_kb / 1000:.0f} MB" if way.peak_kb else ""
        cpu = f"{statistics.median(way.cpu_s):.1f} s"
        beside = f"{against_beside:.2f} of {way.beside}"
        lines.append(f"| {way.name} | {times} | {against_curl:.2f} | {beside} | {cpu} | {peak} |")
    return "\n".join(lines)


def cpu_of_children() -> float:
    """Seconds that processes which have ended have used, the server's not among them."""
    times = os.times()
    return times.children_user + times.children_system


def made(path: Path, size: int) -> tuple[str, str]:
    """A file of random bytes that begins as a zip does; its MD5 and SHA-256."""
    sums = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    path.parent.mkdir()
    with path.open("wb") as file:
        piece = b"PK\x03\x04"
        while size > 0:
            piece = piece[:size]
            file.write(piece)
            for one in sums:
                one.update(piece)
            size -= len(piece)
            piece = os.urandom(1 << 20)
    return sums[0].hexdigest(), sums[1].hexdigest()


@contextmanager
def a_server(folder: Path) -> Iterator[str]:
    """A server of nginx on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port, user=user))
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    program = shutil.which("nginx", path=path)
    if program is None or shutil.which("curl") is None:
        raise SystemExit("this needs nginx and curl (apt install nginx-light curl)")
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(configuration)])  # noqa: S603 -- our own
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Until somebody listens."""
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("nginx does not answer")


if __name__ == "__main__":
    main()
