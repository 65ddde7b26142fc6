# SPDX-License-Identifier: MIT
"""The faces of an image: where they are, and what is cut out around them."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import numpy as np

from . import _raw
from ._handle import Handle
from ._options import check_type, code_of, fill
from .errors import ArgumentError, ExpclipError, make
from .predictions import FloatArray

if TYPE_CHECKING:
    from .detector import Detector
    from .images import ImageLike, ImageOptions

ByteArray = np.ndarray[Any, np.dtype[np.uint8]]

#: Faces of an image: "all", the "largest", "auto" (the whole image when it
#: shows one close face, else the largest), or the index of one.
Which: TypeAlias = Literal["all", "largest", "auto"] | int

_WHICH = {"all": _raw.EXPCLIP_FACES_ALL,
          "largest": _raw.EXPCLIP_FACES_LARGEST,
          "auto": _raw.EXPCLIP_FACES_AUTO}


def which_code(which: Which) -> int:
    """The number of a choice of faces."""
    if isinstance(which, str):
        return code_of(_WHICH, which, "faces")
    index = -1
    with contextlib.suppress(TypeError):
        index = operator.index(which)
    if isinstance(which, bool) or not 0 <= index < 2 ** 31:
        raise ArgumentError(f"faces: {which!r}, expected "
                            f"{', '.join(map(repr, _WHICH))} or the index of a "
                            "face, from 0")
    return index


@dataclass(frozen=True)
class CropOptions:
    """What is cut out around a face: a square that is moved inside the image.

    `side` is in heights of the face's box, 0.5 to 4; `up` says how many heights
    the square's centre lies above the box's, -1 to 1. Without a `side`, both
    are those of the model, or 1.4 and 0. `upright` turns the crop so that the
    eyes are level, when they are tilted by more than 15 degrees.
    """

    side: float | None = None
    up: float = 0.0
    upright: bool = False

    def _to_raw(self) -> Any:
        if self.side is None and self.up:
            raise ArgumentError(f"up: {self.up} without a side, expected both")
        return fill(_raw.expclip_crop_options(), side=self.side or 0.0,
                    up=self.up, upright=self.upright)


@dataclass(frozen=True)
class Face:
    """A face, in pixels of its image; parts of it may lie outside.

    `index` is its place among the faces of the image, `box` is (x, y, width,
    height), `score` from 0 to 1 says how sure the detector is. `points` are (x,
    y) of the right eye, the left eye, the tip of the nose, and the right and
    the left corner of the mouth; right and left are the person's.
    """

    index: int
    box: tuple[float, float, float, float]
    score: float
    points: tuple[tuple[float, float], ...]


def _face_of(index: int, row: FloatArray) -> Face:
    x, y, width, height, *points, score = map(float, row)
    return Face(index, (x, y, width, height), score,
                tuple(zip(points[::2], points[1::2])))


class Faces(Sequence[Face]):
    """An image and the faces that a `Detector` found in it, the highest scores
    first. Immutable: share it between threads.

    It keeps the image, as JPEG where it came so. Models and batchers take it
    as they take an image: it stands for its faces, which are not looked for
    again. `close()` or `with` frees the image; the faces remain.

    `array` is float32 [n, 15], in OpenCV's order: box, points, score. `width`
    and `height` are the image's, after it was turned; `turn` says by how many
    degrees beyond its EXIF orientation. `best_score` is that of the most likely
    face, also when it is below the threshold. `error` says why a frame of a
    video could not be read; it has no faces then.
    """

    def __init__(self, pointer: Any, source: str | None) -> None:
        self.source = source
        self._handle = Handle("faces", pointer, _raw.expclip_faces_free)
        with self._handle as p:
            self.array: FloatArray = np.empty(
                (_raw.expclip_faces_count(p), 15), np.float32)
            _raw.expclip_faces_copy(self.array, p)
            self.width = int(_raw.expclip_faces_width(p))
            self.height = int(_raw.expclip_faces_height(p))
            self.turn = int(_raw.expclip_faces_turn(p))
            self.best_score = float(_raw.expclip_faces_best_score(p))
            self._largest = int(_raw.expclip_faces_largest(p))
            status = _raw.expclip_faces_status(p)
            self.error: ExpclipError | None = make(
                status, str(_raw.expclip_faces_message(p))) if status else None
        self.array.flags.writeable = False
        self._faces = tuple(map(_face_of, range(len(self.array)), self.array))

    def __len__(self) -> int:
        return len(self._faces)

    @overload
    def __getitem__(self, index: int) -> Face: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Face, ...]: ...

    def __getitem__(self, index: int | slice) -> Face | tuple[Face, ...]:
        return self._faces[index]

    @property
    def largest(self) -> Face | None:
        """The face with the largest box; None when there is none."""
        return self._faces[self._largest] if self._faces else None

    def image(self) -> ByteArray:
        """The pixels of the image: RGB, uint8 [height, width, 3]."""
        rgb = np.empty((self.height, self.width, 3), np.uint8)
        with self._handle as pointer:
            _raw.expclip_faces_copy_image(rgb, pointer)
        return rgb

    def crop_box(self, index: int, side: float | None = None,
                 up: float = 0.0) -> tuple[int, int, int, int]:
        """The (x, y, width, height) that `crop` cuts out."""
        return self._crop_box(self[index].index,
                              CropOptions(side, up)._to_raw())

    def _crop_box(self, index: int, raw: Any) -> tuple[int, int, int, int]:
        box = _raw.expclip_box()
        with self._handle as pointer:
            _raw.expclip_faces_crop(box, pointer, index, raw)
        return box.x, box.y, box.width, box.height

    def crop(self, index: int, side: float | None = None, up: float = 0.0,
             upright: bool = False) -> ByteArray:
        """The pixels around a face: RGB, uint8 [height, width, 3].

        Args:
            side, up, upright: as for CropOptions; without a side 1.4 and 0.
        """
        number = self[index].index
        raw = CropOptions(side, up, upright)._to_raw()
        _, _, width, height = self._crop_box(number, raw)
        rgb = np.empty((height, width, 3), np.uint8)
        with self._handle as pointer:
            _raw.expclip_faces_copy_crop(rgb, pointer, number, raw)
        return rgb

    # ---- life ----

    def close(self) -> None:
        """Free the image."""
        self._handle.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._handle.closed

    def __enter__(self) -> Faces:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("Faces cannot be pickled: they hold an image of the "
                        "library; pickle list(faces), or find them again")

    def __repr__(self) -> str:
        where = f": {self.source}" if self.source else ""
        if self.error is not None:
            return f"<failed: {self.error}>"
        n = f"{len(self)} face" + ("s" if len(self) != 1 else "")
        return (f"<{n if self else 'no face'} in {self.width} x {self.height} "
                f"pixels{where}>")

    def _repr_html_(self) -> str:
        from .faces_html import photograph
        return photograph(self, list(self))


class FaceRule:
    """Which faces of an image become items, and how they are found.

    With "none" an image is one item as a whole, and a Faces, whose faces
    somebody wanted, all of its own.
    """

    def __init__(self, faces: Which | Literal["none"] = "none",
                 detector: Detector | None = None,
                 crop: CropOptions | None = None) -> None:
        from .detector import Detector
        check_type(crop, CropOptions, "crop", "CropOptions(side=1.2)")
        check_type(detector, Detector, "detector", "Detector()")
        self._is_off = faces == "none"
        self.which = which_code("all" if faces == "none" else faces)
        self.crop = crop._to_raw() if crop is not None else None
        self._detector = detector

    @property
    def looks(self) -> bool:
        """Whether faces are looked for in images."""
        return not self._is_off

    def is_several(self, image: ImageLike) -> bool:
        """Whether an image may become several items."""
        return (self.which == _raw.EXPCLIP_FACES_ALL
                and (not self._is_off or isinstance(image, Faces)))

    def faces_of(self, image: ImageLike,
                 options: ImageOptions) -> Faces | None:
        """The faces of an image; None when it is an item as a whole."""
        if isinstance(image, Faces):
            return image
        if self._is_off and (self.crop is not None or self._detector):
            raise ArgumentError("crop, detector: given, but faces=\"none\" "
                                "looks for no faces")
        if self._is_off:
            return None
        from .detector import default_detector
        quick = self.which == _raw.EXPCLIP_FACES_AUTO
        return (self._detector or default_detector(quick)).find(image, options)
