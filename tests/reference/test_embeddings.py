# SPDX-License-Identifier: MIT
"""Embeddings against OpenAI's CLIP (as open_clip rebuilds it) and transformers.

Both sides see the same pixels (ours) and the same token ids (theirs), so that
only the encoders are compared. Tolerances: cosine 0.99999 and 1e-4 on unit
vectors in fp32, cosine 0.999 in bf16: design of the library, section 8.
"""

import types

import numpy as np
import open_clip
import pytest
import torch
from random_models import (SHAPES, hugging_face, jit_archive, openai_model,
                           state_dict)
from safetensors.torch import save_file

TEXTS = ["an expression of happiness.", "a photo of a face.", "x",
         "a clean photo showcasing a person's neutral expression. " * 9]


def unit(rows):
    rows = np.asarray(rows, "float64")
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def check(ours, theirs, cosine=0.99999, largest=1e-4):
    ours, theirs = unit(ours), unit(theirs)
    assert (ours * theirs).sum(1).min() >= cosine
    if largest:
        assert np.abs(ours - theirs).max() <= largest


def peer_inputs(expclip, tmp_path, shape, images):
    """Our pixels and their tokens. Pixels depend on the image size alone, so
    a model of one block makes them: each image is a start of the program."""
    image, patch, *_ = SHAPES[shape]
    model = tmp_path / "pixels.safetensors"
    save_file(state_dict((image, patch, 64, 1, 16, 64, 1)), model)
    pixels = [expclip.pixels(tmp_path, model, p) for p in images]
    tokens = open_clip.tokenizer.tokenize(TEXTS, 77)
    return torch.tensor(np.stack(pixels)), tokens


@pytest.mark.parametrize("shape", SHAPES)
def test_fp32_embeddings_equal_openai(expclip, tmp_path, images, shape):
    weights = state_dict(shape)
    peer = openai_model(weights)
    file = tmp_path / "model.safetensors"
    save_file(weights, file)
    del weights
    pixels, tokens = peer_inputs(expclip, tmp_path, shape, images)
    check(expclip.images(tmp_path, file, images),
          peer.encode_image(pixels))
    check(expclip.texts(tmp_path, file, TEXTS), peer.encode_text(tokens))


@pytest.mark.parametrize("shape", ["ViT-B/32", "small"])
def test_bf16_embeddings_are_close(expclip, tmp_path, images, shape):
    weights = state_dict(shape)
    peer = openai_model(weights)
    file = tmp_path / "model.safetensors"
    save_file(weights, file)
    pixels, tokens = peer_inputs(expclip, tmp_path, shape, images)
    check(expclip.images(tmp_path, file, images, "--dtype", "bf16"),
          peer.encode_image(pixels), 0.999, None)
    check(expclip.texts(tmp_path, file, TEXTS, "--dtype", "bf16"),
          peer.encode_text(tokens), 0.999, None)


@pytest.mark.parametrize("size", [98, 28, 140])
def test_position_embeddings_are_interpolated_as_open_clip(expclip, tmp_path,
                                                           images, size):
    weights = state_dict("small")
    file = tmp_path / "model.safetensors"
    save_file(weights, file)
    pixels = torch.tensor(np.stack([
        expclip.pixels(tmp_path, file, p, "--image-size", size)
        for p in images]))
    visual = types.SimpleNamespace(grid_size=(size // 14, size // 14))
    open_clip.model.resize_pos_embed(weights,
                                     types.SimpleNamespace(visual=visual))
    check(expclip.images(tmp_path, file, images, "--image-size", size),
          openai_model(weights).encode_image(pixels))


def save_state_dict(weights, folder):
    torch.save(weights, folder / "m.pt")
    return folder / "m.pt"


def save_nested(weights, folder):
    torch.save({"epoch": 3, "state_dict": {
        "module." + name: value for name, value in weights.items()}},
        folder / "m.pt")
    return folder / "m.pt"


def save_halves(weights, folder):
    torch.save({name: value.half() for name, value in weights.items()},
               folder / "m.pt")
    return folder / "m.pt"


def save_jit(weights, folder):
    jit_archive(weights, folder / "m.pt")
    return folder / "m.pt"


def save_hugging_face(weights, folder):
    hugging_face(weights, folder)
    return folder


def save_shards(weights, folder):
    hugging_face(weights, folder).save_pretrained(folder / "shards",
                                                  max_shard_size="2MB")
    return folder / "shards"


@pytest.mark.parametrize("save", [save_state_dict, save_nested, save_halves,
                                  save_jit, save_hugging_face, save_shards])
def test_every_format_loads_to_the_same(expclip, tmp_path, images, save):
    weights = state_dict("small", seed=1)
    reference = tmp_path / "reference.safetensors"
    save_file(weights, reference)
    other = save(weights, tmp_path)
    expected = expclip.images(tmp_path, reference, images)
    texts = expclip.texts(tmp_path, reference, TEXTS)
    assert np.abs(expclip.images(tmp_path, other, images)
                  - expected).max() <= 1e-6
    assert np.abs(expclip.texts(tmp_path, other, TEXTS) - texts).max() <= 1e-6


@pytest.mark.parametrize("activation", ["gelu", "quick_gelu"])
@pytest.mark.parametrize("heads", [None, 4])
def test_hugging_face_models_equal_transformers(expclip, tmp_path, images,
                                                activation, heads):
    peer = hugging_face(state_dict("small", seed=2), tmp_path, heads,
                        activation)
    pixels, tokens = peer_inputs(expclip, tmp_path, "small", images)
    vision = peer.vision_model(pixel_values=pixels).pooler_output
    text = peer.text_model(input_ids=tokens).pooler_output
    check(expclip.images(tmp_path, tmp_path, images),
          peer.visual_projection(vision))
    check(expclip.texts(tmp_path, tmp_path, TEXTS), peer.text_projection(text))


