# SPDX-License-Identifier: MIT
"""JPEG against Pillow: the same pixels, bit for bit, and the same refusals.

Both stand on libjpeg-turbo, so nothing is allowed to differ. DUMP_PIXELS may
name a built dump_pixels.c; otherwise it is compiled here, as make_jpegs.c is.
"""

import itertools
import os
import pathlib
import random
import re
import subprocess
import zlib

import numpy as np
import pytest
from PIL import Image

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
QUALITIES = (1, 10, 35, 60, 75, 90, 95, 100)
SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
SIZES = [(1, 1), (1, 17), (17, 1), (2, 2), (7, 9), (8, 8), (9, 7), (15, 16),
         (16, 15), (16, 16), (17, 33), (33, 17), (31, 64), (48, 48), (65, 40)]
OPTIONS = [{}, {"optimize": True}, {"progressive": True},
           {"restart_marker_blocks": 1}, {"restart_marker_rows": 1},
           {"progressive": True, "restart_marker_rows": 1}]


def compiled(folder, name, *arguments):
    path = folder / name
    subprocess.run(["cc", "-std=gnu11", "-O1", HERE / f"{name}.c", *arguments,
                    "-o", path, "-ljpeg", "-lz", "-lm", "-pthread"],
                   check=True)
    return path


def compiled_dump(folder):
    """dump_pixels, as the build has it or compiled here."""
    path = os.environ.get("DUMP_PIXELS")
    if path:
        return path
    library = ROOT / "libexpclip"
    return compiled(
        folder, "dump_pixels", '-DEXPCLIP_HAVE_JPEG="?"',
        "-DEXPCLIP_HAVE_WEBP", "-I", ROOT / "include", "-I", library,
        *(p for p in (library / "image").glob("*.c") if p.stem != "preprocess"),
        *(library / "base").glob("*.c"),
        *(library / "shared").glob("*.c"), "-lwebpdemux", "-lwebp")


@pytest.fixture(scope="session")
def dump(tmp_path_factory):
    """Decode files: for each a line of dump_pixels."""
    path = compiled_dump(tmp_path_factory.mktemp("dump"))

    def read(files):
        done = subprocess.run([path], input="".join(f"{f}\n" for f in files),
                              capture_output=True, text=True, check=True)
        assert done.stderr == ""
        lines = done.stdout.splitlines()
        assert len(lines) == len(files)
        return lines

    return read


@pytest.fixture(scope="session")
def rare(tmp_path_factory):
    """2,000 files of kinds that Pillow does not write."""
    folder = tmp_path_factory.mktemp("rare")
    subprocess.run([compiled(folder, "make_jpegs"), folder, "2000"], check=True)
    return [folder / f"{i}.jpg" for i in range(2000)]


def pillow(file):
    """What dump_pixels should print; None when Pillow refuses it."""
    try:
        image = Image.open(file, formats=["JPEG"]).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    crc = zlib.crc32(image.tobytes())
    return f"OK {image.width} {image.height} {crc:08x}"


def draw_image(width, height, mode, rng):
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
        draw_image(*size, mode, rng).save(files[-1], **options)
    return files


def assert_equal(dump, files):
    theirs = list(map(pillow, files))
    assert None not in theirs
    different = [(f.name, o, t) for f, o, t in zip(files, dump(files), theirs)
                 if o != t]
    assert not different, (len(different), different[:10])


def test_two_thousand_files_have_pillows_pixels(dump, tmp_path):
    assert_equal(dump, save_all(tmp_path))


def test_two_thousand_rare_files_have_pillows_pixels(dump, rare):
    assert_equal(dump, rare)


def damaged(data, rng):
    """Bits turned, bytes set, left out, put in; cut, with an end or without."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at, kind = rng.randrange(len(data)), rng.randrange(5)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice([0, 255, 0xd9, 0xda, 0xc0, 0xc4, 1])
        elif kind == 2:
            del data[max(at, 4):]
        elif kind == 3 and len(data) > 40:
            del data[at:at + rng.randrange(1, 30)]
        else:
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
    return bytes(data) + (b"\xff\xd9" if rng.random() < 0.3 else b"")


def test_what_pillow_refuses_is_refused(dump, rare, tmp_path):
    """What both accept is equal, but for a progressive file that stops early:
    libjpeg smooths what is coarse, by another rule since release 3. Those of
    arithmetic coding are seldom found to be damaged, so there are a few."""
    rng = random.Random(7)
    files = [tmp_path / f"{i}.jpg" for i in range(5000)]
    for file in files:
        file.write_bytes(damaged(rng.choice(rare).read_bytes(), rng))
    ours, theirs = dump(files), list(map(pillow, files))
    wrong = [(f.name, o, t) for f, o, t in zip(files, ours, theirs)
             if o.startswith("OK") and o != t]
    both = sum(o.startswith("OK") for o in ours)
    coarse = [f for f, o, t in wrong if t and re.search(
        b"\xff[\xc2\xca]", (tmp_path / f).read_bytes())]
    wrong = [w for w in wrong if w[0] not in coarse]
    print(f"{len(files)} damaged files: Pillow accepts "
          f"{len(files) - theirs.count(None)}, libexpclip {both}; "
          f"{len(coarse)} of them coarse and different")
    assert len(coarse) <= 10
    assert not wrong, (len(wrong), wrong[:10])
