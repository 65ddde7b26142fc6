# SPDX-License-Identifier: MIT
"""The tiny weights files of tests/data/weights and the fuzzers' first inputs.

    build/venv-reference/bin/python tests/reference/make_weights.py

Written with torch and safetensors themselves (requirements.txt), so that the
C tests read real files without needing Python. Seeded; run it again only when
a case is added.
"""

import io
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings
import zipfile

import torch
from safetensors.torch import save, save_file

TESTS = pathlib.Path(__file__).parents[1]
DATA = TESTS / "data/weights"


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 2, 2, bias=False)
        self.mlp = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.GELU())

    def forward(self, x):
        return self.mlp(self.conv1(x).mean((2, 3)))


class Model(torch.nn.Module):
    """Named as OpenAI's CLIP: nested modules, a scalar, a number."""

    def __init__(self):
        super().__init__()
        self.visual = Block()
        self.logit_scale = torch.nn.Parameter(torch.tensor(2.5))
        self.context_length = 77

    def forward(self, x):
        return self.visual(x) * self.logit_scale


def stored(entries):
    """A zip file of stored entries, as small as can be."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in entries.items():
            z.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def torchscript(model):
    """The bytes of torch.jit.save(), less the entries with tracebacks, which
    name the files of the machine that ran this, and a hash over all."""
    out = io.BytesIO()
    torch.jit.save(torch.jit.script(model), out)
    with zipfile.ZipFile(out) as z:
        return stored({n: z.read(n) for n in z.namelist()
                       if not n.endswith((".debug_pkl", "serialization_id"))})


def wide(name, data):
    """A zip file with an entry whose sizes are in a zip64 field."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        with z.open(zipfile.ZipInfo(name), "w", force_zip64=True) as f:
            f.write(data)
    return out.getvalue()


def entry(archive, ending):
    with zipfile.ZipFile(io.BytesIO(archive)) as z:
        return next(z.read(n) for n in z.namelist() if n.endswith(ending))


def torch_save(value):
    out = io.BytesIO()
    torch.save(value, out)
    return out.getvalue()


def write_data(model, state):
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / "torchscript.pt").write_bytes(torchscript(model.half()))
    model.float()
    (DATA / "state_dict.pt").write_bytes(torch_save(state))
    (DATA / "views.pt").write_bytes(torch_save({
        "transposed": torch.arange(6.).view(2, 3).t(),
        "slice": torch.arange(10.)[4:7],
        "empty": torch.zeros(0, 3),
        "wrapped": {"state_dict": torch.zeros(1)}}))
    (DATA / "nested.pt").write_bytes(
        torch_save({"state_dict": state, "epoch": 3}))
    save_file(state, DATA / "model.safetensors", {"kind": "test"})
    folder = DATA / "sharded"
    folder.mkdir(exist_ok=True)
    names = sorted(state)
    shards = {"model-1-of-2.safetensors": names[:2],
              "model-2-of-2.safetensors": names[2:]}
    for file, part in shards.items():
        save_file({name: state[name] for name in part}, folder / file)
    (folder / "model.safetensors.index.json").write_text(json.dumps(
        {"metadata": {"total_size": 1}, "weight_map": {
            name: file for file, part in shards.items() for name in part}},
        indent=1) + "\n")


def write_corpus(model, state):
    small = {"a": torch.ones(2), "b": torch.ones(2, 2).half()}
    script = torchscript(model)
    pickle = entry(torch_save({"a": small["a"], "b": small["b"].t()}),
                   "data.pkl")
    seeds = {
        "safetensors/two": save(small),
        "safetensors/metadata": save({"a": torch.ones(1)}, {"k": "v"}),
        "safetensors/text": b'{"a":{"dtype":"F32","shape":[],'
                            b'"data_offsets":[0,4]}}\n123',
        "index/one": b'{"weight_map":{"t":"s"}}',
        "index/outside": b'{"weight_map":{"t":"../s"}}',
        "zip/two": stored({"a/data.pkl": b"x", "a/data/0": b"1234"}),
        "zip/wide": wide("a", b"1234"),
        "zip/torch": torch_save({"a": torch.ones(1)}),
        "pickle/state_dict": pickle,
        "pickle/torchscript": entry(script, "data.pkl"),
        "pickle/parameter": entry(torch_save(
            {"p": torch.nn.Parameter(torch.ones(2)), "n": [1, 2.0, None]}),
            "data.pkl"),
        "archive/torch": torch_save({"a": torch.ones(1)}),
        "archive/pickle": entry(torch_save({"a": torch.ones(4, 4).t()}),
                                "data.pkl"),
    }
    with tempfile.TemporaryDirectory() as folder:
        for path, data in seeds.items():
            file = pathlib.Path(folder) / path
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data)
            subprocess.run([TESTS / "fuzz/corpus.sh", "add",
                            file.parent.name, file], check=True)


def main():
    warnings.simplefilter("ignore")
    torch.manual_seed(1)
    model = Model()
    state = {name: value.detach().clone()
             for name, value in model.state_dict().items()}
    write_data(model, state)
    write_corpus(model, state)


if __name__ == "__main__":
    sys.exit(main())
