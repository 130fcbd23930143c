"""Processes that stand for MAJA on a pygeoapi of the tests; loaded inside its process."""

import os
import time
from pathlib import Path
from typing import Any

from pygeoapi.process.base import BaseProcessor, ProcessorExecuteError
from pygeoapi.process.hello_world import HelloWorldProcessor
from pygeoapi.process.manager.tinydb_ import TinyDBManager

_INPUT = {"schema": {"type": "string"}, "minOccurs": 1, "maxOccurs": 1}
_METADATA = {
    "version": "1.0.0",
    "id": "maja",
    "title": "Atmospheric correction of one product",
    "description": "Waits for its file, and answers a link to an archive.",
    "jobControlOptions": ["async-execute"],
    "inputs": {"product": {"title": "L1C product", **_INPUT}},
    "outputs": {"archive": {"title": "L2A product", "schema": {"type": "object"}}},
    "example": {"inputs": {"product": "S2A_MSIL1C_..."}},
}


class Maja(BaseProcessor):  # type: ignore[misc] # pygeoapi has no types
    """Takes a product, tells its progress, and answers once a file of that name is there."""

    def __init__(self, definition: dict[str, Any]) -> None:
        super().__init__(definition, _METADATA)
        self._folder = Path(os.environ["MAJA_FOLDER"])
        self._jobs = os.environ["MAJA_JOBS"]
        self._job_id = ""

    def set_job_id(self, job_id: str) -> None:
        self._job_id = job_id

    def execute(self, data: dict[str, Any], outputs: object = None) -> tuple[str, dict[str, Any]]:
        del outputs
        self._tell(progress=40, message="computing")
        answer = self._folder / data["product"]
        while not answer.exists():
            time.sleep(0.02)
        href = answer.read_text()
        if not href:
            raise ProcessorExecuteError("no elevation there")
        links = {"archive": {"href": href, "type": "application/zip"}}
        return "application/json", {**links, "log": {"href": f"{href}.log", "type": "text/plain"}}

    def _tell(self, **facts: object) -> None:
        manager = TinyDBManager({"name": "TinyDB", "connection": self._jobs, "processes": {}})
        manager.update_job(self._job_id, {"status": "running", **facts})


class Greeting(HelloWorldProcessor):  # type: ignore[misc] # as above
    """The hello-world of pygeoapi, which greets a product."""

    def execute(self, data: dict[str, Any], outputs: object = None) -> Any:  # noqa: ANN401 -- as there
        return super().execute({"name": data["product"]}, outputs)
