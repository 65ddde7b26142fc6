# SPDX-License-Identifier: MIT
"""Evaluation like the paper's tables: data sets, features computed once,
metrics as DataFrames and matplotlib figures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _raw
from ._call import CancelToken, call
from ._handle import Handle
from ._options import code_of, fill
from .classes import Classes, ClassesLike, make_prompts, pooling_code
from .clips import Order, Sampling, order_code, sampling_code
from .errors import ArgumentError, ExpclipError, make
from .model import Model, embed_options
from .predictions import FloatArray

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

IntArray = np.ndarray[Any, np.dtype[np.int32]]
Policy = Literal["stop", "skip"]

_POLICIES = {"stop": _raw.EXPCLIP_POLICY_STOP,
             "skip": _raw.EXPCLIP_POLICY_SKIP}
#: The prompt sets of the paper.
PROMPT_SETS = ("type1", "type2", "type3", "type4", "type5")


def _read_json(pointer: Any) -> Any:
    text = Handle("text", pointer, _raw.expclip_string_free)
    with text as p:
        return json.loads(_raw.expclip_string_data(p))


class Dataset:
    """Pictures or clips with their true classes.

    Immutable; share it between threads.

    Args:
        name: "RAFDB", "AffectNet7", "AffectNet8", "FERPlus", "FER2013",
            "DFEW", "FERV39k", "MAFW", "AFEW", "CAER-S" in their published
            layouts; "folder", a folder a class; "list"; or "images", pictures
            without labels.
        path: its folder; for "list" the list.
        lists: list files, a fold each, rows `path frames label`.
        split: "test" or "train".
        root_map: (old, new): the beginning of paths in lists, replaced.
        policy: at a line that cannot be used: "stop" raises, "skip" leaves it
            out and reports it in `problems`.
    """

    def __init__(self, name: str, path: str | os.PathLike[str],
                 lists: Iterable[str | os.PathLike[str]] = (), *,
                 split: str = "test", root_map: tuple[str, str] = ("", ""),
                 policy: Policy = "stop") -> None:
        raw = fill(_raw.expclip_dataset_options(), split=split,
                   map_from=root_map[0], map_to=root_map[1],
                   policy=code_of(_POLICIES, policy, "policy"))
        files = [os.fsdecode(f) for f in lists]
        self._take(_raw.expclip_dataset_open(name, os.fsdecode(path), files,
                                             raw))

    def _take(self, pointer: Any) -> None:
        self._handle = Handle("data set", pointer, _raw.expclip_dataset_free)
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
        """One row an item: path, label, fold, frames (0 for a picture)."""
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

        found: dict[str, Any] = _read_json(call(run, cancel))
        return found

    def __repr__(self) -> str:
        folds = f", {self.fold_count} folds" if self.fold_count > 1 else ""
        return (f"<expclip.Dataset {self.name}: {self._n} items, "
                f"{len(self.classes)} classes{folds}>")


class Features:
    """Embeddings of a data set before the head: the image encoder's work, done
    once for every head and every prompt. Use it from one thread at a time.

    Args:
        cache: file that keeps what is done, so that a later object goes on
            from there.
        batch_size: pictures in a step.
        sampling, samples, order: of clips' frames; as the paper's reference.
        policy: for items that fail.
    """

    def __init__(self, model: Model, dataset: Dataset, *,
                 cache: str | os.PathLike[str] | None = None,
                 batch_size: int = 16, sampling: Sampling = "exact",
                 samples: int = 16, order: Order = "string",
                 policy: Policy = "skip", exif: bool = False) -> None:
        raw = fill(_raw.expclip_features_options(),
                   cache=os.fsdecode(cache) if cache else "",
                   batch=batch_size, sampling=sampling_code(sampling),
                   n_samples=samples, order=order_code(order), exif=exif,
                   policy=code_of(_POLICIES, policy, "policy"))
        self.model, self.dataset = model, dataset
        with model._handle as m, dataset._handle as d:
            self._handle = Handle("features",
                                  _raw.expclip_features_create(m, d, raw),
                                  _raw.expclip_features_free)

    @property
    def done_count(self) -> int:
        """Items done, failed ones included."""
        with self._handle as p:
            return int(_raw.expclip_features_done_count(p))

    @property
    def failed_count(self) -> int:
        """Items that failed."""
        with self._handle as p:
            return int(_raw.expclip_features_failed_count(p))

    @property
    def errors(self) -> dict[int, ExpclipError]:
        """Number of each failed item, and why."""
        with self._handle as p:
            codes = [(i, _raw.expclip_features_status(p, i))
                     for i in range(_raw.expclip_features_done_count(p))]
            return {i: make(code, str(_raw.expclip_features_message(p, i)))
                    for i, code in codes if code}

    def compute(self, *, progress: bool = True,
                cancel: CancelToken | None = None) -> Features:
        """Do what is left, with a bar when tqdm is installed."""
        def run(token: Any) -> None:
            with self._handle as p:
                _raw.expclip_features_step(p, token)

        with _bar(len(self.dataset), self.dataset.name, progress) as bar:
            bar.update(self.done_count)
            while (done := self.done_count) < len(self.dataset):
                call(run, cancel)
                bar.update(self.done_count - done)
        return self

    def embed(self, model: Model | None = None, *, projected: bool = True,
              normalize: bool = True) -> FloatArray:
        """Embeddings float32 [n, dim], rows of failed items NaN, after the
        head of `model`: this one, or another on the same encoder."""
        chosen = model or self.model
        dim = chosen.projected_dim if projected else chosen.embedding_dim
        out = np.empty((len(self.dataset), dim), np.float32)
        with self._handle as p, chosen._handle as m:
            _raw.expclip_features_embed(out, p, m,
                                        embed_options(projected, normalize))
        return out

    def score(self, classes: ClassesLike | None = None,
              model: Model | None = None) -> FloatArray:
        """Logits float32 [n, classes], rows of failed items NaN."""
        chosen = model or self.model
        known = chosen.classes(self.dataset.classes if classes is None
                               else classes)
        out = np.empty((len(self.dataset), len(known)), np.float32)
        with self._handle as p, chosen._handle as m, known._handle as c:
            _raw.expclip_features_score(out, p, m, c)
        return out

    def close(self) -> None:
        """Free them now, and the cache file for others."""
        self._handle.close()

    def __enter__(self) -> Features:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _NoBar:
    def update(self, n: int) -> None:
        """Nothing to show."""

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _bar(total: int, name: str, wanted: bool) -> Any:
    if not wanted:
        return _NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _NoBar()
    return tqdm(total=total, desc=name)


class Result:
    """Metrics of one run. `values` is all of them: see `expclip_metrics()` in
    expclip_eval.h. Rates are in percent."""

    def __init__(self, values: dict[str, Any], classes: Sequence[str], *,
                 logits: FloatArray, labels: IntArray, title: str = "") -> None:
        self.values = values
        self.classes = tuple(classes)
        self.logits, self.labels = logits, labels
        self.title = title

    @property
    def uar(self) -> float:
        """Mean recall of the classes."""
        return float(self.values["uar"])

    @property
    def war(self) -> float:
        """Share of right answers."""
        return float(self.values["war"])

    @property
    def confusion(self) -> pandas.DataFrame:
        """Counts; rows are true classes."""
        import pandas

        return pandas.DataFrame(self.values["confusion"],
                                index=pandas.Index(self.classes, name="true"),
                                columns=pandas.Index(self.classes,
                                                     name="predicted"))

    def per_class(self) -> pandas.DataFrame:
        """One row a class: recall, precision, f1, support."""
        import pandas

        return pandas.DataFrame({
            what: pandas.Series(self.values[what], index=list(self.classes))
            for what in ("recall", "precision", "f1", "support")})

    def plot_confusion(self, ax: Axes | None = None) -> Axes:
        """The matrix in the paper's look, as shares of a row."""
        ax = ax or _new_axes((7, 5.6))
        counts = np.array(self.values["confusion"], float)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        image = ax.imshow(shares, cmap="Reds", vmin=0)
        names = [name.capitalize() for name in self.classes]
        ax.set_xticks(range(len(names)), names, rotation=45, ha="right")
        ax.set_yticks(range(len(names)), names)
        for (i, j), share in np.ndenumerate(shares):
            ax.text(j, i, f"{share:.2f}", ha="center", va="center",
                    color="white" if share > shares.max() / 2 else "black")
        ax.set(xlabel="predicted", ylabel="true", title=self.title)
        ax.figure.colorbar(image, ax=ax)
        return ax

    def plot_reliability(self, ax: Axes | None = None) -> Axes:
        """Accuracy against confidence; on the diagonal it is calibrated."""
        ax = ax or _new_axes((5, 4))
        bins = [b for b in self.values["calibration"]["bins"] if b["n"]]
        ax.bar([b["low"] for b in bins], [b["accuracy"] for b in bins],
               width=[b["high"] - b["low"] for b in bins], align="edge",
               edgecolor="white", label="accuracy")
        ax.plot([0, 1], [0, 1], "--", color="0.5")
        ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence",
               ylabel="accuracy", title=self.title or "reliability")
        ax.text(0.03, 0.93, f"ECE {self.values['calibration']['ece']:.1f} %")
        return ax

    def __repr__(self) -> str:
        name = f"{self.title}: " if self.title else ""
        return f"<{name}UAR/WAR {self.uar:.2f}/{self.war:.2f}>"


