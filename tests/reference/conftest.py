# SPDX-License-Identifier: MIT
"""What all comparisons share: our program, images, and random models."""

import json
import os
import pathlib
import subprocess

import numpy as np
import pytest
import torch
from PIL import Image

torch.set_grad_enabled(False)


class Program:
    """Our command line program."""

    def __init__(self, path):
        self.path = path

    def run(self, *arguments, **options):
        """Run it; its stdout. A failure shows stderr."""
        done = subprocess.run([self.path, *map(str, arguments)],
                              capture_output=True, encoding="utf-8",
                              **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def lines(self, *arguments, **options):
        """Its JSON Lines."""
        out = self.run(*arguments, "--json", **options)
        return [json.loads(line) for line in out.split("\n") if line]

    def images(self, folder, model, images, *options):
        """Embeddings of images, [n, d]."""
        file = folder / "images.npy"
        self.run("embed", "--images", *images, "--model", model, "-o", file,
                 *options)
        return np.load(file)

    def texts(self, folder, model, texts, *options):
        """Embeddings of texts, [n, d]."""
        file = folder / "texts.npy"
        self.run("embed", "--text", *texts, "--model", model, "-o", file,
                 *options)
        return np.load(file)

    def pixels(self, folder, model, image, *options):
        """What the encoder sees of an image, [3, S, S]."""
        file = folder / "pixels.npy"
        self.run("preprocess", image, "--model", model, "-o", file, *options)
        return np.load(file)


@pytest.fixture(scope="session")
def expclip():
    root = pathlib.Path(__file__).parents[2]
    path = os.environ.get("EXPCLIP", root / "build/release/bin/expclip")
    return Program(os.path.abspath(path))


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """Five images of odd sizes: noise over a gradient."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(7)
    paths = []
    for i, (width, height) in enumerate(
            [(224, 224), (640, 480), (97, 301), (301, 97), (50, 50)]):
        y, x = np.mgrid[0:height, 0:width]
        base = np.stack([x * 255 / width, y * 255 / height,
                         (x + y) * 255 / (width + height)], -1)
        noise = rng.normal(0, 40, (height, width, 3))
        path = folder / f"{i}.png"
        Image.fromarray(np.clip(base + noise, 0, 255).astype("uint8")).save(
            path)
        paths.append(path)
    return paths
