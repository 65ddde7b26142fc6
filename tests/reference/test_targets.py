# SPDX-License-Identifier: MIT
"""`expclip targets` against transformers' BLIP-2 with a T5, random weights:
ViT-g, Q-Former, projection, T5's encoder, SentencePiece, mean and unit length.
"""

import subprocess

import numpy as np
import pytest
import sentencepiece
import torch
from PIL import Image
from safetensors.torch import load_file
from transformers import (Blip2Config, Blip2ForConditionalGeneration,
                          Blip2QFormerConfig, Blip2VisionConfig, T5Config)

INSTRUCTION = ("Please play the role of a facial action describer. Objectively "
               "describe the detailed facial actions of the person in the "
               "image.")
SMALL = dict(vision=(64, 96, 2, 4, 28), qformer=(48, 80, 4, 3),
             t5=(40, 8, 64, 2, 6), queries=5)
#: One layer of each part at the size of blip2-flan-t5-xxl.
TRUE_SIZE = dict(vision=(1408, 6144, 1, 16, 224), qformer=(768, 3072, 1, 12),
                 t5=(4096, 64, 10240, 1, 64), queries=32)


def build(shape, seed):
    torch.manual_seed(seed)
    width, mlp, layers, heads, size = shape["vision"]
    q_width, q_mlp, q_layers, q_heads = shape["qformer"]
    d_model, d_kv, d_ff, t_layers, t_heads = shape["t5"]
    config = Blip2Config(
        vision_config=Blip2VisionConfig(
            hidden_size=width, intermediate_size=mlp, num_hidden_layers=layers,
            num_attention_heads=heads, image_size=size,
            patch_size=14).to_dict(),
        qformer_config=Blip2QFormerConfig(
            vocab_size=100, hidden_size=q_width, num_hidden_layers=q_layers,
            num_attention_heads=q_heads, intermediate_size=q_mlp,
            encoder_hidden_size=width, cross_attention_frequency=2).to_dict(),
        text_config=T5Config(
            vocab_size=300, d_model=d_model, d_kv=d_kv, d_ff=d_ff,
            num_layers=t_layers, num_decoder_layers=1, num_heads=t_heads,
            feed_forward_proj="gated-gelu").to_dict(),
        num_query_tokens=shape["queries"])
    model = Blip2ForConditionalGeneration(config).eval()
    for name, p in model.named_parameters():
        fan_in = p.shape[-1] if p.ndim > 1 else 25
        torch.nn.init.normal_(p, mean=float("norm" in name.lower()
                                            and name.endswith("weight")),
                              std=0.7 * fan_in ** -0.5)
    return model


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    """A SentencePiece model with T5's special ids."""
    folder = tmp_path_factory.mktemp("tokens")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([INSTRUCTION, "a face with raised eyebrows",
                                "lips pressed together", "what is seen"] * 9),
        model_prefix=str(folder / "spiece"), vocab_size=120,
        hard_vocab_limit=False, pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    return folder / "spiece.model"


def images_of(folder, n, size):
    folder.mkdir()
    noise = np.random.default_rng(n).integers(0, 256, (n, size, size, 3),
                                              dtype=np.uint8)
    for i, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return torch.from_numpy(noise).permute(0, 3, 1, 2) / 255


def expected_targets(model, pixels, ids, activation):
    """BLIP2_T5.py: all of BLIP-2 up to the T5's encoder."""
    encoder = model.language_model.encoder
    for block in encoder.block:
        block.layer[1].DenseReluDense.act = torch.nn.GELU(
            "none" if activation == "gelu" else "tanh")
    n, n_queries = len(pixels), model.query_tokens.shape[1]
    seen = model.vision_model(pixels).last_hidden_state
    read = model.qformer(query_embeds=model.query_tokens.expand(n, -1, -1),
                         query_length=n_queries,
                         encoder_hidden_states=seen).last_hidden_state
    words = model.language_model.shared(torch.tensor(ids)).expand(n, -1, -1)
    x = torch.cat([model.language_projection(read), words], 1)
    states = encoder(inputs_embeds=x, attention_mask=torch.ones(
        x.shape[:2])).last_hidden_state.mean(1)
    return (states / states.norm(dim=-1, keepdim=True)).numpy()


