# SPDX-License-Identifier: MIT
"""`expclip train` against the reference's loop (train.py) in PyTorch, on the
same features, targets, first head and order of rows; and after kill -9."""

import json
import random
import subprocess
import time

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

N, DIM, TARGET, BATCH, EPOCHS = 700, 48, 128, 64, 2
MASK = 2 ** 64 - 1


class SplitMix64:
    """Steele, Lea, Flood 2014; the library's order of rows follows from it."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9e3779b97f4a7c15) & MASK
        z = self.state
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & MASK
        z = (z ^ z >> 27) * 0x94d049bb133111eb & MASK
        return z ^ z >> 31

    def below(self, n):
        while (x := self.next()) >= MASK - MASK % n:
            pass
        return x % n


def order_of(n, seed, epoch):
    lots = SplitMix64(SplitMix64(SplitMix64(seed).next() ^ epoch).next())
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = lots.below(i + 1)
        order[i], order[j] = order[j], order[i]
    return order


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    rng = np.random.default_rng(5)
    features = rng.normal(size=(N, DIM)).astype("f4")
    mixing = rng.normal(size=(DIM, TARGET))
    targets = features @ mixing + 4 * rng.normal(size=(N, TARGET))
    np.save(folder / "f.npy", features)
    np.save(folder / "t.npy", targets.astype("f4"))
    return folder


def train(expclip, data, out, *options):
    expclip.run("train", "--features", data / "f.npy", "--targets",
                data / "t.npy", "-o", out, "--batch", BATCH, "--log",
                f"{out}.jsonl", "--quiet", *options)
    log = [json.loads(line) for line in open(f"{out}.jsonl")]
    return load_file(out)["mlp.weight"], log


def reference(data, head, make_optimizer, make_schedule=None):
    """train.py's loop; the language model's features are given."""
    features = torch.from_numpy(np.load(data / "f.npy"))
    targets = torch.from_numpy(np.load(data / "t.npy"))
    targets = targets / targets.norm(dim=-1, keepdim=True)
    head = torch.nn.Parameter(head.clone())
    optimizer = make_optimizer([head])
    schedule = make_schedule(optimizer) if make_schedule else None
    losses, gradient = [], None
    with torch.enable_grad():
        for epoch in range(EPOCHS):
            order = order_of(N, 1, epoch)
            for i in range(N // BATCH):
                rows = order[i * BATCH:(i + 1) * BATCH]
                images = features[rows] @ head.T
                images = images / images.norm(dim=-1, keepdim=True)
                logits = 100 * images @ targets[rows].T
                truth = torch.arange(BATCH)
                loss = (torch.nn.functional.cross_entropy(logits, truth)
                        + torch.nn.functional.cross_entropy(logits.T, truth)
                        ) / 2
                optimizer.zero_grad()
                loss.backward()
                gradient = head.grad.clone() if gradient is None else gradient
                optimizer.step()
                if schedule:
                    schedule.step()
                losses.append(loss.item())
    return head.detach(), losses, gradient


def relative(a, b):
    return float((a - b).abs().max() / b.abs().max())


@pytest.mark.parametrize("options, make_optimizer, make_schedule", [
    ([], lambda p: torch.optim.SGD(p, 1e-3, 0.9, weight_decay=1e-4), None),
    (["--lr", "0.002", "--schedule", "cosine"],
     lambda p: torch.optim.SGD(p, 0.002, 0.9, weight_decay=1e-4),
     lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(
         o, EPOCHS * (N // BATCH))),
    (["--optimizer", "adamw", "--weight-decay", "0.01"],
     lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.01), None),
], ids=["the paper's", "cosine", "adamw"])
def test_losses_and_head_equal_the_reference(expclip, data, tmp_path, options,
                                             make_optimizer, make_schedule):
    first, _ = train(expclip, data, tmp_path / "first", "--epochs", 0)
    head, log = train(expclip, data, tmp_path / "head", "--epochs", EPOCHS,
                      *options)
    expected, losses, _ = reference(data, first, make_optimizer, make_schedule)
    assert [line["step"] for line in log] == list(range(len(losses)))
    assert [line["loss"] for line in log] == [
        pytest.approx(loss, rel=1e-5) for loss in losses]
    assert relative(head, expected) <= 1e-5


def test_the_gradient_equals_autograd(expclip, data, tmp_path):
    """One step of plain SGD is the gradient, times the learning rate."""
    first, _ = train(expclip, data, tmp_path / "first", "--epochs", 0)
    plain = np.load(data / "f.npy")[order_of(N, 1, 0)[:BATCH]]
    targets = np.load(data / "t.npy")[order_of(N, 1, 0)[:BATCH]]
    np.save(tmp_path / "f.npy", plain)
    np.save(tmp_path / "t.npy", targets)
    after, _ = train(expclip, tmp_path, tmp_path / "one", "--epochs", 1,
                     "--momentum", 0, "--weight-decay", 0, "--lr", 1)
    _, _, gradient = reference(data, first, lambda p: torch.optim.SGD(p, 1.0))
    assert relative(first - after, gradient) <= 1e-5


def test_halves_and_safetensors_train_alike(expclip, data, tmp_path):
    features = np.load(data / "f.npy").astype("f2")
    np.save(tmp_path / "f.npy", features)
    save_file({"features": torch.from_numpy(features)}, tmp_path / "f.st")
    heads = []
    for name in ("f.npy", "f.st"):
        out = tmp_path / f"{name}.head"
        expclip.run("train", "--features", tmp_path / name, "--targets",
                    data / "t.npy", "-o", out, "--batch", BATCH, "--epochs", 1,
                    "--quiet")
        heads.append(load_file(out)["mlp.weight"])
    assert torch.equal(*heads)


def test_killed_at_any_moment_it_ends_with_the_same_bytes(expclip, data,
                                                          tmp_path):
    lots = random.Random(3)
    options = ["--epochs", "40", "--checkpoint-steps", "3"]
    start = time.monotonic()
    train(expclip, data, tmp_path / "whole", *options)
    seconds = time.monotonic() - start
    killed = 0
    for turn in range(10):
        out = tmp_path / f"part{turn}"
        while True:
            process = subprocess.Popen(
                [expclip.path, "train", "--features", data / "f.npy",
                 "--targets", data / "t.npy", "-o", out, "--batch", str(BATCH),
                 "--log", f"{out}.jsonl", "--quiet", *options])
            try:
                assert process.wait(lots.uniform(0.3, 1) * seconds) == 0
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                killed += 1
        for ending in ("", ".jsonl"):
            assert open(f"{out}{ending}", "rb").read() == \
                open(f"{tmp_path / 'whole'}{ending}", "rb").read()
    assert killed >= 5
