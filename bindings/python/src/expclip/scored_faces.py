# SPDX-License-Identifier: MIT
"""What `Model.faces` returns: the faces of one image, each with its scores."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from .faces import Faces
from .faces_html import photograph
from .predictions import Predictions

_FACES_SHOWN = 20


class ScoredFaces(Predictions):
    """The predictions of the faces of one image, each with its `face`; in a
    notebook, the image with boxes and bars. `found` is the image with all of
    its faces."""

    def __init__(self, found: Faces, scores: Predictions) -> None:
        super().__init__(scores.classes, scores.logits, scores.probabilities,
                         scores._errors, scores._sources, scores._places, True)
        self.found = found

    def __reduce__(self) -> Any:
        # The image stays behind: it is an object of the library.
        return Predictions, (self.classes, self.logits, self.probabilities,
                             self._errors, self._sources, self._places, True)

    def __repr__(self) -> str:
        where = f": {self.found.source}" if self.found.source else ""
        return f"<{len(self)} scored of {len(self.found)} faces{where}>"

    def _repr_html_(self) -> str:
        bars = "".join("<div style='margin:0 1em 1em 0'>"
                       f"{replace(self[i], source=None)._repr_html_()}</div>"
                       for i in range(min(len(self), _FACES_SHOWN)))
        source = f"<div>{escape(self.found.source or '')}</div>"
        more = len(self) - _FACES_SHOWN
        rest = f"<p>… and {more} more</p>" if more > 0 else ""
        if not len(self):
            rest = ("<p>no face, the best candidate has a score of "
                    f"{self.found.best_score:.2f}</p>")
        marked = [p.face for p in self if p.face is not None]
        return (f"{photograph(self.found, marked)}{source}"
                "<div style='display:flex;flex-wrap:wrap;margin-top:0.5em'>"
                f"{bars}</div>{rest}")
