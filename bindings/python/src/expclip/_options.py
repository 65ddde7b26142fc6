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
