# SPDX-License-Identifier: MIT
"""Captions make the tower a CLIP.

The trunk of the image tower is frozen, so its features are computed once.
"""
import random

import torch
import torch.nn.functional as F

import captions
from tokens import Tokenizer


def info_nce(a, b, scale):
    """Symmetric contrastive loss of matching rows of unit vectors."""
    logits = scale * a @ b.T
    rows = torch.arange(len(a))
    return 0.5 * (F.cross_entropy(logits, rows) +
                  F.cross_entropy(logits.T, rows))


def write_captions(rows, expressions, seed, per_face):
    """-> padded ids [per_face, n, longest]: all captions of all faces."""
    rng = random.Random(seed)
    tokenizer = Tokenizer()
    ids = tokenizer.batch([captions.caption(row, label, rng)
                           for _ in range(per_face)
                           for row, label in zip(rows, expressions)])
    return ids.view(per_face, len(rows), -1).to(torch.int16)


def cut_padding(ids):
    longest = int(ids.argmax(1).max()) + 1
    return ids[:, :longest].long()


def create_optimiser(clip, steps):
    learned = [p for name, p in clip.named_parameters()
               if not name.startswith("visual.") or name == "visual.proj"]
    optimiser = torch.optim.AdamW(learned, lr=1e-3, weight_decay=0.1,
                                  betas=(0.9, 0.98))
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 1e-3, total_steps=steps, pct_start=0.05)


def train_text(clip, features, ids, seed, steps, batch=256):
    """Train image projection, text tower and logit scale on captions."""
    generator = torch.Generator().manual_seed(seed)
    optimiser, schedule = create_optimiser(clip, steps)
    for step in range(steps):
        pick = torch.randint(len(features), (batch,), generator=generator)
        texts = cut_padding(ids[step % len(ids), pick])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            text = clip.encode_text(texts)
        loss = info_nce(F.normalize(features[pick] @ clip.visual.proj, dim=1),
                        F.normalize(text.float(), dim=1),
                        clip.logit_scale.exp())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            clip.logit_scale.clamp_(max=4.6052)  # ln 100, as OpenAI
        if step % 200 == 0 or step == steps - 1:
            print(f"text {seed}: step {step} loss {loss.item():.3f} scale "
                  f"{clip.logit_scale.exp().item():.1f}", flush=True)
