# SPDX-License-Identifier: MIT
"""Beside the main job: tokens, a look into weights files, conversion."""

from __future__ import annotations

import json
import os
from typing import Any, Literal

import numpy as np

from . import _outputs, _raw, _torch
from ._handle import Handle
from ._options import fill, path_of


class Tokenizer:
    """CLIP's byte-pair encoder. Immutable; share it between threads."""

    def __init__(self, vocabulary_size: int = 49408) -> None:
        self._handle = Handle("tokenizer",
                              _raw.expclip_tokenizer_create(vocabulary_size),
                              _raw.expclip_tokenizer_free)

    def encode(self, text: str, context_length: int = 77) -> list[int]:
        """Token ids with start and end, without padding, cut at the length."""
        ids = np.empty(context_length, np.int32)
        with self._handle as pointer:
            n, _ = _raw.expclip_tokenizer_encode(ids, pointer, text)
        return [int(i) for i in ids[:n]]


def inspect(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What a weights file holds, without loading it: format, tensors (name,
    dtype, shape), metadata and architecture."""
    text = Handle("description", _raw.expclip_weights_inspect(path_of(path)),
                  _raw.expclip_string_free)
    with text as pointer:
        found: dict[str, Any] = json.loads(_raw.expclip_string_data(pointer))
    return found


def convert(path: str | os.PathLike[str], output: str | os.PathLike[str], *,
            head: str = "auto", preprocess: str = "auto",
            activation: str = "auto",
            dtype: Literal["fp32", "fp16", "bf16"] = "fp16",
            compact_head: bool = False, overwrite: bool = False) -> None:
    """Write a model and its head as one self-describing safetensors file. An
    output that is there and not of this library, or has an image's name, is an
    ArgumentError, unless `overwrite`."""
    raw = fill(_raw.expclip_convert_options(), head=head,
               preprocess=preprocess, activation=activation, dtype=dtype,
               compact_head=compact_head)
    with _outputs.replacing(output, _outputs.TENSORS, overwrite) as name:
        _raw.expclip_weights_convert(path_of(path), name, raw)


def show_config() -> None:
    """Print versions and places: paste it into a bug report."""
    print("expclip", _raw.expclip_library_version(), json.loads(
        _raw.expclip_library_build_info()))
    print("libtorch", json.loads(_raw.expclip_library_runtime_info())
          or f"not loaded yet; package folder: {_torch.folder()}")
    print("numpy", np.__version__)
