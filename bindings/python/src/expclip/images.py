# SPDX-License-Identifier: MIT
"""What counts as an image, and how images become a native batch."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from . import _raw
from ._arrays import (check_shape, check_size, check_values, library_of,
                      to_numpy, to_pixels)
from ._handle import Handle
from ._options import fill, path_of
from .errors import (ArgumentError, ClosedError, ExpclipError, ForkError,
                     OutOfMemoryError, ReadError, make)
from .faces import Face, FaceRule, Faces

#: A path; encoded bytes (JPEG, PNG, BMP, GIF's first frame, and WebP in builds
#: with libwebp); an open binary file; a PIL image; or pixels: NumPy, torch on
#: the CPU, or anything with __array__, __array_interface__, __dlpack__ or a
#: buffer, in uint8 or as floats of 0 to 1; [height, width], or with 1, 3 RGB or
#: 4 RGBA channels, last or first.
ImageLike: TypeAlias = Any

_LAYOUTS = {1: _raw.EXPCLIP_PIXELS_GREY, 3: _raw.EXPCLIP_PIXELS_RGB,
            4: _raw.EXPCLIP_PIXELS_RGBA}
_BGR_LAYOUTS = {1: _raw.EXPCLIP_PIXELS_GREY, 3: _raw.EXPCLIP_PIXELS_BGR,
                4: _raw.EXPCLIP_PIXELS_BGRA}
_WIDE_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N")

# PIL's transpose() for the EXIF orientations 2 to 8.
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}


@dataclass(frozen=True)
class ImageOptions:
    """How images are read. `box` is (x, y, width, height) in pixels, after an
    EXIF turn; `box_margin` is added on each side, 0 to 1 of its size. `bgr` is
    of arrays alone: their channels are blue first, as OpenCV has them."""

    box: tuple[int, int, int, int] | None = None
    box_margin: float = 0.0
    exif: bool = False
    allow_truncated: bool = False
    max_pixels: int = 67_108_864
    bgr: bool = False

    def _to_raw(self) -> Any:
        x, y, width, height = self.box or (0, 0, 0, 0)
        return fill(_raw.expclip_image_options(), box_x=x, box_y=y,
                    box_width=width, box_height=height,
                    box_margin=self.box_margin, exif=self.exif,
                    allow_truncated=self.allow_truncated,
                    max_pixels=self.max_pixels)


def _is_table(images: ImageLike) -> bool:
    return hasattr(images, "columns") and (
        hasattr(images, "iloc") or hasattr(images, "to_dicts")
        or hasattr(images, "to_pylist"))


def _is_column(images: ImageLike) -> bool:
    """Of pandas, polars or Arrow."""
    return library_of(images) in ("pandas", "polars", "pyarrow")


def is_one(images: ImageLike) -> bool:
    """Whether this is one image and not several."""
    if isinstance(images, (str, os.PathLike, bytes, bytearray)):
        return True
    if _is_pil(images) or hasattr(images, "read"):
        return True
    if _is_table(images) or _is_column(images):
        return False
    if isinstance(images, np.ndarray) and images.dtype.kind in "OSUT":
        return images.ndim == 0
    shape = getattr(images, "shape", None)
    if shape is not None:
        return len(shape) != 4
    return not hasattr(images, "__iter__")


def items_of(images: ImageLike, options: ImageOptions | None = None,
             ) -> Iterable[ImageLike]:
    """Several images one by one; a single one is the only item.

    Arrays and columns of paths are lists of them. What holds of an array of
    images is told of all at once, before the first.
    """
    if _is_table(images):
        raise ArgumentError(_table_text(images))
    if is_one(images) or isinstance(images, Faces):
        return [images]
    if hasattr(images, "to_pylist"):
        found: list[ImageLike] = images.to_pylist()
        return found
    if isinstance(images, np.ndarray) and images.dtype.kind in "OSUT":
        return _paths_of(images)
    if len(getattr(images, "shape", ())) == 4:
        return _stack_of(images, options or ImageOptions())
    several: Iterable[ImageLike] = images
    return several


def _table_text(table: ImageLike) -> str:
    names = [str(name) for name in getattr(table, "column_names",
                                           table.columns)]
    likely = [name for name in names for word in ("path", "file", "image")
              if word in name.lower()]
    name = (likely or names or ["path"])[0]
    return (f"images: a {type(table).__name__} with the columns "
            f"{', '.join(map(repr, names))}, expected one column: "
            f"table[{name!r}]")


def _paths_of(array: np.ndarray[Any, Any]) -> list[ImageLike]:
    if array.ndim != 1:
        raise ArgumentError(f"images: an array of dtype {array.dtype} and "
                            f"shape {array.shape}, expected a list of paths or "
                            "images: array.ravel()")
    found = array.tolist()
    return [os.fsdecode(p) for p in found] if array.dtype.kind == "S" else found


def _stack_of(images: ImageLike,
              options: ImageOptions) -> Iterator[ImageLike]:
    shape = tuple(images.shape)
    if shape[0] == 0:
        return iter(())
    layout = check_shape(shape[1:], images, options.max_pixels)
    array = to_numpy(images)
    check_values(array, layout, library_of(images))
    return iter(array)


def source_of(image: ImageLike) -> str | None:
    """The path of an image, if it has one."""
    if isinstance(image, (str, os.PathLike)):
        return os.fsdecode(image)
    if isinstance(image, Faces):
        return image.source
    name = getattr(image, "filename", None) or getattr(image, "name", None)
    return name if isinstance(name, str) and name else None


def _is_pil(image: ImageLike) -> bool:
    return hasattr(image, "convert") and hasattr(image, "tobytes")


class Receiver(NamedTuple):
    """The native functions to which an image goes: a batch's, or those of a
    detector. They take what the image is, and then the native options."""

    file: Callable[..., Any]
    data: Callable[..., Any]
    pixels: Callable[..., Any]


def _give_array(image: ImageLike, options: ImageOptions, raw: Any,
                to: Receiver) -> Any:
    array = image if hasattr(image, "shape") else to_numpy(image)
    layout = check_shape(tuple(array.shape), image, options.max_pixels)
    array = to_numpy(array)
    check_values(array, layout, library_of(image))
    pixels = to_pixels(array, layout)
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    layouts = _BGR_LAYOUTS if options.bgr else _LAYOUTS
    return to.pixels(pixels, pixels.shape[1], pixels.shape[0], 0,
                     layouts[channels], raw)


def _turned(image: ImageLike) -> ImageLike:
    """As EXIF says; EXIF that cannot be read says nothing."""
    try:
        turn = _TURNS.get(image.getexif().get(0x0112))
    except Exception:
        return image
    return image if turn is None else image.transpose(turn)


def _high_bytes(image: ImageLike) -> Any:
    """Of 16 bits the high 8, as of files: Pillow makes all above 255 white."""
    values = np.asarray(image)
    if image.mode == "I" and values.max(initial=0) <= 255:
        return values.clip(0).astype("u1")  # 8 bits in a wide mode
    return (values.clip(0, 65535) >> 8).astype("u1")


def _give_pil(image: ImageLike, options: ImageOptions, raw: Any,
              to: Receiver) -> Any:
    """Modes become RGB as the C library makes them of files."""
    width, height = image.size
    check_size(width, height, options.max_pixels)
    if options.exif:
        image = _turned(image)
    if image.mode in ("P", "PA"):  # without Pillow's warning
        image = image.convert("RGBA")
    elif image.mode not in ("RGB", "RGBA", "L", "F", *_WIDE_MODES):
        image = image.convert("RGB")
    if image.mode in _WIDE_MODES:
        pixels = _high_bytes(image)
    else:
        pixels = np.asarray(image)
    if image.mode == "F":
        check_values(pixels, "none", "PIL")
        pixels = to_pixels(pixels, "none")
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    return to.pixels(np.ascontiguousarray(pixels), pixels.shape[1],
                     pixels.shape[0], 0, _LAYOUTS[channels], raw)


def give(image: ImageLike, options: ImageOptions, raw: Any,
         to: Receiver) -> Any:
    """Give an image to native code; what that returns."""
    if isinstance(image, np.ndarray) and image.ndim == 0:
        image = image.item()
    if isinstance(image, (str, os.PathLike)):
        return to.file(path_of(image), raw)
    if isinstance(image, (bytes, bytearray)) or (
            isinstance(image, memoryview) and image.ndim == 1):
        return to.data(image, raw)
    if _is_pil(image):
        return _give_pil(image, options, raw, to)
    if hasattr(image, "read"):
        data = image.read()
        if not isinstance(data, bytes):
            raise ArgumentError("image: a file of text, expected one opened "
                                "with mode 'rb'")
        return to.data(data, raw)
    if image is None or isinstance(image, Face) or (
            np.isscalar(image) and not isinstance(image, memoryview)):
        raise ArgumentError(f"image: {type(image).__name__}, expected a path, "
                            "bytes, a file, a PIL image or an array"
                            + (", or the Faces that it is of"
                               if isinstance(image, Face) else ""))
    return _give_array(image, options, raw, to)


@contextlib.contextmanager
def image_errors() -> Iterator[None]:
    """What reading a Python object raises becomes an error of this package."""
    try:
        yield
    except ExpclipError:
        raise
    except OSError as error:
        raise ReadError(f"image: {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentError(f"image: {error}") from error


@dataclass
class Batch:
    """Decoded images of one forward pass, item by item of the inputs; an image
    whose faces were wanted gives an item for each."""

    handle: Handle
    errors: list[ExpclipError | None] = field(default_factory=list)
    sources: list[str | None] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # in the native batch; -1 =
    # it never got there
    places: list[tuple[int, Face | None]] = field(default_factory=list)
    # of each item: the number of its image, and its face

    def add(self, row: int, error: ExpclipError | None, source: str | None,
            image: int, face: Face | None = None) -> None:
        """Say what became of an item."""
        self.rows.append(row)
        self.errors.append(error)
        self.sources.append(source)
        self.places.append((image, face))

    def spread(self, native: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Rows of the native batch to rows of the inputs, NaN where none."""
        rows = np.array(self.rows, np.intp)
        out = np.full((len(rows), native.shape[1]), np.nan, np.float32)
        out[rows >= 0] = native[rows[rows >= 0]]
        return out


