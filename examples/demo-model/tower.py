# SPDX-License-Identifier: MIT
"""Stage 1: the image tower learns to see what the renderer drew.

Contrastive training from scratch stays at chance for long on a CPU.  So the
class token is first trained to tell, through one linear read-out, the numbers
that the face was drawn from: action units, their pairwise products, pose and
looks.  No name of an emotion is used, but action units are: the model card
says so.  Faces are never repeated: the next chunk is drawn while this one
trains, and both depend on the seed alone.
"""
import concurrent.futures
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from renderer import ANY_UNITS, squash

CHUNK = 2048
BATCH = 64
RATE = 0.02  # Muon's; AdamW has 0.075 of it
# Of the losses: units, products, amounts, kinds.
WEIGHTS = (1.5, 0.5, 0.15, 0.2)
LOGIT = 5.0  # of a kind that is seen, when the read-out starts
UNREADABLE = ("noise", "grain")
# Sizes that faces are drawn at before they are squashed to the input size.
DRAWN_SIZES = ((224, 0.12), (64, 0.44), (128, 0.44))
FRAMED_SHARE = 0.65  # of faces that lie as in a detector's crop


def sample_expressions(rng, n, any_share=0.25):
    """Expressions to draw: balanced, and a share of arbitrary faces."""
    drawn = rng.integers(0, ANY_UNITS, n)
    return np.where(rng.random(n) < any_share, ANY_UNITS, drawn)


def draw_mixed(renderer, seed, first, n, size):
    """Draw n faces at mixed sizes -> uint8 [n, 3, size, size], fields."""
    rng = np.random.default_rng([seed, first])
    expressions = sample_expressions(rng, n)
    framed = rng.random(n) < FRAMED_SHARE
    pixels, fields, start = [], [], 0
    for drawn_size, share in DRAWN_SIZES:
        end = n if drawn_size == DRAWN_SIZES[-1][0] else start + int(n * share)
        rgb, rows = renderer.draw(seed, first + start, expressions[start:end],
                                  drawn_size, framed[start:end])
        pixels.append(squash(rgb, size))
        fields.append(rows)
        start = end
    return torch.cat(pixels), torch.from_numpy(np.concatenate(fields))


class Readout(nn.Module):
    """The linear read-out and its loss; thrown away after stage 1."""

    def __init__(self, renderer, width, fields):
        super().__init__()
        self.units = [i for i, name in enumerate(renderer.names)
                      if name.startswith("au")]
        self.amounts = [i for i, name in enumerate(renderer.names)
                        if renderer.kinds[i] == 0 and i not in self.units
                        and name not in UNREADABLE]
        self.kinds = [(i, k) for i, k in enumerate(renderer.kinds) if k > 0]
        target = self.numbers(fields)
        self.register_buffer("mean", target.mean(0))
        self.register_buffer("std", target.std(0) + 1e-4)
        self.linear = nn.Linear(width, target.shape[1] +
                                sum(k for _, k in self.kinds))

    def numbers(self, fields):
        """[n, units + products + amounts]; the parts have equal weight."""
        units = fields[:, self.units]
        upper = torch.triu_indices(len(self.units), len(self.units))
        return torch.cat([units, units[:, upper[0]] * units[:, upper[1]],
                          fields[:, self.amounts]], 1)

    def fit(self, token, fields):
        """Set the read-out by ridge regression; kinds by their logits."""
        kinds = [LOGIT * (F.one_hot(fields[:, i].long(), k) - 1.0 / k)
                 for i, k in self.kinds]
        target = torch.cat([(self.numbers(fields) - self.mean) / self.std,
                            *kinds], 1)
        ones = torch.cat([token, torch.ones(len(token), 1)], 1)
        penalty = 0.02 * len(token) * torch.eye(ones.shape[1])
        weight = torch.linalg.solve(ones.T @ ones + penalty, ones.T @ target)
        with torch.no_grad():
            self.linear.weight.copy_(weight[:-1].T)
            self.linear.bias.copy_(weight[-1])

    def losses(self, token, fields):
        """-> mean squared errors (units, products, amounts), kinds."""
        target = (self.numbers(fields) - self.mean) / self.std
        read = self.linear(token)
        error = (read[:, :target.shape[1]] - target).square().mean(0)
        n_units, n_amounts = len(self.units), len(self.amounts)
        at, kinds = target.shape[1], 0.0
        for field, count in self.kinds:
            kinds = kinds + F.cross_entropy(read[:, at:at + count],
                                            fields[:, field].long())
            at += count
        return (error[:n_units].mean(), error[n_units:-n_amounts].mean(),
                error[-n_amounts:].mean(), kinds / len(self.kinds))


