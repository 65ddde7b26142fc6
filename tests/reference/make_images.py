# SPDX-License-Identifier: MIT
"""Write the small images of tests/data/images.

    python3 tests/reference/make_images.py tests/data/images

All show the pattern that tests/unit/test_decode.c knows: 6 x 4 pixels of
(40 x, 60 y, 255 - 40 x), or of grey 40 x + y; JPEG a plain (200, 100, 50)
above a plain (20, 40, 220).
"""

import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image

y, x = np.mgrid[0:4, 0:6]
RGB = np.stack([40 * x, 60 * y, 255 - 40 * x], -1).astype("uint8")
GREY = (40 * x + y).astype("uint8")
ALPHA = (x % 2 * 255).astype("uint8")
PHOTO = np.empty((32, 16, 3), "uint8")
PHOTO[:16], PHOTO[16:] = (200, 100, 50), (20, 40, 220)


def chunk(name, data):
    return (struct.pack(">I", len(data)) + name + data +
            struct.pack(">I", zlib.crc32(name + data)))


def png(path, rows, depth, colour, interlaced=0, extra=b""):
    """The kinds that Pillow does not write."""
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" +
        chunk(b"IHDR", struct.pack(">IIBBBBB", 6, 4, depth, colour, 0, 0,
                                   interlaced)) +
        extra + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def interlaced_rows(pixels):
    """Adam7: seven passes."""
    for top, left, down, right in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4),
                                   (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
                                   (1, 0, 2, 1)]:
        part = pixels[top::down, left::right]
        if part.size:
            yield from (row.tobytes() for row in part)


def main(folder):
    rgb, grey = Image.fromarray(RGB), Image.fromarray(GREY)
    rgb.save(folder / "rgb.png")
    Image.fromarray(np.dstack([RGB, ALPHA])).save(folder / "rgba.png")
    Image.fromarray(np.dstack([GREY, ALPHA])).save(folder / "grey_alpha.png")
    grey.save(folder / "grey.png")
    palette = rgb.quantize(24, dither=Image.Dither.NONE)
    palette.save(folder / "palette.png")
    palette.save(folder / "palette_transparent.png", transparency=3)
    png(folder / "rgb16.png", (r.astype(">u2").tobytes()
                               for r in RGB.astype(int) * 256 + 77), 16, 2)
    png(folder / "grey16.png", (r.astype(">u2").tobytes()
                                for r in GREY.astype(int) * 256 + 77), 16, 0)
    png(folder / "interlaced.png", interlaced_rows(RGB), 8, 2, 1)
    # Two colours, and pixels that ask for a third: black.
    png(folder / "palette_short.png", [bytes([0, 1, 2, 0, 1, 255])] * 4, 8, 3,
        extra=chunk(b"PLTE", bytes([10, 20, 30, 40, 50, 60])))
    rgb.save(folder / "rgb.bmp")
    palette.save(folder / "palette.bmp")
    palette.save(folder / "still.gif")
    photo = Image.fromarray(PHOTO)
    photo.save(folder / "baseline.jpg", quality=95)
    photo.save(folder / "progressive.jpg", quality=95, progressive=True)
    photo.convert("L").save(folder / "grey.jpg", quality=95)
    photo.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    exif = Image.Exif()
    exif[0x0112] = 6  # the top is at the right
    photo.save(folder / "turned.jpg", quality=95, exif=exif)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
