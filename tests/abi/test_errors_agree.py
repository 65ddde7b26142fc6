# SPDX-License-Identifier: MIT
"""What a call returns and what its error object says agree.

    python3 tests/abi/test_errors_agree.py BUILD-FOLDER CC

Reads the prototypes of the public headers and makes a library of functions of
the same names, for LD_PRELOAD: each fills *err with rubbish, calls the real
one and compares. The programs of the tests then run on it, and every function
has to be seen succeed and fail. A new function is found by itself.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FACES = ROOT / "examples/faces"
# Scripts of tests/cli which between them call everything that the program can.
SCRIPTS = ["c_examples", "embed", "tokenize", "clip", "timeline",
           "score_classes", "prompts",
           "check_list", "files", "targets", "train"]

build = cc = None

HEAD = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <expclip.h>
#include <expclip_batcher.h>
#include <expclip_clips.h>
#include <expclip_eval.h>
#include <expclip_faces.h>
#include <expclip_tools.h>
#include <expclip_train.h>

static const char *judge(int status, const expclip_error *err)
{
    if (err->code != status)
        return "another code";
    if (status == 0 && err->message[0])
        return "a message after success";
    if (status != 0 && !err->message[0])
        return "no message";
    return memchr(err->message, 0, sizeof(err->message)) ? "" : "no end";
}

static void note(const char *name, int status, const expclip_error *err)
{
    char line[1024];
    int n = snprintf(line, sizeof(line), "%s\t%d\t%d\t%s\t%.300s\n", name,
                     status, (int)err->code, judge(status, err), err->message);
    int file = open(getenv("EXPCLIP_CALLS"),
                    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

    /* Some tests forbid their program to write. */
    if (file >= 0 && write(file, line, (size_t)n) == n)
        close(file);
}
"""

WRAPPER = r"""
expclip_status {name}({parameters})
{{
    static expclip_status (*real)({parameters});
    expclip_error own;
    expclip_status status;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "{name}");
    if (!err)
        err = &own;
    memset(err, 'x', sizeof(*err) - 1);
    status = real({arguments});
    note("{name}", status, err);
    return status;
}}
"""


def prototypes():
    """(name, [parameter]) of every function that takes an error."""
    for header in sorted((ROOT / "include").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", "", header.read_text("utf-8"), flags=re.S)
        for found in re.finditer(
                r"EXPCLIP_API\s+expclip_status\s+(\w+)\(([^)]*)\)\s*;", text):
            parameters = [" ".join(p.split())
                          for p in found.group(2).split(",")]
            if parameters[-1] == "expclip_error *err":
                yield found.group(1), parameters


def name_of(parameter):
    return re.search(r"(\w+)$", parameter).group(1)


def write_sources(folder):
    wrappers, calls = [HEAD], [HEAD, "int main(void)\n{\n"]
    for name, parameters in prototypes():
        names = [name_of(p) for p in parameters]
        wrappers.append(WRAPPER.format(name=name,
                                       parameters=", ".join(parameters),
                                       arguments=", ".join(names)))
        calls.append(f"    {name}({', '.join('0' for _ in names)});\n")
    calls.append("    return 0;\n}\n")
    (folder / "checked.c").write_text("".join(wrappers))
    (folder / "nothing.c").write_text("".join(calls))


def compile_all(folder):
    include = f"-I{ROOT / 'include'}"
    subprocess.run([cc, "-shared", "-fPIC", include, "-o",
                    folder / "checked.so", folder / "checked.c", "-ldl"],
                   check=True)
    subprocess.run([cc, "-w", include, "-o", folder / "nothing",
                    folder / "nothing.c", f"-L{build / 'lib'}", "-lexpclip",
                    f"-Wl,-rpath,{build / 'lib'}"], check=True)


def write_data(folder):
    """Images with descriptions, a teacher that reads those, and rows."""
    (folder / "images").mkdir()
    for face in FACES.glob("*.png"):
        shutil.copy(face, folder / "images")
        (folder / "images" / f"{face.stem}.txt").write_text("the brows")
    subprocess.run([sys.executable, ROOT / "tests/cli/small_bert.py",
                    folder / "teacher"], check=True)
    shutil.copy(FACES / "happiness_1.png", folder / "victim")
    for name, options in (("features", []), ("targets", ["--projected"])):
        subprocess.run([build / "bin/expclip", "embed", "--quiet", "--images",
                        FACES, *options, "-o", folder / f"{name}.npy"],
                       check=True, stdout=subprocess.DEVNULL)


def write_bare_weights(folder):
    """A model with nothing beside it or in it that tells how to use it."""
    whole = (ROOT / "examples/demo-model/demo.safetensors").read_bytes()
    size = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8:8 + size])
    del header["__metadata__"]
    text = json.dumps(header).encode()
    (folder / "bare.safetensors").write_bytes(
        len(text).to_bytes(8, "little") + text + whole[8 + size:])


def programs(folder):
    face = str(FACES / "happiness_1.png")
    yield [folder / "nothing"]
    yield [build / "bin/every_call", face, folder / "teacher",
           folder / "images", folder / "features.npy", folder / "targets.npy"]
    yield [build / "bin/expclip", "score", "--model",
           folder / "bare.safetensors", face]
    yield [build / "bin/conformance", ROOT / "tests/conformance/vectors.json",
           FACES]
    for example, *arguments in (("classify", face), ("custom_classes", face),
                                ("clip", FACES), ("threads", face),
                                ("embed", face, face, "a face")):
        yield [build / f"bin/example_{example}", *arguments]
    for script in SCRIPTS:
        yield ["bash", ROOT / f"tests/cli/{script}.sh"]


def run_all(folder):
    """The calls that were made: (name, status, code, what is wrong)."""
    environment = dict(os.environ, EXPCLIP=str(build / "bin/expclip"),
                       EXPCLIP_FACES=str(FACES), EXPCLIP_SOURCE=str(ROOT),
                       EXPCLIP_CALLS=str(folder / "calls"),
                       LD_PRELOAD=str(folder / "checked.so"))
    for program in programs(folder):
        done = subprocess.run(program, env=environment, cwd=folder,
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{program}: {done.stdout}{done.stderr}")
    return [line.split("\t") for line in
            (folder / "calls").read_text("utf-8").splitlines()]


class ErrorsAgree(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write_sources(folder)
            compile_all(folder)
            write_data(folder)
            write_bare_weights(folder)
            cls.calls = run_all(folder)
            cls.victim = (folder / "victim").read_bytes()

    def test_the_error_object_is_what_the_call_returned(self):
        wrong = {tuple(call) for call in self.calls if call[3]}
        self.assertFalse(wrong)

    def test_no_output_replaced_an_image(self):
        self.assertEqual(self.victim,
                         (FACES / "happiness_1.png").read_bytes())
        tried = (ROOT / "tests/abi/every_call.c").read_text("utf-8")
        for name, parameters in prototypes():
            if re.search("_(save|write|export|convert)", name):
                self.assertRegex(tried, name + r'\([^;]*"victim"')

    def test_every_function_was_seen_to_succeed_and_to_fail(self):
        seen = collections.defaultdict(set)
        for name, status, *_ in self.calls:
            seen[name].add(status == "0")
        self.assertEqual(
            [(name, sorted(seen[name])) for name, _ in prototypes()
             if seen[name] != {True, False}], [])


if __name__ == "__main__":
    build = pathlib.Path(sys.argv[1]).resolve()
    cc = sys.argv[2]
    unittest.main(argv=sys.argv[:1])
