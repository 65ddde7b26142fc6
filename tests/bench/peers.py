# SPDX-License-Identifier: MIT
"""Our encoders against ONNX Runtime, OpenVINO and zentorch, ViT-B/32 of random
weights.

    taskset -c 0,1 python tests/bench/peers.py LIBEXPCLIP.so [--rounds N]
        [--batches 1,8,32] [--zentorch PYTHON]

All variants take turns, two threads each, so that whatever else the machine
does meets all of them: read medians and ratios, not milliseconds. Images are
raw pixels; texts are the 70 prompts of the set type5, which the peers pad to 77
tokens. Needs onnxruntime, openvino and onnxscript beside
tests/reference/requirements.txt. zentorch needs a torch of its own version:
PYTHON is of an environment that has both, and works as a second process.
"""

import argparse
import ctypes as c
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime
import openvino
import torch
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "reference"))
from random_models import openai_model, state_dict  # noqa: E402

PROMPTS, THREADS = 70, 2


class LoadOptions(c.Structure):
    """expclip_load_options of expclip.h."""

    _fields_ = [("struct_size", c.c_size_t)] + [
        (name, c.c_char_p) for name in
        ("head", "preprocess", "activation", "device", "dtype")] + [
        (name, c.c_int32) for name in
        ("threads", "deterministic", "portable", "image_size",
         "check_finite", "reserved")]


class EmbedOptions(c.Structure):
    """expclip_embed_options of expclip.h."""

    _fields_ = [("struct_size", c.c_size_t), ("projected", c.c_int32),
                ("normalize", c.c_int32)]


class Error(c.Structure):
    """expclip_error of expclip.h."""

    _fields_ = [("code", c.c_int32), ("message", c.c_char * 508)]


class Ours:
    """One loaded model, and a list of prompts."""

    def __init__(self, library, file, dtype, portable=0):
        self.library, self.error = library, Error()
        options = LoadOptions()
        library.expclip_load_options_init(c.byref(options),
                                          c.c_size_t(c.sizeof(options)))
        options.dtype, options.threads = dtype, THREADS
        options.portable, options.preprocess = portable, b"expclip"
        self.model, self.prompts = c.c_void_p(), c.c_void_p()
        self.call("model_load", c.byref(self.model), str(file).encode(),
                  c.byref(options))
        self.call("prompts_builtin", c.byref(self.prompts), b"type5", 7)

    def call(self, name, *arguments):
        function = getattr(self.library, "expclip_" + name)
        if function(*arguments, c.byref(self.error)):
            raise RuntimeError(self.error.message.decode())

    def images(self, images):
        """A function that embeds these images."""
        batch = c.c_void_p()
        self.call("batch_create", c.byref(batch), self.model)
        for image in images:
            height, width, _ = image.shape
            self.call("batch_add_pixels", batch,
                      image.ctypes.data_as(c.c_void_p),
                      c.c_size_t(image.size), width, height, c.c_int64(0),
                      0, None)
        rows = np.empty((len(images), 512), "float32")
        options = EmbedOptions(c.sizeof(EmbedOptions), 0, 0)
        return lambda: self.call(
            "model_embed_images", rows.ctypes.data_as(c.c_void_p),
            c.c_size_t(rows.size), self.model, batch, c.byref(options), None)

    def texts(self):
        classes = c.c_void_p()
        self.call("classes_create", c.byref(classes), self.model,
                  self.prompts, None, None)
        self.library.expclip_classes_free(classes)


class Encoder(torch.nn.Module):
    """One tower of the peer's model, for the exporter."""

    def __init__(self, encode):
        super().__init__()
        self.forward = encode


def export(encode, example, file):
    torch.onnx.export(Encoder(encode), (example,), file, verbose=False)
    return file


def onnx_runtime(file, array):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(
        file, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: array}
    return lambda: session.run(None, feed)


