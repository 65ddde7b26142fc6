# SPDX-License-Identifier: MIT
"""From a photograph of a phone to the scores of its faces.

    python tests/bench/phone.py PHOTO WEIGHTS [--rounds N]

The photograph is enlarged to 12 megapixels and saved as a JPEG; the time from
its bytes to the scores of all its faces is compared with the forward pass of as
many images that are cut out and resized already, taking turns. Needs the
package expclip and Pillow. The numbers in WEIGHTS may be random.
"""
import argparse
import io
import statistics
import time

import numpy as np
from PIL import Image

import expclip

SIZE = (4000, 3000)


def to_jpeg(path):
    out = io.BytesIO()
    Image.open(path).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS).save(
        out, "JPEG", quality=92)
    return out.getvalue()


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photo")
    parser.add_argument("weights")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    model = expclip.load(options.weights, head="none")
    classes, jpeg = model.classes(), to_jpeg(options.photo)
    n = len(model.faces(jpeg, classes))
    side = model.image_size
    faces = [np.full((side, side, 3), 20 * i, np.uint8) for i in range(n)]
    detector = expclip.Detector()
    ways = {"all": lambda: model.faces(jpeg, classes),
            "finding alone": lambda: detector.find(jpeg),
            "forward pass": lambda: model.score(faces, classes)}
    times = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, call in ways.items():
            times[name].append(seconds(call))
    ratios = [a / b for a, b in zip(times["all"], times["forward pass"])]
    print(f"{n} faces, {len(jpeg) / 1e6:.1f} MB")
    for name, some in times.items():
        print(f"{name:14} {1000 * statistics.median(some):7.1f} ms")
    print(f"all / forward pass: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
