# SPDX-License-Identifier: MIT
"""A head learned from features and targets."""

import pickle

import numpy as np
import pytest

import expclip
from conftest import ROOT


@pytest.fixture(scope="session")
def rows(tmp_path_factory, model, faces):
    """Features of the drawn faces, and targets that name their expression."""
    folder = tmp_path_factory.mktemp("training")
    data = expclip.Dataset("images", ROOT / "examples" / "faces")
    assert len(data) == len(faces)
    with expclip.Features(model, data, cache=folder / "f.rows") as features:
        features.compute(progress=False)
    clip = expclip.load("demo", head="none", preprocess="expclip")
    with expclip.Features(clip, data, cache=folder / "own.rows") as features:
        features.compute(progress=False)
    names = [path.rsplit("/", 1)[1].split("_")[0] for path in data.paths]
    np.save(folder / "t.npy", model.embed_texts(names))
    return folder


def test_a_head_is_learned_and_used(rows, faces):
    with expclip.Trainer(rows / "f.rows", rows / "t.npy", batch=28, epochs=40,
                         learning_rate=0.05, logit_scale=10.0) as trainer:
        assert trainer.total_steps == 40 and trainer.epoch_steps == 1
        log = trainer.train(progress=False)
        assert log[-1]["loss"] < log[0]["loss"]
        assert trainer.head.shape == (384, 192)
        trainer.save_head(rows / "head.safetensors")
    model = expclip.load("demo", head=rows / "head.safetensors")
    assert model.projected_dim == 384
    assert model.score(faces[0]).ok


def list_of_faces(folder):
    """Rows `path frames label` of drawn faces of two classes."""
    faces = sorted((ROOT / "examples" / "faces").glob("[hs]a*.png"))
    path = folder / "faces.txt"
    path.write_text("".join(f"{face} 0 {int(face.name[0] == 's')}\n"
                            for face in faces))
    return path


def test_labelled_data_are_rated_after_each_epoch(rows, tmp_path):
    for path in (ROOT / "examples" / "faces").glob("*.png"):
        folder = tmp_path / path.name.split("_")[0]
        folder.mkdir(exist_ok=True)
        (folder / path.name).symlink_to(path)
    data = expclip.Dataset("folder", tmp_path)
    clip = expclip.load("demo", head="none", preprocess="expclip")
    with expclip.Trainer(rows / "own.rows", rows / "t.npy", batch=14,
                         epochs=3, learning_rate=0.05) as trainer:
        log = trainer.train(validate={"faces": data}, model=clip,
                            progress=False)
        model = trainer.model(clip)
    assert isinstance(log, expclip.TrainingLog) and len(log.steps) == 6
    assert log.rates["head"].tolist() == ["none"] + 3 * ["trained"]
    assert log.rates["steps"].tolist() == [0, 2, 4, 6]
    # the last rates are those of the model that it gives
    result, = expclip.evaluate(model, data, ["type3"], bootstrap=0,
                               progress=False)
    assert log.rates["uar"].iloc[-1] == pytest.approx(result.uar)
    plain, = expclip.evaluate(clip, data, ["type3"], bootstrap=0,
                              progress=False)
    assert log.rates["uar"].iloc[0] == pytest.approx(plain.uar)
    for what in ("loss", "accuracy", "uar", "war"):
        assert log.plot(what).get_ylabel().lower().startswith(what)


def test_a_training_that_goes_on_rates_where_it_stands(rows, tmp_path):
    data = expclip.Dataset("list", list_of_faces(tmp_path))
    clip = expclip.load("demo", head="none", preprocess="expclip")
    options = {"batch": 14, "epochs": 2, "checkpoints": tmp_path / "state"}
    with expclip.Trainer(rows / "own.rows", rows / "t.npy", **options) as first:
        whole = first.train(validate=data, model=clip, progress=False)
    with expclip.Trainer(rows / "own.rows", rows / "t.npy", **options) as again:
        rest = again.train(validate=data, model=clip, progress=False)
    assert rest == whole[-1:] and rest[0]["epochs"] == 2


def test_a_model_of_the_head_is_the_one_that_loads_it(rows, faces, tmp_path):
    clip = expclip.load("demo", head="none", preprocess="expclip")
    with expclip.Trainer(rows / "own.rows", rows / "t.npy", batch=14,
                         epochs=1) as trainer:
        trainer.train(progress=False)
        model = trainer.model(clip)
        trainer.save_head(tmp_path / "head.safetensors")
    loaded = expclip.load("demo", head=tmp_path / "head.safetensors")
    assert model.fingerprint == loaded.fingerprint
    assert np.array_equal(model.embed_images(faces[0]),
                          loaded.embed_images(faces[0]))
    with pytest.raises(expclip.StateError, match="save its head"):
        pickle.dumps(model)
    clip.close()
    assert model.score(faces[0]).ok


def test_validation_needs_the_encoder_of_the_features(rows):
    data = expclip.Dataset("images", ROOT / "examples" / "faces")
    with expclip.Trainer(rows / "own.rows", rows / "t.npy",
                         batch=14) as trainer:
        for model in (None, expclip.load("demo")):
            with pytest.raises(expclip.ArgumentError, match='head="none"'):
                trainer.train(validate=data, model=model)
        with pytest.raises(expclip.StateError, match="that of the features"):
            trainer.model(expclip.load("demo", preprocess="clip"))


def test_it_goes_on_from_a_checkpoint(rows):
    options = {"batch": 8, "epochs": 4, "checkpoints": rows / "state",
               "threads": 1}
    with expclip.Trainer(rows / "f.rows", rows / "t.npy", batch=8, epochs=4,
                         threads=1) as whole:
        whole.train(progress=False)
        expected = whole.head
    with expclip.Trainer(rows / "f.rows", rows / "t.npy", **options) as first:
        for _ in range(5):
            first.step()
        first.checkpoint()
        with pytest.raises(expclip.StateError):
            expclip.Trainer(rows / "f.rows", rows / "t.npy", **options)
    with expclip.Trainer(rows / "f.rows", rows / "t.npy", **options) as second:
        assert second.step_count == 5 and second.note == ""
        second.train(progress=False)
        assert np.array_equal(second.head, expected)


def test_the_paper_s_scale_is_kept_with_the_features(rows, model):
    losses = []
    for scale in (None, model.logit_scale):
        with expclip.Trainer(rows / "f.rows", rows / "t.npy", batch=28,
                             epochs=1, logit_scale=scale) as trainer:
            losses.append(trainer.step()["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_what_does_not_fit_is_an_error(rows, tmp_path):
    with pytest.raises(expclip.StateError, match="at least a batch"):
        expclip.Trainer(rows / "f.rows", rows / "t.npy")
    np.save(tmp_path / "t.npy", np.zeros((3, 4), np.float32))
    with pytest.raises(expclip.ShapeError, match="3 rows"):
        expclip.Trainer(rows / "f.rows", tmp_path / "t.npy", batch=2)
    with pytest.raises(expclip.NotFoundError):
        expclip.Teacher(tmp_path / "nowhere")


def test_a_data_set_is_shared_among_machines():
    data = expclip.Dataset("images", ROOT / "examples" / "faces")
    parts = [data.shard(i, 3) for i in range(3)]
    assert [len(p) for p in parts] == [9, 9, 10]
    assert sum((p.paths for p in parts), []) == data.paths
