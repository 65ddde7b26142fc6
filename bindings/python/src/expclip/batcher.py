# SPDX-License-Identifier: MIT
"""For services: the images of many threads in one forward pass."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from . import _raw
from ._call import CancelToken, call
from ._handle import Handle
from ._options import fill
from .classes import Classes
from .detector import Detector
from .faces import CropOptions, FaceRule, Which
from .images import (Batch, Decoder, ImageLike, ImageOptions, raise_misuse)
from .model import Model, embed_options, make_predictions
from .predictions import FloatArray, Predictions


class Batcher:
    """A queue before a model. Calls of many threads share forward passes.

    Args:
        max_batch: images in one forward pass.
        max_delay_ms: how long an image may wait for company.
        queue_size: images that may wait; more is a BusyError at once.
    """

    def __init__(self, model: Model, *, max_batch: int = 8,
                 max_delay_ms: float = 2.0, queue_size: int = 64) -> None:
        raw = fill(_raw.expclip_batcher_options(), max_batch=max_batch,
                   max_delay_us=round(1000 * max_delay_ms),
                   queue_size=queue_size)
        self._model = model
        with model._handle as pointer:
            self._handle = Handle(
                "batcher", _raw.expclip_batcher_create(pointer, raw),
                _raw.expclip_batcher_free)

    def score(self, images: ImageLike, classes: Classes, *,
              temperature: float = 1.0, options: ImageOptions | None = None,
              faces: Which | Literal["none"] = "none",
              detector: Detector | None = None,
              crop: CropOptions | None = None,
              cancel: CancelToken | None = None) -> Predictions:
        """As Model.score for several images, which are one request."""
        def run(batcher: Any, batch: Any, rows: FloatArray, token: Any) -> None:
            with classes._handle as c:
                _raw.expclip_batcher_score_images(rows, batcher, c, batch,
                                                  token)

        rule = FaceRule(faces, detector, crop)
        batch, logits = self._run(run, images, len(classes), options, rule,
                                  cancel)
        return make_predictions(classes, [batch], logits, temperature,
                                rule.looks)

    def embed_images(self, images: ImageLike, *,
                     projected: bool = True, normalize: bool = True,
                     options: ImageOptions | None = None,
                     faces: Which | Literal["none"] = "none",
                     detector: Detector | None = None,
                     crop: CropOptions | None = None,
                     cancel: CancelToken | None = None) -> FloatArray:
        """As Model.embed_images with on_error="nan"."""
        raw = embed_options(projected, normalize)

        def run(batcher: Any, batch: Any, rows: FloatArray, token: Any) -> None:
            _raw.expclip_batcher_embed_images(rows, batcher, batch, raw, token)

        dim = (self._model.projected_dim if projected
               else self._model.embedding_dim)
        return self._run(run, images, dim, options,
                         FaceRule(faces, detector, crop), cancel)[1]

    def _run(self, run: Callable[[Any, Any, FloatArray, Any], None],
             images: ImageLike, width: int,
             options: ImageOptions | None, rule: FaceRule,
             cancel: CancelToken | None) -> tuple[Batch, FloatArray]:
        batch = Decoder(self._model._handle, images, options, sys.maxsize,
                        rule).decode()
        raise_misuse([batch])

        def compute(token: Any) -> FloatArray:
            with self._handle as batcher, batch.handle as native:
                rows = np.empty((_raw.expclip_batch_count(native), width),
                                np.float32)
                run(batcher, native, rows, token)
            return rows

        rows = call(compute, cancel)
        batch.handle.close()
        return batch, batch.spread(rows)

    def _count(self, what: str) -> int:
        with self._handle as pointer:
            return int(getattr(_raw, f"expclip_batcher_{what}_count")(pointer))

    @property
    def pass_count(self) -> int:
        """Forward passes until now."""
        return self._count("pass")

    @property
    def image_count(self) -> int:
        """Images that went through them."""
        return self._count("image")

    @property
    def waiting_count(self) -> int:
        """Images that wait now."""
        return self._count("waiting")

    def close(self) -> None:
        """Refuse new calls, and stop when those that wait have ended."""
        self._handle.close()

    def __enter__(self) -> Batcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
