# SPDX-License-Identifier: MIT
"""The vectors that every language must reproduce (tests/conformance)."""

import json

import numpy as np
import pytest

import expclip
from conftest import ROOT

FACES = ROOT / "examples" / "faces"
VECTORS = json.loads(
    (ROOT / "tests" / "conformance" / "vectors.json").read_text("utf-8"))
TOLERANCE = VECTORS["tolerance"]


def cases(kind):
    return pytest.mark.parametrize("case", VECTORS[kind])


def class_set(model, case):
    if "named_prompts" in case:
        return model.classes(dict(case["named_prompts"]))
    return model.classes(case.get("names", case.get("classes")),
                         case["prompts"])


def test_the_model_has_the_fingerprint(model):
    assert model.fingerprint == VECTORS["fingerprint"]


@cases("tokens")
def test_tokens(case, model):
    tokenizer = expclip.Tokenizer(model.vocabulary_size)
    assert tokenizer.encode(case["text"]) == case["ids"]


@cases("texts")
def test_embeddings_of_texts(case, model):
    np.testing.assert_allclose(model.embed_texts(case["text"]),
                               case["embedding"], rtol=0, atol=TOLERANCE)


@cases("images")
def test_embeddings_of_images(case, model):
    np.testing.assert_allclose(model.embed_images(FACES / case["file"]),
                               case["embedding"], rtol=0, atol=TOLERANCE)


@cases("scores")
def test_scores(case, model):
    files = [FACES / image["file"] for image in VECTORS["images"]]
    found = model.score(files, class_set(model, case))
    assert found.labels == case["labels"]
    np.testing.assert_allclose(found.logits / model.logit_scale,
                               case["cosines"], rtol=0, atol=TOLERANCE)


@cases("errors")
def test_errors(case, model):
    with pytest.raises(expclip.ExpclipError) as caught:
        if case["call"] == "load":
            expclip.load(case["path"])
        elif case["call"] == "classes":
            class_set(model, case)
        elif "bytes" in case:
            model.score(bytes.fromhex(case["bytes"]))
        else:
            model.score(FACES / case["file"])
    assert caught.value.status == case["status"]
