# SPDX-License-Identifier: MIT
"""A native object that several threads use and that is freed once.

The C library must not free an object while a call uses it. So users are
counted, and close() leaves the freeing to the last of them. An object that only
one thread at a time may use is lent to one after the other.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable
from typing import Any

from .errors import ClosedError


class Handle:
    """`with handle as pointer:` lends the pointer for one call."""

    def __init__(self, name: str, pointer: Any,
                 free: Callable[[Any], object], *,
                 is_shared: bool = True) -> None:
        self._name = name
        self._turn: contextlib.AbstractContextManager[Any] = (
            contextlib.nullcontext() if is_shared else threading.RLock())
        self._pointer = pointer
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False
        self._free = weakref.finalize(self, free, pointer)
        # At exit the system takes all back; a thread may still be in a call.
        self._free.atexit = False

    @property
    def closed(self) -> bool:
        return self._closed

    def __enter__(self) -> Any:
        self._turn.__enter__()
        with self._lock:
            if not self._closed:
                self._users += 1
                return self._pointer
        self._turn.__exit__(None, None, None)
        raise ClosedError(f"{self._name}: closed")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            last = self._closed and self._users == 0
        self._turn.__exit__(None, None, None)
        if last:
            self._free()

    def close(self) -> None:
        """Refuse new calls; free now, or when the last call ends."""
        with self._lock:
            self._closed = True
            last = self._users == 0
        if last:
            self._free()
