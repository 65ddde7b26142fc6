# SPDX-License-Identifier: MIT
"""Films of heads whose truth is known: on paths that cross, hide each other,
leave and come back, before a background that moves."""

import math

import cv2
import numpy as np

WIDTH, HEIGHT, FRAMES, RATE = 640, 360, 200, 25
MARGIN = 0.35  # of the face's box around it, which makes it a head


def shrunk(image):
    """To 1000 pixels at most."""
    scale = min(1, 1000 / max(image.shape[:2]))
    return cv2.resize(image, None, fx=scale, fy=scale,
                      interpolation=cv2.INTER_AREA)


def heads_of(images, faces):
    """(RGB, box) of the large, sure ones among the faces of each image."""
    heads = []
    for image, found in zip(images, faces):
        for x, y, w, h, *_, score in found:
            left, top = int(x - MARGIN * w), int(y - MARGIN * h)
            right = int(x + (1 + MARGIN) * w)
            bottom = int(y + (1 + MARGIN) * h)
            if (score > 0.85 and w > 60 and left >= 0 and top >= 0 and
                    right < image.shape[1] and bottom < image.shape[0]):
                heads.append((image[top:bottom, left:right].copy(),
                              (x - left, y - top, w, h)))
    return heads


def path_of(rng):
    """Centre, amplitude, phase and speed in x and y; the face's width."""
    return (rng.uniform(0.2, 0.8, 2), rng.uniform(0.25, 0.55, 2),
            rng.uniform(0, 6.28, 2), rng.uniform(0.6, 1.4, 2),
            rng.uniform(50, 90))


def paste(image, owner, name, head, x, y):
    """An oval of the head; owner says whose each pixel is."""
    h, w = head.shape[:2]
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + w, WIDTH), min(y + h, HEIGHT)
    if x1 <= x0 or y1 <= y0:
        return
    rows, columns = np.mgrid[0:h, 0:w]
    inside = (((columns - w / 2) / (w / 2)) ** 2 +
              ((rows - h / 2) / (h / 2)) ** 2 < 1)
    cut = slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)
    place = slice(y0, y1), slice(x0, x1)
    image[place][inside[cut]] = head[cut][inside[cut]]
    owner[place][inside[cut]] = name


def visible(owner, name, box):
    """How much of a box the image shows."""
    x, y = max(round(box[0]), 0), max(round(box[1]), 0)
    right = max(round(box[0] + box[2]), 0)
    bottom = max(round(box[1] + box[3]), 0)
    return np.sum(owner[y:bottom, x:right] == name) / (box[2] * box[3])


def place(path, f, k, speed):
    """Centre and width of a face in frame f."""
    centre, amplitude, phase, pace, width = path
    turn = [phase[i] + f * 0.02 * speed * pace[i] for i in (0, 1)]
    return (WIDTH * (centre[0] + amplitude[0] * math.sin(turn[0])),
            HEIGHT * (centre[1] + amplitude[1] * 0.6 * math.sin(turn[1])),
            width * (1 + 0.25 * math.sin(f * 0.03 + k)))


def film(heads, seed, speed=1.0, step=1):
    """Of frames 0, step, 2 step ...: (RGB, {head: (box, visible part)})."""
    rng = np.random.default_rng(seed)
    back = cv2.GaussianBlur(
        rng.integers(0, 255, (HEIGHT // 20, WIDTH // 20, 3)).astype(np.uint8),
        (0, 0), 1)
    back = cv2.resize(back, (WIDTH + 200, HEIGHT),
                      interpolation=cv2.INTER_CUBIC)
    paths = [path_of(rng) for _ in heads]
    for f in range(0, FRAMES, step):
        image = back[:, f // 2:f // 2 + WIDTH].copy()
        owner = np.full((HEIGHT, WIDTH), -1)
        boxes = {}
        for k, (head, box) in enumerate(heads):
            x, y, width = place(paths[k], f, k, speed)
            scale = width / box[2]
            small = cv2.resize(head, None, fx=scale, fy=scale,
                               interpolation=cv2.INTER_AREA)
            x = int(x - small.shape[1] / 2)
            y = int(y - small.shape[0] / 2)
            paste(image, owner, k, small, x, y)
            boxes[k] = (x + box[0] * scale, y + box[1] * scale,
                        box[2] * scale, box[3] * scale)
        yield image, {k: (box, visible(owner, k, box))
                      for k, box in boxes.items()}
