# SPDX-License-Identifier: MIT
"""Metrics of an evaluation, as DataFrames and matplotlib figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from . import _raw
from ._call import CancelToken, call
from ._handle import Handle
from ._options import fill, integers
from .errors import ArgumentError
from .predictions import FloatArray, IntArray

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


def read_json(pointer: Any) -> Any:
    """What a native string of JSON says; frees it."""
    text = Handle("text", pointer, _raw.expclip_string_free)
    with text as p:
        return json.loads(_raw.expclip_string_data(p))


class Result:
    """Metrics of one run; rates are in percent. `values` has all of them, as
    `expclip_metrics_compute()` in expclip_eval.h says, and of `evaluate` also
    dataset, prompt_set, model and head."""

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
        """Percentage of right answers."""
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
        """One row per class: recall, precision, f1, support."""
        import pandas

        return pandas.DataFrame({
            what: pandas.Series(self.values[what], index=list(self.classes))
            for what in ("recall", "precision", "f1", "support")})

    def plot_confusion(self, ax: Axes | None = None) -> Axes:
        """The matrix in the paper's look: percent of each true class."""
        from matplotlib import colormaps

        n = len(self.classes)
        ax = ax or _new_axes((2.6 + 0.68 * n, 1.7 + 0.62 * n))
        counts = np.array(self.values["confusion"], float)
        sums = counts.sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            percent = 100 * counts / sums  # NaN where there is none
        most = float(np.nanmax(percent, initial=0.0)) or 100.0
        reds = colormaps["Reds"].with_extremes(bad="#f2f2f2")
        image = ax.imshow(percent, cmap=reds, vmin=0, vmax=most)
        names = [name.capitalize() for name in self.classes]
        ax.set_xticks(range(n), names, rotation=45, ha="right",
                      rotation_mode="anchor")
        ax.set_yticks(range(n), names)
        for (i, j), value in np.ndenumerate(percent):
            ax.text(j, i, "–" if np.isnan(value) else f"{value:.2f}",
                    ha="center", va="center", fontsize="small",
                    color="white" if value > 0.6 * most else "black")
        ax.set(xlabel="predicted", ylabel="true", title=self.title)
        ax.figure.colorbar(image, ax=ax, label="% of the true class",
                           fraction=0.046, pad=0.03)
        return ax

    def plot_reliability(self, ax: Axes | None = None) -> Axes:
        """Accuracy against confidence, with the number of items of each bin;
        on the diagonal it is calibrated."""
        ax = ax or _new_axes((5.6, 5))
        bins = [b for b in self.values["calibration"]["bins"] if b["n"]]
        at = [b["low"] for b in bins]
        right, sure = ([b[what] for b in bins]
                       for what in ("accuracy", "confidence"))
        shape: Any = {"width": [b["high"] - b["low"] for b in bins],
                      "align": "edge", "edgecolor": "white"}
        ax.bar(at, right, color="#4c86b8", label="accuracy", **shape)
        ax.bar(at, np.subtract(sure, right), bottom=right, color="#d1495b",
               alpha=0.38, label="gap to the confidence", **shape)
        ax.hlines(right, at, [b["high"] for b in bins], color="black")
        ax.plot([0, 1], [0, 1], "--", color="0.5", linewidth=1.2)
        for b in bins:
            ax.text((b["low"] + b["high"]) / 2, 0.015, b["n"], ha="center",
                    fontsize="x-small", color="0.2" if b["accuracy"] < 0.04
                    else "white")
        ax.set(xlim=(0, 1), ylim=(0, 1.005), xlabel="confidence",
               ylabel="accuracy", title=self.title or "reliability")
        ece = self.values["calibration"]["ece"]
        ax.legend(loc="upper left", title=f"ECE {ece:.2f} %")
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

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> Results: ...

    def __getitem__(self, index: int | slice) -> Result | Results:
        found = self._results[index]
        return Results(found) if isinstance(found, list) else found

    def __add__(self, other: Iterable[Result]) -> Results:
        return Results([*self, *other])

    def to_pandas(self) -> pandas.DataFrame:
        """One row per result, with the columns of the program's results.csv:
        dataset, prompt_set, model, head, n, UAR and WAR with their intervals,
        macro F1, ECE."""
        import pandas

        return pandas.DataFrame([_row(r) for r in self])

    def __repr__(self) -> str:
        return f"<expclip.Results: {', '.join(map(repr, self))}>"

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False, float_format="%.2f"))


def _row(result: Result) -> dict[str, Any]:
    v = result.values
    interval = v["interval"] or {"uar": [None] * 2, "war": [None] * 2}
    named = ("dataset", "prompt_set", "model", "head")
    return {**{name: v.get(name) for name in named},
            "n": v["n"], "n_failed": v["n_failed"], "uar": v["uar"],
            "war": v["war"], "uar_low": interval["uar"][0],
            "uar_high": interval["uar"][1], "war_low": interval["war"][0],
            "war_high": interval["war"][1], "macro_f1": v["macro_f1"],
            "ece": v["calibration"]["ece"]}


def _rows_of(logits: Any, n_rows: int, n_classes: int | None) -> FloatArray:
    """Logits as [n, classes]: the library sees only how many numbers."""
    rows: FloatArray = np.ascontiguousarray(logits, np.float32)
    if rows.ndim != 2 or rows.shape != (n_rows, n_classes or rows.shape[1]):
        raise ArgumentError(f"logits: shape {rows.shape}, expected ({n_rows}, "
                            f"{n_classes or 'classes'})")
    return rows


def metrics(logits: Any, labels: Any, classes: Sequence[str],
            folds: Any = None, *, bootstrap: int = 1000,
            confidence: float = 0.95, bins: int = 15, seed: int = 1,
            title: str = "", cancel: CancelToken | None = None) -> Result:
    """Metrics of logits [n, classes] and true classes [n].

    Args:
        folds: fold of each item, from 0; UAR and WAR are then the folds' mean.
        bootstrap: samples for the intervals; 0 = none.
    """
    names = [str(name) for name in classes]
    truth = integers(labels, "labels")
    rows = _rows_of(logits, len(truth), len(names))
    parts = None if folds is None else integers(folds, "folds")
    raw = fill(_raw.expclip_metrics_options(), n_bootstrap=bootstrap,
               n_bins=bins, confidence=confidence, seed=seed)
    text = call(lambda token: _raw.expclip_metrics_compute(
        rows, truth, parts, names, raw, token), cancel)
    return Result(read_json(text), names, logits=rows, labels=truth,
                  title=title)


def compare(first: Result, second: Result) -> dict[str, Any]:
    """McNemar's test between two results on the same items: "p", and how many
    only the first and only the second got right."""
    if not np.array_equal(first.labels, second.labels):
        raise ArgumentError("compare: the results are of other items")
    found: dict[str, Any] = read_json(_raw.expclip_metrics_compare(
        first.logits, second.logits, first.labels))
    return found


def fit_temperature(logits: Any, labels: Any) -> float:
    """The temperature under which the labels are likeliest."""
    truth = integers(labels, "labels")
    return float(_raw.expclip_metrics_fit_temperature(
        _rows_of(logits, len(truth), None), truth))


def _new_axes(size: tuple[float, float]) -> Axes:
    from matplotlib import pyplot

    axes: Axes = pyplot.subplots(figsize=size, layout="constrained")[1]
    return axes
