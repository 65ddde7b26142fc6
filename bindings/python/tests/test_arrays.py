# SPDX-License-Identifier: MIT
"""Arrays are what people mean, or an error that says the cure."""

import io
import pathlib

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest

import expclip
from expclip.errors import ArgumentError, LimitError

BGR = expclip.ImageOptions(bgr=True)


@pytest.fixture(scope="module")
def rgb(face):
    with PIL.Image.open(face) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", exc_type=ImportError)


@pytest.fixture(scope="module")
def logits(model, rgb):
    return model.score(rgb).logits


def colourful():
    """No two channels are alike, and it is not square."""
    return np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)


# ---- blue first ----

@pytest.mark.parametrize("channels", [3, 4])
def test_bgr_gives_the_pixels_of_rgb(model, channels):
    image = colourful()
    bgr = image[:, :, ::-1]  # as cv2.imread has it
    if channels == 4:
        bgr = np.dstack([bgr, np.full(bgr.shape[:2], 9, np.uint8)])
    np.testing.assert_array_equal(model.preprocess_image(bgr, BGR),
                                  model.preprocess_image(image))
    assert not np.array_equal(model.preprocess_image(bgr),
                              model.preprocess_image(image))


def test_bgr_reaches_every_function_that_takes_arrays(model):
    from expclip.sklearn import ExpClipClassifier, ExpClipEmbedder

    image = colourful()
    bgr, classes = image[:, :, ::-1].copy(), model.classes()
    one = model.score(image).logits
    embedded = model.embed_images([image])
    for found in (model.score([bgr], options=BGR).logits[0],
                  model.score(bgr[None], options=BGR).logits[0],
                  next(model.stream([bgr], options=BGR)).logits,
                  ExpClipClassifier(options=BGR).fit()
                  .decision_function([bgr])[0]):
        np.testing.assert_allclose(found, one, atol=1e-4)
    clip = expclip.Clip(model)
    clip.add(bgr, options=BGR)
    np.testing.assert_allclose(clip.score(classes).logits, one, atol=1e-4)
    with expclip.Batcher(model) as batcher:
        np.testing.assert_allclose(
            batcher.score([bgr], classes, options=BGR).logits[0], one,
            atol=1e-4)
        np.testing.assert_allclose(batcher.embed_images([bgr], options=BGR),
                                   embedded, atol=1e-5)
    for found in (model.embed_images([bgr], options=BGR),
                  ExpClipEmbedder(options=BGR).fit().transform([bgr])):
        np.testing.assert_allclose(found, embedded, atol=1e-5)


def test_bgr_leaves_files_and_pil_images_as_they_are(model, face):
    with PIL.Image.open(face) as image:
        for given in (face, image, face.read_bytes()):
            np.testing.assert_array_equal(model.preprocess_image(given, BGR),
                                          model.preprocess_image(given))


# ---- lists of paths ----

@pytest.mark.parametrize("as_list", [
    lambda f: np.array([str(x) for x in f]),
    lambda f: np.array(f, dtype=object),
    lambda f: np.array([str(x).encode() for x in f]),
], ids=["str", "Path", "bytes"])
def test_an_array_of_paths_is_a_list_of_them(as_list, model, faces):
    found = model.score(as_list(faces[:3]))
    assert found.labels == model.score(faces[:3]).labels
    assert model.embed_images(as_list(faces[:3])).shape[0] == 3
    assert [p.label for p in model.stream(as_list(faces[:3]))] == found.labels


@pytest.mark.parametrize("as_text", [str, pathlib.Path])
def test_a_column_of_paths_is_a_list_of_them(as_text, model, faces):
    from expclip.sklearn import ExpClipEmbedder

    pandas = pytest.importorskip("pandas")
    paths = [as_text(f) for f in faces[:3]]
    labels = model.score(faces[:3]).labels
    series = pandas.Series(paths, index=[7, 8, 9])
    assert model.score(series).labels == labels
    assert model.score(pandas.Index(paths)).labels == labels
    assert len(ExpClipEmbedder().fit().transform(series)) == 3
    with expclip.Batcher(model) as batcher:
        assert batcher.score(series, model.classes()).labels == labels


def test_of_a_table_the_column_to_give_is_named(model, faces):
    from expclip.sklearn import ExpClipEmbedder

    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"label": ["a"], "file_path": [str(faces[0])]})
    for call in (model.score, model.embed_images,
                 ExpClipEmbedder().fit().transform,
                 lambda t: list(model.stream(t))):
        with pytest.raises(ArgumentError, match=r"table\['file_path'\]"):
            call(table)


def test_a_path_that_is_streamed_is_one_image(model, face):
    assert [p.label for p in model.stream(str(face))] == ["happiness"]


# ---- layouts ----

def test_channels_may_be_first_or_last(model, rgb, logits):
    first = rgb.transpose(2, 0, 1)
    for image in (first, np.ascontiguousarray(first), rgb[::1, ::1],
                  np.flip(np.flip(rgb, 0).copy(), 0)):
        np.testing.assert_allclose(model.score(image).logits, logits, atol=1e-4)
    for images in (np.stack([rgb] * 2), np.stack([first] * 2), [rgb, first]):
        found = model.score(images)
        assert len(found) == 2
        np.testing.assert_allclose(found.logits, [logits] * 2, atol=1e-4)


