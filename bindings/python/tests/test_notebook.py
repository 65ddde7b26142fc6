# SPDX-License-Identifier: MIT
"""What a notebook shows, and scikit-learn's habits."""


import numpy as np
import pytest

import expclip

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
sklearn_base = pytest.importorskip("sklearn.base")


def test_labels_are_escaped_in_html(model, face):
    classes = model.classes({"<b>joy</b>": "a smile", "<b>grief</b>": "tears"})
    for shown in (model.score(face, classes), model.score([face], classes),
                  model.score(["<i>.png"], classes)):
        html = shown._repr_html_()
        assert "<b>" not in html and "<i>" not in html
        assert "&lt;" in html


def test_long_results_are_cut_in_html(model, faces):
    assert "8 more" in model.score(faces)._repr_html_()


def test_reprs_are_short_and_say_what_it_is(model, faces):
    assert repr(model).startswith("<expclip.Model demo")
    assert repr(model.score(faces)) == "<28 predictions of 7 classes, 0 failed>"
    assert "happiness" in repr(model.classes())
    assert model.fingerprint in model._repr_html_()


def test_plots_show_every_class(model, faces):
    axes = model.score(faces[0]).plot()
    assert len(axes.patches) == 7
    axes = model.score(faces).plot()
    assert len(axes.get_xticklabels()) == 7


def test_the_embedder_fits_a_pipeline(model, faces):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from expclip.sklearn import ExpClipEmbedder

    labels = [path.name.split("_")[0] for path in faces]
    pipeline = make_pipeline(ExpClipEmbedder("demo", batch_size=8),
                             LogisticRegression(max_iter=1000))
    assert pipeline.fit(faces, labels).score(faces, labels) > 0.9
    embedder = sklearn_base.clone(pipeline[0]).set_params(projected=False)
    rows = embedder.fit_transform(faces)
    assert rows.shape == (28, model.embedding_dim)
    assert len(embedder.get_feature_names_out()) == model.embedding_dim


def test_the_classifier_needs_no_training(model, faces):
    from expclip.sklearn import ExpClipClassifier

    labels = np.array([path.name.split("_")[0] for path in faces])
    classifier = sklearn_base.clone(ExpClipClassifier(prompts="type3"))
    classifier.fit()
    assert list(classifier.predict(faces)) == model.score(faces).labels
    assert classifier.predict_proba(faces).shape == (28, 7)
    assert classifier.score(faces, labels) > 0.7
    with pytest.raises(FileNotFoundError):
        classifier.predict(["nowhere.png"])


def test_the_configuration_is_printed(capsys, model):
    expclip.show_config()
    out = capsys.readouterr().out
    assert expclip.__version__ in out and "libtorch" in out
