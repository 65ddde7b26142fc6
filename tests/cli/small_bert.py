#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write a BERT with random weights, as transformers stores it: FOLDER."""

import json
import pathlib
import random
import struct
import sys

WIDTH, MLP, LAYERS, POSITIONS = 24, 32, 2, 32
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "brows", "lips", "raised",
         "lowered", "the", "are", "."]


def shapes():
    yield "embeddings.word_embeddings.weight", [len(WORDS), WIDTH]
    yield "embeddings.position_embeddings.weight", [POSITIONS, WIDTH]
    yield "embeddings.token_type_embeddings.weight", [2, WIDTH]
    yield "embeddings.LayerNorm.weight", [WIDTH]
    yield "embeddings.LayerNorm.bias", [WIDTH]
    for layer in range(LAYERS):
        for part, out, of in (
                ("attention.self.query", WIDTH, WIDTH),
                ("attention.self.key", WIDTH, WIDTH),
                ("attention.self.value", WIDTH, WIDTH),
                ("attention.output.dense", WIDTH, WIDTH),
                ("intermediate.dense", MLP, WIDTH),
                ("output.dense", WIDTH, MLP)):
            yield f"encoder.layer.{layer}.{part}.weight", [out, of]
            yield f"encoder.layer.{layer}.{part}.bias", [out]
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            yield f"encoder.layer.{layer}.{part}.weight", [WIDTH]
            yield f"encoder.layer.{layer}.{part}.bias", [WIDTH]


folder = pathlib.Path(sys.argv[1])
folder.mkdir()
random.seed(1)
header, body = {}, b""
for name, shape in shapes():
    n = shape[0] * (shape[1] if len(shape) > 1 else 1)
    start = len(body)
    body += struct.pack(f"<{n}f", *(random.uniform(-1, 1) for _ in range(n)))
    header[name] = {"dtype": "F32", "shape": shape,
                    "data_offsets": [start, len(body)]}
text = json.dumps(header).encode()
(folder / "model.safetensors").write_bytes(
    struct.pack("<Q", len(text)) + text + body)
(folder / "config.json").write_text('{"num_attention_heads": 4}')
(folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
