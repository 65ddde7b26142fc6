# SPDX-License-Identifier: MIT
"""The image encoder of a ViT-B/32 compiled by zentorch, for peers.py.

    zentorch_worker.py model.safetensors THREADS

Reads lines "fp32|bf16 BATCH", embeds as many images and answers "done".
"""

import os
import pathlib
import sys

import torch
import torch._inductor.config
import zentorch  # noqa: F401
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "reference"))
from random_models import openai_model  # noqa: E402


def image_encoder(weights):
    """open_clip's tower. zentorch 2.14 fails on its last product, by a matrix
    that is no linear layer's, so it becomes one."""
    visual = openai_model(dict(weights)).visual.eval()
    last = torch.nn.Linear(*visual.proj.shape, bias=False)
    last.weight = torch.nn.Parameter(visual.proj.T.contiguous())
    visual.proj = None
    return torch.nn.Sequential(visual, last)


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # its libraries print
    torch.set_grad_enabled(False)
    torch.set_num_threads(int(sys.argv[2]))
    torch._inductor.config.freezing = True  # else 2.14 computes nonsense
    weights = load_file(sys.argv[1])
    ready = {}
    for line in sys.stdin:
        dtype, n = line.split()
        if (dtype, n) not in ready:
            model = image_encoder(weights)
            pixels = torch.rand(int(n), 3, 224, 224)
            if dtype == "bf16":
                model, pixels = model.bfloat16(), pixels.bfloat16()
            encode = torch.compile(model, backend="zentorch")
            cosine = torch.cosine_similarity(encode(pixels), model(pixels))
            print(f"{line.strip()}: cosine with PyTorch {cosine.min():.6f}")
            ready[dtype, n] = encode, pixels
        encode, pixels = ready[dtype, n]
        encode(pixels)
        print("done", file=answers, flush=True)


if __name__ == "__main__":
    main()
