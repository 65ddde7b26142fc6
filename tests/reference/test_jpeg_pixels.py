# SPDX-License-Identifier: MIT
"""JPEG against Pillow: the same pixels, bit for bit, and the same refusals.

Both stand on libjpeg-turbo, so nothing is allowed to differ. DUMP_PIXELS may
name a built dump_pixels.c; otherwise it is compiled here.
"""

import itertools
import os
import pathlib
import random
import subprocess
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

ROOT = pathlib.Path(__file__).parents[2]
QUALITIES = (1, 10, 35, 60, 75, 90, 95, 100)
# Pillow's names, and the sampling factors of Y that it takes from a table.
SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
SIZES = [(1, 1), (1, 17), (17, 1), (2, 2), (7, 9), (8, 8), (9, 7), (15, 16),
         (16, 15), (16, 16), (17, 33), (33, 17), (31, 64), (48, 48), (65, 40)]
OPTIONS = [{}, {"optimize": True}, {"progressive": True},
           {"restart_marker_blocks": 1}, {"restart_marker_rows": 1},
           {"progressive": True, "restart_marker_rows": 1}]


@pytest.fixture(scope="session")
def dump(tmp_path_factory):
    """Decode files: a list of (width, height, CRC) or of a message."""
    path = os.environ.get("DUMP_PIXELS")
    if not path:
        path = tmp_path_factory.mktemp("dump") / "dump_pixels"
        image = ROOT / "libexpclip/image"
        sources = [p for p in image.glob("*.c") if p.stem != "preprocess"]
        subprocess.run(
            ["cc", "-std=gnu11", "-O1", '-DEXPCLIP_HAVE_JPEG="?"', "-I",
             ROOT / "include", "-I", ROOT / "libexpclip",
             ROOT / "tests/reference/dump_pixels.c", *sources,
             *(ROOT / "libexpclip/base").glob("*.c"), "-o", path, "-ljpeg",
             "-lz", "-lm", "-pthread"],
            check=True)

    def read(files):
        done = subprocess.run([path], input="".join(f"{f}\n" for f in files),
                              capture_output=True, text=True, check=True)
        assert done.stderr == ""
        lines = done.stdout.splitlines()
        assert len(lines) == len(files)
        return lines

    return read


def pillow(file):
    """What dump_pixels should print; None when Pillow refuses it."""
    try:
        image = Image.open(file)
        assert image.format in ("JPEG", "MPO")
        image = image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    crc = zlib.crc32(image.tobytes())
    return f"OK {image.width} {image.height} {crc:08x}"


def picture(width, height, mode, rng):
    """Edges, slopes and noise."""
    y, x = np.mgrid[0:height, 0:width]
    n = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
    planes = [(x * (i + 1) * 9 + y * 5) % 256 if rng.random() < 0.5 else
              (x // 3 + y // 4) % 2 * 255 for i in range(n)]
    noise = np.array([[rng.gauss(0, 25) for _ in range(width)]
                      for _ in range(height)])
    pixels = np.clip(np.stack(planes, -1) + noise[..., None], 0, 255)
    pixels = pixels.astype("uint8")
    return Image.fromarray(pixels[..., 0] if n == 1 else pixels, mode)


def save_all(folder):
    """2,000 files of all that Pillow writes."""
    rng = random.Random(13)
    files = []
    kinds = list(itertools.product(QUALITIES, SAMPLINGS, OPTIONS,
                                   ("RGB", "L", "CMYK", "keep_rgb")))
    for i in range(2000):
        quality, sampling, options, kind = kinds[i % len(kinds)]
        size = SIZES[rng.randrange(len(SIZES))]
        mode = "RGB" if kind == "keep_rgb" else kind
        options = dict(options, quality=quality)
        if kind == "keep_rgb":
            options["keep_rgb"] = True
        elif mode != "L":
            options["subsampling"] = sampling
        files.append(folder / f"{i}.jpg")
        picture(*size, mode, rng).save(files[-1], **options)
    return files


def test_two_thousand_files_have_pillows_pixels(dump, tmp_path):
    files = save_all(tmp_path)
    different = [(f.name, ours, theirs) for f, ours, theirs in
                 zip(files, dump(files), map(pillow, files)) if ours != theirs]
    assert not different, (len(different), different[:10])
