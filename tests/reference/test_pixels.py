# SPDX-License-Identifier: MIT
"""What the image encoder sees, against Pillow and torchvision's rules.

Tolerance: 2 of 255 levels. Pillow rounds to 8 bits between its two passes of
resizing, libtorch does so with other fixed-point weights; a level or two apart
is what that rounding makes.

The passes are written out here, first across and then down: so did every
Pillow until 12, with which CLIP and Exp-CLIP were trained. Since 13 it begins
with the height when that shrinks much more (python-pillow/Pillow#9549), which
moves up to 13 levels where the width grows and bicubic weights overshoot.
"""

import itertools

import numpy as np
import pytest
from PIL import Image

LEVELS = 2
MEAN = np.array([0.48145466, 0.4578275, 0.40821073]).reshape(3, 1, 1)
STD = np.array([0.26862954, 0.26130258, 0.27577711]).reshape(3, 1, 1)
# Wider, narrower, larger, smaller than what the encoder sees; odd and even
# rests of the centre crop; one pixel; ends of the scale.
SIZES = [(224, 224), (64, 64), (225, 224), (224, 227), (640, 480), (481, 640),
         (50, 50), (31, 33), (1, 1), (3, 500), (500, 3), (2000, 31),
         (1023, 767), (4000, 3000)]
MODES = ["RGB", "RGBA", "L", "LA", "P", "1"]


def resize(image, width, height, method):
    """Image.resize() of Pillow 12 and before."""
    across = image.resize((width, image.height), method)
    return across.resize((width, height), method)


def centre(image, size):
    """torchvision's Resize(size) and CenterCrop(size)."""
    width, height = image.size
    short, long = min(width, height), max(width, height)
    if short != size:
        longer = int(size * long / short)
        image = resize(image, *((size, longer) if width <= height
                                else (longer, size)),
                       Image.Resampling.BICUBIC)
    width, height = image.size
    left = int(round((width - size) / 2.0))
    top = int(round((height - size) / 2.0))
    return image.crop((left, top, left + size, top + size))


def squash(method):
    return lambda image, size: resize(image, size, size, method)


PRESETS = {
    "expclip": (squash(Image.Resampling.BILINEAR), 0, 1),
    "clip": (centre, MEAN, STD),
    "clip-squash": (squash(Image.Resampling.BICUBIC), MEAN, STD),
}


def expected(path, preset, size):
    """Levels 0..255, [3, S, S]."""
    image = PRESETS[preset][0](Image.open(path).convert("RGB"), size)
    return np.asarray(image).astype(float).transpose(2, 0, 1)


def levels(pixels, preset):
    _, mean, std = PRESETS[preset]
    return (pixels * std + mean) * 255


def draw_image(width, height, mode, seed=3):
    """Edges and noise, where resizing differs most."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    shape = np.stack([(x // 7 + y // 5) % 2 * 255, x * 255 / width,
                      y * 255 / height], -1)
    noise = rng.integers(-60, 60, (height, width, 3))
    image = Image.fromarray(np.clip(shape + noise, 0, 255).astype("uint8"))
    if mode in ("RGBA", "LA"):
        alpha = Image.fromarray((shape[..., 0] // 2).astype("uint8"))
        image = image.convert(mode[:-1])
        image.putalpha(alpha)
    elif mode == "P":
        image = image.quantize(200)
    else:
        image = image.convert(mode)
    return image


@pytest.mark.parametrize("preset", PRESETS)
def test_png_is_what_pillow_makes_of_it(expclip, tmp_path, preset):
    worst, equal = 0, []
    modes = MODES if preset == "expclip" else ["RGB"]
    for (width, height), mode in itertools.product(SIZES, modes):
        if mode != "RGB" and (width, height) not in SIZES[4:8]:
            continue
        path = tmp_path / "image.png"
        draw_image(width, height, mode).save(path)
        pixels = expclip.pixels(tmp_path, "demo", path, "--preprocess", preset)
        ours = levels(pixels, preset)
        difference = np.abs(
            ours - expected(path, preset, pixels.shape[-1])).max()
        worst = max(worst, difference)
        equal.append(difference < 0.5)
        assert difference <= LEVELS + 0.01, (width, height, mode, difference)
    print(f"{preset}: {len(equal)} images, at most {worst:.2f} levels apart, "
          f"{sum(equal)} of them equal in every pixel")


@pytest.mark.parametrize("size", [(16384, 1), (1, 16384)])
def test_the_narrowest_image_is_squashed(expclip, tmp_path, size):
    path = tmp_path / "narrow.png"
    draw_image(*size, "RGB").save(path)
    pixels = expclip.pixels(tmp_path, "demo", path, "--preprocess", "expclip")
    difference = np.abs(levels(pixels, "expclip") -
                        expected(path, "expclip", pixels.shape[-1]))
    assert difference.max() <= LEVELS + 0.01


def test_a_jpeg_is_what_pillow_makes_of_it(expclip, tmp_path):
    """Decoded to the same pixels (test_jpeg_pixels.py), so as near as PNG."""
    jpeg, png = [], []
    for quality, sampling, progressive in itertools.product(
            (50, 75, 95), (0, 2), (False, True)):
        jpeg.append(tmp_path / f"{quality}{sampling}{progressive}.jpg")
        draw_image(301, 203, "RGB").save(jpeg[-1], quality=quality,
                                      subsampling=sampling,
                                      progressive=progressive)
        png.append(jpeg[-1].with_suffix(".png"))
        Image.open(jpeg[-1]).convert("RGB").save(png[-1])
        pixels = expclip.pixels(tmp_path, "demo", jpeg[-1], "--preprocess",
                                "expclip")
        difference = np.abs(levels(pixels, "expclip") -
                            expected(jpeg[-1], "expclip", pixels.shape[-1]))
        print(f"quality {quality}, sampling {sampling}, progressive "
              f"{progressive}: mean {difference.mean():.3f}, "
              f"largest {difference.max():.1f}")
        assert difference.max() <= LEVELS + 0.01
    cosines = (expclip.images(tmp_path, "demo", jpeg) *
               expclip.images(tmp_path, "demo", png)).sum(-1)
    print(f"cosine at least {cosines.min():.6f}")
    assert cosines.min() >= 0.99999
