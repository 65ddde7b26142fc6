# SPDX-License-Identifier: MIT
"""Clips: folders of frames, video files, and frames that are pushed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from . import _raw
from ._call import CancelToken, call
from ._handle import Handle
from ._options import code_of, fill, integers, path_of
from .classes import Classes, ClassesLike, probabilities
from .errors import ArgumentError, StateError
from .images import Decoder, ImageLike, ImageOptions, items_of
from .model import Model, embed_options
from .predictions import FloatArray, Prediction, Predictions
from .timeline import Timeline, TimelineView

Sampling = Literal["all", "exact", "spread"]
Order = Literal["natural", "string"]

_SAMPLINGS = {"all": _raw.EXPCLIP_SAMPLING_ALL,
              "exact": _raw.EXPCLIP_SAMPLING_EXACT,
              "spread": _raw.EXPCLIP_SAMPLING_SPREAD}
_ORDERS = {"natural": _raw.EXPCLIP_ORDER_NATURAL,
           "string": _raw.EXPCLIP_ORDER_STRING}
_READ_AT_ONCE = 8


def sampling_code(sampling: str) -> int:
    """The number of a sampling."""
    return code_of(_SAMPLINGS, sampling, "sampling")


def order_code(order: str) -> int:
    """The number of an order of frames."""
    return code_of(_ORDERS, order, "order")


def sample_frames(n_frames: int, sampling: Sampling = "spread",
                  samples: int = 16) -> list[int]:
    """Which frames of n_frames stand for a clip, repeated ones too: "exact" is
    the rule of the paper's reference, "spread" never repeats frame 0 for short
    clips."""
    if samples < 1:
        raise ArgumentError(f"samples: {samples}, expected 1 or more")
    indices = np.empty(samples, np.int32)
    _raw.expclip_frames_sample(indices, n_frames, sampling_code(sampling))
    return [int(i) for i in indices]


@dataclass(frozen=True)
class Frame:
    """One frame of a clip: its place from 0, its time in seconds (-1 when it
    is missing), and how many samples it stands for."""

    index: int
    time: float
    weight: int


class Frames:
    """The frames of a folder or a video file, read once from start to end.

    Args:
        path: a folder of images, or a video file (needs FFmpeg's libraries).
        sampling: "spread" or "exact": `samples` frames; "all" frames.
        order: of a folder's files: "natural", 2 before 10, or "string".
        start, end: seconds to begin at and to end before; 0 = the end.
        rotate: turn a video as its metadata says.
        frame_rate: frames per second of a folder, for its frames' times.
        frame_count: sample as if there were this many frames; 0 = all.
    """

    def __init__(self, path: str | os.PathLike[str], *,
                 sampling: Sampling = "spread", samples: int = 16,
                 order: Order = "natural", start: float = 0.0,
                 end: float = 0.0, rotate: bool = True,
                 frame_rate: float = 25.0, frame_count: int = 0) -> None:
        raw = fill(_raw.expclip_frames_options(),
                   sampling=sampling_code(sampling), n_samples=samples,
                   order=order_code(order), rotate=rotate,
                   frame_count=frame_count, start=start, end=end,
                   frame_rate=frame_rate)
        self.path = path_of(path)
        self._handle = Handle("frames",
                              _raw.expclip_frames_open(self.path, raw),
                              _raw.expclip_frames_free, is_shared=False)

    @property
    def count(self) -> int | None:
        """Frames that are chosen from; None when that is not known."""
        with self._handle as pointer:
            n = int(_raw.expclip_frames_count(pointer))
        return n if n >= 0 else None

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None when that is not known."""
        with self._handle as pointer:
            return float(_raw.expclip_frames_duration(pointer)) or None

    def read(self, batch: Any, n: int, options: Any, token: Any) -> list[Frame]:
        """Add the next frames to a native batch; none at the end."""
        with self._handle as pointer:
            added = _raw.expclip_frames_read(pointer, batch, n, options, token)
            return [self._frame(pointer, i) for i in range(added)]

    @staticmethod
    def _frame(pointer: Any, i: int) -> Frame:
        """One of those that were read last."""
        return Frame(int(_raw.expclip_frames_index(pointer, i)),
                     float(_raw.expclip_frames_time(pointer, i)),
                     int(_raw.expclip_frames_weight(pointer, i)))

    def close(self) -> None:
        """Close the file."""
        self._handle.close()

    def __enter__(self) -> Frames:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _batch_of(model: Model) -> Handle:
    with model._handle as pointer:
        return Handle("batch", _raw.expclip_batch_create(pointer),
                      _raw.expclip_batch_free)


class Clip:
    """One answer for many frames: the mean of their embeddings after the head,
    before they get unit length, as in the paper's reference. Its memory does
    not grow with the number of frames. Threads that share it wait for one
    another."""

    def __init__(self, model: Model) -> None:
        self.model = model
        with model._handle as pointer:
            self._handle = Handle("clip", _raw.expclip_clip_create(pointer),
                                  _raw.expclip_clip_free,
                                  is_shared=False)

    def add(self, images: ImageLike,
            weights: Sequence[int] | None = None, *,
            options: ImageOptions | None = None,
            cancel: CancelToken | None = None) -> None:
        """Add a frame or several, as `Model.score` takes them; any number
        from an iterator. Those that cannot be read are counted in
        `failed_count`. What was added before an exception stays added.

        Args:
            weights: how many times each counts; None = once.
        """
        every = items_of(images, options)
        counts = None
        if weights is not None:
            every, counts = list(every), integers(weights, "weights")
            if len(counts) != len(every):
                raise ArgumentError(f"weights: {len(counts)}, expected one "
                                    f"for each of {len(every)} images")
        for batch in Decoder(self.model._handle, every, options,
                             _READ_AT_ONCE):
            for row, error in zip(batch.rows, batch.errors):
                if row < 0 and error is not None:
                    raise error
            numbers = [number for number, _ in batch.places]
            self._add(batch.handle, np.ones(len(numbers), np.int32)
                      if counts is None else counts[numbers], cancel)
            batch.handle.close()

    def _add(self, batch: Handle, weights: Any,
             cancel: CancelToken | None) -> None:
        def run(token: Any) -> None:
            with self._handle as clip, batch as b:
                _raw.expclip_clip_add_images(clip, b, weights, token)

        call(run, cancel)

    def add_frames(self, frames: Frames, *,
                   options: ImageOptions | None = None,
                   cancel: CancelToken | None = None) -> None:
        """Read frames to their end and add them."""
        raw = options._to_raw() if options else None

        def run(token: Any) -> None:
            with self._handle as clip, frames._handle as pointer:
                _raw.expclip_clip_add_frames(clip, pointer, raw, token)

        call(run, cancel)

    @property
    def frame_count(self) -> int:
        """Frames in the mean, each counted once."""
        with self._handle as pointer:
            return int(_raw.expclip_clip_frame_count(pointer))

    @property
    def failed_count(self) -> int:
        """Frames that could not be read."""
        with self._handle as pointer:
            return int(_raw.expclip_clip_failed_count(pointer))

    @property
    def message(self) -> str:
        """Why the first of them failed, else ""."""
        with self._handle as pointer:
            return str(_raw.expclip_clip_message(pointer))

    def embed(self, *, projected: bool = True,
              normalize: bool = True) -> FloatArray:
        """The embedding, float32 [dim]. StateError without a frame."""
        dim = (self.model.projected_dim if projected
               else self.model.embedding_dim)
        out = np.empty(dim, np.float32)
        with self._handle as pointer:
            _raw.expclip_clip_embed(out, pointer,
                                    embed_options(projected, normalize))
        return out

    def score(self, classes: ClassesLike | None = None, *,
              temperature: float = 1.0,
              source: str | None = None) -> Prediction:
        """Score the frames added until now. StateError without a frame."""
        known = self.model._classes_or_default(classes)
        row = np.empty((1, len(known)), np.float32)
        with self._handle as pointer, known._handle as c:
            _raw.expclip_clip_score(row.reshape(-1), pointer, c)
        return Predictions(known.names, row, probabilities(row, temperature),
                           [None], [source])[0]

    def clear(self) -> None:
        """Forget all frames."""
        with self._handle as pointer:
            _raw.expclip_clip_clear(pointer)

    def close(self) -> None:
        """Free it now."""
        self._handle.close()

    def __enter__(self) -> Clip:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def score_clip(model: Model, path: str | os.PathLike[str],
               classes: ClassesLike | None = None, *,
               temperature: float = 1.0, options: ImageOptions | None = None,
               cancel: CancelToken | None = None,
               **frames: Any) -> Prediction:
    """One prediction for a folder of frames or a video file.

    Args:
        frames: as for Frames: sampling, samples, order, start, end ...
    """
    with Frames(path, **frames) as source, Clip(model) as clip:
        clip.add_frames(source, options=options, cancel=cancel)
        return clip.score(classes, temperature=temperature,
                          source=os.fsdecode(path))


def scored_frames(model: Model, frames: Frames, classes: Classes,
                  options: ImageOptions | None,
                  cancel: CancelToken | None,
                  ) -> Iterator[tuple[Frame, FloatArray]]:
    """Frames with their logits, NaN where one failed; a few in memory."""
    raw = options._to_raw() if options else None
    batch = _batch_of(model)

    def run(token: Any) -> tuple[list[Frame], FloatArray]:
        with model._handle as m, classes._handle as c, batch as b:
            _raw.expclip_batch_clear(b)
            read = frames.read(b, _READ_AT_ONCE, raw, token)
            rows = np.empty((len(read), len(classes)), np.float32)
            if read:
                _raw.expclip_model_score_images(rows, m, c, b, token)
            return read, rows

    while (step := call(run, cancel))[0]:
        yield from zip(*step)


def timeline(model: Model, path: str | os.PathLike[str],
             classes: ClassesLike | None = None, *,
             options: ImageOptions | None = None,
             cancel: CancelToken | None = None,
             sampling: Sampling = "all", order: Order = "natural",
             start: float = 0.0, end: float = 0.0, rotate: bool = True,
             frame_rate: float = 25.0, **smoothing: Any) -> TimelineView:
    """Probabilities over time of a video file or a folder of frames. The last
    frame lasts as long as the one before it, a single one 1 / frame_rate.
    StateError when no frame can be read.

    Args:
        smoothing: as for Timeline: smoothing, enter, leave ...
    """
    known = model._classes_or_default(classes)
    line = Timeline(known.names, **smoothing)
    view = TimelineView(known.names, os.fsdecode(path), model.name)
    with Frames(path, sampling=sampling, order=order, start=start, end=end,
                rotate=rotate, frame_rate=frame_rate) as frames:
        last, step = -1.0, 1.0 / frame_rate
        for frame, logits in scored_frames(model, frames, known, options,
                                           cancel):
            if frame.time >= 0.0:  # damaged ones have a time too
                step = frame.time - last if last >= 0.0 else step
                last = frame.time
            if np.isnan(logits).any():
                view.failed_count += 1
            else:
                view.extend(*line.add(frame.time, logits))
        if not len(view):
            raise StateError(f"{view.source}: no frame in it, "
                             f"{view.failed_count} failed")
        view.extend(*line.finish(last + step))
    return view
