# SPDX-License-Identifier: MIT
"""What the tests share: the demo model, its faces, and the C program."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import expclip

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def no_figures_left():
    """Matplotlib warns of the twenty-first."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def faces():
    return sorted((ROOT / "examples" / "faces").glob("*.png"))


@pytest.fixture(scope="session")
def face(faces):
    return next(f for f in faces if f.name == "happiness_2.png")


@pytest.fixture(scope="session")
def model():
    return expclip.load("demo")


@pytest.fixture(scope="session")
def program():
    """Runs the C program and returns its JSON lines."""
    path = os.environ.get(
        "EXPCLIP", str(ROOT / "build" / "release" / "bin" / "expclip"))

    def run(*arguments):
        out = subprocess.run([path, *map(str, arguments)], check=True,
                             capture_output=True, text=True).stdout
        return [json.loads(line) for line in out.splitlines()]

    return run
