# SPDX-License-Identifier: MIT
"""Runs long native calls so that Ctrl-C and CancelToken end them.

Python delivers Ctrl-C to the main thread, and not while it is inside a native
call. So calls of the main thread run in a worker thread, for which the main
one waits; an interrupt raises the call's cancel token and is passed on at once.
While a call runs there, the main thread can make the next input ready. Other
threads call directly.
"""

from __future__ import annotations

import concurrent.futures
import os
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from . import _raw
from ._handle import Handle

T = TypeVar("T")

_lock = threading.Lock()
_worker: concurrent.futures.ThreadPoolExecutor | None = None


def _forget_worker() -> None:
    global _worker, _lock
    _worker, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_worker)


def _get_worker() -> concurrent.futures.ThreadPoolExecutor:
    global _worker
    with _lock:
        if _worker is None:
            _worker = concurrent.futures.ThreadPoolExecutor(
                1, thread_name_prefix="expclip")
        return _worker


class CancelToken:
    """A flag that any thread may raise; a call looks at it between forward
    passes and then raises CancelledError."""

    def __init__(self) -> None:
        self._handle = Handle("cancel token", _raw.expclip_cancel_create(),
                              _raw.expclip_cancel_free)

    def cancel(self) -> None:
        """Raise the flag."""
        with self._handle as pointer:
            _raw.expclip_cancel_request(pointer)

    def reset(self) -> None:
        """Lower it, to use the token again."""
        with self._handle as pointer:
            _raw.expclip_cancel_reset(pointer)

    @property
    def cancelled(self) -> bool:
        """Whether the flag is up."""
        with self._handle as pointer:
            return bool(_raw.expclip_cancel_requested(pointer))


class Pending(Generic[T]):
    """A call under way: `result()` waits for it."""

    def __init__(self, function: Callable[[Any], T],
                 token: CancelToken | None) -> None:
        self._token = token or CancelToken()
        self._future: concurrent.futures.Future[T]
        if threading.current_thread() is threading.main_thread():
            self._future = _get_worker().submit(self._run, function)
        else:
            self._future = concurrent.futures.Future()
            self._future.set_result(self._run(function))

    def _run(self, function: Callable[[Any], T]) -> T:
        with self._token._handle as pointer:
            return function(pointer)

    def result(self) -> T:
        try:
            return self._future.result()
        except KeyboardInterrupt:
            self._token.cancel()
            raise

    def abandon(self) -> None:
        """Nobody wants the result any more."""
        self._token.cancel()
        self._future.cancel()


def call(function: Callable[[Any], T], token: CancelToken | None = None) -> T:
    """Run `function(cancel pointer)` and wait for its result."""
    return Pending(function, token).result()
