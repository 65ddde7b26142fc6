# SPDX-License-Identifier: MIT
"""The model: images and texts in, scores and embeddings out."""

from __future__ import annotations

import functools
import os
import warnings
import weakref
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from . import _raw, _torch
from ._call import CancelToken, Pending, call
from ._handle import Handle
from ._options import fill, path_of
from .classes import (Classes, ClassesLike, make_prompts, pooling_code,
                      probabilities)
from .errors import ArgumentError, StateError
from .faces import CropOptions, FaceRule, Faces, Which, which_code
from .images import (Batch, Decoder, ImageLike, ImageOptions, is_one,
                     raise_misuse)
from .predictions import FloatArray, Prediction, Predictions
from .scored_faces import ScoredFaces
from .timeline import TimelineView

if TYPE_CHECKING:
    from .detector import Detector

_shared: weakref.WeakValueDictionary[Any, Model] = weakref.WeakValueDictionary()


class Model:
    """A CLIP model with its Exp-CLIP head, if it has one.

    Immutable: share it between threads. Made by `expclip.load`. Usable in
    `with`, which frees it at the end. Pickled as its path and options: whoever
    unpickles it loads the file again, once per process.
    """

    def __init__(self, path: str | os.PathLike[str], **options: Any) -> None:
        raw = fill(_raw.expclip_load_options(), **options)
        self._path, self._options = path_of(path), options
        _torch.load()
        self._handle = Handle("model",
                              _raw.expclip_model_load(self._path, raw),
                              _raw.expclip_model_free)
        self._default_classes: Classes | None = None

    @classmethod
    def _of(cls, pointer: Any, like: Model) -> Model:
        """A model that did not come from a file, such as a trainer's."""
        model = cls.__new__(cls)
        model._path, model._options = "", {**like._options, "head": "trained"}
        model._handle = Handle("model", pointer, _raw.expclip_model_free)
        model._default_classes = None
        return model

    # ---- what it is ----

    def _get(self, name: str) -> Any:
        with self._handle as pointer:
            return getattr(_raw, f"expclip_model_{name}")(pointer)

    @property
    def name(self) -> str:
        """What was loaded, such as "ViT-B/32"."""
        return str(self._get("name"))

    @property
    def fingerprint(self) -> str:
        """Embeddings of models with equal fingerprints may be compared."""
        return str(self._get("fingerprint"))

    @property
    def encoder_fingerprint(self) -> str:
        """The same without the head: features of one model serve every other
        one that has an equal one."""
        return str(self._get("encoder_fingerprint"))

    @property
    def preprocess(self) -> str:
        """The preset in use: "expclip", "clip" or "clip-squash"."""
        return str(self._get("preprocess"))

    @property
    def embedding_dim(self) -> int:
        """Length of an embedding before the head."""
        return int(self._get("embedding_dim"))

    @property
    def projected_dim(self) -> int:
        """Length after the head; embedding_dim when there is none."""
        return int(self._get("projected_dim"))

    @property
    def image_size(self) -> int:
        """Width and height in pixels of what the encoder sees."""
        return int(self._get("image_size"))

    @property
    def context_length(self) -> int:
        """Tokens in a text at most, start and end included."""
        return int(self._get("context_length"))

    @property
    def vocabulary_size(self) -> int:
        """Number of token ids."""
        return int(self._get("vocabulary_size"))

    @property
    def has_head(self) -> bool:
        """Whether there is an Exp-CLIP head."""
        return bool(self._get("has_head"))

    @property
    def logit_scale(self) -> float:
        """Factor of the cosines; about 100 in OpenAI's models."""
        return float(self._get("logit_scale"))

    @property
    def crop_side(self) -> float:
        """Side of a face's crop in heights of its box, as the files say."""
        return float(self._get("crop_side"))

    @property
    def crop_up(self) -> float:
        """How many heights of the box the crop's centre lies above it."""
        return float(self._get("crop_up"))

    # ---- classes ----

    def classes(self, classes: ClassesLike = 7, prompts: str = "type3",
                pooling: Literal["logits", "embeddings"] = "logits",
                cancel: CancelToken | None = None) -> Classes:
        """Embed a class set.

        Args:
            classes: 7, 8 or 11, the paper's; or names; or a mapping of names to
                prompts; or the path of a prompts file.
            prompts: for numbers and names: a set of the paper, "type1" to
                "type5", or, for names, a template such as "a {} face".
            pooling: how several prompts become one score: the mean of their
                logits, as the paper does, or their unit mean, as open_clip.
        """
        if isinstance(classes, Classes):
            return classes
        raw = _raw.expclip_classes_options()
        raw.pooling = pooling_code(pooling)
        texts = make_prompts(classes, prompts)

        def create(token: Any) -> Any:
            with self._handle as model, texts as pointer:
                return _raw.expclip_classes_create(model, pointer, raw, token)

        return Classes(Handle("classes", call(create, cancel),
                              _raw.expclip_classes_free))

    def _classes_or_default(self, classes: ClassesLike | None) -> Classes:
        if classes is not None:
            return self.classes(classes)
        if self._default_classes is None:
            self._default_classes = self.classes()
        return self._default_classes

    # ---- scores ----

    @overload
    def score(self, images: str | os.PathLike[str] | bytes,
              classes: ClassesLike | None = None, *,
              temperature: float = 1.0, batch_size: int = 32,
              options: ImageOptions | None = None,
              faces: Literal["none", "largest", "auto"] | int = "none",
              detector: Detector | None = None,
              crop: CropOptions | None = None,
              cancel: CancelToken | None = None) -> Prediction: ...
    @overload
    def score(self, images: list[Any] | tuple[Any, ...] | Iterator[Any],
              classes: ClassesLike | None = None, *,
              temperature: float = 1.0, batch_size: int = 32,
              options: ImageOptions | None = None,
              faces: Which | Literal["none"] = "none",
              detector: Detector | None = None,
              crop: CropOptions | None = None,
              cancel: CancelToken | None = None) -> Predictions: ...
    @overload
    def score(self, images: ImageLike, classes: ClassesLike | None = None, *,
              temperature: float = 1.0, batch_size: int = 32,
              options: ImageOptions | None = None,
              faces: Which | Literal["none"] = "none",
              detector: Detector | None = None,
              crop: CropOptions | None = None,
              cancel: CancelToken | None = None) -> Any: ...

    def score(self, images: ImageLike, classes: ClassesLike | None = None, *,
              temperature: float = 1.0, batch_size: int = 32,
              options: ImageOptions | None = None,
              faces: Which | Literal["none"] = "none",
              detector: Detector | None = None,
              crop: CropOptions | None = None,
              cancel: CancelToken | None = None) -> Any:
        """Score one image or several.

        One image gives a Prediction, and an exception when it cannot be
        read. Several (a list, an iterator, an array [n, height, width, 3] or
        [n, 3, height, width], a Series of paths) give Predictions in their
        order; those that cannot be read carry their error and harm no other.
        When every one is an ArgumentError, the call was wrong: it raises.

        A Faces is an image whose faces were found before: it gives Predictions,
        one for each face.

        Args:
            classes: as for `classes`; None = the paper's 7.
            temperature: above 0; divides the logits before the softmax.
            batch_size: images computed at once.
            faces: "none" = images of faces that are cut out already; else
                which faces of each image are found and scored. "all" gives
                Predictions also for one image. An image without a face is a
                NoFaceError.
            detector: that finds them; None = one that all calls share.
            crop: what is cut out around a face.
        """
        rule = FaceRule(faces, detector, crop)
        if _is_one_item(images, rule):
            prediction = next(self.stream([images], classes,
                                          temperature=temperature,
                                          options=options, faces=faces,
                                          detector=detector, crop=crop,
                                          cancel=cancel))
            if prediction.error is not None:
                raise prediction.error
            return prediction
        known = self._classes_or_default(classes)
        batches, logits = [], [np.empty((0, len(known)), np.float32)]
        for batch, rows in self._score_batches(images, known, batch_size,
                                               options, rule, cancel):
            batches.append(batch)
            logits.append(rows)
        raise_misuse(batches)
        return make_predictions(known, batches, np.concatenate(logits),
                                temperature, rule.looks)

    def faces(self, image: ImageLike, classes: ClassesLike | None = None, *,
              which: Which = "all", detector: Detector | None = None,
              crop: CropOptions | None = None, temperature: float = 1.0,
              options: ImageOptions | None = None,
              cancel: CancelToken | None = None) -> ScoredFaces:
        """Find and score the faces of one image, for example a photograph.

        In an image without a face, "all" are none; for any other choice it is
        a NoFaceError, whose message has the score of the best candidate.

        Args:
            image: or a Faces, the result of `Detector.find`.
            classes: as for `classes`; None = the paper's 7.
            which: "all", the "largest", the index of one, or "auto": the whole
                image when it shows one close face, else the largest.
            detector: None = one that all calls share.
            crop: what is cut out around a face; None = as the model says.
        """
        which_code(which)  # "none" is no choice here
        rule = FaceRule(which, detector, crop)
        found = rule.faces_of(image, options or ImageOptions())
        assert found is not None
        if found.error is not None:
            raise found.error
        known = self._classes_or_default(classes)
        if which == "all" and not found:
            none = np.empty((0, len(known)), np.float32)
            return ScoredFaces(found, make_predictions(known, [], none,
                                                       temperature))
        batch, rows = next(self._score_batches([found], known, 1, options, rule,
                                               cancel))
        raise_misuse([batch])
        if which != "all" and batch.errors[0] is not None:
            raise batch.errors[0]
        return ScoredFaces(found, make_predictions(known, [batch], rows,
                                                   temperature))

    def stream(self, images: Iterable[ImageLike],
               classes: ClassesLike | None = None, *,
               temperature: float = 1.0, batch_size: int = 32,
               options: ImageOptions | None = None,
               faces: Which | Literal["none"] = "none",
               detector: Detector | None = None,
               crop: CropOptions | None = None,
               cancel: CancelToken | None = None) -> Iterator[Prediction]:
        """Predictions one by one, from any number of images: memory holds
        two batches. Bad images are predictions with an error; a first
        batch in which nothing is an image raises an ArgumentError. The
        settings are those of `score`."""
        known = self._classes_or_default(classes)
        rule = FaceRule(faces, detector, crop)
        first = True
        for batch, rows in self._score_batches(images, known, batch_size,
                                               options, rule, cancel):
            if first:
                raise_misuse([batch])
            first = False
            yield from make_predictions(known, [batch], rows, temperature)

    def _score_batches(self, images: Iterable[ImageLike], classes: Classes,
                       batch_size: int, options: ImageOptions | None,
                       rule: FaceRule, cancel: CancelToken | None,
                       ) -> Iterator[tuple[Batch, FloatArray]]:
        def score(batch: Batch, token: Any) -> FloatArray:
            with self._handle as model, classes._handle as c, \
                    batch.handle as b:
                rows = np.empty((_raw.expclip_batch_count(b), len(classes)),
                                np.float32)
                _raw.expclip_model_score_images(rows, model, c, b, token)
            return rows

        return self._in_batches(score, images, batch_size, options, rule,
                                cancel)

    # ---- clips ----

    def score_clip(self, path: str | os.PathLike[str],
                   classes: ClassesLike | None = None, *,
                   temperature: float = 1.0,
                   options: ImageOptions | None = None,
                   cancel: CancelToken | None = None,
                   **frames: Any) -> Prediction:
        """One prediction for a video file or a folder of frames.

        Args:
            frames: as for `Frames`: sampling, samples, order, start, end ...
        """
        from .clips import score_clip
        return score_clip(self, path, classes, temperature=temperature,
                          options=options, cancel=cancel, **frames)

    def timeline(self, path: str | os.PathLike[str],
                 classes: ClassesLike | None = None, *,
                 options: ImageOptions | None = None,
                 cancel: CancelToken | None = None,
                 **settings: Any) -> TimelineView:
        """Probabilities over time of a video file or a folder of frames.

        Args:
            settings: as for `Frames` and `Timeline`: start, end, order,
                smoothing, enter, leave ...
        """
        from .clips import timeline
        return timeline(self, path, classes, options=options, cancel=cancel,
                        **settings)

    # ---- embeddings ----

    def embed_images(self, images: ImageLike, *, projected: bool = True,
                     normalize: bool = True, batch_size: int = 32,
                     options: ImageOptions | None = None,
                     on_error: Literal["raise", "nan"] = "raise",
                     faces: Which | Literal["none"] = "none",
                     detector: Detector | None = None,
                     crop: CropOptions | None = None,
                     cancel: CancelToken | None = None) -> FloatArray:
        """Embeddings float32 [n, dim]; [dim] for one image. A Faces gives a
        row for each of its faces.

        Args:
            projected: after the head; else CLIP's own.
            normalize: to unit length.
            on_error: "nan" gives images that cannot be read a row of NaN.
            faces, detector, crop: as for `score`.
        """
        if on_error not in ("raise", "nan"):
            raise ArgumentError(f"on_error: {on_error!r}, expected 'raise' or "
                                "'nan'")
        raw = embed_options(projected, normalize)
        dim = self.projected_dim if projected else self.embedding_dim

        def embed(batch: Batch, token: Any) -> FloatArray:
            with self._handle as model, batch.handle as b:
                rows = np.empty((_raw.expclip_batch_count(b), dim), np.float32)
                _raw.expclip_model_embed_images(rows, model, b, raw, token)
            return rows

        rule = FaceRule(faces, detector, crop)
        one = _is_one_item(images, rule)
        parts, batches = [np.empty((0, dim), np.float32)], []
        for batch, rows in self._in_batches(
                embed, [images] if one else images, batch_size, options, rule,
                cancel):
            for error in batch.errors:
                if error is not None and on_error == "raise":
                    raise error
            parts.append(rows)
            batches.append(batch)
        raise_misuse(batches)
        out = np.concatenate(parts)
        return out.reshape(-1) if one else out

    def embed_texts(self, texts: str | Iterable[str], *,
                    projected: bool = True, normalize: bool = True,
                    batch_size: int = 256,
                    cancel: CancelToken | None = None) -> FloatArray:
        """Embeddings float32 [n, dim] of texts; [dim] for one str. Texts
        longer than the context are cut, with a warning."""
        if isinstance(texts, str):
            rows = self.embed_texts([texts], projected=projected,
                                    normalize=normalize, cancel=cancel)
            return rows.reshape(-1)
        every = list(texts)
        raw = embed_options(projected, normalize)
        dim = self.projected_dim if projected else self.embedding_dim
        out = np.empty((len(every), dim), np.float32)
        cut = np.empty(len(every), np.int32)

        def embed(token: Any) -> None:
            with self._handle as model:
                for i in range(0, len(every), batch_size):
                    part = slice(i, i + batch_size)
                    _raw.expclip_model_embed_texts(out[part], cut[part], model,
                                                   every[part], raw, token)

        call(embed, cancel)
        if cut.any():
            warnings.warn(f"{cut.sum()} texts are longer than "
                          f"{self.context_length} tokens and were cut, the "
                          f"first is number {cut.argmax()}", stacklevel=2)
        return out

    def _in_batches(self, compute: Any, images: Iterable[ImageLike],
                    batch_size: int, options: ImageOptions | None,
                    rule: FaceRule, cancel: CancelToken | None,
                    ) -> Iterator[tuple[Batch, FloatArray]]:
        """Compute batch by batch; the next is decoded meanwhile."""
        before: tuple[Batch, Pending[FloatArray]] | None = None
        try:
            for batch in Decoder(self._handle, images, options, batch_size,
                                 rule):
                pending: Pending[FloatArray] = Pending(
                    functools.partial(compute, batch), cancel)
                if before is not None:
                    yield _finish(*before)
                before = batch, pending
            if before is not None:
                yield _finish(*before)
                before = None
        finally:
            if before is not None:
                before[1].abandon()

    def preprocess_image(self, image: ImageLike,
                         options: ImageOptions | None = None) -> FloatArray:
        """What the image encoder sees: float32 [3, size, size], RGB."""
        size = self.image_size
        pixels = np.empty((3, size, size), np.float32)
        batch = next(iter(Decoder(self._handle, [image], options, 1)))
        if batch.errors[0] is not None:
            raise batch.errors[0]
        with batch.handle as pointer:
            _raw.expclip_batch_copy_pixels(pixels.reshape(-1), pointer, 0)
        return pixels

    # ---- life ----

    def close(self) -> None:
        """Free the weights, once the calls that run now have ended."""
        self._handle.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._handle.closed

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        if not self._path:
            raise StateError("a trainer's model cannot be pickled: save its "
                             "head, and load a model with that")
        return _load_shared, (self._path, self._options, self.fingerprint)

    def __repr__(self) -> str:
        if self.closed:
            return "<closed expclip.Model>"
        head = f"head {self.projected_dim}" if self.has_head else "no head"
        return (f"<expclip.Model {self.name}: {self.image_size} px, "
                f"{self.embedding_dim} dimensions, {head}>")

    def _repr_html_(self) -> str:
        if self.closed:
            return escape(repr(self))
        facts = {
            "model": self.name, "fingerprint": self.fingerprint,
            "image": f"{self.image_size} × {self.image_size} pixels, "
                       f"preset {self.preprocess}",
            "embedding": f"{self.embedding_dim}",
            "head": f"{self.projected_dim}" if self.has_head else "none",
            **{k: str(v) for k, v in self._options.items()},
        }
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(k)}</th>"
            f"<td style='text-align:left'>{escape(v)}</td></tr>"
            for k, v in facts.items())
        return f"<table>{rows}</table>"


