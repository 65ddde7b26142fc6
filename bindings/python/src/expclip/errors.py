# SPDX-License-Identifier: MIT
"""What a call raises: the status and the text of the C library.

Each exception is also the built-in one that people catch by habit: a missing
file is a FileNotFoundError, a wrong argument a ValueError, and so on.
"""

from __future__ import annotations


class ExpclipError(Exception):
    """A call failed. `code` is the C library's status, `status` its name."""

    code = 0
    status = "UNKNOWN"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class ArgumentError(ExpclipError, ValueError):
    """A parameter is wrong."""

    code, status = -10, "ARGUMENT"


class StateError(ExpclipError, RuntimeError):
    """Objects that do not belong together, such as classes of another model."""

    code, status = -11, "STATE"


class ClosedError(StateError):
    """The object was closed."""


class CancelledError(ExpclipError):
    """The call's cancel token was raised."""

    code, status = -12, "CANCELLED"


class ForkError(ExpclipError, RuntimeError):
    """A model was used in a child after fork(): load it again there."""

    code, status = -13, "FORK"


class BusyError(ExpclipError, RuntimeError):
    """A queue is full: try again later."""

    code, status = -14, "BUSY"


class ReadError(ExpclipError, OSError):
    """The system could not read or write."""

    code, status = -20, "IO"


class NotFoundError(ExpclipError, FileNotFoundError):
    """No such file, model, prompt set or class."""

    code, status = -21, "NOT_FOUND"


class FormatError(ExpclipError, ValueError):
    """Damaged, or not what it claims to be."""

    code, status = -30, "FORMAT"


class TruncatedError(FormatError):
    """The file ends too early."""

    code, status = -31, "TRUNCATED"


class UnsupportedError(ExpclipError, ValueError):
    """Well formed, but not handled."""

    code, status = -32, "UNSUPPORTED"


class UnsafeError(ExpclipError, ValueError):
    """The file would run code or leave its folder."""

    code, status = -33, "UNSAFE"


class LimitError(ExpclipError, ValueError):
    """Larger than a limit allows."""

    code, status = -34, "LIMIT"


class ShapeError(ExpclipError, ValueError):
    """A tensor is missing or of another shape."""

    code, status = -35, "SHAPE"


class NonfiniteError(ExpclipError, ArithmeticError):
    """NaN or infinity where none may be."""

    code, status = -36, "NONFINITE"


class NoFaceError(ExpclipError, LookupError):
    """No face was found in an image; the message has the best score."""

    code, status = -37, "NO_FACE"


class BackendError(ExpclipError, RuntimeError):
    """libtorch is missing or failed."""

    code, status = -40, "BACKEND"


class OutOfMemoryError(ExpclipError, MemoryError):
    """There is not enough memory."""

    code, status = -50, "MEMORY"


class InternalError(ExpclipError, RuntimeError):
    """A bug of the library: please report it."""

    code, status = -60, "INTERNAL"


_BY_CODE: dict[int, type[ExpclipError]] = {
    kind.code: kind
    for kind in (ArgumentError, StateError, CancelledError, ForkError,
                 BusyError, ReadError, NotFoundError, FormatError,
                 TruncatedError, UnsupportedError, UnsafeError, LimitError,
                 ShapeError, NonfiniteError, NoFaceError, BackendError,
                 OutOfMemoryError, InternalError)
}


def make(code: int, message: str) -> ExpclipError:
    """The exception of a status; the native layer raises what this returns."""
    return _BY_CODE.get(code, ExpclipError)(message)
