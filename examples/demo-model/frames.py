# SPDX-License-Identifier: MIT
"""How a face detector frames drawn heads, and which crop suits the model.

Scenes of several heads are drawn, YuNet finds them (OpenCV's implementation of
it), and squares around its boxes are scored.  A crop is `side` box heights
wide, its centre `up` box heights above the box's, moved inside the image: as
expclip_crop_options tells.
"""
import json
import subprocess

import cv2
import numpy as np
import torch
import torch.nn.functional as F

import evaluate
from renderer import EXPRESSIONS, squash

N_CLASSES = 7
LONG_SIDE, THRESHOLD, SUPPRESSION, MOST = 640, 0.7, 0.3, 5000
SIDES = (1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5, 1.55, 1.6)
UPS = (0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16)


def find_heads(detector, rgb):
    """-> boxes [n, 4] in pixels of the image."""
    scale = LONG_SIDE / max(rgb.shape[:2])
    small = cv2.resize(rgb[..., ::-1], None, fx=scale, fy=scale,
                       interpolation=cv2.INTER_AREA)
    detector.setInputSize(small.shape[1::-1])
    found = detector.detect(small)[1]
    return np.zeros((0, 4)) if found is None else found[:, :4] / scale


def is_inside(box, truth):
    """The middle of a found box lies in the true one, at about its size."""
    x, y = box[0] + box[2] / 2 - truth[0], box[1] + box[3] / 2 - truth[1]
    return (0 < x < truth[2] and 0 < y < truth[3] and
            0.5 < box[3] / truth[3] < 2)


def draw_scenes(draw_faces, folder, seed, n, detector_path):
    """-> a list of heads: image, label, own frame, found box or None; and how
    many boxes lie on no head."""
    subprocess.run([draw_faces, "--seed", str(seed), "--scene", str(n),
                    "--classes", str(N_CLASSES), "-o", folder], check=True)
    detector = cv2.FaceDetectorYN.create(str(detector_path), "", (320, 320),
                                         THRESHOLD, SUPPRESSION, MOST)
    lines = [json.loads(line)
             for line in (folder / "heads.jsonl").read_text().splitlines()]
    heads, strays = [], 0
    for path in dict.fromkeys(line["path"] for line in lines):
        image = cv2.imread(str(folder / path))[..., ::-1]
        boxes = list(find_heads(detector, image))
        for line in (line for line in lines if line["path"] == path):
            mine = [box for box in boxes if is_inside(box, line["box"])]
            x, y, side = line["frame"]
            heads.append({"image": image, "frame": (x, y, side, side),
                          "label": EXPRESSIONS.index(line["label"]),
                          "box": mine[0] if mine else None})
            boxes = [box for box in boxes
                     if not is_inside(box, line["box"])]
        strays += len(boxes)
    return heads, strays


def cut(image, box, side, up, size):
    """-> uint8 [3, size, size] of the square around a box."""
    high, wide = image.shape[:2]
    edge = min(round(side * box[3]), wide, high)
    x = round(box[0] + box[2] / 2 - edge / 2)
    y = round(box[1] + box[3] / 2 - up * box[3] - edge / 2)
    x, y = min(max(x, 0), wide - edge), min(max(y, 0), high - edge)
    return squash(image[None, y:y + edge, x:x + edge].copy(), size)[0]


class Scorer:
    """A model's logits for cuts of heads."""

    def __init__(self, path, prompts, size):
        self.clip, self.head = evaluate.load_model(path)
        self.texts = evaluate.embed_prompts(self.clip, prompts)[:N_CLASSES]
        self.scale, self.size = self.clip.logit_scale.exp().item(), size

    def logits(self, heads, side, up, key="box"):
        pixels = torch.stack([cut(head["image"], head[key], side, up,
                                  self.size) for head in heads])
        return evaluate.score(evaluate.embed_images(self.clip, pixels),
                              self.texts, self.head, self.scale)


def labels_of(heads):
    return torch.tensor([head["label"] for head in heads])


def uar(logits, labels):
    return evaluate.summarise(logits, labels)["uar"]


def fit_crop(scorer, heads):
    """The side and `up` whose logits are the least surprised by the labels."""
    found = [head for head in heads if head["box"] is not None]
    labels = labels_of(found)
    return min((F.cross_entropy(scorer.logits(found, side, up), labels).item(),
                side, up) for side in SIDES for up in UPS)[1:]


def measure(scorer, heads, strays, side, up):
    """UAR of several framings of the found heads, by name."""
    found = [head for head in heads if head["box"] is not None]
    labels = labels_of(found)
    framings = {"the crop": (side, up), "0.9 of its side": (0.9 * side, up),
                "1.15 of its side": (1.15 * side, up),
                "a tenth of its side higher": (side, up + 0.1 * side),
                "a tenth of its side lower": (side, up - 0.1 * side),
                "1.4 and 0, for other models": (1.4, 0.0),
                "a square as high as the box": (1.0, 0.0)}
    table = {"the renderer's own frame":
             uar(scorer.logits(found, 1.0, 0.0, "frame"), labels)}
    for name, geometry in framings.items():
        table[name] = uar(scorer.logits(found, *geometry), labels)
    crop = evaluate.summarise(scorer.logits(found, side, up), labels)
    return {"heads": len(heads), "found": len(found), "stray_boxes": strays,
            "crop": crop, "uar": table}
