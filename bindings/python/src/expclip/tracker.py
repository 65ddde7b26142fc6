# SPDX-License-Identifier: MIT
"""Follows the faces of a video from frame to frame."""

from __future__ import annotations

import numbers
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from . import _raw
from ._call import CancelToken
from ._handle import Handle
from ._options import check_type, fill
from .clips import Frame, Frames
from .detector import Detector
from .errors import ArgumentError
from .faces import Faces
from .images import ImageOptions

_STEP = 0.04  # seconds, where frames have no times of their own


@dataclass(frozen=True)
class Track:
    """A track that has ended: its number from 0, in how many frames its face
    was found, and the seconds of the first and the last of them."""

    number: int
    frame_count: int
    first: float
    last: float


@dataclass(frozen=True)
class EarlierFace:
    """A face of an earlier frame: the number of its track, its frame, counted
    from 0 over the calls of `Tracker.add`, and its index there."""

    track: int
    frame: int
    face: int


class TrackedFrame(NamedTuple):
    """A frame of a video: its time in seconds, its faces, and the number of
    each face's track; None for a face that has none, or not yet."""

    time: float
    faces: Faces
    tracks: list[int | None]


class Tracker:
    """Joins the faces of frames to tracks: by where they are, how large and
    how fast, never by what they show. It knows no identities: who goes and
    comes back is a new track, and two who cross may be taken for each other.
    At a scene cut all tracks end. Its memory is that of the tracks that are
    open. Threads that share it wait for one another.

    Give it 5 frames per second or more, of a detector whose threshold is
    `lower`, and use the faces that have a track.

    Args:
        upper: a face that opens a track has at least this score.
        lower: a face that continues one has at least this score.
        reach: how far a face may move: face widths per second, 0.1 to 100.
        hits: frames with a face until its track opens, 1 to 16.
        lost: seconds without its face after which a track ends, 0 to 60.
    """

    def __init__(self, *, upper: float = 0.7, lower: float = 0.3,
                 reach: float = 12.0, hits: int = 2,
                 lost: float = 0.5) -> None:
        raw = fill(_raw.expclip_tracker_options(), upper=upper, lower=lower,
                   reach=reach, hits=hits, lost=lost)
        self.lower = lower
        self._handle = Handle("tracker", _raw.expclip_tracker_create(raw),
                              _raw.expclip_tracker_free,
                              is_shared=False)

    def add(self, time: float, faces: Faces) -> list[int | None]:
        """Follow the faces into the next frame; the number of each one's
        track, None when it has none (yet).

        Args:
            time: in seconds, above that of the frame before.
        """
        if not isinstance(faces, Faces) or not isinstance(time, numbers.Real):
            raise ArgumentError(f"time, faces: {time!r}, {faces!r}, expected "
                                "seconds and what a Detector found")
        tracks = np.empty(len(faces), np.int32)
        with self._handle as pointer, faces._handle as found:
            _raw.expclip_tracker_add(tracks, pointer, float(time), found)
        return [int(t) if t >= 0 else None for t in tracks]

    def finish(self) -> None:
        """The video is at its end: all tracks end. Another one may follow,
        with times of its own; the numbers go on."""
        with self._handle as pointer:
            _raw.expclip_tracker_finish(pointer)

    @property
    def cut(self) -> bool:
        """Whether the last `add` saw a scene cut."""
        with self._handle as pointer:
            return bool(_raw.expclip_tracker_cut(pointer))

    @property
    def earlier(self) -> list[EarlierFace]:
        """Faces of earlier frames whose tracks the last `add` opened. Who
        wants a track from its first frame on adds them."""
        with self._handle as pointer:
            n = _raw.expclip_tracker_earlier_count(pointer)
            found = (_copy(_raw.expclip_track_face(),
                           _raw.expclip_tracker_earlier, pointer, i)
                     for i in range(n))
            return [EarlierFace(f.number, f.frame, f.face) for f in found]

    @property
    def ended(self) -> list[Track]:
        """The tracks that the last `add` or `finish` ended."""
        with self._handle as pointer:
            n = _raw.expclip_tracker_ended_count(pointer)
            found = (_copy(_raw.expclip_track(), _raw.expclip_tracker_ended,
                           pointer, i) for i in range(n))
            return [Track(t.number, t.n_frames, t.first, t.last)
                    for t in found]

    def close(self) -> None:
        """Free it now."""
        self._handle.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._handle.closed

    def __repr__(self) -> str:
        return f"<expclip.Tracker{': closed' if self.closed else ''}>"

    def __enter__(self) -> Tracker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _copy(out: Any, function: Any, pointer: Any, index: int) -> Any:
    function(out, pointer, index)
    return out


def follow(path: str | os.PathLike[str], *,
           detector: Detector | None = None, tracker: Tracker | None = None,
           options: ImageOptions | None = None,
           cancel: CancelToken | None = None,
           **frames: Any) -> Iterator[TrackedFrame]:
    """Find and follow the faces of a video file or a folder of frames:

        for time, faces, tracks in expclip.follow("film.mp4"): ...

    Args:
        detector: None = one whose threshold is the tracker's `lower`.
        tracker: None = a new one; yours tells `earlier`, `ended` and `cut`.
        frames: as for `Frames`; all frames unless `sampling` says otherwise.

    Each frame's faces keep its pixels until they are closed or forgotten: take
    what you need of them in the loop.
    """
    check_type(detector, Detector, "detector", "Detector(threshold=0.3)")
    check_type(tracker, Tracker, "tracker", "Tracker()")
    tracker = tracker or Tracker()
    detector = detector or Detector(threshold=tracker.lower)
    return _follow(Frames(path, **{"sampling": "all", **frames}), detector,
                   tracker, options, cancel)


def _follow(source: Frames, detector: Detector, tracker: Tracker,
            options: ImageOptions | None,
            cancel: CancelToken | None) -> Iterator[TrackedFrame]:
    clock = _Clock()
    with source:
        try:
            while found := detector.find_frame(source, options=options,
                                               cancel=cancel):
                frame, faces = found
                time = clock.time_of(frame)
                yield TrackedFrame(time, faces, tracker.add(time, faces))
        finally:  # also when the caller has seen enough of it
            if not tracker.closed:
                tracker.finish()


class _Clock:
    """Times that rise: a damaged frame follows the one before."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._step = _STEP

    def time_of(self, frame: Frame) -> float:
        time = frame.time
        if self._last is None:
            time = max(time, 0.0)
        elif time > self._last:
            self._step = time - self._last
        else:
            time = self._last + self._step
        self._last = time
        return time
