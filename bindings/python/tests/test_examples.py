# SPDX-License-Identifier: MIT
"""The notebooks run from top to bottom, and are stored with their outputs."""

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "examples" / "python").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_the_notebook_runs(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={
        "metadata": {"path": str(path.parent)}}).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_shows_its_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    outputs = [cell.get("outputs") for cell in notebook.cells]
    assert any(outputs)
    assert "'folder'" not in path.read_text("utf-8")
    # Nothing of the machine that ran it, and small enough for a repository.
    for folder in ("/home/", "/root/", "/tmp/", "site-packages"):
        assert folder not in str(outputs)
    assert path.stat().st_size < 300_000


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 6