def open_vino(file, array, precision):
    core = openvino.Core()
    model = core.compile_model(core.read_model(file), "CPU", {
        "INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False, "INFERENCE_PRECISION_HINT": precision})
    return lambda: model([array])


class Zentorch:
    """zentorch_worker.py, which computes when it is told to."""

    def __init__(self, python, file):
        self.process = subprocess.Popen(
            [python, pathlib.Path(__file__).with_name("zentorch_worker.py"),
             file, str(THREADS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        if self.process.stdout.readline() != "done\n":
            raise RuntimeError("zentorch_worker.py ended")


def image_groups(library, file, peer, folder, batches, zentorch):
    ours = {dtype: Ours(library, file, dtype.encode())
            for dtype in ("fp32", "bf16")}
    plain = Ours(library, file, b"fp32", 1)
    rng = np.random.default_rng(0)
    groups = {}
    for n in batches:
        images = rng.integers(0, 256, (n, 224, 224, 3), dtype="uint8")
        pixels = images.transpose(0, 3, 1, 2).astype("float32") / 255
        graph = export(peer.encode_image, torch.from_numpy(pixels),
                       folder / f"image{n}.onnx")
        fp32 = {"ours": ours["fp32"].images(images),
                "ours, portable": plain.images(images),
                "PyTorch": lambda p=torch.from_numpy(pixels):
                    peer.encode_image(p),
                "ONNX Runtime": onnx_runtime(graph, pixels),
                "OpenVINO": open_vino(graph, pixels, "f32")}
        bf16 = {"ours": ours["bf16"].images(images),
                "OpenVINO": open_vino(graph, pixels, "bf16")}
        if zentorch:
            fp32["zentorch"] = lambda n=n: zentorch.run("fp32", n)
            bf16["zentorch"] = lambda n=n: zentorch.run("bf16", n)
        groups[f"image fp32, batch {n}"] = n, fp32
        groups[f"image bf16, batch {n}"] = n, bf16
    return ours, groups


def text_groups(ours, peer, folder):
    ids = np.zeros((PROMPTS, 77), "int64")
    ids[:, 0], ids[:, 1:11], ids[:, 11] = 49406, 500, 49407
    graph = export(peer.encode_text, torch.from_numpy(ids),
                   folder / "text.onnx")
    return {
        "text fp32": (PROMPTS, {"ours": ours["fp32"].texts,
                                "ONNX Runtime": onnx_runtime(graph, ids),
                                "OpenVINO": open_vino(graph, ids, "f32")}),
        "text bf16": (PROMPTS, {"ours": ours["bf16"].texts,
                                "OpenVINO": open_vino(graph, ids, "bf16")}),
    }


def variants(library, folder, batches, zentorch):
    weights = state_dict("ViT-B/32")
    file = folder / "model.safetensors"
    save_file(weights, file)
    peer = openai_model(weights)
    if zentorch:
        zentorch = Zentorch(zentorch, file)
    ours, groups = image_groups(library, file, peer, folder, batches, zentorch)
    return {**groups, **text_groups(ours, peer, folder)}


def measure(groups, rounds):
    seconds = {}
    for turn in range(rounds + 1):  # the first one warms up
        for group, (_, peers) in groups.items():
            for name, run in peers.items():
                start = time.perf_counter()
                run()
                seconds.setdefault((group, name), []).append(
                    time.perf_counter() - start)
    return {key: values[1:] for key, values in seconds.items()}


def report(groups, seconds):
    print("| | | median ms | best ms | ours / it, median of turns |")
    print("|---|---|---|---|---|")
    for (group, name), values in seconds.items():
        items = groups[group][0]
        ratio = statistics.median(
            a / b for a, b in zip(seconds[group, "ours"], values))
        print(f"| {group} | {name} "
              f"| {1000 * statistics.median(values) / items:.2f} "
              f"| {1000 * min(values) / items:.2f} | {ratio:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("library", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batches", default="8")
    parser.add_argument("--zentorch", metavar="PYTHON")
    options = parser.parse_args()
    library = c.CDLL(str(options.library.resolve()))
    batches = [int(n) for n in options.batches.split(",")]
    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory() as folder:
        groups = variants(library, pathlib.Path(folder), batches,
                          options.zentorch)
        seconds = measure(groups, options.rounds)
    report(groups, seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{options.rounds} turns, one process of {peak:.0f} MB at its peak")


if __name__ == "__main__":
    main()