def test_a_memoryview_of_pixels_is_an_array(model, rgb, logits):
    one, two = memoryview(rgb), memoryview(np.stack([rgb] * 2))
    np.testing.assert_allclose(model.score(one).logits, logits, atol=1e-4)
    assert len(model.score(two)) == 2


def test_grey_has_two_dimensions_or_one_channel(model):
    grey = colourful()[:, :, 0]
    expected = model.preprocess_image(np.dstack([grey] * 3))
    for image in (grey, grey[:, :, None], grey[None]):
        np.testing.assert_array_equal(model.preprocess_image(image), expected)


def test_torch_tensors_are_taken_as_their_users_hold_them(
        torch, model, rgb, logits):
    chw = torch.from_numpy(rgb.copy()).permute(2, 0, 1)
    unit = chw.float() / 255  # as ToTensor makes it
    for image in (chw, unit, unit.double(), unit.clone().requires_grad_(),
                  unit.permute(1, 2, 0)):
        np.testing.assert_allclose(model.score(image).logits, logits, atol=1e-3)
    for image in (unit.half(), unit.bfloat16()):
        assert model.score(image).label == "happiness"
    np.testing.assert_array_equal(model.preprocess_image(unit),
                                  model.preprocess_image(rgb))
    assert model.score(torch.stack([unit, unit])).labels == ["happiness"] * 2
    assert model.score([unit, chw]).labels == ["happiness"] * 2


def test_numpy_floats_of_0_to_1_are_pixels(model, rgb):
    for dtype in (np.float16, np.float32, np.float64, ">f4"):
        found = model.preprocess_image((rgb / 255).astype(dtype))
        assert abs(found - model.preprocess_image(rgb)).max() <= 1 / 255


