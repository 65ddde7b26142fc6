# SPDX-License-Identifier: MIT
"""Exp-CLIP from image to class, against the reference's formula in PyTorch.

The formula is that of the paper's reference (models/Exp_CLIP.py, test.py):
head on both sides, unit length, scaled cosines, mean of a class's logits.
"""

import json
import pathlib

import numpy as np
import open_clip
import pytest
import torch
from random_models import openai_model, state_dict
from safetensors.torch import save_file

CLASSES = ["happiness", "sadness", "neutral", "anger", "surprise", "disgust",
           "fear", "contempt", "anxiety", "helplessness", "disappointment"]
PROMPTS = json.loads(
    (pathlib.Path(__file__).parent / "prompts.json").read_text())


def reference_logits(peer, head, pixels, prompts, n_classes):
    images = peer.encode_image(pixels) @ head.T
    texts = peer.encode_text(open_clip.tokenizer.tokenize(prompts)) @ head.T
    images = images / images.norm(dim=-1, keepdim=True)
    texts = texts / texts.norm(dim=-1, keepdim=True)
    logits = peer.logit_scale.exp() * images @ texts.T
    return logits.view(len(pixels), n_classes, -1).mean(-1).numpy()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    weights = state_dict("small", seed=5)
    head = torch.randn(4096, 48, generator=torch.Generator().manual_seed(6))
    save_file(weights, folder / "clip.safetensors")
    torch.save({"mlp.weight": head}, folder / "head.pth")
    return folder, openai_model(weights), head


def score(expclip, folder, images, *options):
    return expclip.lines("score", "--faces", "none", *images, "--model",
                         folder / "clip.safetensors", "--head",
                         folder / "head.pth", *options)


@pytest.mark.parametrize("n_classes", [7, 8, 11])
@pytest.mark.parametrize("prompt_set", PROMPTS)
def test_logits_equal_the_reference(expclip, model, tmp_path, images,
                                    prompt_set, n_classes):
    folder, peer, head = model
    options = ("--prompts", prompt_set, "--classes", n_classes)
    results = score(expclip, folder, images, *options)
    pixels = torch.tensor(np.stack([
        expclip.pixels(tmp_path, folder / "clip.safetensors", p,
                       "--preprocess", "expclip") for p in images]))
    prompts = [prompt for name in CLASSES[:n_classes]
               for prompt in PROMPTS[prompt_set][name]]
    expected = reference_logits(peer, head, pixels, prompts, n_classes)
    ours = np.array([r["logits"] for r in results])
    assert np.abs(ours - expected).max() <= 1e-3
    assert [r["label"] for r in results] == [
        CLASSES[i] for i in expected.argmax(1)]


def test_a_compact_head_gives_the_same_logits(expclip, model, tmp_path,
                                              images):
    folder, _, _ = model
    expclip.run("convert", folder / "clip.safetensors", "--head",
                folder / "head.pth", "--compact-head", "--dtype", "fp32",
                "-o", tmp_path / "compact.safetensors")
    full = score(expclip, folder, images)
    compact = expclip.lines("score", "--faces", "none", *images, "--model",
                            tmp_path / "compact.safetensors")
    for a, b in zip(full, compact):
        assert np.abs(np.subtract(a["logits"], b["logits"])).max() <= 1e-3


def test_pooling_of_embeddings_is_open_clips(expclip, model, tmp_path,
                                             images):
    folder, peer, head = model
    results = score(expclip, folder, images, "--prompts", "type5",
                    "--pooling", "embeddings")
    pixels = torch.tensor(np.stack([
        expclip.pixels(tmp_path, folder / "clip.safetensors", p,
                       "--preprocess", "expclip") for p in images]))
    images = peer.encode_image(pixels) @ head.T
    images = images / images.norm(dim=-1, keepdim=True)
    columns = []
    for name in CLASSES[:7]:
        tokens = open_clip.tokenizer.tokenize(PROMPTS["type5"][name])
        rows = peer.encode_text(tokens) @ head.T
        mean = (rows / rows.norm(dim=-1, keepdim=True)).mean(0)
        columns.append(mean / mean.norm())
    expected = (peer.logit_scale.exp() * images @ torch.stack(columns).T)
    ours = np.array([r["logits"] for r in results])
    assert np.abs(ours - expected.numpy()).max() <= 1e-3
