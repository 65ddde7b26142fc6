# SPDX-License-Identifier: MIT
"""Evaluation like the paper's tables: datasets, and features that are
computed once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _raw
from ._call import CancelToken, call
from ._handle import Handle
from ._options import code_of, fill, path_of
from .classes import Classes, ClassesLike, make_prompts, pooling_code
from .clips import Order, Sampling, order_code, sampling_code
from .errors import ArgumentError
from .faces import CropOptions
from .model import Model, embed_options
from .predictions import FloatArray, IntArray
from .results import Result, Results, metrics, read_json
from .rows import Rows

if TYPE_CHECKING:
    import pandas

Policy = Literal["stop", "skip"]
RowFaces = Literal["none", "largest", "auto"]

_FACES = {"none": _raw.EXPCLIP_FACES_NONE,
          "largest": _raw.EXPCLIP_FACES_LARGEST,
          "auto": _raw.EXPCLIP_FACES_AUTO}
_POLICIES = {"stop": _raw.EXPCLIP_POLICY_STOP,
             "skip": _raw.EXPCLIP_POLICY_SKIP}
#: The prompt sets of the paper.
PROMPT_SETS = ("type1", "type2", "type3", "type4", "type5")
# The classes of images without labels.
_UNLABELLED = ("unlabelled",)


def _labels_text(labels: Mapping[str | int, str]) -> str:
    for name, label in labels.items():
        if {",", "="} & set(f"{name}{label}"):
            raise ArgumentError(f"labels: {name!r}: {label!r}, expected no"
                                ' "," and no "=" in them')
    return ",".join(f"{name}={label}" for name, label in labels.items())


class Dataset:
    """Images or clips with their true classes.

    Immutable; share it between threads.

    Args:
        name: "RAFDB", "AffectNet7", "AffectNet8", "FERPlus", "FER2013",
            "DFEW", "FERV39k", "MAFW", "AFEW", "CAER-S", "CKPlus" in their
            published layouts; "folder", one folder per class; "list"; or
            "images", images without labels.
        path: its folder; for "list" the list.
        lists: a list file or several, one per fold, with rows
            `path frames label`.
        split: "test" or "train".
        root_map: (old, new): the beginning of paths in lists, replaced.
        labels: the classes of the folders of "folder", or of the labels in
            lists, where their names do not say them: {1: "surprise"}.
        policy: at a line that cannot be used: "stop" raises, "skip" leaves it
            out and reports it in `problems`.
    """

    def __init__(self, name: str, path: str | os.PathLike[str],
                 lists: str | os.PathLike[str]
                 | Iterable[str | os.PathLike[str]] = (), *,
                 split: str = "test", root_map: tuple[str, str] = ("", ""),
                 labels: Mapping[str | int, str] | None = None,
                 policy: Policy = "stop") -> None:
        raw = fill(_raw.expclip_dataset_options(), split=split,
                   map_from=root_map[0], map_to=root_map[1],
                   labels=_labels_text(labels or {}),
                   policy=code_of(_POLICIES, policy, "policy"))
        files = [lists] if isinstance(lists, (str, os.PathLike)) else lists
        self._take(_raw.expclip_dataset_open(
            name, path_of(path), [path_of(f, "lists") for f in files], raw))

    def _take(self, pointer: Any) -> None:
        self._handle = Handle("dataset", pointer, _raw.expclip_dataset_free)
        with self._handle as p:
            self._n = int(_raw.expclip_dataset_count(p))
            self.name = str(_raw.expclip_dataset_name(p))
            self.fold_count = int(_raw.expclip_dataset_fold_count(p))
            self.classes = tuple(
                str(_raw.expclip_dataset_class_name(p, i))
                for i in range(_raw.expclip_dataset_class_count(p)))
            self.problems = tuple(
                str(_raw.expclip_dataset_problem(p, i))
                for i in range(_raw.expclip_dataset_problem_count(p)))
            self.notes = tuple(
                str(_raw.expclip_dataset_note(p, i))
                for i in range(_raw.expclip_dataset_note_count(p)))

    def shard(self, shard: int, n_shards: int) -> Dataset:
        """Part `shard` (from 0) of n_shards, to share work among machines."""
        part = Dataset.__new__(Dataset)
        with self._handle as p:
            part._take(_raw.expclip_dataset_shard(p, shard, n_shards))
        return part

    def __len__(self) -> int:
        return self._n

    def _each(self, getter: Any) -> Iterator[Any]:
        with self._handle as p:
            return iter([getter(p, i) for i in range(self._n)])

    @property
    def paths(self) -> list[str]:
        """Path of each item."""
        return list(self._each(_raw.expclip_dataset_path))

    @property
    def labels(self) -> IntArray:
        """True class of each item, int32 [n]."""
        return np.fromiter(self._each(_raw.expclip_dataset_label), np.int32,
                           self._n)

    @property
    def folds(self) -> IntArray:
        """Fold that tests each item, from 0, int32 [n]."""
        return np.fromiter(self._each(_raw.expclip_dataset_fold), np.int32,
                           self._n)

    def to_pandas(self) -> pandas.DataFrame:
        """One row per item: path, label, fold, frames (0 for an image)."""
        import pandas

        return pandas.DataFrame({
            "path": self.paths,
            "label": [self.classes[i] for i in self.labels],
            "fold": self.folds,
            "frames": list(self._each(_raw.expclip_dataset_frame_count)),
        })

    def check(self, cancel: CancelToken | None = None) -> dict[str, Any]:
        """Look at all files and compare with what is published: counts of
        each fold, and "findings" such as missing frames, short clips,
        duplicates and leaks between folds."""
        def run(token: Any) -> Any:
            with self._handle as p:
                return _raw.expclip_dataset_check(p, token)

        found: dict[str, Any] = read_json(call(run, cancel))
        return found

    def __repr__(self) -> str:
        folds = f", {self.fold_count} folds" if self.fold_count > 1 else ""
        return (f"<expclip.Dataset {self.name}: {self._n} items, "
                f"{len(self.classes)} classes{folds}>")


class Features(Rows):
    """Embeddings of a dataset before the head: the image encoder's work, done
    once for every head and every prompt. Use it from one thread at a time.

    Args:
        cache: file that keeps what is done, so that a later object continues
            from there.
        batch_size: images in a step.
        sampling, samples, order: of clips' frames; as the paper's reference.
        policy: for items that fail.
        faces: "none" = images of faces that are cut out already; "largest" or
            "auto" = which face of each image or frame is cut out. An item with
            a box is taken by its box; an image without a face fails.
        crop: what is cut out around a face; None = as the model says.
    """

    def __init__(self, model: Model, dataset: Dataset, *,
                 cache: str | os.PathLike[str] | None = None,
                 batch_size: int = 16, sampling: Sampling = "exact",
                 samples: int = 16, order: Order = "string",
                 policy: Policy = "skip", exif: bool = False,
                 faces: RowFaces = "none",
                 crop: CropOptions | None = None) -> None:
        cut = (crop or CropOptions())._to_raw()
        raw = fill(_raw.expclip_features_options(),
                   cache=path_of(cache, "cache") if cache else "",
                   batch=batch_size, sampling=sampling_code(sampling),
                   n_samples=samples, order=order_code(order), exif=exif,
                   policy=code_of(_POLICIES, policy, "policy"),
                   faces=code_of(_FACES, faces, "faces"), crop_side=cut.side,
                   crop_up=cut.up, upright=cut.upright)
        self.model = model
        with model._handle as m, dataset._handle as d:
            super().__init__(dataset, dataset.name, model.embedding_dim,
                             _raw.expclip_rows_create_features(m, d, raw))

    def embed(self, model: Model | None = None, *, projected: bool = True,
              normalize: bool = True) -> FloatArray:
        """Embeddings float32 [n, dim], rows of failed items NaN, after the
        head of `model`: this one, or another on the same encoder."""
        chosen = model or self.model
        dim = chosen.projected_dim if projected else chosen.embedding_dim
        out = np.empty((len(self.dataset), dim), np.float32)
        with self._handle as p, chosen._handle as m:
            _raw.expclip_rows_embed(out, p, m,
                                    embed_options(projected, normalize))
        return out

    def score(self, classes: ClassesLike | None = None,
              model: Model | None = None) -> FloatArray:
        """Logits float32 [n, classes], rows of failed items NaN.

        Args:
            classes: None = the dataset's; without labels the paper's 7.
        """
        chosen = model or self.model
        if classes is None and self.dataset.classes != _UNLABELLED:
            classes = self.dataset.classes
        known = chosen._classes_or_default(classes)
        out = np.empty((len(self.dataset), len(known)), np.float32)
        with self._handle as p, chosen._handle as m, known._handle as c:
            _raw.expclip_rows_score(out, p, m, c)
        return out


def select_classes(classes: Classes, prompts: ClassesLike,
                   pooling: Literal["logits", "embeddings"] = "logits",
                   ) -> Classes:
    """Other classes from the prompts of `classes`, without the text encoder:
    each prompt has to be one of theirs."""
    raw = _raw.expclip_classes_options()
    raw.pooling = pooling_code(pooling)
    texts = make_prompts(prompts, "type1")
    with classes._handle as c, texts as p:
        return Classes(Handle("classes", _raw.expclip_classes_select(c, p, raw),
                              _raw.expclip_classes_free))


def _name_of(dataset: Dataset, faces: RowFaces,
             crop: CropOptions | None) -> str:
    """As the program names it: "folder (largest 1.2:0.1)"."""
    if faces == "none":
        return dataset.name
    cut = crop or CropOptions()
    side = f" {cut.side:g}" if cut.side is not None else ""
    up = f":{cut.up:g}" if cut.up else ""
    upright = ", upright" if cut.upright else ""
    return f"{dataset.name} ({faces}{side}{up}{upright})"


def evaluate(model: Model, dataset: Dataset,
             prompts: Sequence[str] = PROMPT_SETS, *,
             features: Features | None = None,
             cache: str | os.PathLike[str] | None = None,
             pooling: Literal["logits", "embeddings"] = "logits",
             bootstrap: int = 1000, progress: bool = True,
             faces: RowFaces = "none", crop: CropOptions | None = None,
             cancel: CancelToken | None = None) -> Results:
    """Evaluate a model on a dataset with some prompt sets. Of several models
    the results add up: evaluate(a, data) + evaluate(b, data).

    Args:
        prompts: sets of the paper, or templates such as "a {} face".
        features: made before, of this model's encoder; else computed.
        cache: file that keeps the features.
        faces, crop: as for `Features`; with `features` as they were made.
    """
    if features is not None and (faces != "none" or crop is not None):
        raise ArgumentError("faces, crop: given beside features, expected them "
                            "in Features(...), which cuts the faces out")
    if dataset.classes == _UNLABELLED:
        raise ArgumentError(f"dataset {dataset.name}: has no labels")
    head = model._options.get("head", "auto") if model.has_head else "none"
    shown = _name_of(dataset, faces, crop)
    results = []
    with (contextlib.nullcontext(features) if features is not None
          else Features(model, dataset, cache=cache, faces=faces,
                        crop=crop)) as used:
        used.compute(progress=progress, cancel=cancel)
        for name in prompts:
            classes = model.classes(dataset.classes, name, pooling, cancel)
            result = metrics(
                used.score(classes, model), dataset.labels, dataset.classes,
                dataset.folds, bootstrap=bootstrap, cancel=cancel,
                title=f"{shown}, {name}")
            result.values.update(dataset=shown, prompt_set=name,
                                 model=model.name, head=head)
            results.append(result)
    return Results(results)
