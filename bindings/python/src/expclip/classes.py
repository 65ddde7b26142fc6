# SPDX-License-Identifier: MIT
"""Class sets: what images are compared with."""

from __future__ import annotations

import os
import pathlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, TypeAlias, Union

import numpy as np

from . import _outputs, _raw
from ._handle import Handle
from ._options import code_of, path_of
from .errors import ArgumentError
from .predictions import FloatArray

#: 7, 8 or 11 classes of the paper; names; names with their own prompts; or the
#: path of a prompts file (JSON object, or lines "class<TAB>prompt").
ClassesLike: TypeAlias = Union[
    int, Iterable[str], Mapping[str, str | Iterable[str]], "os.PathLike[str]",
    "Classes"]

_POOLINGS = {"logits": _raw.EXPCLIP_POOLING_LOGITS,
             "embeddings": _raw.EXPCLIP_POOLING_EMBEDDINGS}


def _check_text(text: object, what: str) -> str:
    if not isinstance(text, str):
        raise ArgumentError(f"{what}: {type(text).__name__}, expected str")
    if "\0" in text:
        raise ArgumentError(f"{what} {text!r}: holds NUL")
    return text


def make_prompts(classes: ClassesLike, prompts: str) -> Handle:
    """A native list of prompts."""
    if isinstance(classes, int):
        pointer = _raw.expclip_prompts_builtin(_check_text(prompts, "prompts"),
                                               classes)
    elif isinstance(classes, (str, os.PathLike)):
        pointer = _raw.expclip_prompts_load(path_of(classes))
    else:
        pointer = _raw.expclip_prompts_create()
    handle = Handle("prompts", pointer, _raw.expclip_prompts_free)
    if isinstance(classes, Mapping):
        _add_prompts(handle, classes)
    elif not isinstance(classes, (int, str, os.PathLike)):
        _add_names(handle, classes, prompts)
    return handle


def _add_prompts(handle: Handle,
                 classes: Mapping[str, str | Iterable[str]]) -> None:
    with handle as pointer:
        for name, texts in classes.items():
            for text in [texts] if isinstance(texts, str) else texts:
                _raw.expclip_prompts_add(pointer, _check_text(name, "class"),
                                         _check_text(text, "prompt"))


def _add_names(handle: Handle, names: Any, prompts: str) -> None:
    with handle as pointer:
        for name in names:
            _raw.expclip_prompts_add_class(pointer, _check_text(name, "class"),
                                           _check_text(prompts, "prompts"))


def pooling_code(pooling: str) -> int:
    """The number of a pooling."""
    return code_of(_POOLINGS, pooling, "pooling")


class Classes:
    """A class set, embedded by a model (`Model.classes`) or read from a file.

    Immutable; share it between threads. Iterating gives the names.
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        with handle as pointer:
            self._names = tuple(
                str(_raw.expclip_classes_name(pointer, i))
                for i in range(_raw.expclip_classes_count(pointer)))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Classes:
        """Read a file that `save` wrote: scoring needs no text encoder then."""
        return cls(Handle("classes",
                          _raw.expclip_classes_load(path_of(path)),
                          _raw.expclip_classes_free))

    def save(self, path: str | os.PathLike[str], *,
             overwrite: bool = False) -> None:
        """Write names, prompts and vectors; the file is replaced at once. One
        that is not of this library, or an image's name, is an ArgumentError,
        unless `overwrite`."""
        with _outputs.replacing(path, _outputs.TENSORS, overwrite) as name, \
                self._handle as pointer:
            _raw.expclip_classes_save(pointer, name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return self._names

    @property
    def prompts(self) -> dict[str, list[str]]:
        """The prompts of each class."""
        with self._handle as pointer:
            copy = Handle("prompts", _raw.expclip_classes_prompts(pointer),
                          _raw.expclip_prompts_free)
        with copy as p:
            return {
                str(_raw.expclip_prompts_class_name(p, i)): [
                    str(_raw.expclip_prompts_text(p, i, j))
                    for j in range(_raw.expclip_prompts_count(p, i))]
                for i in range(_raw.expclip_prompts_class_count(p))}

    @property
    def model_fingerprint(self) -> str:
        """Of the model that embedded them."""
        with self._handle as pointer:
            return str(_raw.expclip_classes_model_fingerprint(pointer))

    @property
    def dim(self) -> int:
        """Length of the embeddings that `score_embeddings` takes."""
        with self._handle as pointer:
            return int(_raw.expclip_classes_dim(pointer))

    @property
    def truncated_count(self) -> int:
        """Prompts that were longer than the context and were cut."""
        with self._handle as pointer:
            return int(_raw.expclip_classes_truncated_count(pointer))

    def score_embeddings(self, embeddings: Any,
                         model_fingerprint: str | None = None) -> FloatArray:
        """Logits [n, classes] of image embeddings [n, dim] after the head.

        With `model_fingerprint` (`Model.fingerprint`), embeddings of another
        model are a StateError. A row of NaN gives a row of NaN.
        """
        rows = np.ascontiguousarray(embeddings, np.float32)
        if rows.ndim != 2:
            raise ArgumentError(f"embeddings: {rows.ndim} dimensions, "
                                f"expected [n, {self.dim}]")
        logits = np.empty((len(rows), len(self)), np.float32)
        with self._handle as pointer:
            _raw.expclip_classes_score_embeddings(logits, pointer, rows,
                                                  model_fingerprint)
        return logits

    def close(self) -> None:
        """Free it now. Needed only where memory matters."""
        self._handle.close()

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __repr__(self) -> str:
        return f"Classes({', '.join(self._names)})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'>{'<br>'.join(map(escape, texts))}"
            "</td></tr>" for name, texts in self.prompts.items())
        return f"<table>{rows}</table>"

    def __reduce__(self) -> Any:
        with tempfile.NamedTemporaryFile(suffix=".classes") as file:
            self.save(file.name)
            return _from_bytes, (pathlib.Path(file.name).read_bytes(),)

    def __enter__(self) -> Classes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _from_bytes(content: bytes) -> Classes:
    with tempfile.NamedTemporaryFile(suffix=".classes") as file:
        pathlib.Path(file.name).write_bytes(content)
        return Classes.load(file.name)


def probabilities(logits: Any, temperature: float = 1.0) -> FloatArray:
    """Softmax of each row of logits [n, classes], divided by a temperature
    above 0: 1 leaves them as they are, more makes the answers less sure."""
    rows = np.ascontiguousarray(logits, np.float32)
    out = np.empty_like(rows)
    width = rows.shape[-1] if rows.ndim else 1
    for i, row in enumerate(rows.reshape(-1, width)):
        _raw.expclip_logits_softmax(out.reshape(-1, width)[i], row, temperature)
    return out
