#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One build of libexpclip on two libtorch: 2.10 (Maven's natives) and yours.

    two_libtorch.py --torch FOLDER --cache FOLDER [--test PROGRAM]...
                    [--expclip PROGRAM --images FOLDER]

Every --test program (test_tensor) must pass on both. The command line program
embeds the images on both, and the vectors must agree: cosine >= 0.99999 and
1e-5 in every component, the bound of fp32 sums in another order. Needs Maven
(`mvn`) once; the natives stay in the cache. `./test core` runs it.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

ARTIFACTS = (
    "org.bytedeco:pytorch:2.10.0-1.5.13:jar:linux-x86_64",
    "org.bytedeco:openblas:0.3.31-1.5.13:jar:linux-x86_64",
)
LARGEST_DIFFERENCE = 1e-5
SMALLEST_COSINE = 0.99999


def natives(cache):
    """The folder of libtorch 2.10, filled when it is not there yet."""
    folder = cache / "libtorch-2.10"
    if (folder / "libtorch_cpu.so").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for artifact in ARTIFACTS:
        subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}",
             f"-DoutputDirectory={cache}"], check=True, cwd=cache)
    for jar in cache.glob("*-linux-x86_64.jar"):
        with zipfile.ZipFile(jar) as archive:
            for member in archive.namelist():
                name = pathlib.PurePath(member).name
                if ".so" in name:
                    (folder / name).write_bytes(archive.read(member))
    return folder


def run(command, torch):
    """Run on one libtorch; its folder also holds quadmath and gfortran."""
    environment = dict(os.environ, EXPCLIP_TORCH=str(torch),
                       LD_LIBRARY_PATH=str(torch))
    result = subprocess.run(command, env=environment, capture_output=True,
                            text=True)
    if result.returncode:
        sys.exit(f"{command[0]} on {torch}: exit {result.returncode}\n"
                 f"{result.stdout}{result.stderr}")
    return result


def embed(program, images, torch, extra):
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.npy"
        run([program, "embed", "--images", images, "-o", str(out), *extra],
            torch)
        return numpy.load(out)


def compare(program, images, folders, extra):
    a, b = (embed(program, images, folder, extra) for folder in folders)
    difference = abs(a - b).max()
    cosine = (a * b).sum(axis=1).min()
    print(f"{len(a)} vectors: cosine >= {cosine:.7f}, "
          f"largest difference {difference:.2e}")
    if difference > LARGEST_DIFFERENCE or cosine < SMALLEST_COSINE:
        sys.exit("the two libtorch disagree")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--torch", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--test", action="append", default=[])
    parser.add_argument("--expclip")
    parser.add_argument("--images")
    parser.add_argument("extra", nargs="*", help="further options of embed")
    options = parser.parse_args()

    options.cache.mkdir(parents=True, exist_ok=True)
    folders = [natives(options.cache.resolve()), options.torch.resolve()]
    for test in options.test:
        for folder in folders:
            output = run([test], folder).stdout.splitlines()
            print(next(line for line in output if "libtorch" in line))
    if options.expclip:
        compare(options.expclip, options.images, folders, options.extra)


if __name__ == "__main__":
    main()
