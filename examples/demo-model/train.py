# SPDX-License-Identifier: MIT
"""Train the demo model and write demo.safetensors and figures.json.

    python train.py --work build

runs the four stages below; each leaves its result in the work folder, and
--stage runs one alone.

    tower     the image tower learns to read faces        work/tower.pt
    faces     features and descriptions for what follows  work/faces.pt
    language  captions -> CLIP, descriptions -> head      demo.safetensors
    figures   score unseen faces                          figures.json

Three seeds are tried in the stage `language`, a process each.  The one to
keep is chosen on the validation faces; the test faces are drawn only in the stage `figures`.
"""
import argparse
import concurrent.futures
import json
import multiprocessing
import pathlib
import platform
import re
import time

import numpy as np
import torch
from safetensors.torch import save_file

import captions
import evaluate
import language
import tower
from clip_model import Clip
from renderer import Renderer

SIZE = 64
TOWER_SEED, TOWER_FACES = 1, 239616
FACES_SEED, N_FACES, N_DESCRIBED = 2, 49152, 24576
VALIDATION_SEED, N_VALIDATION = 3, 250  # per class
TEST_SEED, N_TEST = 20250, 100  # per class
TEXT_SEEDS, TEXT_STEPS, CAPTIONS_PER_FACE = (1, 2, 3), 1200, 3
HEAD_EPOCHS = 5
DESCRIPTION = ("A small CLIP with an Exp-CLIP head for faces drawn by "
               "libexpclip's own renderer; it does not read photographs.")
HERE = pathlib.Path(__file__).parent


def run_tower(work, renderer):
    torch.manual_seed(TOWER_SEED)
    visual = Clip(size=SIZE).visual
    visual.trunk = torch.compile(visual.trunk)
    with open(work / "tower.jsonl", "w") as log:
        def report(losses):
            log.write(json.dumps(losses) + "\n")
            log.flush()
            print(losses, flush=True)
        tower.train_tower(visual, renderer, TOWER_SEED, TOWER_FACES, SIZE,
                          report)
    torch.save(visual.state_dict(), work / "tower.pt")


def run_faces(work, renderer):
    """Draw the faces of stages 2 and 3, look at them and describe them."""
    visual = Clip(size=SIZE).visual
    visual.load_state_dict(torch.load(work / "tower.pt"))
    n_chunks = N_FACES // tower.CHUNK
    features, fields = [], []
    for pixels, rows in tower.chunks(renderer, FACES_SEED, n_chunks, SIZE):
        features.append(tower.trunk_features(visual, pixels))
        fields.append(rows)
    labels = [tower.sample_expressions(
        np.random.default_rng([FACES_SEED, i * tower.CHUNK]), tower.CHUNK)
        for i in range(n_chunks)]
    rows = name_fields(renderer, torch.cat(fields))
    sentences = [captions.describe(row) for row in rows[:N_DESCRIBED]]
    torch.save({"features": torch.cat(features), "fields": torch.cat(fields),
                "labels": np.concatenate(labels).tolist(),
                "targets": language.embed_sentences(sentences)},
               work / "faces.pt")


def name_fields(renderer, fields):
    return [dict(zip(renderer.names, row)) for row in fields.tolist()]


def write_model(state, path, seed):
    provenance = {"script": "examples/demo-model/train.py", "renderer": "1",
                  "tower_seed": TOWER_SEED, "tower_faces": TOWER_FACES,
                  "text_seed": seed, "test_seed": TEST_SEED}
    save_file(state, path, metadata={
        "format": "expclip", "format_version": "1", "name": "demo",
        "activation": "quick_gelu", "preprocess": "expclip",
        "clip_preprocess": "expclip", "head": "full",
        "description": DESCRIPTION, "provenance": json.dumps(provenance)})


def train_language(work, seed):
    """Write work/text_SEED.safetensors; runs in a process of its own."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    clip = Clip(size=SIZE)
    clip.visual.load_state_dict(torch.load(work / "tower.pt"))
    faces = torch.load(work / "faces.pt")
    rows = name_fields(Renderer(work / f"text_{seed}"), faces["fields"])
    ids = language.write_captions(rows, faces["labels"], seed,
                                  CAPTIONS_PER_FACE)
    language.train_text(clip, faces["features"], ids, seed, TEXT_STEPS)
    with torch.no_grad():
        images = faces["features"][:N_DESCRIBED] @ clip.visual.proj
    head = language.train_head(images, faces["targets"],
                               clip.logit_scale.exp().item(), seed,
                               HEAD_EPOCHS)
    state = dict(clip.state_dict(), **{"mlp.weight": head})
    path = work / f"text_{seed}.safetensors"
    write_model({name: value.half().contiguous()
                 for name, value in state.items()}, path, seed)
    return path


def worth(tables):
    """What a seed is chosen by: mean recall, and no class left behind."""
    table = tables["7_classes_head"]
    return table["uar"] + 0.5 * min(table["recall"].values())


def run_language(work, renderer, prompts):
    best = None
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(torch.get_num_threads(),
                                                spawn) as pool:
        paths = list(pool.map(train_language, [work] * len(TEXT_SEEDS),
                              TEXT_SEEDS))
    for path in paths:
        tables = evaluate.evaluate(path, renderer,
                                   {"type2": prompts["type2"]},
                                   VALIDATION_SEED, N_VALIDATION)["type2"]
        print(path.stem, {name: (table["uar"], table["recall"])
                          for name, table in tables.items()}, flush=True)
        if best is None or worth(tables) > best[0]:
            best = worth(tables), path
    (HERE / "demo.safetensors").write_bytes(best[1].read_bytes())


def to_json(figures):
    """Indented, but with each list of numbers on one line."""
    text = json.dumps(figures, indent=1)
    return re.sub(r"\[\s+([-\d.,\s]+?)\s+\]",
                  lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text)


def run_figures(work, renderer, prompts):
    path = HERE / "demo.safetensors"
    figures = {
        "classes": evaluate.EXPRESSIONS, "drawn_size": evaluate.DRAWN_SIZE,
        "close_call": evaluate.CLOSE, "confusion_rows": "true class",
        "machine": f"{platform.machine()}, fp32 on a CPU",
        "validation": {
            "seed": VALIDATION_SEED, "n_per_class": N_VALIDATION,
            "prompts": evaluate.evaluate(path, renderer, prompts,
                                         VALIDATION_SEED, N_VALIDATION)},
        "test": {
            "seed": TEST_SEED, "n_per_class": N_TEST,
            "pixels_sha256": evaluate.hash_set(renderer, TEST_SEED, N_TEST),
            "prompts": evaluate.evaluate(path, renderer, prompts, TEST_SEED,
                                         N_TEST)}}
    (HERE / "figures.json").write_text(to_json(figures) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--stage", choices=["tower", "faces", "language",
                                            "figures"])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    renderer = Renderer(options.work)
    prompts = json.loads((HERE / "prompts.json").read_text())
    stages = {"tower": (run_tower, ()), "faces": (run_faces, ()),
              "language": (run_language, (prompts,)),
              "figures": (run_figures, (prompts,))}
    for name, (stage, extra) in stages.items():
        if options.stage in (None, name):
            start = time.time()
            stage(options.work, renderer, *extra)
            print(f"{name}: {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
