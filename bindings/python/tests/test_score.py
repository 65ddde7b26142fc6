# SPDX-License-Identifier: MIT
"""Scores: every kind of input, the same numbers as the C program."""

import io

import numpy as np
import PIL.Image
import pytest

import expclip


def test_scores_equal_those_of_the_program(model, faces, program):
    expected = program("score", "--json", "--faces", "none", *faces)
    found = model.score(faces)
    assert found.labels == [line["label"] for line in expected]
    np.testing.assert_allclose(
        found.logits, [line["logits"] for line in expected], atol=1e-4)
    for prediction, line in zip(found, expected):
        assert prediction.probabilities == pytest.approx(line["scores"],
                                                         abs=1e-5)


def test_one_image_gives_one_prediction(model, face):
    found = model.score(face)
    assert found.ok and found.label == "happiness"
    assert found.source == str(face)
    assert found.probability == max(found.probabilities.values())
    assert found.top(2)[0] == (found.label, found.probability)
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-6)


def _open(face):
    with PIL.Image.open(face) as image:
        return image.convert("RGB")


def _pixels(face):
    return np.asarray(_open(face))


@pytest.mark.parametrize("as_input", [
    str, lambda f: f, lambda f: f.read_bytes(),
    lambda f: bytearray(f.read_bytes()), lambda f: memoryview(f.read_bytes()),
    lambda f: io.BytesIO(f.read_bytes()), lambda f: _open(f), _pixels,
    lambda f: _open(f).convert("P", palette=1, colors=256),
    lambda f: np.asfortranarray(_pixels(f)),
    lambda f: np.dstack([_pixels(f), np.full(_pixels(f).shape[:2], 255,
                                             np.uint8)]),
    lambda f: np.repeat(_pixels(f), 2, axis=0)[::2],
], ids=["str", "path", "bytes", "bytearray", "memoryview", "file", "PIL",
        "array", "PIL palette", "Fortran order", "RGBA", "strided"])
def test_an_image_may_come_as(as_input, model, face):
    expected = model.score(face).logits
    found = model.score(as_input(face))
    tolerance = 6 if getattr(as_input(face), "mode", "") == "P" else 1e-4
    np.testing.assert_allclose(found.logits, expected, atol=tolerance)


def test_four_dimensions_are_several_images(model, face):
    found = model.score(np.stack([_pixels(face)] * 3))
    assert found.labels == ["happiness"] * 3


def test_a_generator_streams(model, faces):
    taken = []

    def images():
        for path in faces:
            taken.append(path)
            yield path

    stream = model.stream(images(), batch_size=2)
    assert next(stream).label == model.score(faces[0]).label
    assert len(taken) <= 4
    stream.close()


def test_no_image_gives_no_prediction(model):
    found = model.score([])
    assert len(found) == 0 and found.logits.shape == (0, 7)
    assert model.embed_images([]).shape == (0, model.projected_dim)
    assert model.embed_texts([]).shape == (0, model.projected_dim)


def test_a_bad_image_among_10000_harms_no_other(model):
    small = np.zeros((4, 4, 3), np.uint8)
    images = [small] * 10_000
    images[1234] = b"no image"
    found = model.score(images, batch_size=128)
    assert list(found.errors) == [1234]
    assert found.errors[1234].status in ("FORMAT", "UNSUPPORTED")
    assert np.isnan(found.logits[1234]).all()
    assert np.isfinite(np.delete(found.logits, 1234, axis=0)).all()
    assert found[1234].label is None and not found[1234].ok


@pytest.mark.parametrize("image, kind, text", [
    ("nowhere.png", expclip.errors.NotFoundError, "nowhere.png"),
    (b"", expclip.errors.FormatError, "an empty file"),
    (3, expclip.errors.ArgumentError, "int"),
    (None, expclip.errors.ArgumentError, "NoneType"),
    ("a\0b.png", expclip.errors.ArgumentError, "NUL"),
    (io.StringIO("x"), expclip.errors.ArgumentError, "'rb'"),
    (np.zeros((5, 5, 3), int), expclip.errors.ArgumentError, "uint8"),
    (np.zeros((0, 5, 3), np.uint8), expclip.errors.ArgumentError, "0, 5, 3"),
])
def test_a_bad_image_is_told(image, kind, text, model):
    with pytest.raises(kind, match=text):
        model.score(image)
    assert model.score([image, b"no image"]).errors[0].message


def test_a_box_cuts_the_face(model, face):
    whole = _pixels(face)
    height, width = whole.shape[:2]
    box = (width // 4, height // 4, width // 2, height // 2)
    cut = whole[box[1]:box[1] + box[3], box[0]:box[0] + box[2]]
    found = model.score(face, options=expclip.ImageOptions(box=box))
    np.testing.assert_allclose(found.logits, model.score(cut).logits, atol=1e-4)


def test_preprocessed_pixels_equal_the_program(model, face, program, tmp_path):
    program("preprocess", face, "-o", tmp_path / "pixels.npy")
    np.testing.assert_array_equal(model.preprocess_image(face),
                                  np.load(tmp_path / "pixels.npy"))


def test_temperature_makes_answers_less_sure(model, face):
    sure, unsure = (model.score(face, temperature=t) for t in (1, 10))
    assert unsure.probability < sure.probability
    with pytest.raises(ValueError, match="temperature"):
        model.score(face, temperature=0)
    np.testing.assert_allclose(
        expclip.probabilities(sure.logits, 10),
        list(unsure.probabilities.values()), atol=1e-7)


def test_pandas_gets_a_row_an_image(model, faces):
    frame = model.score([*faces, "nowhere.png"]).to_pandas()
    assert len(frame) == len(faces) + 1
    assert list(frame.columns[:4]) == ["source", "label", "probability",
                                       "error"]
    assert "nowhere.png" in frame["error"].iloc[-1]
