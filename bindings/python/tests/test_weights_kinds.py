# SPDX-License-Identifier: MIT
"""Each kind of weights file gives the program's numbers."""

import json
import os
import pathlib

import numpy as np
import pytest

import expclip

FOLDER = os.environ.get("EXPCLIP_WEIGHTS_KINDS")


def kinds():
    if FOLDER is None:
        return []
    text = (pathlib.Path(FOLDER) / "kinds.json").read_text("utf-8")
    return json.loads(text)


def test_there_are_kinds():
    assert FOLDER is not None, (
        "EXPCLIP_WEIGHTS_KINDS: expected the folder that "
        "tests/bindings/weights_kinds.py wrote")
    assert len(kinds()) >= 10


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind["name"])
def test_a_kind_gives_the_numbers_of_the_program(kind, face):
    with expclip.load(kind["model"], head=kind["head"], threads=1) as model:
        found = model.score(face).logits
    np.testing.assert_allclose(np.ravel(found), kind["logits"], rtol=0,
                               atol=1e-4)
