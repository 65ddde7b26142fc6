# SPDX-License-Identifier: MIT
"""Scores over time: smoothed probabilities and segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _raw
from ._handle import Handle
from ._options import code_of, fill
from .predictions import FloatArray

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

_SMOOTHINGS = {"none": _raw.EXPCLIP_SMOOTHING_NONE,
               "ema": _raw.EXPCLIP_SMOOTHING_EMA,
               "median": _raw.EXPCLIP_SMOOTHING_MEDIAN}


@dataclass(frozen=True)
class Row:
    """Smoothed probabilities float32 [classes] at a time in seconds."""

    time: float
    probabilities: FloatArray


@dataclass(frozen=True)
class Segment:
    """A stretch in which one class leads: seconds, and the mean probability
    of the class in it."""

    label: str
    start: float
    end: float
    probability: float


class Timeline:
    """A stream: frames' logits in, rows and segments out, in constant memory.
    Use it from one thread at a time.

    Args:
        classes: their names.
        smoothing: "ema" by time (right for a variable frame rate), "median" of
            the frames around, or "none".
        ema_seconds: after this time an old frame weighs 1/e.
        median_frames: odd.
        temperature: divides the logits before the softmax.
        enter, leave: a segment begins when the largest probability is at least
            `enter`, and ends when it falls below `leave`.
        min_seconds: shorter segments are dropped.
    """

    def __init__(self, classes: Sequence[str], *,
                 smoothing: Literal["none", "ema", "median"] = "ema",
                 ema_seconds: float = 0.5, median_frames: int = 5,
                 temperature: float = 1.0, enter: float = 0.6,
                 leave: float = 0.4, min_seconds: float = 0.2) -> None:
        raw = fill(_raw.expclip_timeline_options(),
                   smoothing=code_of(_SMOOTHINGS, smoothing, "smoothing"),
                   median_frames=median_frames, ema_seconds=ema_seconds,
                   temperature=temperature, enter=enter, leave=leave,
                   min_seconds=min_seconds)
        self.classes = tuple(classes)
        self._handle = Handle(
            "timeline", _raw.expclip_timeline_create(len(self.classes), raw),
            _raw.expclip_timeline_free)

    def add(self, time: float,
            logits: Any) -> tuple[list[Row], list[Segment]]:
        """Add a frame; what came out since the last call. A row of NaN, as of
        a frame that failed, is left out."""
        row = np.ascontiguousarray(logits, np.float32)
        with self._handle as pointer:
            _raw.expclip_timeline_add(pointer, time, row)
            return self._take(pointer)

    def finish(self, time: float) -> tuple[list[Row], list[Segment]]:
        """No more frames; what was still waiting."""
        with self._handle as pointer:
            _raw.expclip_timeline_finish(pointer, time)
            return self._take(pointer)

    def _take(self, pointer: Any) -> tuple[list[Row], list[Segment]]:
        rows, segments = [], []
        for i in range(_raw.expclip_timeline_count(pointer)):
            values = np.empty(len(self.classes), np.float32)
            _raw.expclip_timeline_copy(values, pointer, i)
            rows.append(Row(float(_raw.expclip_timeline_time(pointer, i)),
                            values))
        for i in range(_raw.expclip_timeline_segment_count(pointer)):
            label = _raw.expclip_timeline_segment_class(pointer, i)
            segments.append(Segment(
                self.classes[label],
                float(_raw.expclip_timeline_segment_start(pointer, i)),
                float(_raw.expclip_timeline_segment_end(pointer, i)),
                float(_raw.expclip_timeline_segment_probability(pointer, i))))
        _raw.expclip_timeline_clear(pointer)
        return rows, segments


class TimelineView:
    """A whole timeline: `times` float64 [n], `probabilities` float32
    [n, classes], `segments`; `failed_count` frames are not in it."""

    def __init__(self, classes: Sequence[str], source: str | None) -> None:
        self.classes = tuple(classes)
        self.source = source
        self.failed_count = 0
        self.segments: list[Segment] = []
        self._rows: list[Row] = []

    def extend(self, rows: Sequence[Row], segments: Sequence[Segment]) -> None:
        """Append what a Timeline gave."""
        self._rows.extend(rows)
        self.segments.extend(segments)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def times(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Seconds of each row."""
        return np.array([row.time for row in self._rows])

    @property
    def probabilities(self) -> FloatArray:
        """Smoothed probabilities, [n, classes]."""
        return np.array([row.probabilities for row in self._rows],
                        np.float32).reshape(-1, len(self.classes))

    def to_pandas(self) -> pandas.DataFrame:
        """One row a frame: its time as index, a column a class."""
        import pandas

        return pandas.DataFrame(self.probabilities, columns=list(self.classes),
                                index=pandas.Index(self.times, name="seconds"))

    def segments_to_pandas(self) -> pandas.DataFrame:
        """One row a segment: label, start, end, probability."""
        import pandas

        return pandas.DataFrame(
            [vars(s) for s in self.segments],
            columns=["label", "start", "end", "probability"])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Lines of the probabilities over time, segments below. Needs
        matplotlib."""
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.subplots(figsize=(9, 3.5), layout="constrained")[1]
        colors = {name: f"C{i}" for i, name in enumerate(self.classes)}
        for name, values in zip(self.classes, self.probabilities.T):
            ax.plot(self.times, values, label=name, color=colors[name])
        for s in self.segments:
            ax.axvspan(s.start, s.end, ymax=0.04, color=colors[s.label])
        ax.set(ylim=(0, 1.02), xlabel="seconds", ylabel="probability",
               title=self.source or "")
        ax.legend(ncols=4, fontsize="small")
        return ax

    def __repr__(self) -> str:
        return (f"<timeline: {len(self)} frames, {len(self.segments)} segments"
                f" of {len(self.classes)} classes>")
