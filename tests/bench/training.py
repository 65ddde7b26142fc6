#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference's head training from features that are there: `expclip train`
and the same loop in PyTorch, whole processes taking turns.

    python tests/bench/training.py build/release/bin/expclip --rounds 5

48,640 rows of 512 (ViT-B/32) and 4096 (xxl), random; batch 512, 5 epochs.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

N, DIM, TARGET, BATCH, EPOCHS = 48640, 512, 4096, 512, 5


def run_pytorch(folder, threads):
    """Zhao et al., train.py, without the encoders."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    features = torch.from_numpy(np.load(folder / "f.npy"))
    targets = torch.nn.functional.normalize(
        torch.from_numpy(np.load(folder / "t.npy")))
    head = torch.nn.Linear(DIM, TARGET, bias=False)
    optimizer = torch.optim.SGD(head.parameters(), 1e-3, momentum=0.9,
                                weight_decay=1e-4)
    cross_entropy = torch.nn.CrossEntropyLoss()
    labels = torch.arange(BATCH)
    for _ in range(EPOCHS):
        order = torch.randperm(N)
        for at in range(0, N - BATCH + 1, BATCH):
            rows = order[at:at + BATCH]
            faces = torch.nn.functional.normalize(head(features[rows]))
            logits = 100 * faces @ targets[rows].T
            loss = (cross_entropy(logits, labels)
                    + cross_entropy(logits.T, labels)) / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    torch.save(head.state_dict(), folder / "head.pth")


def write_inputs(folder):
    numbers = np.random.default_rng(1)
    for file, dim in (("f.npy", DIM), ("t.npy", TARGET)):
        np.save(folder / file, numbers.standard_normal((N, dim), np.float32))


def run(command):
    """Seconds and peak GB of a process. (Its peak begins at ours, so that this
    process stays small.)"""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command}: failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1e6


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("program")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--inputs", type=pathlib.Path, help=argparse.SUPPRESS)
    p.add_argument("--worker", type=pathlib.Path, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.inputs:
        return write_inputs(a.inputs)
    if a.worker:
        return run_pytorch(a.worker, a.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run([sys.executable, __file__, a.program, "--inputs", folder])
        commands = {
            "ours": [a.program, "train", "--features", folder / "f.npy",
                     "--targets", folder / "t.npy", "-o", folder / "head",
                     "--threads", str(a.threads)],
            "PyTorch": [sys.executable, __file__, a.program, "--worker", folder,
                        "--threads", str(a.threads)]}
        turns = {who: [] for who in commands}
        for _ in range(a.rounds):
            for who, command in commands.items():
                turns[who].append(run(command))
                subprocess.run(["rm", "-rf", folder / "head.checkpoints"])
    for who, found in turns.items():
        print(f"| {who} | {statistics.median(s for s, _ in found):.1f} | "
              f"{min(s for s, _ in found):.1f} | "
              f"{1000 * max(gb for _, gb in found):.0f} |")
    ratio = statistics.median(
        x / y for (x, _), (y, _) in zip(turns["ours"], turns["PyTorch"]))
    print(f"ours / PyTorch, median of turns: {ratio:.2f}")


main()