class Decoder:
    """Cuts images into batches and decodes them. The faces of one image stay
    in one batch, so that it is decoded once."""

    def __init__(self, model: Handle, images: Iterable[ImageLike],
                 options: ImageOptions | None, batch_size: int,
                 rule: FaceRule | None = None) -> None:
        if batch_size < 1:
            raise ArgumentError(f"batch_size: {batch_size}, expected 1 or more")
        self._model = model
        self._options = options or ImageOptions()
        self._images = enumerate(items_of(images, options))
        self._raw = self._options._to_raw()
        self._batch_size = batch_size
        self._rule = rule or FaceRule()

    def __iter__(self) -> Iterator[Batch]:
        while (batch := self.decode()).errors:
            yield batch

    def decode(self) -> Batch:
        """The next batch; empty at the end."""
        with self._model as model:
            batch = Batch(Handle("batch", _raw.expclip_batch_create(model),
                                 _raw.expclip_batch_free))
        with batch.handle as native:
            for number, image in self._images:
                self._add(batch, native, number, image)
                if len(batch.errors) >= self._batch_size:
                    break
        return batch

    def _add(self, batch: Batch, native: Any, number: int,
             image: ImageLike) -> None:
        n = int(_raw.expclip_batch_count(native))
        source = source_of(image)
        faces, error = self._try_add(native, image)
        rows = range(n, int(_raw.expclip_batch_count(native)))
        if not rows:
            batch.add(-1, error, source, number)
        for row in rows:
            status = _raw.expclip_batch_status(native, row)
            face = int(_raw.expclip_batch_face(native, row))
            batch.add(row, make(status, str(
                _raw.expclip_batch_message(native, row))) if status else None,
                source, number, faces[face] if faces and face >= 0 else None)

    def _try_add(self, native: Any, image: ImageLike,
                 ) -> tuple[Faces | None, ExpclipError | None]:
        """The faces, where they are wanted, and why the image failed; what is
        no image's fault is raised."""
        faces = None
        try:
            faces = self._rule.faces_of(image, self._options)
            if faces is None:
                _add_image(native, image, self._options, self._raw)
            else:
                with faces._handle as found:
                    _raw.expclip_batch_add_faces(native, found,
                                                 self._rule.which,
                                                 self._rule.crop)
        except (ClosedError, ForkError, OutOfMemoryError):
            raise
        except ExpclipError as error:
            return faces, error
        return faces, None


def _add_image(native: Any, image: ImageLike, options: ImageOptions,
               raw: Any) -> None:
    with image_errors():
        give(image, options, raw, Receiver(*(
            functools.partial(function, native) for function in
            (_raw.expclip_batch_add_file, _raw.expclip_batch_add_bytes,
             _raw.expclip_batch_add_pixels))))


def raise_misuse(batches: Iterable[Batch]) -> None:
    """When no image is at fault but the call: every one failed for what it
    was given as. Damaged files are failed items."""
    errors = [error for batch in batches for error in batch.errors]
    if errors and all(isinstance(e, ArgumentError) for e in errors):
        raise errors[0]  # type: ignore[misc]