class Foreign:
    """As the arrays of TensorFlow: nothing but __array__ and a shape."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def __array__(self, dtype=None, copy=None):
        return self.array

    def __iter__(self):
        raise AssertionError("is not to be gone through")


def test_whatever_has_array_is_an_array(model, rgb):
    assert model.score(Foreign(rgb)).label == "happiness"
    assert model.score(Foreign(np.stack([rgb] * 2))).labels == [
        "happiness"] * 2


# ---- what is refused ----

@pytest.mark.parametrize("image, text", [
    (np.zeros((3, 3, 3), np.uint8), r"3, 3, 3.*PIL\.Image\.fromarray"),
    (np.zeros((9, 9, 9), np.uint8), r"9, 9, 9.*list\(images\)"),
    (np.zeros((9, 9), bool), "bool, a mask"),
    (np.full((9, 9), 65535, np.uint16), r"uint16.*0|257"),
    (np.zeros((9, 9), np.int64), r"int64.*image\.astype\('uint8'\)"),
    (np.full((9, 9, 3), 200.0), r"200.*image / 255"),
    (np.full((9, 9, 3), -1.7), r"-1\.7.*0\.26862954"),
    (np.full((9, 9, 3), 2.0), r"2.*0\.48145466"),
    (np.full((9, 9, 3), 1.1), r"1\.1.*clip\(0, 1\)"),
    (np.full((9, 9, 3), np.nan), "NaN"),
    (np.zeros((9, 9, 3), complex), "complex128"),
    (np.zeros((4, 4), "u1,u1,u1"), "dtype"),
    (np.zeros(9, np.uint8), r"shape \[9\]"),
    (np.zeros((0, 9, 3), np.uint8), r"\[0, 9, 3\] has no pixel"),
    (np.zeros((2, 0, 9, 3), np.uint8), r"\[0, 9, 3\] has no pixel"),
    (np.full((2, 9, 9, 3), 200.0), r"image / 255"),
    (np.array([["a.png"]]), "ravel"),
])
def test_what_may_mean_two_things_is_refused_with_the_cure(image, text, model):
    with pytest.raises(ArgumentError, match=text):
        model.score(image)
    with pytest.raises(ArgumentError, match=text):
        list(model.stream(image if image.ndim == 4 or image.dtype.kind == "U"
                          else [image]))
    with pytest.raises(ArgumentError):
        model.embed_images(image, on_error="nan")


def test_cures_are_those_of_torch(torch, model):
    normalised = torch.full((3, 9, 9), -1.5)
    with pytest.raises(ArgumentError, match=r"torch\.tensor\(.*None, None\]"):
        model.score(normalised)
    with pytest.raises(ArgumentError, match=r"image\.to\(torch\.uint8\)"):
        model.score(torch.zeros((3, 9, 9), dtype=torch.int64))
    with pytest.raises(ArgumentError, match=r"image\.permute\(1, 2, 0\)"):
        model.score(torch.zeros((3, 3, 3)))
    with pytest.raises(ArgumentError, match=r"clamp\(0, 1\)"):
        model.score(torch.full((3, 9, 9), 1.05))
    with pytest.raises(ArgumentError, match=r"meta.*\.cpu\(\)"):
        model.score(torch.zeros((3, 9, 9), device="meta"))
    with pytest.raises(ArgumentError, match="to_dense"):
        model.score(torch.zeros((9, 9)).to_sparse())


def test_clip_normalisation_is_undone_as_the_message_says(torch, model, rgb):
    mean = [0.48145466, 0.4578275, 0.40821073]
    std = [0.26862954, 0.26130258, 0.27577711]
    unit = torch.from_numpy(rgb.copy()).permute(2, 0, 1) / 255
    m, s = (torch.tensor(x)[:, None, None] for x in (mean, std))
    with pytest.raises(ArgumentError) as caught:
        model.score((unit - m) / s)
    cure = str(caught.value).split("CLIP's: ")[1]
    image = eval(cure, {"image": (unit - m) / s, "torch": torch})
    np.testing.assert_array_equal(model.preprocess_image(image),
                                  model.preprocess_image(rgb))


def test_a_huge_array_is_refused_before_it_is_copied(model):
    import resource

    dot = np.zeros((1, 1, 3), np.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for image in (np.broadcast_to(dot, (100_000, 100_000, 3)),
                  np.broadcast_to(dot, (20_000, 20_000, 3)),
                  np.broadcast_to(dot.astype(float), (20_000, 20_000, 3)),
                  np.broadcast_to(dot, (2, 20_000, 20_000, 3))):
        with pytest.raises(LimitError, match="max_pixels"):
            model.score(image)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 50 * 1024  # kilobytes
    for image in (colourful(), PIL.Image.fromarray(colourful())):
        with pytest.raises(LimitError, match="max_pixels"):
            model.score(image, options=expclip.ImageOptions(max_pixels=9))


# ---- one misuse is the call's, not each item's ----

def test_when_every_item_is_misuse_the_call_raises(model, face):
    wrong = np.zeros((9, 9), bool)
    for call in (model.score, lambda x: list(model.stream(x)),
                 lambda x: model.embed_images(x, on_error="nan")):
        with pytest.raises(ArgumentError, match="bool"):
            call([wrong] * 40)
    with expclip.Batcher(model) as batcher, \
            pytest.raises(ArgumentError, match="bool"):
        batcher.score([wrong] * 2, model.classes())
    assert model.score([wrong, face]).labels == [None, "happiness"]


def test_damaged_files_stay_failed_items(model):
    found = model.score([b"no image", "nowhere.png"])
    assert [e.status for e in found.errors.values()] == ["FORMAT", "NOT_FOUND"]
    assert np.isnan(model.embed_images([b"x"], on_error="nan")).all()


# ---- PIL ----

@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_pil_image_is_turned_as_its_file_is(orientation, model):
    exif = PIL.Image.Exif()
    exif[274] = orientation
    file = io.BytesIO()
    PIL.Image.fromarray(colourful()).save(file, "PNG", exif=exif)
    turn = expclip.ImageOptions(exif=True)
    with PIL.Image.open(file) as image:
        expected = model.preprocess_image(PIL.ImageOps.exif_transpose(image))
        found = model.preprocess_image(image, turn)
        plain = model.preprocess_image(image)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(
        found, model.preprocess_image(file.getvalue(), turn))
    assert np.array_equal(plain, found) == (orientation == 1)


@pytest.mark.parametrize("mode, kind", [
    ("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGB", "PNG"),
    ("RGBA", "PNG"), ("I;16", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG"),
    ("RGB", "BMP"), ("P", "GIF")])
def test_a_pil_image_gives_what_its_file_gives(mode, kind, model):
    if mode == "I;16":
        image = PIL.Image.fromarray(colourful()[:, :, 0].astype("u2") * 256)
    else:
        image = PIL.Image.fromarray(colourful()).convert(mode)
    assert image.mode == mode
    file = io.BytesIO()
    image.save(file, kind)
    with PIL.Image.open(file) as opened:
        found = model.preprocess_image(opened)
    expected = model.preprocess_image(file.getvalue())
    assert abs(found - expected).max() <= 1.01 / 255
    assert found.std() > 0.1  # not all white, nor black


def test_wide_pil_modes_keep_the_high_byte(model):
    grey = colourful()[:, :, 0]
    expected = model.preprocess_image(PIL.Image.fromarray(grey))
    for mode, wide in (("I;16", grey.astype("u2") * 257),
                       ("I", grey.astype("i4") * 257), ("I", grey.astype("i4"))):
        image = PIL.Image.fromarray(wide)
        assert image.mode == mode
        np.testing.assert_array_equal(model.preprocess_image(image), expected)


def test_a_pil_image_of_floats_is_0_to_1(model):
    grey = colourful()[:, :, 0]
    image = PIL.Image.fromarray((grey / 255).astype(np.float32))
    np.testing.assert_array_equal(model.preprocess_image(image),
                                  model.preprocess_image(grey))
    with pytest.raises(ArgumentError, match="0 to 1"):
        model.score(PIL.Image.fromarray(grey.astype(np.float32)))
