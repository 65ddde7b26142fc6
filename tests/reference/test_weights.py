# SPDX-License-Identifier: MIT
"""Our weights reader against torch's and safetensors' own.

    python -m pytest tests/reference/test_weights.py

Good files must give the same names, types, shapes and bits. Damaged files must
never be taken when the owners of the format refuse them, and when both take
one, both must see the same. DUMP_WEIGHTS may name a built dump_weights.c;
otherwise it is compiled here. MUTANTS sets how many damaged files of each form
are tried; the devices that storages name are not looked at, as torch does not
with map_location="cpu". Values that are not weights may be of more types than
weights_only takes: settings() is the list of these exceptions.
"""

import argparse
import collections
import datetime
import io
import json
import os
import pathlib
import pickle
import random
import struct
import subprocess
import uuid
import zipfile
import zlib

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).parents[2]
MUTANTS = int(os.environ.get("MUTANTS", "1000"))
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
        sources = [p for room in ("weights", "base", "shared")
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
                (line.split("\t") for line in
                 done.stdout.split("\n")[:-1])}

    def read_many(files):
        """For each file what `read` gives, or None when it is refused."""
        done = subprocess.run([path], input="".join(f"{f}\n" for f in files),
                              capture_output=True, text=True, check=True)
        results, lines = [], []
        for line in done.stdout.split("\n")[:-1]:
            if line in ("= 0", "= 1"):
                results.append(None if line == "= 1" else
                               {n: (d, s, c) for n, d, s, c in lines})
                lines = []
            else:
                lines.append(line.split("\t"))
        assert len(results) == len(files)
        return results

    read.many = read_many
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
        name = "".join(f"\\x{ord(c):02x}" if c < " " or c == "\\" else c
                       for c in name)
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


# ---- checkpoints as trainings write them ----

def allowed(file):
    """Does torch's own reader of weights take it?"""
    try:
        torch.load(file, map_location="cpu", weights_only=True)
        return True
    except Exception:
        return False


class Lists(argparse.Namespace):
    pass


def settings():
    """Values beside the weights: True where torch's weights_only agrees."""
    weight = torch.nn.Parameter(torch.randn(3))
    weight.grad = torch.ones(3)
    optimizer = torch.optim.AdamW([weight])
    optimizer.step()
    return {
        "numbers": (True, {"epoch": 3, "lr": 1e-4, "seed": 2**77, "neg": -5,
                           "long text": "x" * 9000, "none": None}),
        "device": (True, torch.device("cuda:0")),
        "dtype": (True, [torch.float16, torch.bool]),
        "size": (True, torch.Size([1, 2])),
        "set": (True, {1, "two"}),
        "frozenset": (False, frozenset([1])),
        "optimizer": (True, optimizer.state_dict()),
        "generator": (True, {"rng": [torch.get_rng_state()]}),
        "counter": (True, collections.Counter("aab")),
        "bytes": (True, b"\0\1\xff"),
        "bytearray": (True, bytearray(b"\0\1")),
        "complex": (True, 1 + 2j),
        "tuple keys": (True, {(1, 2): 3}),
        "defaultdict": (False, collections.defaultdict(list, a=[1])),
        "numpy scalar": (False, np.float64(0.5)),
        "numpy ints": (False, {"best": np.int64(3), "ok": np.bool_(True)}),
        "numpy array": (False, np.arange(5.0)),
        "namespace": (False, argparse.Namespace(a=1, b=[2], c={"d": None})),
        "path": (False, pathlib.PurePosixPath("/tmp/x")),
        "paths": (False, [pathlib.Path("a/b"), pathlib.Path("/")]),
        "time": (False, [datetime.datetime.now(datetime.timezone.utc),
                         datetime.timedelta(1), datetime.date(2024, 1, 2)]),
        "type": (False, [int, float, dict]),
        "uuid": (False, uuid.UUID(int=5)),
    }


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("name", settings())
def test_values_beside_the_weights(dump, tmp_path, name, protocol, legacy):
    state = random_state(3, views=True)
    file = tmp_path / "a.pt"
    by_torch_too, value = settings()[name]
    torch.save({"hyper_parameters": {"x": [value]}, "state_dict": state,
                name: {"inner": value}}, file, pickle_protocol=protocol,
               _use_new_zipfile_serialization=not legacy)
    assert dump(file) == seen(state)
    if protocol == 2 and by_torch_too:
        assert allowed(file)


@pytest.mark.parametrize("value", [
    os.system, eval, getattr, print, torch.load, Lists(a=1),
    torch.nn.Linear(1, 1), np.random.default_rng(0), subprocess.Popen])
def test_other_names_are_refused(dump, tmp_path, value):
    file = tmp_path / "a.pt"
    for protocol in (2, 4):
        torch.save({"state_dict": random_state(3), "x": value}, file,
                   pickle_protocol=protocol)
        with pytest.raises(Refused, match="calls for"):
            dump(file)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_protocols(dump, tmp_path, seed, legacy, protocol):
    state = random_state(seed, views=True)
    file = tmp_path / "a.pt"
    torch.save(state, file, pickle_protocol=protocol,
               _use_new_zipfile_serialization=not legacy)
    assert dump(file) == seen(state)


@pytest.mark.parametrize("path", ["state_dict", "model", "net", "ema", "params",
                                  "module", "model_state_dict", "a.b.c.d"])
