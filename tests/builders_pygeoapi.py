"""A pygeoapi that runs on loopback, with processes that stand for MAJA."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from builders_http import closed_port
from peps_stac.errors import ServiceError
from peps_stac.http.session import Session

_SERVE = "from pygeoapi.flask_app import APP; APP.run(port={port}, threaded=True)"
_CONFIG = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://machine-behind.example:{port}
  mimetype: application/json
  encoding: utf-8
  language: en-US
  map: {{url: "https://tiles.example/{{z}}", attribution: none}}
  manager: {{name: TinyDB, connection: "{folder}/jobs.json", output_dir: "{folder}"}}
logging: {{level: CRITICAL}}
metadata:
  identification:
    {{title: tests, description: tests, keywords: [tests], terms_of_service: none,
      url: "http://tests.example"}}
  license: {{name: none, url: "http://tests.example"}}
  provider: {{name: tests, url: "http://tests.example"}}
  contact: {{name: tests}}
resources:
  hello-world: {{type: process, processor: {{name: HelloWorld}}}}
  greeting: {{type: process, processor: {{name: pygeoapi_processes.Greeting}}}}
  maja-4: {{type: process, processor: {{name: pygeoapi_processes.Maja}}}}
"""
"""Its own address is one that nobody can reach, as behind a proxy that is set up badly."""


@dataclass(frozen=True)
class Pygeoapi:
    """A running server."""

    url: str
    folder: Path

    def finish(self, product: str, href: str = "") -> None:
        """Let the job of a product end with an archive; without one it fails."""
        draft = self.folder / f"{product}.draft"
        draft.write_text(href)
        draft.rename(self.folder / product)


@contextmanager
def a_pygeoapi(folder: Path) -> Iterator[Pygeoapi]:
    port = closed_port()
    config, openapi = folder / "config.yml", folder / "openapi.yml"
    config.write_text(_CONFIG.format(port=port, folder=folder))
    openapi.write_text("openapi: 3.0.2\n")
    variables = {
        **os.environ,
        "PYGEOAPI_CONFIG": str(config),
        "PYGEOAPI_OPENAPI": str(openapi),
        "PYTHONPATH": str(Path(__file__).parent),
        "MAJA_FOLDER": str(folder),
        "MAJA_JOBS": str(folder / "jobs.json"),
    }
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own words
            [sys.executable, "-c", _SERVE.format(port=port)],
            env=variables,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(process, url, folder / "log.txt")
            yield Pygeoapi(url, folder)
        finally:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    with Session(url, attempts=1) as session:
        while True:
            assert process.poll() is None, log.read_text()
            try:
                session.get("/processes", {"f": "json"})
            except ServiceError:
                time.sleep(0.05)
            else:
                return
