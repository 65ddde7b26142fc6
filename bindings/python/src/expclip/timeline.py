# SPDX-License-Identifier: MIT
"""Scores over time: smoothed probabilities and segments."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _outputs, _raw
from ._handle import Handle
from ._options import code_of, fill
from .predictions import FloatArray

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

_SMOOTHINGS = {"none": _raw.EXPCLIP_SMOOTHING_NONE,
               "ema": _raw.EXPCLIP_SMOOTHING_EMA,
               "median": _raw.EXPCLIP_SMOOTHING_MEDIAN}
# As the program's plots: people with any colour vision tell them apart.
_COLORS = ("#e69f00", "#0072b2", "#6b6b6b", "#d55e00", "#cc79a7", "#009e73",
           "#56b4e9", "#b8a800")
_DASHES = ("-", "--", ":", "-.")
_BANDS = (-0.13, -0.03)  # where the segments are drawn, below the lines


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
            _raw.expclip_timeline_free, is_shared=False)

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
    [n, classes], `segments`; `failed_count` frames are not in it.

    `Model.timeline` makes it of a file. Of a stream, `extend` collects it:

        view.extend(*line.add(time, logits))
    """

    def __init__(self, classes: Sequence[str], source: str | None = None,
                 model: str | None = None) -> None:
        self.classes = tuple(classes)
        self.source, self.model = source, model
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
        """One row per frame: its time as index, a column per class."""
        import pandas

        return pandas.DataFrame(self.probabilities, columns=list(self.classes),
                                index=pandas.Index(self.times, name="seconds"))

    def segments_to_pandas(self) -> pandas.DataFrame:
        """One row per segment: label, start, end, probability."""
        import pandas

        return pandas.DataFrame(
            [vars(s) for s in self.segments],
            columns=["label", "start", "end", "probability"])

    def to_webvtt(self, path: str | os.PathLike[str], *,
                  overwrite: bool = False) -> None:
        """Write the segments as subtitles, as the program does. A file that is
        not such, or an image's name, is an ArgumentError, unless
        `overwrite`."""
        lines = ["WEBVTT", "", "NOTE", "Facial expressions in "
                 + _vtt_text(self.source or "a stream"),
                 f"by the model {_vtt_text(self.model or 'unknown')}, "
                 f"libexpclip {_raw.expclip_library_version()}"]
        for s in self.segments:
            start, end = (int(1000 * max(t, 0.0) + 0.5)
                          for t in (s.start, s.end))
            lines += ["", f"{_vtt_time(start)} --> "
                      f"{_vtt_time(max(end, start + 1))}",
                      f"{_vtt_text(s.label)} {100 * s.probability:.0f} %"]
        with _outputs.replacing(path, _outputs.SUBTITLES, overwrite) as name, \
                open(name, "w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Lines of the probabilities over time, segments below. Needs
        matplotlib."""
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.subplots(figsize=(10, 4), layout="constrained")[1]
        times = self.times
        for i, (name, values) in enumerate(zip(self.classes,
                                               self.probabilities.T)):
            ax.plot(times, values, label=name, color=_color(i),
                    linestyle=_DASHES[i // len(_COLORS) % len(_DASHES)],
                    linewidth=1.8)
        ends = [*times[:1], *times[-1:],
                *(t for s in self.segments for t in (s.start, s.end))]
        self._plot_segments(ax, max(ends, default=0) - min(ends, default=0))
        ax.set(ylim=(_BANDS[0], 1.03), yticks=np.linspace(0, 1, 6),
               xlabel="seconds", ylabel="probability",
               title=os.path.basename(self.source or ""))
        ax.margins(x=0)
        ax.grid(alpha=0.25)
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        return ax

    def _plot_segments(self, ax: Axes, whole: float) -> None:
        low, high = _BANDS
        ax.axhspan(low, high, color="#f4f4f5", zorder=0)
        for s in self.segments:
            color = _color(self.classes.index(s.label))
            ax.broken_barh([(s.start, s.end - s.start)], (low, high - low),
                           facecolor=color, edgecolor="white", linewidth=0.8)
            if s.end - s.start > 0.014 * whole * len(s.label):
                ax.text((s.start + s.end) / 2, (low + high) / 2, s.label,
                        ha="center", va="center", fontsize="small",
                        color="white" if _is_dark(color) else "black")

    def __repr__(self) -> str:
        return (f"<timeline: {len(self)} frames, {len(self.segments)} segments"
                f" of {len(self.classes)} classes>")


def _color(index: int) -> str:
    return _COLORS[index % len(_COLORS)]


def _is_dark(color: str) -> bool:
    red, green, blue = bytes.fromhex(color[1:])
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 * 255


def _vtt_text(text: str) -> str:
    clean = re.sub("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
                   "\ud800-\udfff]", "\ufffd", text)
    return (clean.replace("&", "&amp;").replace("<", "&lt;")
            .replace(">", "&gt;"))


def _vtt_time(ms: int) -> str:
    return (f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}"
            f".{ms % 1000:03}")
