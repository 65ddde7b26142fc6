# SPDX-License-Identifier: MIT
"""Datasets, features and metrics."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

import expclip


@pytest.fixture(scope="session")
def data(tmp_path_factory, faces):
    """A folder a class."""
    root = tmp_path_factory.mktemp("faces")
    for face in faces:
        name = face.stem.split("_")[0]
        (root / name).mkdir(exist_ok=True)
        shutil.copy(face, root / name)
    return expclip.Dataset("folder", root)


def test_a_folder_a_class_is_a_data_set(data):
    assert len(data) == 28 and data.fold_count == 1
    assert data.classes[:3] == ("happiness", "sadness", "neutral")
    frame = data.to_pandas()
    assert (frame["label"].value_counts() == 4).all()
    assert all(name in path for name, path in
               zip(frame["label"], frame["path"]))
    assert data.check()["n"] == 28


def test_evaluation_is_scoring_and_counting(model, data):
    results = expclip.evaluate(model, data, ["type2", "type5"],
                               progress=False)
    truth = [data.classes[i] for i in data.labels]
    for result, name in zip(results, ("type2", "type5")):
        found = model.score(data.paths, model.classes(7, name))
        assert result.war == pytest.approx(
            100 * np.mean([a == b for a, b in zip(found.labels, truth)]))
        assert result.uar == pytest.approx(
            100 * balanced_accuracy_score(truth, found.labels))
    frame = results.to_pandas()
    assert list(frame["prompt_set"]) == ["type2", "type5"]
    assert set(frame["model"]) == {"demo"} and set(frame["head"]) == {"auto"}
    assert "<table" in results._repr_html_()
    assert results[0].confusion.to_numpy().sum() == 28
    assert list(results[0].per_class().index) == list(data.classes)
    assert results[0].plot_confusion().get_xlabel() == "predicted"
    assert results[0].plot_reliability().get_ylabel() == "accuracy"


def test_it_agrees_with_the_program(model, data, program, tmp_path):
    root = data.paths[0].rsplit("/", 2)[0]
    lines = program("evaluate", "--data", f"folder={root}", "--prompts",
                    "type2", "-o", tmp_path / "out", "--json", "--quiet")
    ours = expclip.evaluate(model, data, ["type2"], progress=False)[0]
    assert lines[0]["confusion"] == ours.values["confusion"]
    assert lines[0]["uar"] == ours.uar
    assert lines[0]["interval"] == ours.values["interval"]


def test_the_table_is_the_programs(model, data, program, tmp_path):
    pandas = pytest.importorskip("pandas")
    root = data.paths[0].rsplit("/", 2)[0]
    program("evaluate", "--data", f"folder={root}", "--prompts", "type1,type3",
            "--head", "auto,none", "--preprocess", "expclip", "-o",
            tmp_path / "out", "--json", "--quiet")
    plain = expclip.load("demo", head="none", preprocess="expclip")
    wanted = ["type1", "type3"]
    ours = (expclip.evaluate(model, data, wanted, progress=False)
            + expclip.evaluate(plain, data, wanted, progress=False))
    theirs = pandas.read_csv(tmp_path / "out" / "results.csv")
    pandas.testing.assert_frame_equal(ours.to_pandas(), theirs, atol=0.01,
                                      check_dtype=False)
    assert isinstance(ours[1:], expclip.Results) and len(ours[1:]) == 3
    assert "UAR/WAR" in repr(ours)


def test_features_go_on_from_their_file(model, data, tmp_path):
    cache = tmp_path / "faces.features"
    with expclip.Features(model, data, cache=cache, batch_size=8) as first:
        expclip.evaluation._raw.expclip_rows_step(
            first._handle._pointer, None)
        assert first.done_count == 8
    with expclip.Features(model, data, cache=cache, batch_size=8) as second:
        assert second.done_count == 8
        second.compute(progress=False)
        rows = second.embed()
        plain = second.embed(projected=False, normalize=False)
        np.testing.assert_array_equal(second.row(3), plain[3])
    expected = model.embed_images(data.paths)
    np.testing.assert_allclose(rows, expected, atol=2e-6)


def test_one_encoder_serves_every_head(model, data):
    plain = expclip.load("demo", head="none", preprocess="expclip")
    with expclip.Features(model, data) as features:
        features.compute(progress=False)
        np.testing.assert_allclose(
            features.score(model=plain), plain.score(
                data.paths, plain.classes(7, "type3")).logits, atol=1e-3)


def test_a_bad_item_is_reported(model, data, tmp_path):
    shutil.copytree(data.paths[0].rsplit("/", 2)[0], tmp_path / "faces")
    bad = tmp_path / "faces" / "anger" / "anger_1.png"
    bad.write_bytes(b"no image")
    again = expclip.Dataset("folder", tmp_path / "faces")
    with expclip.Features(model, again) as features:
        features.compute(progress=False)
        assert features.failed_count == 1
        [(i, error)] = features.errors.items()
        assert again.paths[i] == str(bad)
        assert isinstance(error, expclip.ExpclipError)
        logits = features.score()
    result = expclip.metrics(logits, again.labels, again.classes, bootstrap=0)
    assert result.values["n"] == 27 and result.values["n_failed"] == 1


def test_metrics_are_scikit_learns():
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(500, 5)).astype(np.float32)
    labels = rng.integers(0, 5, 500)
    result = expclip.metrics(logits, labels, "abcde", bootstrap=0)
    found = logits.argmax(1)
    assert result.uar == pytest.approx(
        100 * balanced_accuracy_score(labels, found), rel=1e-12)
    assert result.values["macro_f1"] == pytest.approx(
        100 * f1_score(labels, found, average="macro"), rel=1e-12)
    sharper = expclip.metrics(3 * logits, labels, "abcde", bootstrap=0)
    assert expclip.compare(result, sharper)["p"] == 1.0
    assert expclip.fit_temperature(3 * logits, labels) == pytest.approx(
        3 * expclip.fit_temperature(logits, labels), rel=1e-3)


def test_what_is_no_row_of_labels_is_named():
    logits, labels = np.zeros((6, 3), np.float32), [0, 1, 2, 0, 1, 2]
    for wrong, truth in ((logits.T, labels), (logits[0], labels),
                         (logits[:5], labels)):
        with pytest.raises(expclip.ArgumentError, match="logits: shape"):
            expclip.metrics(wrong, truth, "abc")
        with pytest.raises(expclip.ArgumentError, match="logits: shape"):
            expclip.fit_temperature(wrong, truth)
    for no_labels in ([0.5] * 6, ["a"] * 6, [2**40] * 6, [labels]):
        with pytest.raises(expclip.ArgumentError, match="labels"):
            expclip.metrics(logits, no_labels, "abc")
    assert expclip.metrics(logits, np.array(labels, float), "abc").values[
        "n"] == 6


def test_figures_bear_classes_without_items():
    logits = np.eye(12, dtype=np.float32)[:9] * 9
    result = expclip.metrics(logits, np.arange(9), [f"c{i}" for i in range(12)],
                             bootstrap=0)
    cells = result.plot_confusion().texts
    assert [t.get_text() for t in cells[-12:]] == ["–"] * 12
    assert cells[0].get_text() == "100.00"
    assert result.plot_reliability().get_title() == "reliability"


def test_images_without_labels_are_scored_and_not_evaluated(model, faces):
    plain = expclip.Dataset("images", faces[0].parent)
    with expclip.Features(model, plain) as features:
        features.compute(progress=False)
        assert features.score().shape == (28, 7)
    with pytest.raises(expclip.ArgumentError, match="no labels"):
        expclip.evaluate(model, plain, progress=False)


def test_classes_are_chosen_without_the_text_encoder(model, data):
    whole = model.classes(7, "type4")
    prompts = {name: texts[:2] for name, texts in whole.prompts.items()}
    chosen = expclip.select_classes(whole, prompts)
    rows = model.embed_images(data.paths)
    np.testing.assert_allclose(
        chosen.score_embeddings(rows),
        model.classes(prompts).score_embeddings(rows), atol=1e-3)
    with pytest.raises(expclip.NotFoundError):
        expclip.select_classes(whole, {"happiness": "not there"})


def test_what_is_wrong_in_a_list_is_named(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("a.png 0 1\nb.png 0 minus\n")
    with pytest.raises(expclip.FormatError, match="line 2"):
        expclip.Dataset("list", path)
    with pytest.raises(expclip.FormatError, match="line 2"):
        expclip.Dataset("list", tmp_path, path)
    with pytest.raises(expclip.ArgumentError, match="NUL"):
        expclip.Dataset("list", "a\0b")
    skipping = expclip.Dataset("list", path, policy="skip")
    assert len(skipping) == 1 and len(skipping.problems) == 1


def test_what_takes_long_can_be_cancelled(model, data, tmp_path):
    token = expclip.CancelToken()
    token.cancel()
    with expclip.Features(model, data) as features:
        for work in (lambda: features.compute(progress=False, cancel=token),
                     lambda: data.check(token),
                     lambda: expclip.evaluate(model, data, progress=False,
                                              cancel=token)):
            with pytest.raises(expclip.CancelledError):
                work()
        assert features.done_count == 0


def test_evaluation_gives_its_cache_back(model, data, tmp_path):
    cache = tmp_path / "faces.features"
    token = expclip.CancelToken()
    token.cancel()
    with pytest.raises(expclip.CancelledError) as kept:
        expclip.evaluate(model, data, cache=cache, progress=False, cancel=token)
    expclip.evaluate(model, data, ["type1"], cache=cache, progress=False)
    assert kept.value.code
