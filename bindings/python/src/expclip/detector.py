# SPDX-License-Identifier: MIT
"""Finds faces in images and in the frames of clips, without a model."""

from __future__ import annotations

import dataclasses
import functools
import os
from typing import Any

from . import _raw
from ._call import CancelToken, call
from ._handle import Handle
from ._options import check_type, fill, path_of
from .clips import Frame, Frames
from .errors import ArgumentError
from .faces import Faces
from .images import (ImageLike, ImageOptions, Receiver, give, image_errors,
                     is_one, source_of)


class Detector:
    """Finds faces: YuNet (MIT), whose weights are in the library. It misses
    faces lower than about 20 pixels or turned by more than 45 degrees, and it
    finds the faces of statues and drawings, too. It says nothing about who
    they are. Immutable: share it between threads.

    Args:
        weights: a safetensors file with other weights of the same shapes.
        threshold: a face has at least this score, 0 to 1.
        long_side: pixels, 32 to 8192; a larger image is shrunk to them. Where
            no face is found, it is looked at again, twice as large.
        smallest: a face is at least this many pixels high.
        quick: look first with 320 pixels, and no more when these show one
            close face, at least 0.45 times as wide as the image.
        turn: where no face is found, also look at the image turned by 90, 180
            and 270 degrees.
        threads: that one call uses; 0 = one per core.
    """

    def __init__(self, weights: str | os.PathLike[str] | None = None, *,
                 threshold: float = 0.7, long_side: int = 640,
                 smallest: int = 20, quick: bool = False, turn: bool = False,
                 threads: int = 0) -> None:
        raw = fill(_raw.expclip_detector_options(), threshold=threshold,
                   long_side=long_side, smallest=smallest, quick=quick,
                   turn=turn, threads=threads)
        if weights is not None:
            fill(raw, weights=path_of(weights, "weights"))
        self._options = {
            "weights": weights, "threshold": threshold, "long_side": long_side,
            "smallest": smallest, "quick": quick, "turn": turn,
            "threads": threads}
        self._handle = Handle("detector", _raw.expclip_detector_create(raw),
                              _raw.expclip_detector_free)

    def find(self, image: ImageLike,
             options: ImageOptions | None = None) -> Faces:
        """The faces of an image, which is anything that `Model.score` takes.
        An image without a face is no failure. The EXIF orientation is always
        applied; `options` may have no box. A large JPEG is decoded at a
        reduced scale, for finding and for each crop."""
        if not is_one(image):
            raise ArgumentError(f"image: {type(image).__name__}, expected one "
                                "image; several are [detector.find(image) for "
                                "image in images]")
        check_type(options, ImageOptions, "options",
                   "ImageOptions(allow_truncated=True)")
        options = dataclasses.replace(options or ImageOptions(), exif=True)
        with self._handle as pointer, image_errors():
            found = give(image, options, options._to_raw(), Receiver(*(
                functools.partial(function, pointer) for function in
                (_raw.expclip_detector_find_file,
                 _raw.expclip_detector_find_bytes,
                 _raw.expclip_detector_find_pixels))))
        return Faces(found, source_of(image))

    def find_frame(self, frames: Frames, *,
                   options: ImageOptions | None = None,
                   cancel: CancelToken | None = None,
                   ) -> tuple[Frame, Faces] | None:
        """The next frame of a clip and its faces; None at the end. A damaged
        frame has no faces, and an `error`."""
        check_type(frames, Frames, "frames", 'Frames("film.mp4")')
        check_type(options, ImageOptions, "options",
                   "ImageOptions(allow_truncated=True)")
        raw = options._to_raw() if options else None

        def run(token: Any) -> tuple[Frame, Faces] | None:
            with self._handle as detector, frames._handle as pointer:
                found = _raw.expclip_detector_find_frame(detector, pointer,
                                                         raw, token)
                return None if found is None else (
                    frames._frame(pointer, 0), Faces(found, frames.path))

        return call(run, cancel)

    def close(self) -> None:
        """Free it, once the calls that run now have ended."""
        self._handle.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._handle.closed

    def __reduce__(self) -> Any:
        return _detector_of, (self._options,)

    def __repr__(self) -> str:
        o = self._options
        return (f"<expclip.Detector: threshold {o['threshold']}, long side "
                f"{o['long_side']}>")

    def __enter__(self) -> Detector:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _detector_of(options: dict[str, Any]) -> Detector:
    """As it was pickled."""
    return Detector(**options)


_shared: dict[bool, Detector] = {}


def default_detector(quick: bool = False) -> Detector:
    """The one that models share when they are given none."""
    found = _shared.get(quick)
    return found or _shared.setdefault(quick, Detector(quick=quick))


os.register_at_fork(after_in_child=_shared.clear)