def load(path: str | os.PathLike[str] = "demo", *, head: str = "auto",
         preprocess: Literal["auto", "expclip", "clip", "clip-squash"] = "auto",
         activation: Literal["auto", "quick_gelu", "gelu"] = "auto",
         device: str = "cpu", dtype: Literal["fp32", "bf16"] = "fp32",
         threads: int = 0, deterministic: bool = False, portable: bool = False,
         image_size: int = 0, check_finite: bool = True) -> Model:
    """Load a model.

    Args:
        path: "demo", the small model of drawn faces in the library; a file or
            folder; or the name of a download such as "ViT-B/32" (fetched before
            by the program: `expclip pull NAME`).
        head: "auto" = the one in the file, if any; "none" = plain CLIP; or the
            path of a head: .pth or safetensors with mlp.weight [out, dim].
        preprocess: how pixels are made; "auto" = as the files say.
        activation: "auto" = as the files say, else quick_gelu.
        device: "cpu" or "cuda:N".
        dtype: of the encoders.
        threads: in one call; 0 = one per core.
        deterministic: no result depends on its neighbours in a batch; slower.
        portable: plain operations, no packed weights; slower.
        image_size: pixels; another than the file's interpolates the position
            embeddings; 0 = the file's.
        check_finite: refuse weights with NaN or infinity.

    It raises NotFoundError, FormatError, ShapeError, BackendError (there is no
    libtorch: pip install torch) and others of `expclip.errors`.
    """
    return Model(path, head=os.fsdecode(head), preprocess=preprocess,
                 activation=activation, device=device, dtype=dtype,
                 threads=threads, deterministic=deterministic,
                 portable=portable, image_size=image_size,
                 check_finite=check_finite)


