# SPDX-License-Identifier: MIT
"""Faces in a notebook: the photograph, with boxes as SVG above it. It stands
in the page itself, so that a stored notebook shows it everywhere."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Iterable

import numpy as np

from .errors import ExpclipError
from .faces import ByteArray, Face, Faces

_LONG_SIDE = 640  # of the photograph as shown
_OUTLINE = ("fill='none' vector-effect='non-scaling-stroke' stroke='{}' "
            "stroke-width='{}'")


def photograph(faces: Faces, marked: Iterable[Face]) -> str:
    """The image as HTML, with the boxes of some of its faces."""
    try:
        shown = _shrunk(faces.image())
    except ExpclipError as error:  # closed, or a damaged frame
        from .predictions import failure_html
        return f"<p>{failure_html(error)}</p>"
    boxes = "".join(_outline(face, faces) for face in marked)
    return ("<div style='position:relative;display:inline-block;"
            "max-width:100%'><img alt='' style='display:block;max-width:100%' "
            f"src='{_data_uri(shown)}'>"
            f"<svg viewBox='0 0 {faces.width} {faces.height}' "
            "preserveAspectRatio='none' style='position:absolute;left:0;top:0;"
            f"width:100%;height:100%'>{boxes}</svg></div>")


def _outline(face: Face, faces: Faces) -> str:
    """A box, light on dark, and its number where there are more."""
    x, y, width, height = face.box
    place = f"x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}'"
    rects = "".join(f"<rect {place} {_OUTLINE.format(*look)}/>"
                    for look in (("#0008", 4), ("#fff", 2)))
    high = 0.04 * max(faces.width, faces.height)
    number = (f"<text x='{x + high / 5:.1f}' y='{y + high:.1f}' fill='#fff' "
              f"font-size='{high:.1f}' font-family='sans-serif' "
              f"font-weight='bold' stroke='#000b' paint-order='stroke' "
              f"stroke-width='{high / 6:.1f}'>{face.index}</text>")
    return rects + (number if len(faces) > 1 else "")


def _shrunk(rgb: ByteArray) -> ByteArray:
    """By a whole number, each pixel the mean of those that it stands for."""
    n = -(-max(rgb.shape[:2]) // _LONG_SIDE)
    down, across = (min(n, side) for side in rgb.shape[:2])
    height, width = rgb.shape[0] // down, rgb.shape[1] // across
    blocks = rgb[:height * down, :width * across].reshape(
        height, down, width, across, 3)
    small: ByteArray = np.rint(blocks.mean(axis=(1, 3), dtype=np.float32)
                               ).astype(np.uint8)
    return small


def _data_uri(rgb: ByteArray) -> str:
    try:
        from PIL import Image
    except ImportError:
        kind, data = "png", _png(rgb)
    else:
        buffer = io.BytesIO()
        Image.fromarray(rgb).save(buffer, "JPEG", quality=85)
        kind, data = "jpeg", buffer.getvalue()
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _png(rgb: ByteArray) -> bytes:
    """A PNG file, without a library for it."""
    height, width, _ = rgb.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # 0 = no filter
    rows[:, 1:] = rgb.reshape(height, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0,
                                         0))
            + chunk(b"IDAT", zlib.compress(rows.tobytes()))
            + chunk(b"IEND", b""))
