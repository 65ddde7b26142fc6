# SPDX-License-Identifier: MIT
"""Faces from the C renderer, as NumPy arrays.

The renderer is compiled once into a shared library beside the training
output and called through ctypes, which lets go of the interpreter lock.
"""
import ctypes
import pathlib
import subprocess

import numpy as np
import torch
import torch.nn.functional as F

SOURCES = ["canvas.c", "lots.c", "face.c", "pen.c", "features.c", "folds.c",
           "looks.c", "draw_face.c", "framing.c", "describe.c"]
EXPRESSIONS = ["happiness", "sadness", "neutral", "anger", "surprise",
               "disgust", "fear", "contempt"]
ANY_UNITS = len(EXPRESSIONS)
DESCRIPTION_SIZE = 2048  # describe.h


class Renderer:
    def __init__(self, build_dir):
        here = pathlib.Path(__file__).parent
        library = pathlib.Path(build_dir) / "libdraw_face.so"
        library.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-std=c11", "-O2", "-ffp-contract=off",
                        "-shared", "-fPIC", "-o", library,
                        *(here / name for name in SOURCES), "-lm"],
                       check=True)
        self._library = ctypes.CDLL(str(library.resolve()))
        self._library.face_field_name.restype = ctypes.c_char_p
        self.names, self.kinds = self._read_fields()

    def _read_fields(self):
        names, kinds = [], []
        for field in range(self._library.face_field_count()):
            kind = ctypes.c_int()
            name = self._library.face_field_name(field, ctypes.byref(kind))
            names.append(name.decode())
            kinds.append(kind.value)
        return names, kinds

    def draw(self, seed, first, expressions, size, framed=None):
        """-> rgb uint8 [n, size, size, 3], fields float [n, k].

        Where `framed` is not 0 the face lies as in a detector's crop.
        """
        expressions = np.ascontiguousarray(expressions, dtype=np.int32)
        n = len(expressions)
        fields = np.empty((n, len(self.names)), np.float32)
        rgb = np.empty((n, size, size, 3), np.uint8)
        if framed is not None:
            framed = np.ascontiguousarray(framed, dtype=np.int32)
        status = self._library.draw_batch(
            ctypes.c_uint64(seed), first, n, size,
            expressions.ctypes.data_as(ctypes.c_void_p),
            None if framed is None else framed.ctypes.data_as(
                ctypes.c_void_p),
            rgb.ctypes.data_as(ctypes.c_void_p),
            fields.ctypes.data_as(ctypes.c_void_p))
        if status != 0:
            raise RuntimeError(f"draw_batch: size {size} failed")
        return rgb, fields

    def describe(self, fields):
        """fields float [n, k] -> each face's actions in words."""
        fields = np.ascontiguousarray(fields, np.float32)
        text = ctypes.create_string_buffer(len(fields) * DESCRIPTION_SIZE)
        self._library.describe_batch(
            fields.ctypes.data_as(ctypes.c_void_p), len(fields), text)
        return [text[i:i + DESCRIPTION_SIZE].split(b"\0", 1)[0].decode()
                for i in range(0, len(text), DESCRIPTION_SIZE)]


def squash(rgb, size):
    """uint8 [n, h, w, 3] -> uint8 [n, 3, size, size], as preset `expclip`."""
    pixels = torch.from_numpy(rgb).permute(0, 3, 1, 2)
    if pixels.shape[-1] == size:
        return pixels.contiguous()
    return F.interpolate(pixels.contiguous(), size=(size, size),
                         mode="bilinear", antialias=True)