def _load_shared(path: str, options: dict[str, Any],
                 fingerprint: str) -> Model:
    """Unpickle: one model a process, and the same weights as before."""
    key = path, tuple(sorted(options.items()))
    model = _shared.get(key)
    if model is None or model.closed:
        model = _shared[key] = Model(path, **options)
    if model.fingerprint != fingerprint:
        raise StateError(f"{path}: its fingerprint is {model.fingerprint}, and "
                         f"was {fingerprint} when the model was pickled")
    return model


def _is_one_item(images: ImageLike, rule: FaceRule) -> bool:
    """Whether one image, or one face of it, is scored, and not several."""
    return ((is_one(images) or isinstance(images, Faces))
            and not rule.is_several(images))


def embed_options(projected: bool, normalize: bool) -> Any:
    """The native options of embeddings."""
    return fill(_raw.expclip_embed_options(), projected=projected,
                normalize=normalize)


def _finish(batch: Batch,
            pending: Pending[FloatArray]) -> tuple[Batch, FloatArray]:
    rows = pending.result()
    batch.handle.close()
    return batch, batch.spread(rows)


def make_predictions(classes: Classes, batches: list[Batch],
                     logits: FloatArray, temperature: float,
                     has_faces: bool = False) -> Predictions:
    """Rows of logits, beside what became of each image."""
    return Predictions(classes.names, logits,
                       probabilities(logits, temperature),
                       [e for b in batches for e in b.errors],
                       [s for b in batches for s in b.sources],
                       [p for b in batches for p in b.places], has_faces)
