#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A BLIP-2 teacher of true size with random weights: seconds per image and peak
memory, ours and transformers', taking turns.

    python tests/bench/teacher.py xl --dtype bf16 --threads 1,2 --folder DIR

Needs the packages of tests/reference and ours, and in DIR the room of the
weights in bf16: 4.7 GB (xl), 11.8 GB (xxl). Each turn is a process of its own.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

#: width, inner width of a head, mlp, heads of flan-t5's encoder, 24 layers
SHAPES = {"xl": (2048, 64, 5120, 32), "xxl": (4096, 64, 10240, 64)}
IMAGES = 4  # a pass, as ours
SHARD = 1 << 30


def config_of(shape):
    from transformers import (Blip2Config, Blip2QFormerConfig,
                              Blip2VisionConfig, T5Config)
    width, inner, mlp, heads = SHAPES[shape]
    return Blip2Config(
        vision_config=Blip2VisionConfig().to_dict(),
        qformer_config=Blip2QFormerConfig().to_dict(),
        text_config=T5Config(
            vocab_size=32128, d_model=width, d_kv=inner, d_ff=mlp,
            num_layers=24, num_decoder_layers=1, num_heads=heads,
            feed_forward_proj="gated-gelu").to_dict(),
        num_query_tokens=32)


def write_weights(folder, shape):
    import torch
    from safetensors.torch import save_file
    from transformers import Blip2ForConditionalGeneration

    config = config_of(shape)
    with torch.device("meta"):
        names = Blip2ForConditionalGeneration(config).state_dict()
    pool = torch.randn(1 << 26).mul_(0.02).to(torch.bfloat16)
    where, shard, size = {}, {}, 0

    def flush():
        name = f"{len(set(where.values())):02}.safetensors"
        save_file(shard, folder / name)
        where.update(dict.fromkeys(shard, name))
        shard.clear()

    for name, value in names.items():
        if ".decoder." in name or "lm_head" in name or "embed_tokens" in name:
            continue
        n = value.numel()
        x = pool.repeat(-(-n // len(pool)))[:n].reshape(value.shape)
        norm = "norm" in name.lower() and name.endswith("weight")
        shard[name] = x.clone() + float(norm)
        size += 2 * n
        if size > SHARD:
            flush()
            size = 0
    flush()
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": where}))
    config.save_pretrained(folder)


def expclip_instruction():
    from expclip import _raw

    return _raw.expclip_teacher_options().instruction


def write_inputs(folder, n):
    import numpy
    import sentencepiece
    from PIL import Image

    # A token a word: about as many as flan-t5's own vocabulary makes.
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([expclip_instruction()]), model_type="word",
        model_prefix=str(folder / "spiece"), vocab_size=100,
        hard_vocab_limit=False, pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
        minloglevel=2)
    faces = folder / "faces"
    faces.mkdir()
    noise = numpy.random.default_rng(1).integers(
        0, 256, (n, 224, 224, 3), dtype=numpy.uint8)
    for i, pixels in enumerate(noise):
        Image.fromarray(pixels).save(faces / f"{i}.png")


def run_ours(folder, dtype, threads):
    import expclip

    start = time.perf_counter()
    teacher = expclip.Teacher(folder, dtype=dtype, threads=threads)
    loaded = time.perf_counter() - start
    data = expclip.Dataset("images", folder / "faces")
    path = folder / f"rows-{os.getpid()}"
    first, *_ = (data.shard(i, len(data) // IMAGES)
                 for i in range(len(data) // IMAGES))
    expclip.Targets(teacher, first, path).compute(progress=False).close()
    path.unlink()
    start = time.perf_counter()
    expclip.Targets(teacher, data, path).compute(progress=False).close()
    seconds = time.perf_counter() - start
    path.unlink()
    return {"load": loaded, "s": seconds / len(data),
            "tokens": teacher.token_count}


def run_transformers(folder, shape, dtype, threads, tokens):
    import torch
    from transformers import (Blip2QFormerModel, Blip2VisionModel,
                              T5EncoderModel)

    torch.set_num_threads(threads)
    torch.set_default_dtype(getattr(torch, {"bf16": "bfloat16",
                                            "fp32": "float32"}[dtype]))
    config = config_of(shape)
    with torch.device("meta"):
        parts = [Blip2VisionModel(config.vision_config),
                 Blip2QFormerModel(config.qformer_config),
                 torch.nn.Linear(768, config.text_config.d_model),
                 T5EncoderModel(config.text_config)]
    for part in parts:
        part.to_empty(device="cpu").eval()
        for p in part.parameters():
            p.data.uniform_(-0.02, 0.02)
    vision, qformer, projection, t5 = parts
    queries = torch.randn(1, 32, 768)
    words = torch.randn(1, tokens, config.text_config.d_model)
    n = len(list((folder / "faces").iterdir()))

    def passes(pixels):
        seen = vision(pixels).last_hidden_state
        read = qformer(query_embeds=queries.expand(IMAGES, -1, -1),
                       query_length=32,
                       encoder_hidden_states=seen).last_hidden_state
        x = torch.cat([projection(read), words.expand(IMAGES, -1, -1)], 1)
        return t5(inputs_embeds=x).last_hidden_state.mean(1)

    with torch.inference_mode():
        pixels = torch.rand(IMAGES, 3, 224, 224)
        passes(pixels)
        start = time.perf_counter()
        for _ in range(n // IMAGES):
            passes(pixels)
    return {"s": (time.perf_counter() - start) / (n // IMAGES * IMAGES)}


def peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1e6
    return 0.0


def turn(who, a, threads, tokens=0):
    out = subprocess.run(
        [sys.executable, __file__, a.shape, "--dtype", a.dtype, "--folder",
         a.folder, "--threads", str(threads), "--worker", who, "--tokens",
         str(tokens)], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out.splitlines()[-1])


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("shape", choices=SHAPES)
    p.add_argument("--dtype", choices=["fp32", "bf16"], default="bf16")
    p.add_argument("--threads", default="2", help="such as 1,2")
    p.add_argument("--folder", type=pathlib.Path, required=True)
    p.add_argument("--images", type=int, default=12)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--only-ours", action="store_true",
                   help="where the memory is not enough for transformers")
    p.add_argument("--worker", help=argparse.SUPPRESS)
    p.add_argument("--tokens", type=int, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.worker:
        found = run_ours(a.folder, a.dtype, int(a.threads)) \
            if a.worker == "ours" else run_transformers(
                a.folder, a.shape, a.dtype, int(a.threads), a.tokens)
        print(json.dumps({**found, "peak": peak()}))
        return
    a.folder.mkdir(exist_ok=True)
    if not (a.folder / "config.json").exists():
        write_inputs(a.folder, a.images)
        write_weights(a.folder, a.shape)
    for threads in map(int, a.threads.split(",")):
        turns = {"ours": [], "transformers": []}
        for _ in range(a.rounds):
            turns["ours"].append(turn("ours", a, threads))
            if not a.only_ours:
                turns["transformers"].append(
                    turn("transformers", a, threads,
                         turns["ours"][0]["tokens"]))
        for who, found in turns.items():
            if found:
                print(f"| {a.shape} {a.dtype}, {threads} threads | {who} | "
                      f"{statistics.median(x['s'] for x in found):.2f} | "
                      f"{min(x['s'] for x in found):.2f} | "
                      f"{max(x['peak'] for x in found):.1f} |", flush=True)
        print(f"  loads in {min(x['load'] for x in turns['ours']):.0f} s;",
              f"{turns['ours'][0]['tokens']} tokens of instruction", flush=True)
        if turns["transformers"]:
            ratio = statistics.median(
                x["s"] / y["s"]
                for x, y in zip(turns["ours"], turns["transformers"]))
            print(f"  ours / transformers, median of turns: {ratio:.2f}",
                  flush=True)


main()