def whiten_patches(visual, pixels):
    """Set conv1 to the whitened principal components of the patches."""
    width, _, patch, _ = visual.conv1.weight.shape
    columns = F.unfold(pixels, patch, stride=patch)
    rows = columns.transpose(1, 2).reshape(-1, 3 * patch * patch)
    covariance = torch.cov(rows.T)
    values, vectors = torch.linalg.eigh(covariance)
    keep = min(width, len(values))
    values, vectors = values.flip(0)[:keep], vectors.flip(1)[:, :keep]
    filters = vectors / (values + 1e-3 * values.mean()).sqrt()
    with torch.no_grad():
        visual.conv1.weight.zero_()
        visual.conv1.weight[:keep] = 0.5 * filters.T.reshape(
            keep, 3, patch, patch)


def set_positions(visual):
    """Sine and cosine of row and column, a quarter of the width each."""
    tokens, width = visual.positional_embedding.shape
    side = int((tokens - 1) ** 0.5)
    rates = 1.0 / 100 ** (torch.arange(width // 4) / (width // 4))
    angles = torch.arange(side)[:, None] * rates
    waves = torch.cat([angles.sin(), angles.cos()], 1)
    grid = torch.cat([waves[:, None].expand(side, side, -1),
                      waves[None].expand(side, side, -1)], 2)
    with torch.no_grad():
        visual.positional_embedding[1:] = 0.5 * grid.reshape(tokens - 1, width)


def create_optimisers(visual, readout, rate):
    """Muon for the matrices of the blocks, AdamW for everything else."""
    matrices = [p for p in visual.transformer.parameters() if p.ndim == 2]
    others = [p for p in visual.parameters() if p is not visual.proj and
              not any(p is m for m in matrices)]
    others += list(readout.parameters())
    return [torch.optim.Muon(matrices, lr=rate, weight_decay=0.01),
            torch.optim.AdamW(others, lr=0.075 * rate, weight_decay=0.01)]


def chunks(renderer, seed, n_chunks, size):
    """Draw chunks in order, one ahead of the training."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(draw_mixed, renderer, seed, 0, CHUNK, size)
        for i in range(n_chunks):
            ready = ahead.result()
            if i + 1 < n_chunks:
                ahead = pool.submit(draw_mixed, renderer, seed,
                                    (i + 1) * CHUNK, CHUNK, size)
            yield ready


def to_float(pixels):
    return pixels.float() / 255.0


def train_step(visual, readout, optimisers, pixels, fields):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        token = visual.trunk(to_float(pixels))
    losses = readout.losses(token.float(), fields)
    loss = sum(weight * loss for weight, loss in zip(WEIGHTS, losses))
    loss.backward()
    for optimiser in optimisers:
        optimiser.step()
        optimiser.zero_grad()
    return torch.stack(losses).detach()


def start_tower(visual, pixels):
    whiten_patches(visual, to_float(pixels))
    set_positions(visual)


def train_tower(visual, renderer, seed, n_faces, size, goes_on, report):
    """`goes_on` where the tower was trained before; `report` is called with a
    dict of losses after each chunk."""
    n_chunks = n_faces // CHUNK
    total, step, start = n_chunks * (CHUNK // BATCH), 0, time.time()
    generator = torch.Generator().manual_seed(seed)
    readout = optimisers = None
    for i, (pixels, fields) in enumerate(chunks(renderer, seed, n_chunks,
                                                size)):
        if readout is None:
            if not goes_on:
                start_tower(visual, pixels[:1024])
            readout = Readout(renderer, visual.ln_post.weight.shape[0], fields)
            if goes_on:  # what it knows is read at once, and not unlearned
                readout.fit(trunk_features(visual, pixels), fields)
            optimisers = create_optimisers(visual, readout,
                                           RATE * (0.5 if goes_on else 1.0))
            rates = [o.param_groups[0]["lr"] for o in optimisers]
        sums = torch.zeros(4)
        for rows in torch.randperm(CHUNK, generator=generator).split(BATCH):
            decay = min(1.0, (step + 1) / 100) * (1.0 - step / total)
            for optimiser, rate in zip(optimisers, rates):
                optimiser.param_groups[0]["lr"] = rate * decay
            sums += train_step(visual, readout, optimisers, pixels[rows],
                               fields[rows])
            step += 1
        means = (sums / (CHUNK // BATCH)).tolist()
        report({"faces": (i + 1) * CHUNK,
                "seconds": round(time.time() - start),
                "units": round(means[0], 3), "products": round(means[1], 3),
                "amounts": round(means[2], 3), "kinds": round(means[3], 3)})


@torch.no_grad()
def trunk_features(visual, pixels):
    """uint8 [n, 3, s, s] -> float [n, width]."""
    return torch.cat([visual.trunk(to_float(part))
                      for part in pixels.split(256)])
