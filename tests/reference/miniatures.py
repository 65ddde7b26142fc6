# SPDX-License-Identifier: MIT
"""Each dataset in miniature, laid out as its authors publish it.

A builder writes the files and returns what the reference would have read:
items (files of an image or of a clip's frames in order, number of frames in
the list, class in the paper's order) a fold. The label codes stand here apart
from the library's own tables, so that a slip in either shows.
"""

import csv
import random

import numpy as np
from PIL import Image

CLASSES = ["happiness", "sadness", "neutral", "anger", "surprise", "disgust",
           "fear", "contempt", "anxiety", "helplessness", "disappointment"]
SIZE = 48


class Maker:
    """Images of noise, the size that the encoder sees."""

    def __init__(self, seed):
        self.noise = np.random.default_rng(seed)
        self.random = random.Random(seed)

    def pixels(self, grey=False):
        shape = (6, 6) if grey else (6, 6, 3)
        blocks = self.noise.integers(0, 256, shape, dtype=np.uint8)
        return np.kron(blocks, np.ones((8, 8) if grey else (8, 8, 1),
                                       np.uint8))

    def image(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(self.pixels()).save(path, format="PNG")
        return path

    def clip(self, folder, n, ending="jpg", start=1):
        """Frames whose string order is not their natural one."""
        for i in range(start, start + n):
            self.image(folder / f"{i}.{ending}")
        return sorted(folder.iterdir(), key=str)

    def labels(self, n_classes, n_each):
        """Every class, in no order."""
        labels = [c for c in range(n_classes) for _ in range(n_each)]
        self.random.shuffle(labels)
        return labels


def rafdb(root, m):
    codes = {4: 0, 5: 1, 7: 2, 6: 3, 1: 4, 3: 5, 2: 6}
    native = {ours: code for code, ours in codes.items()}
    rows, items = [], []
    for i, label in enumerate(m.labels(7, 3), 1):
        path = m.image(root / f"Image/aligned/test_{i:04}_aligned.jpg")
        rows.append(f"test_{i:04}.jpg {native[label]}")
        items.append(([path], 0, label))
    m.image(root / "Image/aligned/train_00001_aligned.jpg")
    rows.insert(0, "train_00001.jpg 5")
    (root / "EmoLabel").mkdir()
    (root / "EmoLabel/list_patition_label.txt").write_text("\n".join(rows))
    return [items]


def affectnet(root, m, n_classes):
    native = {2: 0, 0: 1, 1: 2, 4: 3, 6: 4, 5: 5, 3: 6, 7: 7}
    items, rows = [], []
    for i, label in enumerate(m.labels(8, 2)):
        name = f"{i % 3}/{i:032x}.jpg"
        path = m.image(root / "Manually_Annotated_Images" / name)
        rows.append([name, 0, 0, SIZE, SIZE, "1;2", native[label], 0.1, 0.2])
        if label < n_classes:
            items.append(([path], 0, label))
    rows.append(["9/none.jpg", 0, 0, SIZE, SIZE, "1;2", 10, -2, -2])
    with open(root / "validation.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow("subDirectory_filePath face_x face_y face_width "
                     "face_height facial_landmarks expression valence "
                     "arousal".split())
        out.writerows(rows)
    return [items]


def fer(root, m, plus):
    """FER2013 and its second labels; items are arrays, not files."""
    codes = [2, 0, 4, 1, 3, 5, 6, 7] if plus else [3, 5, 6, 0, 1, 4, 2]
    items, pixels, votes = [], [], []
    for i, label in enumerate(m.labels(len(codes), 2)):
        native = codes.index(label)
        grey = m.pixels(grey=True)
        text = " ".join(map(str, grey.ravel()))
        pixels.append([native if not plus else 0, text, "PrivateTest"])
        votes.append(["PrivateTest", f"fer{i:07}.png"]
                     + [7 if j == native else 0 for j in range(8)] + [1, 2])
        items.append(([grey], 0, label))
        if i == 0:
            pixels.append([0, text, "Training"])
            votes.append(["Training", "fer9.png"] + [10] + [0] * 9)
    if plus:  # thrown out by most voters
        pixels.append([0, text, "PrivateTest"])
        votes.append(["PrivateTest", ""] + [1] + [0] * 8 + [9])
    with open(root / "fer2013.csv", "w", newline="") as file:
        csv.writer(file).writerows([["emotion", "pixels", "Usage"], *pixels])
    if plus:
        with open(root / "fer2013new.csv", "w", newline="") as file:
            csv.writer(file).writerows([
                "Usage,Image name,neutral,happiness,surprise,sadness,anger,"
                "disgust,fear,contempt,unknown,NF".split(","), *votes])
    return [items]


def dfew(root, m):
    folds, number = [], 0
    where = root / "EmoLabel_DataSplit/test(single-labeled)"
    where.mkdir(parents=True)
    for fold in range(5):
        rows, items = ["video_name,label"], []
        for label in m.labels(7, 1):
            number += 1
            n = m.random.choice([3, 16, 17, 20])
            frames = m.clip(root / f"Clip/clip_224x224/{number:05}", n)
            rows.append(f"{number},{label + 1}")
            items.append((frames, n, label))
        (where / f"set_{fold + 1}.csv").write_text("\n".join(rows) + "\n")
        folds.append(items)
    return folds


def ferv39k(root, m):
    names = "Happy Sad Neutral Angry Surprise Disgust Fear".split()
    rows, items = [], []
    for i, label in enumerate(m.labels(7, 2)):
        folder = root / "2_ClipsforFaceCrop/Action" / names[label] / f"{i:04}"
        n = m.random.choice([5, 16, 25])
        frames = m.clip(folder, n)
        rows.append(f"/theirs/FERV39K/{folder.relative_to(root)} {n} {label}")
        items.append((frames, n, label))
    (root / "test.txt").write_text("\n".join(rows))
    return [items]


def mafw(root, m):
    folds, number = [], 0
    for fold in range(5):
        rows, items = [], []
        for label in m.labels(11, 1):
            number += 1
            n = m.random.choice([2, 18])
            folder = root / f"data/faces/{number:05}"
            frames = m.clip(folder, n, "png")
            rows.append(f"/theirs/MAFW/data/faces/{number:05} {n} {label}")
            items.append((frames, n, label))
        (root / f"set_{fold + 1}.txt").write_text("\n".join(rows))
        folds.append(items)
    return folds


def afew(root, m):
    names = {"Anger": 3, "Disgust": 5, "Fear": 6, "Happiness": 0, "Neutral": 2,
             "Sadness": 1, "Surprise": 4}
    items = []
    for name, label in names.items():
        for i in range(2):
            folder = root / f"AFEW_Face/validation/{name}/clip {i}"
            items.append((m.clip(folder, 18), 18, label))
    return [items]


def caers(root, m):
    names = {"Anger": 3, "Disgust": 5, "Fear": 6, "Happy": 0, "Neutral": 2,
             "Sad": 1, "Surprise": 4}
    return [[([m.image(root / f"test/{name}/{i:04}.png")], 0, label)
             for name, label in names.items() for i in range(3)]]


def ckplus(root, m):
    """The last frame is the image; half of the sequences have no code."""
    native = {2: 0, 3: 1, 7: 2, 5: 3, 6: 4, 0: 5, 1: 6, 4: 7}
    items = []
    for i, label in enumerate(m.labels(8, 2)):
        place, name = f"S{i // 3:03}/{i % 3:03}", f"S{i // 3:03}_{i % 3:03}"
        frames = [m.image(root / "cohn-kanade-images" / place
                            / f"{name}_{frame:08}.png")
                  for frame in range(1, 4)]
        code = root / "Emotion" / place / f"{name}_00000003_emotion.txt"
        code.parent.mkdir(parents=True)
        code.write_text(f"   {native[label]:.7e}\n")
        items.append(([frames[-1]], 0, label))
        m.image(root / "cohn-kanade-images/S900" / f"{i:03}" / "1.png")
    return [items]


def folder(root, m):
    return [[([m.image(root / name / f"{i}.png")], 0, label)
             for label, name in enumerate(CLASSES[:7]) for i in range(3)]]


#: name: builder, what comes after PATH in --data, root map
DATA_SETS = {
    "RAFDB": (rafdb, [], None),
    "AffectNet7": (lambda r, m: affectnet(r, m, 7), [], None),
    "AffectNet8": (lambda r, m: affectnet(r, m, 8), [], None),
    "FERPlus": (lambda r, m: fer(r, m, True), [], None),
    "FER2013": (lambda r, m: fer(r, m, False), [], None),
    "DFEW": (dfew, [], None),
    "FERV39k": (ferv39k, ["test.txt"], "/theirs/FERV39K"),
    "MAFW": (mafw, [f"set_{k}.txt" for k in range(1, 6)], "/theirs/MAFW"),
    "AFEW": (afew, [], None),
    "CAER-S": (caers, [], None),
    "CKPlus": (ckplus, [], None),
    "folder": (folder, [], None),
}
