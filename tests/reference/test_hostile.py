# SPDX-License-Identifier: MIT
"""No input of 1 MB costs more than 2 s of CPU or 300 MB, above what the same
command takes for a harmless one: what that costs is the model's.

The inputs stand in hostile.py. A line of ALLOWED says what costs more, and
why.
"""

import json
import os
import subprocess
import sys

import pytest
from hostile import ALL, KINDS, MOST, npy, safetensors, saved, video
from random_models import state_dict
from safetensors.torch import save_file

SECONDS, MEGABYTES = 2, 300

#: name: seconds, megabytes
ALLOWED = {
    # libjpeg holds all coefficients, two bytes each, until the last scan
    "jpeg of 64 Mpx, progressive": (2, 420),
    # FFmpeg holds frames of its own, to predict others from
    "video of 64 Mpx, H.264": (3, 560),
}
#: the same where faces are followed: each frame is looked at, not 16 of them,
#: and the frame before is kept
FOLLOWED = {
    "video of 64 Mpx": (8, 700),
    "video of 64 Mpx, H.264": (10, 900),
    "video of 50,000 frames": (12, 300),
    "mp4 of 2 ** 21 samples": (15, 300),
    "mp4 of a run of 2 ** 21 samples": (15, 300),
}

# What a process took counts the largest that it was, and a child begins as
# large as its parent: so a small one starts the program, and asks.
MEASURE = """
import os, sys
pid = os.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(pid, 0)
code = os.waitstatus_to_exitcode(status)
os.write(int(sys.argv[1]), f"{code} {used.ru_utime + used.ru_stime}"
         f" {used.ru_maxrss / 1024}".encode())
"""


def measured(program, arguments, stdin):
    """Exit code, CPU seconds and megabytes."""
    end, start = os.pipe()
    with open(stdin or os.devnull, "rb") as file:
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", MEASURE, str(start), program,
             *map(str, arguments)],
            stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[start])
    os.close(start)
    with os.fdopen(end) as file:
        said = file.read()
    assert child.wait() == 0
    code, seconds, megabytes = said.split()
    return int(code), float(seconds), float(megabytes)


class Readers:
    """What is run for each kind of input, on a harmless one too."""

    def __init__(self, expclip, folder):
        self.program, self.folder = expclip.path, folder
        self.harmless = {}
        self.write("face.png", saved("PNG", (64, 64)))
        for place in ("index", "config"):
            (folder / place).mkdir()
        weights = state_dict((48, 12, 64, 2, 48, 64, 2), seed=11)
        save_file(weights, folder / "config/model.safetensors")

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def plain(self, kind):
        """A harmless input."""
        return {
            "image": lambda: saved("PNG", (64, 64)),
            "weights": lambda: safetensors({}),
            "index": lambda: b'{"weight_map": {}}',
            "config": lambda: b"{}",
            "array": lambda: npy("(0, 512)"),
            "list": lambda: b"x.jpg 0 1\n",
            "paths": lambda: b"x.jpg\n",
            "prompts": lambda: json.dumps({"a": ["x"], "b": ["y"]}).encode(),
            "text": lambda: b'"a"\n',
            "video": lambda: video("64x64", 25, 1, "-c:v", "mpeg4"),
            "film": lambda: video("64x64", 25, 1, "-c:v", "mpeg4"),
        }[kind]()

    def arguments(self, kind, data):
        """What the program is told, and its stdin."""
        names = {"list": "x.txt", "paths": "y.txt", "array": "x.npy",
                 "index": "index/model.safetensors.index.json",
                 "config": "config/config.json", "prompts": "p.json",
                 "video": "x.mkv", "film": "x.mkv", "text": "t.json"}
        path = self.write(names.get(kind, "x"), data)
        face = self.folder / "face.png"
        out = self.folder / "out"
        return {
            "image": (["score", "--faces", "none", "--exif", path], None),
            "weights": (["inspect", path], None),
            "index": (["inspect", path.parent], None),
            "config": (["score", "--faces", "none", "--head", "none", "-m",
                        path.parent, face], None),
            "array": (["train", "--features", path, "--targets", path, "-o",
                       out], None),
            "list": (["check-list", f"list={path}"], None),
            "paths": (["score", "--faces", "none", path], None),
            "prompts": (["score", "--faces", "none", "-p", path, face], None),
            "text": (["tokenize", "--stdin"], path),
            "video": (["clip", "--faces", "none", path], None),
            "film": (["clip", "--faces", "all", path], None),
        }[kind]

    def run(self, kind, data):
        return measured(self.program, *self.arguments(kind, data))

    def base(self, kind):
        if kind not in self.harmless:
            self.harmless[kind] = self.run(kind, self.plain(kind))[1:]
        return self.harmless[kind]


@pytest.fixture(scope="module")
def readers(expclip, tmp_path_factory):
    return Readers(expclip, tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("kind,name", ALL)
def test_costs_little(readers, record_property, kind, name):
    data = KINDS[kind][name]()
    if data is None:
        pytest.skip("no ffmpeg")
    assert len(data) <= MOST
    seconds, megabytes = readers.base(kind)
    code, cpu, most = readers.run(kind, data)
    print(f"{name}: {len(data)} bytes, exit code {code},"
          f" {cpu - seconds:.2f} s, {most - megabytes:.0f} MB")
    assert code in (0, 1, 2, 3, 4), "ended by a signal" if code < 0 else code
    table = FOLLOWED if kind == "film" else ALLOWED
    allowed = table.get(name, (SECONDS, MEGABYTES))
    assert cpu - seconds <= allowed[0]
    assert most - megabytes <= allowed[1]
