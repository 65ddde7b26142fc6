# SPDX-License-Identifier: MIT
"""What an array of pixels means: its layout by its shape, its range by its
values; and errors that say the cure in the words of the library it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from .errors import ArgumentError, LimitError

Array: TypeAlias = np.ndarray[Any, Any]

_CHANNELS = (1, 3, 4)
_LARGEST_SIDE = 1_048_576  # as the C library
_ROUNDING = 1e-4  # that much outside 0..1 is no other range
# Resized images of a float library may leave 0..1 by this much.
_OVERSHOOT = 0.2
# What x * std + mean undoes: OpenAI's.
_MEAN = "[0.48145466, 0.4578275, 0.40821073]"
_STD = "[0.26862954, 0.26130258, 0.27577711]"


@dataclass(frozen=True)
class _Words:
    """How a library spells what its users are told to do."""

    last: str  # channels last
    stack_last: str
    to_uint8: str  # of 0..255
    clip: str
    array: str  # makes one of numbers

    def undo(self, layout: str) -> str:
        shape = "" if layout == "last" else "[:, None, None]"
        mean, std = (f"{self.array}({x}){shape}" for x in (_MEAN, _STD))
        return f"image * {std} + {mean}"


_NUMPY = _Words("np.transpose(image, (1, 2, 0))",
                "np.transpose(images, (0, 2, 3, 1))",
                "image.astype('uint8')", "image.clip(0, 1)", "np.array")
_WORDS = {
    "torch": _Words("image.permute(1, 2, 0)", "images.permute(0, 2, 3, 1)",
                    "image.to(torch.uint8)", "image.clamp(0, 1)",
                    "torch.tensor"),
    "tensorflow": _Words("tf.transpose(image, (1, 2, 0))",
                         "tf.transpose(images, (0, 2, 3, 1))",
                         "tf.cast(image, tf.uint8)",
                         "tf.clip_by_value(image, 0, 1)", "tf.constant"),
    "jax": _Words("jnp.transpose(image, (1, 2, 0))",
                  "jnp.transpose(images, (0, 2, 3, 1))",
                  "image.astype('uint8')", "image.clip(0, 1)", "jnp.array"),
}


def library_of(array: Any) -> str:
    """The library an array is from, such as "torch"."""
    name = type(array).__module__.split(".")[0]
    return "jax" if name == "jaxlib" else name


def _text(shape: Any) -> str:
    return "[" + ", ".join(map(str, shape)) + "]"


def to_numpy(array: Any) -> Array:
    """The same numbers in NumPy, without a copy where that can be."""
    if isinstance(array, np.ndarray):
        return array
    if library_of(array) == "torch":
        return _torch_to_numpy(array)
    if hasattr(array, "__dlpack__") and hasattr(array, "__dlpack_device__"):
        if int(array.__dlpack_device__()[0]) != 1:
            raise ArgumentError("image: an array of another device, expected "
                                "one in the memory of the CPU: "
                                + _to_cpu(array))
        try:
            return np.from_dlpack(array)
        except (RuntimeError, BufferError, TypeError):
            pass  # read-only, or of a dtype that DLPack or NumPy lacks
    return np.asarray(array)


def _to_cpu(array: Any) -> str:
    return {"jax": "jax.device_get(image)", "cupy": "image.get()",
            "tensorflow": "image.numpy()"}.get(library_of(array),
                                               "image.cpu()")


def _torch_to_numpy(tensor: Any) -> Array:
    if tensor.device.type != "cpu":
        raise ArgumentError(f"image: a tensor on {tensor.device}, expected one "
                            "in the memory of the CPU: image.cpu()")
    if tensor.layout.__repr__() != "torch.strided":
        raise ArgumentError(f"image: a tensor of layout {tensor.layout}, "
                            "expected torch.strided: image.to_dense()")
    if str(tensor.dtype) == "torch.bfloat16":  # which NumPy has not
        tensor = tensor.float()
    found: Array = tensor.detach().resolve_conj().resolve_neg().numpy()
    return found


# ---- shapes ----

def layout_of(shape: Any, image: Any) -> str:
    """Where the channels of one image are: "none", "last" or "first"."""
    words = _WORDS.get(library_of(image), _NUMPY)
    if len(shape) == 2:
        return "none"
    if len(shape) != 3:
        raise ArgumentError(
            f"image: shape {_text(shape)}, expected [height, width], [height, "
            "width, channels] or [channels, height, width]")
    first, last = shape[0] in _CHANNELS, shape[2] in _CHANNELS
    if first and last and shape[2] == 3 and shape[0] == 4:
        first = False  # four rows of RGB; nobody keeps RGBA 3 pixels wide so
    if first and last:
        raise ArgumentError(
            f"image: shape {_text(shape)} may have its channels first or last, "
            "expected one that tells; where they are last, "
            "PIL.Image.fromarray(...) of it is certain"
            + ("" if words is _NUMPY else
               f", where they are first, of {words.last}"))
    if not first and not last:
        raise ArgumentError(
            f"image: shape {_text(shape)}, expected 1, 3 or 4 channels last or "
            "first; several grey images are a list of them: list(images)")
    return "last" if last else "first"


def check_size(width: int, height: int, max_pixels: int) -> None:
    """As the C library, before anything is copied."""
    if width < 1 or height < 1:
        raise ArgumentError(f"image: {width} x {height} pixels, expected at "
                            "least 1 x 1")
    if (max(width, height) > _LARGEST_SIDE or width * height > max_pixels):
        raise LimitError(
            f"image: {width} x {height} pixels, expected at most {max_pixels} "
            f"in all (ImageOptions.max_pixels) and {_LARGEST_SIDE} on a side")


def check_shape(shape: Any, image: Any, max_pixels: int) -> str:
    """Check one image's; returns its layout."""
    if 0 in tuple(shape):
        raise ArgumentError(f"image: shape {_text(shape)} has no pixel in it, "
                            "expected sides of at least 1")
    layout = layout_of(shape, image)
    height, width = shape[1:] if layout == "first" else shape[:2]
    check_size(width, height, max_pixels)
    return layout


