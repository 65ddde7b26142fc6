# SPDX-License-Identifier: MIT
"""Options of the C library, with errors that name the option."""

from __future__ import annotations

from typing import Any

from .errors import ArgumentError


def fill(raw: Any, **values: Any) -> Any:
    """Set fields of a native options object, which it returns."""
    for name, value in values.items():
        if not hasattr(type(raw), name):
            raise TypeError(f"there is no option {name!r}")
        try:
            setattr(raw, name, int(value) if isinstance(value, bool) else value)
        except (TypeError, ValueError, OverflowError) as error:
            expected = type(getattr(raw, name)).__name__
            raise ArgumentError(f"{name}: {value!r}, expected {expected} "
                                "in its range") from error
    return raw


def code_of(words: dict[str, int], word: str, what: str) -> int:
    """The number of a word, or an error that names all words."""
    if word not in words:
        raise ArgumentError(f"{what}: {word!r}, expected "
                            + " or ".join(map(repr, words)))
    return int(words[word])