class Results(Sequence[Result]):
    """Results of an evaluation, in the order of its prompt sets."""

    def __init__(self, results: Iterable[Result]) -> None:
        self._results = list(results)

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, index: Any) -> Any:
        return self._results[index]

    def to_pandas(self) -> pandas.DataFrame:
        """One row a result: data set, prompts, n, UAR and WAR with their
        intervals, macro F1, ECE."""
        import pandas

        return pandas.DataFrame([_row(r) for r in self])

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False, float_format="%.2f"))


def _row(result: Result) -> dict[str, Any]:
    v = result.values
    interval = v["interval"] or {"uar": [None] * 2, "war": [None] * 2}
    return {"dataset": v.get("dataset"), "prompts": v.get("prompt_set"),
            "n": v["n"], "failed": v["n_failed"], "uar": v["uar"],
            "war": v["war"], "uar_low": interval["uar"][0],
            "uar_high": interval["uar"][1], "war_low": interval["war"][0],
            "war_high": interval["war"][1], "macro_f1": v["macro_f1"],
            "ece": v["calibration"]["ece"]}


def metrics(logits: Any, labels: Any, classes: Sequence[str],
            folds: Any = None, *, bootstrap: int = 1000,
            confidence: float = 0.95, bins: int = 15, seed: int = 1,
            title: str = "", cancel: CancelToken | None = None) -> Result:
    """Metrics of logits [n, classes] and true classes [n].

    Args:
        folds: fold of each item, from 0; UAR and WAR are then the folds' mean.
        bootstrap: samples for the intervals; 0 = none.
    """
    rows = np.ascontiguousarray(logits, np.float32)
    truth = np.ascontiguousarray(labels, np.int32)
    parts = None if folds is None else np.ascontiguousarray(folds, np.int32)
    raw = fill(_raw.expclip_metrics_options(), n_bootstrap=bootstrap,
               n_bins=bins, confidence=confidence, seed=seed)
    names = [str(name) for name in classes]
    text = call(lambda token: _raw.expclip_metrics(
        rows, truth, parts, names, raw, token), cancel)
    return Result(_read_json(text), names, logits=rows, labels=truth,
                  title=title)


