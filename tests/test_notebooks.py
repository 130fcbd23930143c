"""Every notebook runs from top to bottom in a kernel of its own, and keeps nothing of a run."""

import time
from contextlib import suppress
from pathlib import Path

import matplotlib as mpl
import nbformat
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from builders_cli import environment

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))

_FEW = {"PEPS_STAC_NOTEBOOK_COUNT": "9"}
"""In place of the thousand archives of `own-archives-dask`."""

_HELPER = "multiprocessing.resource_tracker"
"""Python's own, which ends with the kernel."""
_STARTUP_S = 600
_PATIENCE_S = 60
_PAUSE_S = 0.1

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def a_notebook(*sources: str) -> NotebookNode:
    made: NotebookNode = new_notebook(cells=[new_code_cell(source) for source in sources])
    return made


def read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, nbformat.NO_CONVERT)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(notebook: NotebookNode, home: Path) -> None:
    """Run all cells in a new kernel of this Python, in an empty folder of an unknown user."""
    (work := home / "work").mkdir()
    # Other kernels of the machine, perhaps of another Python, are not looked for.
    own = KernelSpecManager(kernel_dirs=[])
    manager = AsyncKernelManager(kernel_spec_manager=own)
    client = NotebookClient(notebook, km=manager, timeout=None, startup_timeout=_STARTUP_S)
    with client.setup_kernel(cwd=str(work), env=kernel_environment(home), cleanup_kc=True):
        assert client.km is not None
        assert isinstance(client.km.provisioner, LocalProvisioner)
        kernel = psutil.Process(client.km.provisioner.pid)
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        assert ended(kernel), f"left behind: {living(kernel)}"


def kernel_environment(home: Path) -> dict[str, str]:
    """Nothing of the machine's own settings.

    Matplotlib's list of the fonts takes seconds to make and is the same for all.
    """
    return environment(home, MPLCONFIGDIR=mpl.get_cachedir(), **_FEW)


def ended(kernel: psutil.Process) -> bool:
    """Whether all that a kernel started has ended, or does so soon."""
    until = time.monotonic() + _PATIENCE_S
    while living(kernel) and time.monotonic() < until:
        time.sleep(_PAUSE_S)
    return not living(kernel)


def living(kernel: psutil.Process) -> list[str]:
    """Commands of the processes below a kernel."""
    found = []
    for process in kernel.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found.append(" ".join(process.cmdline()))
    # The command of one that has ended, and was not asked how, is empty.
    return [command for command in found if command and _HELPER not in command]


def told(notebook: NotebookNode) -> str:
    """What the cells wrote to stderr."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return "".join(output.text for output in outputs if output.get("name") == "stderr")


@each_notebook
def test_a_notebook_runs_from_top_to_bottom_without_a_warning(path: Path, tmp_path: Path) -> None:
    notebook = read(path)

    run(notebook, tmp_path)

    assert "Warning" not in told(notebook)


@each_notebook
def test_a_notebook_is_valid_and_keeps_nothing_of_a_run(path: Path) -> None:
    notebook = read(path)

    nbformat.validate(notebook)

    assert all(not cell.outputs for cell in code_cells(notebook))
    assert all(cell.execution_count is None for cell in code_cells(notebook))
    assert all(not cell.metadata for cell in notebook.cells)
    assert notebook.metadata.kernelspec.name == "python3"


def test_a_cell_that_fails_fails_the_test(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(a_notebook("1 / 0"), tmp_path)


def test_a_process_that_is_left_behind_fails_the_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "_PATIENCE_S", 1)
    lasting = a_notebook("import subprocess", "process = subprocess.Popen(['sleep', '30'])")

    with pytest.raises(AssertionError, match=r"left behind: .*sleep 30"):
        run(lasting, tmp_path)


def test_a_warning_is_seen(tmp_path: Path) -> None:
    notebook = a_notebook("import warnings", "warnings.warn('old')")

    run(notebook, tmp_path)

    assert "Warning: old" in told(notebook)
