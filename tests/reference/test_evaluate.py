# SPDX-License-Identifier: MIT
"""`expclip evaluate` against the logic of the reference's test.py in PyTorch:
every dataset in miniature, five prompt sets, folds, the same random weights.
"""

import csv
import json

import numpy as np
import open_clip
import pytest
import torch
from miniatures import CLASSES, DATA_SETS, SIZE, Maker
from PIL import Image
from random_models import openai_model, state_dict
from safetensors.torch import save_file
from sklearn.metrics import confusion_matrix
from test_expclip import PROMPTS

SHAPE = (SIZE, 12, 64, 2, 48, 64, 2)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    weights = state_dict(SHAPE, seed=11)
    head = torch.randn(4096, 48, generator=torch.Generator().manual_seed(12))
    save_file(weights, folder / "clip.safetensors")
    torch.save({"mlp.weight": head}, folder / "head.pth")
    return folder, openai_model(weights), head


def sampled(frames, n):
    """video_dataloader.py: which frames stand for a clip, T = 16."""
    if n > 16:
        tick = n / 16.0
        return [frames[int(tick / 2.0 + tick * i)] for i in range(16)]
    return [frames[0]] * 16


def pixels_of(source):
    image = (Image.fromarray(source) if isinstance(source, np.ndarray)
             else Image.open(source)).convert("RGB")
    image = image.resize((SIZE, SIZE), Image.BILINEAR)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255


def features_of(peer, head, items):
    """Exp_CLIP.py: the head on every frame, their mean, then unit length."""
    rows = []
    for frames, n, _ in items:
        chosen = sampled(frames, n) if n else frames
        pixels = torch.stack([pixels_of(frame) for frame in chosen])
        rows.append((peer.encode_image(pixels) @ head.T).mean(0))
    rows = torch.stack(rows)
    return rows / rows.norm(dim=-1, keepdim=True)


def texts_of(peer, head, prompt_set, n_classes):
    prompts = [p for name in CLASSES[:n_classes]
               for p in PROMPTS[prompt_set][name]]
    rows = peer.encode_text(open_clip.tokenizer.tokenize(prompts)) @ head.T
    return rows / rows.norm(dim=-1, keepdim=True)


def reference(peer, head, folds, prompt_set, n_classes):
    """test.py: logits, UAR and WAR of each fold."""
    texts = texts_of(peer, head, prompt_set, n_classes)
    logits, rates = [], []
    for items in folds:
        images = features_of(peer, head, items)
        scores = peer.logit_scale.exp() * images @ texts.T
        scores = scores.view(len(items), n_classes, -1).mean(-1).numpy()
        labels = [label for _, _, label in items]
        table = confusion_matrix(labels, scores.argmax(1))
        shares = table / table.sum(axis=1, keepdims=True)
        rates.append((100 * np.mean(np.diag(shares)),
                      100 * np.trace(table) / len(items)))
        logits.append(scores)
    return np.concatenate(logits), rates


def lay_out(tmp_path, name):
    build, lists, root_map = DATA_SETS[name]
    root = tmp_path / "data"
    root.mkdir()
    folds = build(root, Maker(sum(map(ord, name))))
    data = ",".join([f"{name}={root}", *(str(root / file) for file in lists)])
    options = ["--root-map", f"{root_map}={root}"] if root_map else []
    return folds, ["--data", data, *options]


@pytest.mark.parametrize("name", DATA_SETS)
def test_predictions_and_rates_equal_the_reference(expclip, model, tmp_path,
                                                   name):
    folder, peer, head = model
    folds, options = lay_out(tmp_path, name)
    out = tmp_path / "report"
    expclip.run("evaluate", *options, "--prompts", ",".join(PROMPTS),
                "--model", folder / "clip.safetensors", "--head",
                folder / "head.pth", "-o", out)
    results = json.loads((out / "results.json").read_text())
    assert [r["prompt_set"] for r in results] == list(PROMPTS)
    n_classes = len(results[0]["recall"])
    for result in results:
        logits, rates = reference(peer, head, folds, result["prompt_set"],
                                  n_classes)
        assert result["n"] == len(logits) and result["n_failed"] == 0
        check_predictions(out, result, folds, logits)
        assert result["uar"] == pytest.approx(np.mean([u for u, _ in rates]),
                                              rel=1e-12)
        assert result["war"] == pytest.approx(np.mean([w for _, w in rates]),
                                              rel=1e-12)
        if len(folds) > 1:
            assert [(f["uar"], f["war"]) for f in result["folds"]] == [
                pytest.approx(r, rel=1e-12) for r in rates]


def check_predictions(out, result, folds, logits):
    """Same items, truth and prediction; probabilities to 1e-4."""
    path = next((out / "predictions").glob(f"*-{result['prompt_set']}.csv"))
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = list(result["recall"])
    shares = torch.softmax(torch.from_numpy(logits), -1).numpy()
    items = [(fold, item) for fold, items in enumerate(folds)
             for item in items]
    assert len(rows) == len(items)
    expected = {}
    for i, ((fold, (frames, n, label)), row) in enumerate(zip(items, shares)):
        if isinstance(frames[0], np.ndarray):  # rows of one table, in order
            key = i
        else:
            key = str(frames[0].parent if n else frames[0])
        expected[key] = fold, names[label], names[row.argmax()], row
    for i, row in enumerate(rows):
        key = i if i in expected else row["path"]
        fold, label, prediction, probabilities = expected[key]
        assert int(row["fold"]) == fold
        assert (row["label"], row["prediction"]) == (label, prediction)
        ours = [float(row[name]) for name in names]
        assert np.abs(ours - probabilities).max() <= 1e-3