# ---- values ----

def _check_range(low: float, high: float, layout: str, words: _Words) -> None:
    found = f"image: floats of {low:.4g} to {high:.4g}, expected 0 to 1"
    if not np.isfinite([low, high]).all():
        raise ArgumentError(f"{found}: NaN or infinity is no pixel")
    if -_ROUNDING <= low and high <= 1 + _ROUNDING:
        return
    if -_OVERSHOOT <= low and high <= 1 + _OVERSHOOT:
        raise ArgumentError(f"{found}: after a resize, {words.clip}; were they "
                            f"normalised, undo it: {words.undo(layout)}")
    if low < 0 or high <= 4:
        raise ArgumentError(
            f"{found}: normalised ones are not images any more; give them as "
            f"they were, or undo CLIP's: {words.undo(layout)}")
    raise ArgumentError(f"{found}: divide those of 0 to 255 by it, image / "
                        f"255, or cast them, {words.to_uint8}")


def _is_float(dtype: Any) -> bool:
    return dtype.kind == "f" or dtype.name in ("bfloat16",)


def check_values(array: Array, layout: str, library: str) -> None:
    """Refuse what are no pixels of 0..255 in uint8, nor of 0..1 in floats."""
    words, dtype = _WORDS.get(library, _NUMPY), array.dtype
    if dtype == np.uint8:
        return
    if _is_float(dtype):
        if dtype.kind != "f":
            array = array.astype(np.float32)
        _check_range(float(array.min()), float(array.max()), layout, words)
        return
    if dtype == np.bool_:
        raise ArgumentError("image: dtype bool, a mask, expected uint8 or "
                            "floats of 0 to 1")
    if dtype.kind not in "iu":
        raise ArgumentError(f"image: dtype {dtype}, expected uint8 or floats "
                            "of 0 to 1")
    low, high = int(array.min()), int(array.max())
    cure = (words.to_uint8 if 0 <= low and high <= 255 else
            f"{words.to_uint8.replace('image', '(image // 257)', 1)} where "
            "65535 is white" if dtype == np.uint16 else
            "scale them to 0..255 and cast them")
    raise ArgumentError(f"image: dtype {dtype} with values {low} to {high}, "
                        f"expected uint8: {cure}")


def to_pixels(array: Array, layout: str) -> Array:
    """uint8 in rows without gaps, channels last."""
    if layout == "first":
        array = array.transpose(1, 2, 0)
    if array.dtype != np.uint8:
        scaled = array.astype(np.float32)
        np.multiply(scaled, 255, out=scaled)
        array = np.rint(scaled, out=scaled).clip(0, 255).astype(np.uint8)
    return np.ascontiguousarray(array)
