# SPDX-License-Identifier: MIT
"""Our weights reader against torch's and safetensors' own.

    python -m pytest tests/reference/test_weights.py

Good files must give the same names, types, shapes and bits. Damaged files must
never be taken when the owners of the format refuse them, and when both take
one, both must see the same. DUMP_WEIGHTS may name a built dump_weights.c;
otherwise it is compiled here. MUTANTS sets how many damaged files are tried.
"""

import json
import os
import pathlib
import random
import struct
import subprocess
import zlib

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).parents[2]
MUTANTS = int(os.environ.get("MUTANTS", "300"))
NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.float64: "F64", torch.int64: "I64", torch.int32: "I32",
         torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
         torch.bool: "BOOL"}


class Refused(Exception):
    pass


@pytest.fixture(scope="session")
def dump(tmp_path_factory):
    path = os.environ.get("DUMP_WEIGHTS")
    if not path:
        path = tmp_path_factory.mktemp("dump") / "dump_weights"
        sources = [p for room in ("weights", "base")
                   for p in (ROOT / "libexpclip" / room).glob("*.c")]
        subprocess.run(
            ["cc", "-std=gnu11", "-O1", "-I", ROOT / "include", "-I",
             ROOT / "libexpclip", ROOT / "tests/reference/dump_weights.c",
             *sources, "-o", path, "-ljansson", "-lz", "-lm", "-pthread"],
            check=True)

    def read(file):
        done = subprocess.run([path, file], capture_output=True, text=True)
        if done.returncode == 1:
            raise Refused(done.stderr)
        assert done.returncode == 0, (done.returncode, done.stderr)
        return {name: (dtype, shape, crc) for name, dtype, shape, crc in
                (line.split("\t") for line in done.stdout.splitlines())}

    return read


def seen(state):
    """What dump_weights should print for a state dict."""
    result = {}
    for name, t in state.items():
        if not isinstance(t, torch.Tensor):
            continue
        crc = "-"
        if t.is_floating_point():
            values = t.detach().float().contiguous().numpy().copy()
            values[np.isnan(values)] = np.nan
            crc = f"{zlib.crc32(values.tobytes()):08x}"
        shape = ",".join(map(str, t.shape))
        result[name] = (NAMES[t.dtype], shape, crc)
    return result


def random_tensor(rng, views):
    shape = [rng.choice([0, 1, 2, 3, 7, 16]) for _ in range(rng.randrange(5))]
    t = torch.randn(shape, dtype=torch.float64) * 10 ** rng.randrange(-9, 9)
    dtype = rng.choice(list(NAMES))
    t = t.to(dtype) if dtype.is_floating_point else (t % 100).to(dtype)
    if views and t.dim() > 1 and rng.random() < 0.5:
        t = t.permute(rng.sample(range(t.dim()), t.dim()))
    if views and t.dim() and t.shape[0] > 2 and rng.random() < 0.3:
        t = t[1::rng.choice([1, 2])]
    return t


def random_state(seed, views=False):
    rng = random.Random(seed)
    torch.manual_seed(seed)
    state = {}
    for i in range(rng.randrange(1, 12)):
        name = rng.choice(["layer.{}.weight", "a{}", "größe.{}", "x y{}"])
        state[name.format(i)] = random_tensor(rng, views)
    if views:
        base = torch.randn(100)
        state["shared.0"] = base
        state["shared.1"] = base[10:20]
        state["shared.2"] = base[20:60].view(8, 5).t()
        state["parameter"] = torch.nn.Parameter(torch.randn(3))
        state["special"] = torch.tensor(
            [float("nan"), float("inf"), -0.0, 1e-45, 6e-8, 65504.0]).half()
    return state


@pytest.mark.parametrize("seed", range(40))
def test_state_dicts(dump, tmp_path, seed):
    state = random_state(seed, views=True)
    file = tmp_path / "a.pt"
    torch.save(state, file)
    assert dump(file) == seen(state)
    torch.save({"epoch": 3, "state_dict": state, "lr": 0.1}, file)
    assert dump(file) == seen(state)


@pytest.mark.parametrize("seed", range(40))
def test_safetensors(dump, tmp_path, seed):
    state = random_state(seed)
    file = tmp_path / "a.safetensors"
    save_file(state, file, {"k": "v"} if seed % 2 else None)
    assert dump(file) == seen(state)


