# SPDX-License-Identifier: MIT
"""Faces followed through films whose truth is known: CLEAR-MOT and IDF1.

A face of which the film shows less than 0.6 may be missed and may be found. A
head that was away for longer than the tracker waits is another one: it knows
no identities.
"""

import pathlib
import subprocess

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2")

import cv2  # noqa: E402
from clear_mot import measure  # noqa: E402
from films import RATE, film, heads_of, shrunk  # noqa: E402

SEEDS = range(100, 104)
LOST = 0.5  # seconds
SURE, LEAST = 0.6, 0.2  # visible part of a face that counts; that may count


@pytest.fixture(scope="module")
def heads(expclip, photographs, tmp_path_factory):
    """Of each source, heads as (RGB, box)."""
    folder = tmp_path_factory.mktemp("drawn")
    draw = pathlib.Path(expclip.path).with_name("draw_faces")
    subprocess.run([draw, "--seed", "5", "--n-per-class", "3", "--classes",
                    "7", "--size", "224", "--flat", "-o", folder], check=True)
    found = {"photographs": [shrunk(image) for _, image in photographs],
             "drawings": [np.array(Image.open(path).convert("RGB"))
                          for path in sorted(folder.glob("*.png"))]}
    return {source: heads_of(images, expclip.faces(images, 0.6))
            for source, images in found.items()}


def four(heads, seed):
    order = np.random.default_rng(seed).permutation(len(heads))
    return [heads[i] for i in order[:4]]


def follow(expclip, frames, rate, *options):
    """({number: box} of each frame, cuts, (number, first, last, frames) of
    each track)."""
    data = b"".join(b"%d %d %.9f\n" % (*image.shape[1::-1], f / rate) +
                    image.tobytes() for f, image in enumerate(frames))
    text = expclip.helper("track_faces", *options, data=data)
    boxes, numbers, cuts, ended = [], [], [], []
    for word, *rest in map(str.split, text.splitlines()):
        if word == "frame":
            boxes.append([])
            numbers.append([])
            cuts.append(int(rest[0]))
        elif word == "earlier":
            track, frame, face = map(int, rest)
            numbers[frame][face] = track
        elif word == "ended":
            ended.append([int(rest[0]), *map(float, rest[1:])])
        else:
            numbers[-1].append(int(word))
            boxes[-1].append(tuple(map(float, rest)))
    seen = [{n: box for n, box in zip(*frame) if n >= 0}
            for frame in zip(numbers, boxes)]
    return seen, cuts, ended


def expected(truth, rate):
    """(what must be found, what may be found) of each frame."""
    names, last, sure, unsure = {}, {}, [], []
    for f, frame in enumerate(truth):
        sure.append({})
        unsure.append({})
        for head, (box, part) in frame.items():
            if part < LEAST:
                continue
            if head not in last or (f - last[head]) / rate > LOST:
                names[head] = head, f
            last[head] = f
            (sure if part >= SURE else unsure)[-1][names[head]] = box
    return sure, unsure


def results(expclip, heads, step, speed, seeds=SEEDS):
    found = []
    for seed in seeds:
        frames, truth = zip(*film(four(heads, seed), seed, speed, step))
        seen, cuts, _ = follow(expclip, frames, RATE / step)
        assert not any(cuts), seed
        sure, unsure = expected(truth, RATE / step)
        found.append(measure(sure, seen, unsure))
        print(step, speed, seed, found[-1])
    return {name: np.array([r[name] for r in found]) for name in found[0]}


SOURCES = pytest.mark.parametrize("source", ["photographs", "drawings"])


@SOURCES
def test_heads_are_followed_at_25_frames_a_second(expclip, heads, source):
    r = results(expclip, heads[source], 1, 1)
    assert r["mota"].mean() >= 0.92
    assert r["idf1"].mean() >= 0.90
    assert r["switches"].max() <= 3


@SOURCES
def test_fast_heads_are_followed_at_5_frames_a_second(expclip, heads, source):
    r = results(expclip, heads[source], 5, 2.5)
    assert r["mota"].mean() >= 0.80
