# SPDX-License-Identifier: MIT
"""Faces followed through films whose truth is known: CLEAR-MOT and IDF1.

A face of which the film shows less than 0.6 may be missed and may be found. A
head that was away for longer than the tracker waits is another one: it knows
no identities.
"""

import pathlib
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2")

import cv2  # noqa: E402
from clear_mot import measure, overlap  # noqa: E402
from films import RATE, film, heads_of, shrunk  # noqa: E402

SEEDS = range(100, 104)
LOST = 0.5  # seconds
SURE, LEAST = 0.6, 0.2  # visible part of a face that counts; that may count


def with_border(drawing):
    """A drawing ends close to its head."""
    return np.pad(np.array(drawing.convert("RGB")),
                  ((80, 80), (80, 80), (0, 0)), mode="edge")


@pytest.fixture(scope="module")
def heads(expclip, photographs, tmp_path_factory):
    """Of each source, heads as (RGB, box)."""
    folder = tmp_path_factory.mktemp("drawn")
    draw = pathlib.Path(expclip.path).with_name("draw_faces")
    subprocess.run([draw, "--seed", "5", "--n-per-class", "3", "--classes",
                    "7", "--size", "224", "--flat", "-o", folder], check=True)
    found = {"photographs": [shrunk(image) for _, image in photographs],
             "drawings": [with_border(Image.open(path))
                          for path in sorted(folder.glob("*.png"))]}
    heads = {source: heads_of(images, expclip.faces(images, 0.6))
             for source, images in found.items()}
    assert min(map(len, heads.values())) >= 10
    return heads


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


@SOURCES
def test_numbers_begin_anew_at_each_cut(expclip, heads, source):
    """The same heads, elsewhere, before another background."""
    parts = [list(film(four(heads[source], 100), seed))[:50]
             for seed in SEEDS]
    frames = [image for part in parts for image, _ in part]
    seen, cuts, ended = follow(expclip, frames, RATE)
    assert [f for f, cut in enumerate(cuts) if cut] == [50, 100, 150]
    numbers = [{n for frame in seen[f:f + 50] for n in frame}
               for f in (0, 50, 100, 150)]
    for before, after in zip(numbers, numbers[1:]):
        assert max(before) < min(after)
    assert sorted(n for n, *_ in ended) == list(range(len(ended)))
    for number, first, last, n_frames in ended:
        at = [f for f, frame in enumerate(seen) if number in frame]
        assert n_frames == len(at)
        assert first == pytest.approx(at[0] / RATE)
        assert last == pytest.approx(at[-1] / RATE)


def test_a_film_that_changes_its_size_has_the_same_tracks(expclip, heads):
    frames = [image for image, _ in film(four(heads["photographs"], 101), 101)]
    frames = frames[:60]
    resized = [cv2.resize(image, (480, 270), interpolation=cv2.INTER_AREA)
               if 20 <= f < 40 else image for f, image in enumerate(frames)]
    seen, cuts, _ = follow(expclip, frames, RATE)
    smaller, cuts_smaller, _ = follow(expclip, resized, RATE)
    assert not any(cuts) and not any(cuts_smaller)
    assert {n for f in seen for n in f} == {n for f in smaller for n in f}


def test_each_run_says_the_same(expclip, heads):
    frames = [image for image, _ in film(four(heads["drawings"], 102), 102)]
    assert (follow(expclip, frames[:40], RATE) ==
            follow(expclip, frames[:40], RATE))


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg")
def test_heads_are_followed_after_ffmpeg_has_made_a_film(
        expclip, heads, tmp_path):
    frames, truth = zip(*film(four(heads["drawings"], 103), 103))
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    size = ["-s", "%dx%d" % frames[0].shape[1::-1], "-r", str(RATE)]
    subprocess.run(["ffmpeg", "-v", "error", *raw, *size, "-i", "-",
                    tmp_path / "film.mp4"], check=True,
                   input=b"".join(image.tobytes() for image in frames))
    data = subprocess.run(["ffmpeg", "-v", "error", "-i",
                           tmp_path / "film.mp4", *raw, "-"], check=True,
                          capture_output=True).stdout
    coded = np.frombuffer(data, np.uint8).reshape(-1, *frames[0].shape)
    assert len(coded) == len(frames)
    seen, cuts, _ = follow(expclip, coded, RATE)
    sure, unsure = expected(truth, RATE)
    r = measure(sure, seen, unsure)
    assert not any(cuts)
    assert r["mota"] >= 0.92 and r["idf1"] >= 0.90 and r["switches"] <= 3


def some_boxes(rng, n_frames):
    """Of each frame {number: box}: paths that begin and end, with noise."""
    frames = [{} for _ in range(n_frames)]
    for number in range(12):
        first, last = sorted(rng.integers(0, n_frames, 2))
        place, speed = rng.uniform(0, 200, 2), rng.uniform(-3, 3, 2)
        for f in range(first, last):
            if rng.uniform() < 0.9:
                x, y = place + speed * f + rng.normal(0, 3, 2)
                frames[f][number] = (x, y, 40, 50)
    return frames


def renamed(rng, truth):
    """As a tracker would see them: moved, some missing, numbers that change."""
    swap = rng.permutation(12)
    return [{int(swap[n]) if f > 30 else n:
             (box[0] + rng.normal(0, 6), box[1], 40, 50)
             for n, box in frame.items() if rng.uniform() < 0.9}
            for f, frame in enumerate(truth)]


def test_the_measure_is_that_of_motmetrics():
    motmetrics = pytest.importorskip("motmetrics")
    for seed in range(10):
        rng = np.random.default_rng(seed)
        truth = some_boxes(rng, 60)
        seen = renamed(rng, truth)
        accumulator = motmetrics.MOTAccumulator(auto_id=True)
        for t, s in zip(truth, seen):
            distance = [[1 - overlap(a, b) if overlap(a, b) >= 0.5 else np.nan
                         for b in s.values()] for a in t.values()]
            accumulator.update(list(t), list(s), distance)
        peer = motmetrics.metrics.create().compute(
            accumulator, metrics=["mota", "idf1", "num_switches"])
        ours = measure(truth, seen)
        assert ours["idf1"] == pytest.approx(peer.idf1.item(), abs=1e-9)
        assert ours["mota"] == pytest.approx(peer.mota.item(), abs=1e-9)
        assert ours["switches"] == peer.num_switches.item()