def read_rows(path, n, dim):
    """The file of rows: see libexpclip/rows/row_store.c."""
    record = (256 + 4 * dim + 7) // 8 * 8 + 8
    content = path.read_bytes()
    assert len(content) == 4096 + n * record
    return np.stack([np.frombuffer(content, "<f4", dim, 4096 + i * record + 256)
                     for i in range(n)])


@pytest.mark.parametrize("activation", ["gelu", "gelu_new"])
@pytest.mark.parametrize("shape, n", [(SMALL, 6), (TRUE_SIZE, 2)],
                         ids=["small", "one layer of the true size"])
def test_targets_equal_transformers(expclip, tokenizer, tmp_path, shape, n,
                                    activation):
    model = build(shape, 3)
    model.save_pretrained(tmp_path / "teacher", max_shard_size="300MB")
    pixels = images_of(tmp_path / "faces", n, shape["vision"][-1])
    ids = sentencepiece.SentencePieceProcessor(
        model_file=str(tokenizer)).encode(INSTRUCTION) + [1]
    expclip.run("targets", "--teacher", tmp_path / "teacher", "--tokenizer",
                tokenizer, "--images", tmp_path / "faces", "-o",
                tmp_path / "rows", "--activation", activation)
    ours = read_rows(tmp_path / "rows", n, shape["t5"][0])
    expected = expected_targets(model, pixels, ids, activation)
    assert (ours * expected).sum(1).min() >= 0.9999
    assert np.abs(ours - expected).max() <= 1e-4


def test_bf16_is_close(expclip, tokenizer, tmp_path):
    model = build(SMALL, 4)
    model.save_pretrained(tmp_path / "teacher")
    images_of(tmp_path / "faces", 4, 28)
    rows = []
    for dtype in ("fp32", "bf16"):
        expclip.run("targets", "--teacher", tmp_path / "teacher", "--tokenizer",
                    tokenizer, "--images", tmp_path / "faces", "-o",
                    tmp_path / dtype, "--dtype", dtype)
        rows.append(read_rows(tmp_path / dtype, 4, 40))
    assert (rows[0] * rows[1]).sum(1).min() >= 0.99


def test_shards_and_failed_images_train_as_the_whole(expclip, tokenizer,
                                                       tmp_path):
    """Features and targets, in one piece and in three, give the same head."""
    build(SMALL, 5).save_pretrained(tmp_path / "teacher")
    images_of(tmp_path / "faces", 30, 28)
    (tmp_path / "faces" / "7.png").write_bytes(b"no image")
    shared = ["--images", tmp_path / "faces", "--quiet"]
    teacher = ["--teacher", tmp_path / "teacher", "--tokenizer", tokenizer]
    for shard in ([], ["--shard", "1/3"], ["--shard", "2/3"],
                  ["--shard", "3/3"]):
        name = "s" if shard else "w"
        for kind, more in (("features", ["--batch", 1]), ("targets", teacher)):
            run_partly(expclip, kind, *shared, *more, *shard, "-o",
                       tmp_path / f"{name}.{kind}")
    heads = []
    for name in ("w", "s"):
        expclip.run("train", "--features", tmp_path / f"{name}.features",
                    "--targets", tmp_path / f"{name}.targets", "-o",
                    tmp_path / f"{name}.head", "--batch", 8, "--epochs", 3,
                    "--quiet")
        heads.append(load_file(tmp_path / f"{name}.head")["mlp.weight"])
    assert heads[0].shape == (40, 192)
    # Passes of other sizes round otherwise.
    assert (heads[0] - heads[1]).abs().max() <= 1e-4 * heads[0].abs().max()


def run_partly(expclip, *arguments):
    """Run it where one image fails: exit code 1, or 0 in other shards."""
    done = subprocess.run([expclip.path, *map(str, arguments)],
                          capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