def test_wrappers(dump, tmp_path, path):
    state = random_state(1, views=True)
    file = tmp_path / "a.pt"
    whole = {**state}
    for key in reversed(path.split(".")):
        whole = {"epoch": 1, key: whole, "optimizer": settings()["optimizer"][1]}
    torch.save(whole, file)
    assert dump(file) == seen(state)
    torch.save({"model": {**state}, "model_ema": {**state}}, file)
    assert dump(file) == seen({f"{k}.{n}": t for k in ("model", "model_ema")
                               for n, t in state.items()})


def test_tensors_with_attributes(dump, tmp_path):
    """A parameter on which a training keeps something, and a buffer."""
    state = {"a": torch.rand(3, 2), "b": torch.nn.Buffer(torch.rand(4)),
             "c": torch.nn.Parameter(torch.rand(5).double()),
             "d": torch.rand(2, 3).t()}
    for name in "acd":
        state[name].is_shared = {"by": [1, 2]}
    torch.save(state, tmp_path / "m.pt")
    theirs = torch.load(tmp_path / "m.pt", weights_only=True)
    assert dump(tmp_path / "m.pt") == seen(theirs)


def test_modules_that_training_wraps(dump, tmp_path):
    """Words of torch's own wrappers are left out, wherever they stand."""
    tree = Tree()
    names = {"module." + n: t for n, t in tree.state_dict().items()}
    wrapped = torch.nn.DataParallel(torch.compile(tree))
    file = tmp_path / "a.pt"
    torch.save({"model": wrapped.state_dict()}, file)
    assert dump(file) == seen(names)
    tower = torch.nn.ModuleDict({"visual": torch.nn.DataParallel(tree)})
    torch.save(tower.state_dict(), file)
    assert dump(file) == seen({"visual." + n: t
                               for n, t in tree.state_dict().items()})


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
    return torch.load(file, map_location="cpu", weights_only=True)


class OnlyListed(pickle.Unpickler):
    """For protocols that weights_only does not know: the same names."""

    def find_class(self, module, name):
        allowed = torch._weights_only_unpickler._get_allowed_globals()
        if f"{module}.{name}" not in allowed:
            raise pickle.UnpicklingError(name)
        return super().find_class(module, name)


class only_listed:
    Unpickler = OnlyListed

    @staticmethod
    def load(f, **options):
        return OnlyListed(f, **options).load()


def by_pickle(file):
    return torch.load(file, map_location="cpu", weights_only=False,
                      pickle_module=only_listed)


def named(value):
    """Tensors under text keys of nested dictionaries, without what leads to all
    of them."""
    found = {}

    def walk(path, dicts, value):
        for key, inner in value.items():
            if isinstance(key, str) and isinstance(inner, torch.Tensor):
                found[(*path, key)] = dicts, inner
            elif isinstance(key, str) and isinstance(inner, dict):
                walk((*path, key), (*dicts, id(inner)), inner)

    walk((), (id(value),), value)
    ways = [dicts for dicts, _ in found.values()]
    same = sum(len(set(way)) == 1 for way in zip(*ways)) - 1
    return {".".join(path[same:]): t for path, (_, t) in found.items()}


def save_whole(options):
    """A checkpoint with values beside the weights."""
    return lambda state, file: torch.save(
        {"epoch": 3, "state_dict": state, "lr": [0.1, (1, 2)], "set": {1, 2},
         "device": torch.device("cpu"), "ema": {"w": state["w"]},
         "dtype": torch.float16, "name": "x"}, file, **options)


def inside(data, seed, n):
    """Mutants of a zip's pickle, with right checksums."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        entries = {i.filename: old.read(i) for i in old.infolist()}
    name = next(n for n in entries if n.endswith("data.pkl"))
    for mutant in mutants(entries[name], seed, n):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as new:
            for other, content in {**entries, name: mutant}.items():
                new.writestr(other, content)
        yield out.getvalue()


# What the owners refuse and we take: the arguments of a value without meaning;
# words of protocols 3 to 5, which weights_only does not know.
EXCUSED = ["device string", "device type", "Unsupported operand"]
OLD = {"_use_new_zipfile_serialization": False}
FORMS = {
    "safetensors": (by_safetensors, save_file, mutants),
    "zip 2": (by_torch, torch.save, mutants),
    "pickle 2": (by_torch, save_whole({}), inside),
    "pickle 4": (by_pickle, save_whole({"pickle_protocol": 4}), inside),
    "pickle 5": (by_pickle, save_whole({"pickle_protocol": 5}), inside),
    "legacy": (by_torch, save_whole(OLD), mutants),
    "legacy 4": (by_pickle, save_whole({**OLD, "pickle_protocol": 4}), mutants),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", FORMS)
def test_damaged_files_are_not_taken(dump, tmp_path, form):
    reference, save, change = FORMS[form]
    state = {"w": torch.randn(3, 4), "v": torch.randn(2).half(),
             "n": torch.arange(3)}
    file = tmp_path / "a"
    save(state, file)
    data = file.read_bytes()
    files, taken, wrong = [], 0, []
    for i, mutant in enumerate(change(data, 1, MUTANTS)):
        files.append(tmp_path / f"{i}")
        files[-1].write_bytes(mutant)
    for f, ours in zip(files, dump.many(files)):
        if ours is None:
            continue
        taken += 1
        try:
            theirs = seen(named(reference(f)))
        except Exception as error:
            if not any(e in str(error) for e in EXCUSED):
                wrong.append((f.name, repr(error)[:200]))
            continue
        if ours != theirs:
            wrong.append((f.name, ours, theirs))
    print(f"{form}: {taken} of {MUTANTS} damaged files taken by both")
    assert not wrong, (len(wrong), wrong[:5])