@pytest.mark.parametrize("seed", range(10))
def test_shards(dump, tmp_path, seed):
    state = random_state(seed)
    shards = [f"model-{i}.safetensors" for i in range(3)]
    where = {name: shards[i % 3] for i, name in enumerate(state)}
    for shard in shards:
        save_file({n: t for n, t in state.items() if where[n] == shard},
                  tmp_path / shard, {"format": "pt"})
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps(
        {"metadata": {"total_size": 1.5e3}, "weight_map": where}))
    assert dump(tmp_path) == seen(state)


class Leaf(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.proj = torch.nn.Linear(n, 3)
        self.norm = torch.nn.LayerNorm(3)
        self.scale = torch.nn.Parameter(torch.randn(()))
        self.register_buffer("mask", torch.full((4, 4), float("-inf")))
        self.heads: int = 2

    def forward(self, x):
        return self.norm(self.proj(x)) * self.scale


class Tree(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.visual = torch.nn.Sequential(Leaf(5), Leaf(3), torch.nn.GELU())
        self.text = torch.nn.ModuleList([Leaf(2)])
        self.token_embedding = torch.nn.Embedding(7, 4)
        self.conv1 = torch.nn.Conv2d(3, 4, 2, bias=False)

    def forward(self, x):
        for layer in self.text:
            x = x + layer(x[:, :2])
        return self.visual(x)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("trace", [False, True])
def test_torchscript(dump, tmp_path, half, trace):
    """As OpenAI publishes CLIP: only the weights of a scripted module."""
    tree = Tree().eval()
    script = (torch.jit.trace(Leaf(5).eval(), torch.zeros(1, 5)) if trace
              else torch.jit.script(tree))
    script = script.half() if half else script
    file = tmp_path / "a.pt"
    torch.jit.save(script, file)
    assert dump(file) == seen(script.state_dict())


@pytest.mark.parametrize("shard", ["5GB", "20KB"])
def test_transformers(dump, tmp_path, shard):
    from transformers import CLIPConfig, CLIPModel
    small = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2,
                 num_attention_heads=2)
    model = CLIPModel(CLIPConfig(
        text_config=dict(small, vocab_size=60, max_position_embeddings=9),
        vision_config=dict(small, image_size=8, patch_size=4),
        projection_dim=8))
    model.save_pretrained(tmp_path, max_shard_size=shard)
    ours = dump(tmp_path)
    assert ours == {n: v for n, v in seen(model.state_dict()).items()
                    if n in ours}
    assert set(n for n, _ in model.named_parameters()) <= set(ours)


# ---- damaged files ----

def mutants(data, seed, n):
    """Cuts, flipped bits, and boundary values over any place."""
    rng = random.Random(seed)
    edges = [0, 1, 0x7f, 0x80, 0xff]
    wide = [0, 1, 2**31 - 1, 2**31, 2**32 - 1]
    for _ in range(n):
        b = bytearray(data)
        at = rng.randrange(len(b))
        kind = rng.randrange(6)
        if kind == 0:
            b = b[:at]
        elif kind in (1, 2):
            b[at] ^= 1 << rng.randrange(8)
        elif kind == 3:
            b[at] = rng.choice(edges)
        elif kind == 4 and at + 4 <= len(b):
            b[at:at + 4] = struct.pack("<I", rng.choice(wide))
        else:
            b[at:at] = bytes([rng.randrange(256)])
        yield bytes(b)


def by_safetensors(file):
    with safe_open(file, "pt") as f:
        return {name: f.get_tensor(name) for name in f.keys()}


def by_torch(file):
    state = torch.load(file, weights_only=True)
    return state if isinstance(state, dict) else {}


@pytest.mark.parametrize("ending, reference", [
    ("safetensors", by_safetensors), ("pt", by_torch)])
def test_damaged_files_are_not_taken(dump, tmp_path, ending, reference):
    state = {"w": torch.randn(3, 4), "v": torch.randn(2).half(),
             "n": torch.arange(3)}
    file = tmp_path / f"a.{ending}"
    save = save_file if ending == "safetensors" else torch.save
    save(state, file)
    data = file.read_bytes()
    taken = 0
    for i, mutant in enumerate(mutants(data, 1, MUTANTS)):
        file.write_bytes(mutant)
        try:
            ours = dump(file)
        except Refused:
            continue
        taken += 1
        assert ours == seen(reference(file)), i
    print(f"{ending}: {taken} of {MUTANTS} damaged files taken by both")
