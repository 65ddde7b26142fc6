# SPDX-License-Identifier: MIT
"""Score drawn faces with the written model file, and the figures of it.

The file is read by open_clip's implementation of OpenAI's models, not by the
one it was trained with.  Weights are those of the file, arithmetic is fp32.
"""
import hashlib

import numpy as np
import torch
import torch.nn.functional as F
from open_clip.openai import build_model_from_openai_state_dict
from safetensors.torch import load_file

from renderer import EXPRESSIONS, squash
from tokens import Tokenizer

DRAWN_SIZE = 224
N_BINS = 15
CLOSE = 1e-3  # a smaller lead over the second class may flip elsewhere


def load_model(path):
    """-> CLIP in fp32, head [out, embed]."""
    state = load_file(path)
    head = state.pop("mlp.weight").float()
    return build_model_from_openai_state_dict(state).float().eval(), head


def draw_set(renderer, seed, n_per_class, size):
    """The faces of `draw_faces --classes 8`: uint8 [8 n, 3, s, s]."""
    return torch.cat([squash(renderer.draw(seed, 0, [label] * n_per_class,
                                           DRAWN_SIZE)[0], size)
                      for label in range(len(EXPRESSIONS))])


def hash_set(renderer, seed, n_per_class):
    """SHA-256 of the pixels of draw_set() as drawn: tells whether another
    machine's compiler draws the same faces."""
    digest = hashlib.sha256()
    for label in range(len(EXPRESSIONS)):
        digest.update(renderer.draw(seed, 0, [label] * n_per_class,
                                    DRAWN_SIZE)[0].tobytes())
    return digest.hexdigest()


@torch.no_grad()
def embed_images(clip, pixels):
    return torch.cat([clip.encode_image(part.float() / 255.0)
                      for part in pixels.split(200)])


@torch.no_grad()
def embed_prompts(clip, prompts):
    """{class: [prompt]} -> [classes, prompts, embed]."""
    ids = [Tokenizer().batch(prompts[name], 77) for name in EXPRESSIONS]
    return torch.stack([clip.encode_text(rows) for rows in ids])


def score(images, texts, head, scale):
    """-> logits [n, classes]: the mean over the prompts of a class."""
    if head is not None:
        images, texts = images @ head.T, texts @ head.T
    images, texts = F.normalize(images, dim=-1), F.normalize(texts, dim=-1)
    return scale * torch.einsum("nd,cpd->ncp", images, texts).mean(-1)


def calibration_error(logits, labels):
    """Expected calibration error in 15 bins, as `expclip evaluate` has it."""
    sure, found = logits.softmax(1).max(1)
    bins = (sure * N_BINS).ceil().long().clamp(1, N_BINS) - 1
    gaps = torch.zeros(N_BINS, dtype=sure.dtype)
    gaps.index_add_(0, bins, sure - (found == labels).to(sure.dtype))
    return float(gaps.abs().sum()) / len(labels)


def fit_scale(logits, labels):
    """By how much logits are to be multiplied to be least surprised."""
    factors = torch.exp(torch.linspace(-1.5, 1.5, 301))
    losses = [F.cross_entropy(factor * logits, labels) for factor in factors]
    return float(factors[int(torch.stack(losses).argmin())])


def summarise(logits, labels):
    """Counts and percentages of one table, rows are the true classes."""
    n = logits.shape[1]
    predicted = logits.argmax(1)
    confusion = np.zeros((n, n), int)
    np.add.at(confusion, (labels.numpy(), predicted.numpy()), 1)
    recall = 100.0 * confusion.diagonal() / confusion.sum(1)
    top = logits.topk(2, dim=1).values
    return {"uar": round(float(recall.mean()), 2),
            "ece": round(calibration_error(logits, labels), 4),
            "recall": {name: round(float(r), 1)
                       for name, r in zip(EXPRESSIONS, recall)},
            "close_calls": int((top[:, 0] - top[:, 1] < CLOSE).sum()),
            "smallest_lead": float((top[:, 0] - top[:, 1]).min()),
            "confusion": confusion.tolist()}


def tabulate(images, texts, head, scale, n_per_class):
    """Tables for 7 and 8 classes, with the head and without."""
    tables = {}
    for n in (7, 8):
        labels = torch.arange(n).repeat_interleave(n_per_class)
        for name, used in (("head", head), ("clip", None)):
            logits = score(images[:len(labels)], texts[:n], used, scale)
            table = summarise(logits, labels)
            table["logits_of_first_faces"] = [
                [round(value, 4) for value in row]
                for row in logits[::n_per_class].tolist()]
            tables[f"{n}_classes_{name}"] = table
    return tables


def logits_of(path, renderer, prompts, seed, n_per_class, n_classes):
    """-> logits with the head, labels."""
    clip, head = load_model(path)
    size = clip.visual.image_size
    size = size[0] if isinstance(size, tuple) else size
    pixels = draw_set(renderer, seed, n_per_class, size)
    images = embed_images(clip, pixels[:n_classes * n_per_class])
    texts = embed_prompts(clip, prompts)[:n_classes]
    return (score(images, texts, head, clip.logit_scale.exp().item()),
            torch.arange(n_classes).repeat_interleave(n_per_class))


def evaluate(path, renderer, prompt_sets, seed, n_per_class):
    """{prompt set: tables} of a model file on the faces of a seed."""
    clip, head = load_model(path)
    size = clip.visual.image_size
    size = size[0] if isinstance(size, tuple) else size
    images = embed_images(clip, draw_set(renderer, seed, n_per_class, size))
    scale = clip.logit_scale.exp().item()
    return {name: tabulate(images, embed_prompts(clip, prompts), head, scale,
                           n_per_class)
            for name, prompts in prompt_sets.items()}
