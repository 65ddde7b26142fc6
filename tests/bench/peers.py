# SPDX-License-Identifier: MIT
"""Our encoders against ONNX Runtime and OpenVINO, ViT-B/32 of random weights.

    taskset -c 0,1 python tests/bench/peers.py LIBEXPCLIP.so [ROUNDS]

All variants take turns in one process, two threads each, so that whatever else
the machine does meets all of them: read medians and ratios, not milliseconds.
Pictures are raw pixels at batch 8; texts are the 70 prompts of the set type5,
which the peers pad to 77 tokens. Needs onnxruntime, openvino and onnxscript
beside tests/reference/requirements.txt.
"""

import ctypes as c
import pathlib
import resource
import statistics
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

BATCH, PROMPTS, THREADS = 8, 70, 2


class LoadOptions(c.Structure):
    """expclip_load_options of expclip.h."""

    _fields_ = [("struct_size", c.c_size_t)] + [
        (name, c.c_char_p) for name in
        ("head", "preprocess", "activation", "device", "dtype")] + [
        (name, c.c_int32) for name in
        ("threads", "deterministic", "portable", "image_size",
         "check_finite")]


class EmbedOptions(c.Structure):
    """expclip_embed_options of expclip.h."""

    _fields_ = [("struct_size", c.c_size_t), ("projected", c.c_int32),
                ("normalize", c.c_int32)]


class Error(c.Structure):
    """expclip_error of expclip.h."""

    _fields_ = [("code", c.c_int32), ("message", c.c_char * 508)]


class Ours:
    """One loaded model, with a batch of pictures and a list of prompts."""

    def __init__(self, library, file, pictures, dtype, portable=0):
        self.library, self.error = library, Error()
        options = LoadOptions()
        library.expclip_load_options_init(c.byref(options),
                                          c.c_size_t(c.sizeof(options)))
        options.dtype, options.threads = dtype, THREADS
        options.portable, options.preprocess = portable, b"expclip"
        self.model, self.batch, self.prompts = (c.c_void_p() for _ in "123")
        self.call("model_load", c.byref(self.model), str(file).encode(),
                  c.byref(options))
        self.call("batch_create", c.byref(self.batch), self.model)
        for picture in pictures:
            height, width, _ = picture.shape
            self.call("batch_add_pixels", self.batch,
                      picture.ctypes.data_as(c.c_void_p),
                      c.c_size_t(picture.size), width, height, c.c_int64(0),
                      0, None)
        self.call("prompts_builtin", c.byref(self.prompts), b"type5", 7)
        self.rows = np.empty((len(pictures), 512), "float32")

    def call(self, name, *arguments):
        function = getattr(self.library, "expclip_" + name)
        if function(*arguments, c.byref(self.error)):
            raise RuntimeError(self.error.message.decode())

    def images(self):
        options = EmbedOptions(c.sizeof(EmbedOptions), 0, 0)
        self.call("embed_images", self.rows.ctypes.data_as(c.c_void_p),
                  c.c_size_t(self.rows.size), self.model, self.batch,
                  c.byref(options), None)

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


def export(peer, folder):
    images = torch.rand(BATCH, 3, 224, 224)
    texts = torch.randint(1, 49000, (PROMPTS, 77))
    for name, encode, example in (("image", peer.encode_image, images),
                                  ("text", peer.encode_text, texts)):
        torch.onnx.export(Encoder(encode), (example,),
                          folder / f"{name}.onnx", verbose=False)


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


def variants(library, folder):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (BATCH, 224, 224, 3), dtype="uint8")
    pixels = pictures.transpose(0, 3, 1, 2).astype("float32") / 255
    ids = np.zeros((PROMPTS, 77), "int64")
    ids[:, 0], ids[:, 1:11], ids[:, 11] = 49406, 500, 49407
    weights = state_dict("ViT-B/32")
    save_file(weights, folder / "model.safetensors")
    export(openai_model(weights), folder)
    image, text = folder / "image.onnx", folder / "text.onnx"
    ours = {dtype: Ours(library, folder / "model.safetensors", pictures,
                        dtype.encode()) for dtype in ("fp32", "bf16")}
    plain = Ours(library, folder / "model.safetensors", pictures, b"fp32", 1)
    return {
        "image fp32": {"ours": ours["fp32"].images,
                       "ours, portable": plain.images,
                       "ONNX Runtime": onnx_runtime(image, pixels),
                       "OpenVINO": open_vino(image, pixels, "f32")},
        "image bf16": {"ours": ours["bf16"].images,
                       "OpenVINO": open_vino(image, pixels, "bf16")},
        "text fp32": {"ours": ours["fp32"].texts,
                      "ONNX Runtime": onnx_runtime(text, ids),
                      "OpenVINO": open_vino(text, ids, "f32")},
        "text bf16": {"ours": ours["bf16"].texts,
                      "OpenVINO": open_vino(text, ids, "bf16")},
    }


def measure(groups, rounds):
    seconds = {}
    for turn in range(rounds + 1):  # the first one warms up
        for group, peers in groups.items():
            for name, run in peers.items():
                start = time.perf_counter()
                run()
                seconds.setdefault((group, name), []).append(
                    time.perf_counter() - start)
    return {key: values[1:] for key, values in seconds.items()}


def main():
    library = c.CDLL(str(pathlib.Path(sys.argv[1]).resolve()))
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory() as folder:
        groups = variants(library, pathlib.Path(folder))
        seconds = measure(groups, rounds)
    print("| | | median ms | best ms | ours / it, median of turns |")
    print("|---|---|---|---|---|")
    for (group, name), values in seconds.items():
        items = BATCH if group.startswith("image") else PROMPTS
        ratio = statistics.median(
            a / b for a, b in zip(seconds[group, "ours"], values))
        print(f"| {group} | {name} "
              f"| {1000 * statistics.median(values) / items:.2f} "
              f"| {1000 * min(values) / items:.2f} | {ratio:.2f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{rounds} turns, all in one process of {peak:.0f} MB at its peak")


if __name__ == "__main__":
    main()
