# SPDX-License-Identifier: MIT
"""Loads the libtorch of the installed torch package, without importing torch.

The C library takes the libtorch that the process has already, so `import
torch`, before or after, shares it: there is one in the process.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pathlib
import threading

_lock = threading.Lock()
_loaded = False


def folder() -> pathlib.Path | None:
    """Where the torch package keeps its libraries; None without one."""
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return None
    return pathlib.Path(spec.submodule_search_locations[0]) / "lib"


def load() -> None:
    """Load it once. $EXPCLIP_TORCH goes first: the C library reads it."""
    global _loaded
    with _lock:
        if _loaded or os.environ.get("EXPCLIP_TORCH"):
            return
        where = folder()
        if where is not None and (where / "libtorch_cpu.so").exists():
            ctypes.CDLL(str(where / "libtorch_cpu.so"))
        _loaded = True
