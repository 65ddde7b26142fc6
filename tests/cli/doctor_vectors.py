# SPDX-License-Identifier: MIT
"""Write bindings/cli/runs/doctor_vectors.c: what `expclip doctor` must find.

    python3 tests/cli/doctor_vectors.py DEMO.safetensors \
        >bindings/cli/runs/doctor_vectors.c

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

HEADER = ROOT / "libexpclip" / "cli" / "doctor_vectors.h"
TEXTS = ["a photo of a face with an expression of happiness.",
         "Hello,   WORLD!",
         "It's 100% d\u00e9j\u00e0 vu \u2026 \u8868\u60c5 \U0001f600",
         "&lt;b&gt; \ufb01ne \uff21\uff22"]
TEXT = "an expression of surprise."


def constant(name):
    return int(re.search(name + r" = (\d+)", HEADER.read_text()).group(1))


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


def number(value):
    text = "%.9g" % value
    return text + ("" if re.search("[.e]", text) else ".0") + "f"


def print_wrapped(start, items, indent, end):
    """C's items, in lines of at most 80 columns."""
    line = start
    for item in items:
        if len(line) + len(item) + len(end) > 80:
            print(line.rstrip())
            line = indent
        line += item
    print(line.rstrip() + end)


def c_string(text):
    """Pieces of a C string that may stand on lines of their own."""
    plain = [chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else
             "\\%03o" % b for b in text.encode()]
    return ['"' + "".join(plain[i:i + 16]) + '" '
            for i in range(0, len(plain), 16)]


def print_floats(name, values):
    print(f"const float {name}[] = {{")
    print_wrapped("    ", [number(v) + ", " for v in values], "    ", "\n};")
    short = name.replace("_golden", "").replace("doctor_", "doctor_n_")
    print(f"const size_t {short} = {len(values)};\n")


def print_tokens():
    tokenizer = SimpleTokenizer()
    print("const doctor_tokens doctor_tokens_golden[] = {")
    for text in TEXTS:
        ids = [49406, *tokenizer.encode(text), 49407]
        assert len(ids) <= 32
        print_wrapped("    {", c_string(text), "     ", ",")
        print_wrapped("     {", [f"{n}, " for n in ids], "      ", "")
        print(f"     }}, {len(ids)}}},")
    print("};")
    print(f"const size_t doctor_n_tokens = {len(TEXTS)};\n")


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

    print("/* SPDX-License-Identifier: MIT */\n/*\n"
          " * doctor_vectors.c - written by tests/cli/doctor_vectors.py, whose"
          " head says\n * how. Not to be changed by hand.\n */\n"
          '#include "runs/doctor_vectors.h"\n\n/* clang-format off */\n')
    print_tokens()
    print_floats("doctor_pixels_golden",
                 first.flatten()[::constant("DOCTOR_PIXEL_STEP")].tolist())
    print_floats("doctor_image_golden", unit(image)[0].tolist())
    print_floats("doctor_projected_golden", unit(image @ head.T)[0].tolist())
    print(f'const char doctor_text[] = "{TEXT}";')
    print_floats("doctor_text_golden", unit(embed([TEXT]))[0].tolist())
    print_floats("doctor_logits_golden", logits[0].tolist())


main()