def compare(first: Result, second: Result) -> dict[str, Any]:
    """McNemar's test between two results on the same items: "p", and how many
    only the first and only the second got right."""
    if not np.array_equal(first.labels, second.labels):
        raise ArgumentError("compare: the results are of other items")
    found: dict[str, Any] = _read_json(_raw.expclip_metrics_compare(
        first.logits, second.logits, first.labels))
    return found


def fit_temperature(logits: Any, labels: Any) -> float:
    """The temperature under which the labels are likeliest."""
    return float(_raw.expclip_metrics_temperature(
        np.ascontiguousarray(logits, np.float32),
        np.ascontiguousarray(labels, np.int32)))


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


def evaluate(model: Model, dataset: Dataset,
             prompts: Sequence[str] = PROMPT_SETS, *,
             features: Features | None = None,
             cache: str | os.PathLike[str] | None = None,
             pooling: Literal["logits", "embeddings"] = "logits",
             bootstrap: int = 1000, progress: bool = True,
             cancel: CancelToken | None = None) -> Results:
    """Evaluate a model on a data set with some prompt sets.

    Args:
        prompts: sets of the paper, or templates such as "a {} face".
        features: made before, of this model's encoder; else computed.
        cache: file that keeps the features.
    """
    used = features or Features(model, dataset, cache=cache)
    used.compute(progress=progress, cancel=cancel)
    labels, folds = dataset.labels, dataset.folds
    results = []
    for name in prompts:
        classes = model.classes(dataset.classes, name, pooling, cancel)
        result = metrics(used.score(classes, model), labels, dataset.classes,
                         folds, bootstrap=bootstrap, cancel=cancel,
                         title=f"{dataset.name}, {name}")
        result.values.update(dataset=dataset.name, prompt_set=name)
        results.append(result)
    return Results(results)


def _new_axes(size: tuple[float, float]) -> Axes:
    from matplotlib import pyplot

    axes: Axes = pyplot.subplots(figsize=size, layout="constrained")[1]
    return axes
