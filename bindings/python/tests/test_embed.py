# SPDX-License-Identifier: MIT
"""Embeddings, class sets and tokens."""

import pickle

import numpy as np
import pytest

import expclip


def test_embeddings_equal_those_of_the_program(model, faces, program, tmp_path):
    file = tmp_path / "e.npy"
    program("embed", "--images", *faces, "--projected", "-o", file)
    np.testing.assert_allclose(model.embed_images(faces), np.load(file),
                               atol=1e-6)
    program("embed", "--text", "joy", "a sad face", "-o", file)
    np.testing.assert_allclose(
        model.embed_texts(["joy", "a sad face"], projected=False),
        np.load(file), atol=1e-6)


def test_one_input_gives_one_row(model, face):
    assert model.embed_images(face).shape == (model.projected_dim,)
    assert model.embed_texts("joy").shape == (model.projected_dim,)
    plain = model.embed_images(face, projected=False, normalize=False)
    assert plain.shape == (model.embedding_dim,)
    assert abs(np.linalg.norm(plain) - 1) > 1e-3


def test_a_bad_image_raises_or_is_nan(model, face):
    with pytest.raises(FileNotFoundError):
        model.embed_images([face, "nowhere.png"])
    rows = model.embed_images([face, "nowhere.png"], on_error="nan")
    assert np.isfinite(rows[0]).all() and np.isnan(rows[1]).all()


def test_a_text_with_nul_is_refused(model):
    with pytest.raises(ValueError, match=r"texts\[1\]"):
        model.embed_texts(["a", "b\0c"])
    with pytest.raises(TypeError):
        model.embed_texts([3])


@pytest.mark.parametrize("classes, prompts, names", [
    (7, "type1", 7), (8, "type4", 8), (11, "type5", 11),
    (["joy", "grief"], "type3", ["joy", "grief"]),
    (("joy", "grief"), "a {} face", ["joy", "grief"]),
    ({"joy": ["a smile", "a laugh"], "grief": "tears"}, "type3",
     ["joy", "grief"]),
])
def test_classes_may_come_as(classes, prompts, names, model, face):
    made = model.classes(classes, prompts)
    assert len(made) == (names if isinstance(names, int) else len(names))
    if not isinstance(names, int):
        assert list(made) == names
    assert model.score(face, made).label in made.names


def test_classes_come_from_a_prompts_file(model, tmp_path):
    path = tmp_path / "prompts.json"
    path.write_text('{"joy": ["a smile"], "grief": ["tears", "a cry"]}')
    assert model.classes(path).names == ("joy", "grief")
    path.write_text("{")
    with pytest.raises(expclip.errors.FormatError):
        model.classes(path)


def test_saved_classes_score_the_same(model, faces, tmp_path):
    classes = model.classes(8, "type5")
    classes.save(tmp_path / "eight.classes")
    again = expclip.Classes.load(tmp_path / "eight.classes")
    rows = model.embed_images(faces)
    np.testing.assert_array_equal(
        again.score_embeddings(rows, model.fingerprint),
        classes.score_embeddings(rows))
    np.testing.assert_allclose(again.score_embeddings(rows),
                               model.score(faces, classes).logits, atol=1e-4)
    with pytest.raises(expclip.errors.StateError):
        again.score_embeddings(rows, "0123456789abcdef")
    with pytest.raises(ValueError, match="embeddings"):
        again.score_embeddings(rows[:, :-1])


def test_classes_of_another_model_are_refused(model, face):
    with expclip.load("demo", head="none") as plain:
        classes = plain.classes()
    with pytest.raises(expclip.errors.StateError, match="classes"):
        model.score(face, classes)


def test_classes_tell_their_prompts(model):
    given = {"joy": ["a smile", "a <b>laugh</b>"], "grief": ["tears"]}
    classes = model.classes(given)
    assert classes.prompts == given
    assert "&lt;b&gt;" in classes._repr_html_()
    assert pickle.loads(pickle.dumps(classes)).prompts == given


def test_a_long_text_is_cut_with_a_warning(model):
    with pytest.warns(UserWarning, match="number 1"):
        model.embed_texts(["short", "long " * 99])


@pytest.mark.parametrize("classes", [[], 9, ["a", "a"], [""], [3], {"a": []},
                                     "nowhere.json"])
def test_bad_classes_are_refused(classes, model):
    with pytest.raises(expclip.ExpclipError):
        model.classes(classes)


def test_unknown_words_of_options_are_refused(model, face):
    with pytest.raises(expclip.errors.NotFoundError):
        model.classes(7, "type6")
    with pytest.raises(ValueError, match="pooling"):
        model.classes(pooling="max")
    with pytest.raises(ValueError, match="on_error"):
        model.embed_images(face, on_error="ignore")
    with pytest.raises(ValueError, match="batch_size"):
        model.score([face], batch_size=0)
    with pytest.raises(ValueError, match="dtype"):
        expclip.load("demo", dtype="fp8")
    with pytest.raises(TypeError):
        expclip.load("demo", colour="blue")
    with pytest.raises(ValueError, match="threads"):
        expclip.load("demo", threads=2**40)
    with pytest.raises(ValueError, match="box_x: 0.5"):
        model.score(face, options=expclip.ImageOptions(box=(0.5, 0, 1, 1)))


def test_tokens_are_those_of_the_program(program):
    texts = ["a smiling face", "<|endoftext|>", "naïve 😀", "x" * 400, ""]
    expected = program("tokenize", "--", *texts)
    tokenizer = expclip.Tokenizer()
    assert [tokenizer.encode(text) for text in texts] == [
        line["ids"] for line in expected]


def test_files_are_described_and_converted(tmp_path, model, face):
    output = tmp_path / "model.safetensors"
    expclip.convert("demo", output, dtype="fp32")
    found = expclip.inspect(output)
    assert found["architecture"] and len(found["tensors"]) > 50
    with expclip.load(output) as again:
        np.testing.assert_allclose(again.score(face).logits,
                                   model.score(face).logits, atol=1e-3)
    with pytest.raises(FileNotFoundError):
        expclip.inspect(tmp_path / "nowhere")
