# SPDX-License-Identifier: MIT
"""Our face detector against OpenCV's FaceDetectorYN with the same weights.

    python tests/bench/faces.py BENCH_FACES YUNET.onnx [--rounds N]

BENCH_FACES is build/bench/bin/bench_faces, YUNET.onnx what the build fetched.
Both take turns, image by image, so that whatever else the machine does meets
both: read medians and ratios, not milliseconds. The image is the drawn faces of
examples/faces, side by side, 4 : 3. Needs opencv-python-headless.
"""

import argparse
import pathlib
import statistics
import subprocess
import time

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTHS, THREADS, THRESHOLD = (320, 640, 1280), (1, 2), 0.7


def scene():
    """Four rows of seven faces, BGR."""
    faces = [cv2.imread(str(path))
             for path in sorted((ROOT / "examples/faces").glob("*.png"))]
    side = max(face.shape[0] for face in faces)
    faces = [cv2.resize(face, (side, side)) for face in faces[:28]]
    return cv2.vconcat([cv2.hconcat(faces[i:i + 7])
                        for i in range(0, 28, 7)])


class Ours:
    """bench_faces, which stays for all images."""

    def __init__(self, program, threads):
        self.process = subprocess.Popen([program, str(threads)],
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def find(self, image):
        """Milliseconds, number of faces."""
        self.process.stdin.write(b"%d %d\n" % image.shape[1::-1] +
                                 image[:, :, ::-1].tobytes())
        self.process.stdin.flush()
        ms, n = self.process.stdout.readline().split()
        return float(ms), int(n)


class Theirs:
    def __init__(self, weights, threads):
        self.detector = cv2.FaceDetectorYN.create(weights, "", (320, 320),
                                                  THRESHOLD)
        self.threads = threads

    def find(self, image):
        cv2.setNumThreads(self.threads)
        self.detector.setInputSize(image.shape[1::-1])
        start = time.perf_counter()
        _, faces = self.detector.detect(image)
        return ((time.perf_counter() - start) * 1e3,
                0 if faces is None else len(faces))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("weights")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    full = scene()
    print("| width | threads | ours ms | OpenCV ms | ours / OpenCV |\n"
          "|---|---|---|---|---|")
    for width in WIDTHS:
        image = np.ascontiguousarray(
            cv2.resize(full, (width, width * 3 // 4),
                       interpolation=cv2.INTER_AREA))
        for threads in THREADS:
            sides = [Ours(given.program, threads),
                     Theirs(given.weights, threads)]
            found = [side.find(image) for side in sides]  # also warms them up
            assert found[0][1] == found[1][1], found
            turns = [[side.find(image)[0] for side in sides]
                     for _ in range(given.rounds)]
            ours, theirs = map(statistics.median, zip(*turns))
            ratio = statistics.median(a / b for a, b in turns)
            print(f"| {width} | {threads} | {ours:.2f} | {theirs:.2f} | "
                  f"{ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
