# SPDX-License-Identifier: MIT
"""What is computed once for each item of a dataset: features and targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from . import _raw
from ._call import CancelToken, call
from ._handle import Handle
from .errors import ExpclipError, make
from .predictions import FloatArray

if TYPE_CHECKING:
    from .evaluation import Dataset


class Rows:
    """A row of numbers for each item of a dataset, computed in steps and kept
    in a file, from which a later object continues: Features or Targets. Use it
    from one thread at a time.
    """

    def __init__(self, dataset: Dataset, title: str, dim: int,
                 pointer: Any) -> None:
        self.dataset = dataset
        self._title, self._dim = title, dim
        self._handle = Handle(type(self).__name__.lower(), pointer,
                              _raw.expclip_rows_free)

    @property
    def done_count(self) -> int:
        """Items done, failed ones included."""
        with self._handle as p:
            return int(_raw.expclip_rows_done_count(p))

    @property
    def failed_count(self) -> int:
        """Items that failed: training leaves them out."""
        with self._handle as p:
            return int(_raw.expclip_rows_failed_count(p))

    @property
    def errors(self) -> dict[int, ExpclipError]:
        """Number of each failed item, and why."""
        with self._handle as p:
            codes = [(i, _raw.expclip_rows_status(p, i))
                     for i in range(_raw.expclip_rows_done_count(p))]
            return {i: make(code, str(_raw.expclip_rows_message(p, i)))
                    for i, code in codes if code}

    def compute(self, *, progress: bool = True,
                cancel: CancelToken | None = None) -> Self:
        """Do what is left, with a bar when tqdm is installed."""
        def run(token: Any) -> None:
            with self._handle as p:
                _raw.expclip_rows_step(p, token)

        with bar_of(len(self.dataset), self._title, progress) as bar:
            bar.update(self.done_count)
            while (done := self.done_count) < len(self.dataset):
                call(run, cancel)
                bar.update(self.done_count - done)
        return self

    def row(self, index: int) -> FloatArray:
        """The row of an item, float32 [dim]: an embedding before the head, or
        a target of unit length."""
        out = np.empty(self._dim, np.float32)
        with self._handle as p:
            _raw.expclip_rows_copy(out, p, index)
        return out

    def close(self) -> None:
        """Free them now, and their file for others."""
        self._handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _NoBar:
    def update(self, n: int) -> None:
        """Nothing to show."""

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def bar_of(total: int, name: str, wanted: bool) -> Any:
    """A progress bar when tqdm is installed, else nothing."""
    if not wanted:
        return _NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _NoBar()
    return tqdm(total=total, desc=name)
