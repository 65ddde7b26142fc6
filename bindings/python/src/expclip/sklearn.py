# SPDX-License-Identifier: MIT
"""scikit-learn: images as X.

    make_pipeline(ExpClipEmbedder("ViT-B/32"), LogisticRegression())
    ExpClipClassifier().fit().predict(["face.jpg"])
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin

from .classes import Classes
from .images import ImageOptions, items_of
from .model import Model, load


class ExpClipEmbedder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Images to embeddings float32 [n, dim]. Nothing is learned.

    X is what `Model.embed_images` takes: paths, bytes, PIL images, arrays. An
    image that cannot be read is an exception, or with on_error="nan" a row
    of NaN.
    """

    def __init__(self, model: str = "demo", *, head: str = "auto",
                 projected: bool = True, batch_size: int = 32,
                 on_error: str = "raise",
                 options: ImageOptions | None = None) -> None:
        self.model = model
        self.head = head
        self.projected = projected
        self.batch_size = batch_size
        self.on_error = on_error
        self.options = options

    def fit(self, X: Any = None, y: Any = None) -> ExpClipEmbedder:
        """Load the model."""
        self.model_ = load(self.model, head=self.head)
        self.n_features_out_ = (self.model_.projected_dim if self.projected
                                else self.model_.embedding_dim)
        return self

    def transform(self, X: Any) -> Any:
        """Embeddings of images."""
        if not hasattr(self, "model_"):
            self.fit()
        return self.model_.embed_images(
            list(items_of(X, self.options)), projected=self.projected,
            batch_size=self.batch_size, options=self.options,
            on_error=self.on_error)  # type: ignore[arg-type]

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """expclip0, expclip1, ..."""
        return np.array([f"expclip{i}" for i in range(self.n_features_out_)],
                        dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        tags.input_tags.two_d_array = False
        return tags


class ExpClipClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Zero-shot classification: `fit` embeds the classes and needs no X or y.

    classes and prompts are as in `Model.classes`.
    """

    def __init__(self, model: str = "demo", *, head: str = "auto",
                 classes: Any = 7, prompts: str = "type3",
                 temperature: float = 1.0, batch_size: int = 32,
                 options: ImageOptions | None = None) -> None:
        self.model = model
        self.head = head
        self.classes = classes
        self.prompts = prompts
        self.temperature = temperature
        self.batch_size = batch_size
        self.options = options

    def fit(self, X: Any = None, y: Any = None) -> ExpClipClassifier:
        """Load the model and embed the classes."""
        self.model_: Model = load(self.model, head=self.head)
        self.class_set_: Classes = self.model_.classes(self.classes,
                                                       self.prompts)
        self.classes_ = np.array(self.class_set_.names)
        return self

    def _score(self, X: Any) -> Any:
        found = self.model_.score(list(items_of(X, self.options)),
                                  self.class_set_,
                                  temperature=self.temperature,
                                  batch_size=self.batch_size,
                                  options=self.options)
        for error in found.errors.values():
            raise error
        return found

    def decision_function(self, X: Any) -> Any:
        """Logits [n, classes]."""
        return self._score(X).logits

    def predict_proba(self, X: Any) -> Any:
        """Probabilities [n, classes]."""
        return self._score(X).probabilities

    def predict(self, X: Any) -> Any:
        """Names of the best classes."""
        return self.classes_[self._score(X).logits.argmax(axis=1)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.no_validation = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = False
        return tags
