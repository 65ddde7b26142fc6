# SPDX-License-Identifier: MIT
"""Every line of Python in the README runs, in a folder that has its files."""

import pathlib
import re
import shutil
import subprocess

import matplotlib
import numpy as np
import PIL.Image
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from conftest import ROOT

README = ROOT / "bindings" / "python" / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"),
                    re.M | re.S)


def write_video(path, images, seconds):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-stream_loop", "-1",
                    "-framerate", "2", "-i", images / "%d.jpg", "-t",
                    str(seconds), "-pix_fmt", "yuv420p", path], check=True)


def write_raf_db(folder, images):
    (folder / "EmoLabel").mkdir(parents=True)
    (folder / "Image" / "aligned").mkdir(parents=True)
    codes = ["surprise", "fear", "disgust", "happiness", "sadness", "anger",
             "neutral"]
    with open(folder / "EmoLabel" / "list_patition_label.txt", "w") as file:
        for i, image in enumerate(images, 1):
            code = codes.index(image.stem.split("_")[0]) + 1
            file.write(f"test_{i:04}.jpg {code}\n")
            shutil.copy(image, folder / "Image" / "aligned"
                        / f"test_{i:04}_aligned.jpg")


@pytest.fixture
def there(tmp_path, faces, monkeypatch):
    """The README's files and names, of drawn faces."""
    for folder in ("faces", "frames"):
        (tmp_path / folder).mkdir()
        for i in range(20):
            PIL.Image.open(faces[i]).save(tmp_path / folder / f"{i}.jpg")
    for name in ("face.jpg", "a.jpg"):
        shutil.copy(faces[13], tmp_path / name)
    PIL.Image.open(faces[0]).resize((640, 480)).save(tmp_path / "phone.jpg")
    write_video(tmp_path / "clip.mp4", tmp_path / "frames", 45)
    shutil.copy(tmp_path / "clip.mp4", tmp_path / "film.mp4")
    scene = faces[0].parents[1] / "scenes/scene_1.png"
    PIL.Image.open(scene).save(tmp_path / "party.jpg")
    write_raf_db(tmp_path / "RAF-DB", faces)
    monkeypatch.chdir(tmp_path)
    image = PIL.Image.open(faces[0])
    return {"pathlib": pathlib, "jpeg_bytes": faces[0].read_bytes(),
            "pil_image": image, "array": np.asarray(image),
            "images": faces[:3], "make_pipeline": make_pipeline,
            "LogisticRegression": LogisticRegression}


def test_every_line_of_the_readme_runs(there):
    matplotlib.use("Agg")
    assert len(BLOCKS) == 8
    for block in BLOCKS:
        exec(compile(block, README.name, "exec"), there)
    assert len(there["found"]) == 4
    assert there["line"].times[0] == 10 and len(there["line"]) == 60
    assert len(there["results"]) == 5
