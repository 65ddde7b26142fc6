# SPDX-License-Identifier: MIT
"""A head learned from features and targets."""

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
