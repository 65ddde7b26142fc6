# SPDX-License-Identifier: MIT
"""What counts as a picture, and how pictures become a native batch."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from . import _raw
from ._handle import Handle
from ._options import fill, path_of
from .errors import (ArgumentError, ExpclipError, ForkError, OutOfMemoryError,
                     ReadError)

#: A path; encoded bytes (JPEG, PNG, BMP); an open binary file; a PIL image; or
#: pixels uint8 [height, width], [height, width, 3 RGB or 4 RGBA]: NumPy, torch
#: on the CPU, or anything with __array_interface__, __dlpack__ or a buffer.
ImageLike: TypeAlias = Any

_LAYOUTS = {1: _raw.EXPCLIP_PIXELS_GREY, 3: _raw.EXPCLIP_PIXELS_RGB,
            4: _raw.EXPCLIP_PIXELS_RGBA}


@dataclass(frozen=True)
class ImageOptions:
    """How pictures are read. `box` is (x, y, width, height) in pixels, after an
    EXIF turn; `box_margin` is added on each side, 0 to 1 of its size."""

    box: tuple[int, int, int, int] | None = None
    box_margin: float = 0.0
    exif: bool = False
    allow_truncated: bool = False
    max_pixels: int = 67_108_864

    def _to_raw(self) -> Any:
        x, y, width, height = self.box or (0, 0, 0, 0)
        return fill(_raw.expclip_image_options(), box_x=x, box_y=y,
                    box_width=width, box_height=height,
                    box_margin=self.box_margin, exif=self.exif,
                    allow_truncated=self.allow_truncated,
                    max_pixels=self.max_pixels)


def is_one(images: ImageLike) -> bool:
    """Whether this is one picture and not several."""
    if isinstance(images, (str, os.PathLike, bytes, bytearray, memoryview)):
        return True
    if _is_pil(images) or hasattr(images, "read"):
        return True
    if hasattr(images, "shape"):
        return len(images.shape) != 4
    return not hasattr(images, "__iter__")


def source_of(image: ImageLike) -> str | None:
    """The path of a picture, if it has one."""
    if isinstance(image, (str, os.PathLike)):
        return os.fsdecode(image)
    name = getattr(image, "filename", None) or getattr(image, "name", None)
    return name if isinstance(name, str) and name else None


def _is_pil(image: ImageLike) -> bool:
    return hasattr(image, "convert") and hasattr(image, "tobytes")


def _to_array(image: ImageLike) -> np.ndarray[Any, Any]:
    if isinstance(image, np.ndarray):
        return image
    if hasattr(image, "__dlpack__"):
        device = image.__dlpack_device__()[0]
        if int(device) != 1:
            raise ArgumentError("image: an array of another device, expected "
                                "one in the memory of the CPU: image.cpu()")
        return np.from_dlpack(image)
    return np.asarray(image)


def _check_array(array: np.ndarray[Any, Any]) -> None:
    shape = "[" + ", ".join(map(str, array.shape)) + "]"
    if array.dtype != np.uint8:
        raise ArgumentError(
            f"image: dtype {array.dtype}, expected uint8; pixels of 0 to 1 "
            "become that by (image * 255).round().astype('uint8')")
    if array.ndim == 3 and array.shape[2] not in _LAYOUTS:
        hint = ("; channels come last: image.transpose(1, 2, 0), with torch "
                "image.permute(1, 2, 0)" if array.shape[0] in _LAYOUTS else "")
        raise ArgumentError(f"image: shape {shape}, expected "
                            f"[height, width, 1, 3 or 4]{hint}")
    if array.ndim not in (2, 3) or array.size == 0:
        raise ArgumentError(f"image: shape {shape}, expected "
                            "[height, width] or [height, width, channels]")


def _add_array(batch: Any, array: np.ndarray[Any, Any], raw: Any) -> None:
    _check_array(array)
    array = np.ascontiguousarray(array)
    channels = array.shape[2] if array.ndim == 3 else 1
    _raw.expclip_batch_add_pixels(batch, array, array.shape[1], array.shape[0],
                                  0, _LAYOUTS[channels], raw)


def _add_pil(batch: Any, image: ImageLike, raw: Any) -> None:
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGB")
    _add_array(batch, np.asarray(image), raw)


def add(batch: Any, image: ImageLike, raw: Any) -> None:
    """Add a picture to a native batch."""
    if isinstance(image, (str, os.PathLike)):
        _raw.expclip_batch_add_file(batch, path_of(image), raw)
    elif isinstance(image, (bytes, bytearray)) or (
            isinstance(image, memoryview) and image.ndim == 1):
        _raw.expclip_batch_add_bytes(batch, image, raw)
    elif _is_pil(image):
        _add_pil(batch, image, raw)
    elif hasattr(image, "read"):
        data = image.read()
        if not isinstance(data, bytes):
            raise ArgumentError("image: a file of text, expected one opened "
                                "with mode 'rb'")
        _raw.expclip_batch_add_bytes(batch, data, raw)
    elif image is None or np.isscalar(image):
        raise ArgumentError(f"image: {type(image).__name__}, expected a path, "
                            "bytes, a file, a PIL image or an array")
    else:
        _add_array(batch, _to_array(image), raw)


@dataclass
class Batch:
    """Decoded pictures of one forward pass, item by item of the inputs."""

    handle: Handle
    errors: list[ExpclipError | None]
    sources: list[str | None]
    rows: list[int]  # in the native batch; -1 = it never got there

    def spread(self, native: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Rows of the native batch to rows of the inputs, NaN where none."""
        rows = np.array(self.rows)
        out = np.full((len(rows), native.shape[1]), np.nan, np.float32)
        out[rows >= 0] = native[rows[rows >= 0]]
        return out


class Decoder:
    """Cuts pictures into batches and decodes them."""

    def __init__(self, model: Handle, images: Iterable[ImageLike],
                 options: ImageOptions | None, batch_size: int) -> None:
        if batch_size < 1:
            raise ArgumentError(f"batch_size: {batch_size}, expected 1 or more")
        self._model = model
        self._images = iter(images)
        self._options = options._to_raw() if options else None
        self._batch_size = batch_size

    def __iter__(self) -> Iterator[Batch]:
        while (batch := self.decode()).errors:
            yield batch

    def decode(self) -> Batch:
        """The next batch; empty at the end."""
        with self._model as model:
            handle = Handle("batch", _raw.expclip_batch_create(model),
                            _raw.expclip_batch_free)
        batch = Batch(handle, [], [], [])
        with handle as native:
            for image in itertools.islice(self._images, self._batch_size):
                n = _raw.expclip_batch_count(native)
                batch.sources.append(source_of(image))
                batch.errors.append(_try_add(native, image, self._options))
                there = _raw.expclip_batch_count(native) > n
                batch.rows.append(n if there else -1)
        return batch


def _try_add(native: Any, image: ImageLike, raw: Any) -> ExpclipError | None:
    """Why this picture failed; what is no picture's fault is raised."""
    try:
        add(native, image, raw)
    except (ForkError, OutOfMemoryError):
        raise
    except ExpclipError as error:
        return error
    except OSError as error:
        return ReadError(f"image: {error}")
    except (TypeError, ValueError, OverflowError) as error:
        return ArgumentError(f"image: {error}")
    return None
