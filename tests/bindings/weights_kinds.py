# SPDX-License-Identifier: MIT
"""Each kind of weights file, for the tests of every language.

    build/venv-reference/bin/python tests/bindings/weights_kinds.py FOLDER

Writes small models and heads with random weights as OpenAI, open_clip, Hugging
Face and torch save them, and kinds.json: the logits of a face with the default
prompts, from the program that EXPCLIP names. The languages must get the same.
"""

import json
import os
import pathlib
import subprocess
import sys
import warnings

import open_clip
import torch
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "reference"))
import random_models  # noqa: E402

FACE = ROOT / "examples" / "faces" / "happiness_2.png"
PROGRAM = os.environ.get("EXPCLIP", str(ROOT / "build/release/bin/expclip"))
OPEN_CLIP = {"embed_dim": 48,
             "vision_cfg": {"image_size": 56, "layers": 2, "width": 64,
                            "patch_size": 14, "head_width": 32},
             "text_cfg": {"context_length": 77, "vocab_size": 49408,
                          "width": 64, "heads": 2, "layers": 2}}


def write_torch(folder, weights):
    """The three forms of torch, in OpenAI's names."""
    random_models.jit_archive(weights, folder / "openai.pt")
    torch.save(weights, folder / "state_dict.pt")
    torch.save(weights, folder / "legacy.pt",
               _use_new_zipfile_serialization=False)
    return {"OpenAI archive": "openai.pt", "state dict": "state_dict.pt",
            "legacy file of torch": "legacy.pt"}


def write_hugging_face(folder, weights):
    for name in ("hf", "hf_bare"):
        (folder / name).mkdir()
        random_models.hugging_face(weights, folder / name)
    beside = "preprocessor_config.json"
    (folder / "hf_bare" / beside).unlink()
    # Others than CLIP's, so that it shows in the logits whether they are read.
    pixels = json.loads((folder / "hf" / beside).read_text())
    pixels |= {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    (folder / "hf" / beside).write_text(json.dumps(pixels))
    return {"Hugging Face folder": "hf",
            "Hugging Face folder without preprocessor_config.json": "hf_bare"}


def write_open_clip(folder):
    (folder / "open_clip").mkdir()
    torch.manual_seed(3)
    model = open_clip.CLIP(**OPEN_CLIP)
    save_file({name: value.contiguous()
               for name, value in model.state_dict().items()
               if name != "attn_mask"},
              folder / "open_clip" / "open_clip_model.safetensors")
    (folder / "open_clip" / "open_clip_config.json").write_text(json.dumps({
        "model_cfg": OPEN_CLIP, "preprocess_cfg": {
            "mean": [0.48145466, 0.4578275, 0.40821073],
            "std": [0.26862954, 0.26130258, 0.27577711]}}))
    return {"open_clip folder": "open_clip"}


def write_shards(folder, weights):
    (folder / "shards").mkdir()
    names, where = sorted(weights), {}
    for i, part in enumerate((names[::2], names[1::2]), 1):
        file = f"model-{i:05d}-of-00002.safetensors"
        save_file({name: weights[name].contiguous() for name in part},
                  folder / "shards" / file)
        where |= {name: file for name in part}
    (folder / "shards" / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": where}))
    return {"shards with an index": "shards"}


def write_own(folder):
    subprocess.run([PROGRAM, "convert", "demo", "-o",
                    str(folder / "own.safetensors")],
                   check=True, stdout=subprocess.DEVNULL)
    return {"own format": "own.safetensors"}


def write_heads(folder, dim):
    torch.manual_seed(5)
    head = {"mlp.weight": torch.randn(4096, dim) * 4096 ** -0.5}
    torch.save(head, folder / "head.pth")
    save_file(head, folder / "head.safetensors")
    return ("head.pth", "head.safetensors")


def logits(model, head):
    out = subprocess.run(
        [PROGRAM, "score", "--faces", "none", "--json", "--model", str(model), "--head",
         str(head), str(FACE)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(out.stdout)["logits"]


def main():
    warnings.simplefilter("ignore")
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True)
    weights = random_models.state_dict("small")
    models = (write_torch(folder, weights) | write_open_clip(folder)
              | write_hugging_face(folder, weights)
              | write_shards(folder, weights) | write_own(folder))
    kinds = [(name, file, "auto") for name, file in models.items()]
    kinds += [("head, " + file, "openai.pt", str(folder / file))
              for file in write_heads(folder, 48)]
    found = [{"name": name, "model": str(folder / file), "head": head,
              "logits": logits(folder / file, head)}
             for name, file, head in kinds]
    of = {kind["name"]: kind["logits"] for kind in found}
    bare = "Hugging Face folder without preprocessor_config.json"
    assert of["Hugging Face folder"] != of[bare], "its pixels were not read"
    assert of[bare] == of["state dict"]
    (folder / "kinds.json").write_text(json.dumps(found, indent=1))


main()
