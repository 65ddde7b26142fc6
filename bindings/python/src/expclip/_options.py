# SPDX-License-Identifier: MIT
"""Options of the C library, with errors that name the option."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .errors import ArgumentError


def fill(raw: Any, **values: Any) -> Any:
    """Set fields of a native options object, which it returns."""
    for name, value in values.items():
        if not hasattr(type(raw), name):
            raise TypeError(f"there is no option {name!r}")
        try:
            setattr(raw, name, int(value) if isinstance(value, bool)
                    else value.item() if isinstance(value, np.generic)
                    else value)
        except (TypeError, ValueError, OverflowError) as error:
            expected = type(getattr(raw, name)).__name__
            raise ArgumentError(f"{name}: {value!r}, expected {expected} "
                                "in its range") from error
    return raw


def check_type(value: Any, wanted: type, what: str, example: str) -> None:
    """None or an object of a class."""
    if value is not None and not isinstance(value, wanted):
        raise ArgumentError(f"{what}: {value!r}, expected {wanted.__name__}, "
                            f"such as {example}")


def code_of(words: dict[str, int], word: str, what: str) -> int:
    """The number of a word, or an error that names all words."""
    if word not in words:
        raise ArgumentError(f"{what}: {word!r}, expected "
                            + " or ".join(map(repr, words)))
    return int(words[word])


def path_of(path: str | os.PathLike[str], what: str = "path") -> str:
    """A path for the library, which would end it at NUL."""
    try:
        text = os.fsdecode(path)
    except TypeError as error:
        raise ArgumentError(f"{what}: {path!r}, expected a path") from error
    if "\0" in text:
        raise ArgumentError(f"{what} {text!r}: holds NUL")
    return text


def integers(values: Any, what: str) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Whole numbers as int32; nothing is rounded and nothing wraps around."""
    try:
        given = np.asarray(values)
        with np.errstate(invalid="ignore"):
            found = given.astype(np.int32).reshape(-1)
    except (TypeError, ValueError, OverflowError) as error:
        raise ArgumentError(f"{what}: {error}") from error
    if given.ndim != 1 or not np.array_equal(found, given):
        raise ArgumentError(f"{what}: {given.dtype} of shape {given.shape}, "
                            "expected a row of int32")
    return np.ascontiguousarray(found)
