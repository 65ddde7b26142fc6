# SPDX-License-Identifier: MIT
"""What scoring returns: numbers, and in a notebook the images with bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from .errors import ExpclipError

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

    from .faces import Face

FloatArray = np.ndarray[Any, np.dtype[np.float32]]
IntArray = np.ndarray[Any, np.dtype[np.int32]]

_ROWS_SHOWN = 20


@dataclass(frozen=True, repr=False)
class Prediction:
    """How much one image resembles each class; never what a person feels.

    `label` and `probability` are of the best class, None and NaN when the
    image could not be read: `error` says why. `face` is the face that was
    scored, None when it was the whole image; `image` is the number of that
    image among those given.
    """

    label: str | None
    probability: float
    probabilities: dict[str, float]
    logits: FloatArray
    source: str | None = None
    error: ExpclipError | None = None
    image: int = 0
    face: Face | None = None

    @property
    def ok(self) -> bool:
        """Whether the image was scored."""
        return self.error is None

    def top(self, k: int) -> list[tuple[str, float]]:
        """The k most probable classes, best first."""
        ranked = sorted(self.probabilities.items(), key=lambda item: -item[1])
        return ranked[:k] if self.ok else []

    def plot(self, ax: Axes | None = None) -> Axes:
        """Bars of the probabilities. Needs matplotlib."""
        ax = ax or _new_axes(len(self.probabilities))
        names = list(self.probabilities)[::-1]
        values = [self.probabilities[name] for name in names]
        colors = ["C0" if name == self.label else "0.75" for name in names]
        ax.barh(names, values, color=colors)
        ax.set(xlim=(0, 1), xlabel="probability", title=self._where)
        return ax

    def __repr__(self) -> str:
        if self.error is not None:
            return f"<failed: {self.error}>"
        where = f": {self._where}" if self._where else ""
        return f"<{self.label} {self.probability:.1%}{where}>"

    @property
    def _where(self) -> str:
        face = f"face {self.face.index}" if self.face is not None else ""
        return ", ".join(filter(None, (self.source, face)))

    def _repr_html_(self) -> str:
        if self.error is not None:
            return f"<p>{failure_html(self.error)}</p>"
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(name)}</td>"
            f"<td style='text-align:left'>{_bar_html(value)}</td></tr>"
            for name, value in self.top(len(self.probabilities)))
        caption = escape(self._where)
        return f"<table><caption>{caption}</caption>{rows}</table>"


class Predictions(Sequence[Prediction]):
    """Predictions in the order of the images, and of the faces in them.

    `logits` and `probabilities` are float32 [n, classes], NaN for failed ones.
    """

    def __init__(self, classes: Sequence[str], logits: FloatArray,
                 probabilities: FloatArray,
                 errors: Sequence[ExpclipError | None],
                 sources: Sequence[str | None],
                 places: Sequence[tuple[int, Face | None]] | None = None,
                 has_faces: bool = False) -> None:
        self.classes = tuple(classes)
        self.logits = logits
        self.probabilities = probabilities
        self._errors = list(errors)
        self._sources = list(sources)
        self._places = (list(places) if places is not None else
                        [(i, None) for i in range(len(self._errors))])
        self._has_faces = has_faces or any(face for _, face in self._places)

    def __len__(self) -> int:
        return len(self._errors)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> Predictions: ...

    def __getitem__(self, index: int | slice) -> Prediction | Predictions:
        if isinstance(index, slice):
            return Predictions(self.classes, self.logits[index],
                               self.probabilities[index], self._errors[index],
                               self._sources[index], self._places[index],
                               self._has_faces)
        row, error = self.probabilities[index], self._errors[index]
        image, face = self._places[index]
        best = -1 if error is not None else int(row.argmax())
        return Prediction(
            label=self.classes[best] if best >= 0 else None,
            probability=float(row[best]) if best >= 0 else float("nan"),
            probabilities=dict(zip(self.classes, map(float, row))),
            logits=self.logits[index], source=self._sources[index], error=error,
            image=image, face=face)

    def __iter__(self) -> Iterator[Prediction]:
        return (self[i] for i in range(len(self)))

    @property
    def labels(self) -> list[str | None]:
        """The best class of each image; None for failed ones."""
        return [p.label for p in self]

    @property
    def errors(self) -> dict[int, ExpclipError]:
        """Number of each failed image, and why."""
        return {i: e for i, e in enumerate(self._errors) if e is not None}

    def to_pandas(self) -> pandas.DataFrame:
        """One row per image: source, label, probability, error, classes. Where
        faces were looked for, one row for each: source, image, face, box_x, box_y,
        box_width, box_height, face_score, and the rest as before."""
        import pandas

        frame = pandas.DataFrame({
            "source": self._sources,
            **self._face_columns(),
            "label": self.labels,
            "probability": [p.probability for p in self],
            "error": [e.message if e is not None else None
                      for e in self._errors],
        })
        if "face" in frame:
            frame["face"] = frame["face"].astype("Int64")  # NA where none
        scores = pandas.DataFrame(self.probabilities,
                                  columns=list(self.classes))
        return pandas.concat([frame, scores], axis=1)

    def _face_columns(self) -> dict[str, list[float | None]]:
        faces = [face for _, face in self._places]
        if not self._has_faces:
            return {}
        columns: dict[str, list[float | None]] = {
            "image": [image for image, _ in self._places],
            "face": [face.index if face else None for face in faces]}
        for i, name in enumerate(("x", "y", "width", "height")):
            columns[f"box_{name}"] = [face.box[i] if face else None
                                      for face in faces]
        return {**columns, "face_score": [face.score if face else None
                                          for face in faces]}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Probabilities of all images as a map. Needs matplotlib."""
        ax = ax or _new_axes(len(self))
        image = ax.imshow(self.probabilities, vmin=0, vmax=1, cmap="viridis",
                          aspect="auto", interpolation="nearest")
        ax.set_xticks(range(len(self.classes)), self.classes, rotation=45,
                      ha="right")
        ax.set_ylabel("image")
        ax.figure.colorbar(image, ax=ax, label="probability")
        return ax

    def __repr__(self) -> str:
        return (f"<{len(self)} predictions of {len(self.classes)} classes, "
                f"{len(self.errors)} failed>")

    def _repr_html_(self) -> str:
        rows = "".join(map(_row_html, range(len(self)), self[:_ROWS_SHOWN]))
        more = len(self) - _ROWS_SHOWN
        rest = f"<p>… and {more} more</p>" if more > 0 else ""
        return ("<table><tr><th></th><th style='text-align:left'>image</th>"
                "<th style='text-align:left'>expression</th><th></th></tr>"
                f"{rows}</table>{rest}")


def _row_html(number: int, p: Prediction) -> str:
    found = (f"<td colspan=2 style='text-align:left'>{failure_html(p.error)}"
             "</td>" if p.error is not None else
             f"<td style='text-align:left'>{escape(str(p.label))}</td>"
             f"<td style='text-align:left'>{_bar_html(p.probability)}</td>")
    return (f"<tr><td>{number}</td><td style='text-align:left'>"
            f"{escape(p._where)}</td>{found}</tr>")


def _bar_html(value: float) -> str:
    return ("<span style='display:inline-block;width:10em;background:#8882'>"
            "<span style='display:inline-block;height:0.8em;"
            f"background:#4c78a8;width:{100 * value:.1f}%'></span></span>"
            f" {100 * value:.1f}&nbsp;%")


def failure_html(error: ExpclipError) -> str:
    """An error as a notebook shows it."""
    return f"<em>{escape(error.status)}: {escape(error.message)}</em>"


def _new_axes(n_rows: int) -> Axes:
    from matplotlib import pyplot

    height = min(max(2.0, 0.35 * n_rows), 12.0)
    axes: Axes = pyplot.subplots(figsize=(6, height), layout="constrained")[1]
    return axes
