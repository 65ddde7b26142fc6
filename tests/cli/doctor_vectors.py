# SPDX-License-Identifier: MIT
"""Write bindings/cli/runs/doctor_vectors.json: what `expclip doctor` must find.

    python3 tests/cli/doctor_vectors.py DEMO.safetensors \
        >bindings/cli/runs/doctor_vectors.json

DEMO is the file inside the library.  Nothing here is code of the library:
tokens are open_clip's SimpleTokenizer (OpenAI's), pixels Pillow's, embeddings
open_clip's implementation of OpenAI's model in fp32.  Needs PyPI open_clip_torch,
torch, pillow, safetensors, ftfy.
"""
import json
import pathlib
import re
import sys

import numpy as np
import torch
import torch.nn.functional as F
from open_clip.openai import build_model_from_openai_state_dict
from open_clip.tokenizer import SimpleTokenizer
from PIL import Image
from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "demo-model"))
from tokens import Tokenizer  # noqa: E402  the demo's cut vocabulary

PROGRAM = ROOT / "bindings" / "cli" / "commands" / "doctor.c"
TEXTS = ["a photo of a face with an expression of happiness.",
         "Hello,   WORLD!",
         "It's 100% d\u00e9j\u00e0 vu \u2026 \u8868\u60c5 \U0001f600",
         "&lt;b&gt; \ufb01ne \uff21\uff22"]
TEXT = "an expression of surprise."


def constant(name):
    return int(re.search(name + r" = (\d+)", PROGRAM.read_text()).group(1))


def draw(width, height):
    """The images: draw() of commands/doctor.c."""
    rgb = np.zeros((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            inside = (x - 40) ** 2 + (y - 36) ** 2 < 900
            rgb[y, x] = ((230, 180 - y, 90 + x) if inside
                         else (x * 2, y * 3, 255 - x - y))
    return Image.fromarray(rgb)


def to_pixels(image):
    return torch.tensor(np.asarray(image)).permute(2, 0, 1) / 255.0


def wrapped(values):
    """A list, in lines of at most 80 columns."""
    lines = [""]
    for text in ["%.9g" % value for value in values]:
        if len(lines[-1]) + len(text) > 76:
            lines.append("")
        lines[-1] += text + ", "
    return "[\n" + "\n".join(map(str.rstrip, lines))[:-1] + "\n]"


def tokens():
    tokenizer = SimpleTokenizer()
    found = [{"text": text, "ids": [49406, *tokenizer.encode(text), 49407]}
             for text in TEXTS]
    return "[\n" + ",\n".join(map(json.dumps, found)) + "\n]"


@torch.no_grad()
def main():
    state = load_file(sys.argv[1])
    head = state.pop("mlp.weight").float()
    clip = build_model_from_openai_state_dict(state).float().eval()
    tokenizer = Tokenizer()
    size = clip.visual.image_size
    size = size[0] if isinstance(size, tuple) else size

    assert size == constant("DOCTOR_SIDE")
    first = draw(constant("DOCTOR_WIDTH"), constant("DOCTOR_HEIGHT"))
    first = to_pixels(first.resize((size, size), Image.BILINEAR))
    image = clip.encode_image(to_pixels(draw(size, size))[None])
    prompts = json.loads(
        (ROOT / "examples" / "demo-model" / "prompts.json").read_text())["type2"]
    classes = [prompts[name][0] for name in list(prompts)[:7]]
    context = clip.context_length

    def embed(texts):
        return clip.encode_text(tokenizer.batch(texts, context))

    def unit(x):
        return F.normalize(x, dim=-1)

    logits = clip.logit_scale.exp() * (
        unit(image @ head.T) @ unit(embed(classes) @ head.T).T)

    found = {
        "tokens": tokens(),
        "pixels": wrapped(
            first.flatten()[::constant("DOCTOR_PIXEL_STEP")].tolist()),
        "image": wrapped(unit(image)[0].tolist()),
        "projected": wrapped(unit(image @ head.T)[0].tolist()),
        "text": json.dumps(TEXT),
        "text_embedding": wrapped(unit(embed([TEXT]))[0].tolist()),
        "logits": wrapped(logits[0].tolist()),
    }
    print("{\n" + ",\n".join(f'"{k}": {v}' for k, v in found.items()) + "\n}")


main()
