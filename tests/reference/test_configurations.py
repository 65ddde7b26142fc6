# SPDX-License-Identifier: MIT
"""Configurations of open_clip and transformers: right, or refused by name.

Every model of open_clip's registry, scaled down (one layer, few tokens, widths
and heads as they are), and single keys changed one at a time. The program's
embeddings have cosine 0.99999 with the other library's, or it says which key
or family it does not compute. There is no third outcome.
"""

import copy
import json
import re
import subprocess

import numpy as np
import open_clip
import pytest
import torch
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg, CustomTextCLIP
from PIL import Image
from safetensors.torch import save_file

VOCABULARY = 514  # single bytes, start and end
TEXTS = ["k", "a photo of a face", "z y x"]
OTHER_MODEL = re.compile(r"SigLIP|EVA0|\(PE\)|MobileCLIP|ViTamin|ConvNeXt|"
                         r"ResNet|RoBERTa|NLLB|mT5|XLM-V|CLIPA|CoCa|timm")


def letters(length, end=VOCABULARY - 1):
    """The ids of TEXTS where there are no merges but of bytes."""
    rows = torch.zeros(len(TEXTS), length, dtype=torch.long)
    for row, text in zip(rows, TEXTS):
        ids = [end - 1]
        for word in text.split():
            *inner, last = (ord(c) - ord("!") for c in word)
            ids += inner + [256 + last]
        row[:len(ids) + 1] = torch.tensor(ids + [end])
    return rows


def shake(model, seed=0):
    """Weights of a size that keeps signals alive, layer norms that matter."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        if p.ndim >= 2:
            p.normal_(0, 0.5 if "embedding" in name or "pos" in name
                      else min(p.shape[-1], p[0].numel()) ** -0.5,
                      generator=generator)
        elif p.ndim == 1:
            p.add_(torch.randn(p.shape, generator=generator) * 0.1)
    return model.eval()


@pytest.fixture(scope="module")
def image_of(tmp_path_factory):
    """A noisy image of one size: no resizing, so pixels are the same."""
    folder = tmp_path_factory.mktemp("images")

    def make(size):
        path = folder / f"{size}.png"
        if not path.exists():
            noise = np.random.default_rng(size).integers(0, 256,
                                                         (size, size, 3))
            Image.fromarray(noise.astype("uint8")).save(path)
        return path
    return make


def pixels_of(path, mean=open_clip.OPENAI_DATASET_MEAN,
              std=open_clip.OPENAI_DATASET_STD):
    image = torch.tensor(np.asarray(Image.open(path))) / 255
    return ((image - torch.tensor(mean)) / torch.tensor(std)).permute(
        2, 0, 1)[None].float()


def cosine(ours, theirs):
    a, b = np.asarray(ours, "float64"), np.asarray(theirs, "float64")
    return ((a * b).sum(1) / np.linalg.norm(a, axis=1)
            / np.linalg.norm(b, axis=1)).min()


def embed(expclip, folder, model, what, *items):
    """Embeddings, or the refusal as text."""
    out = folder / "embeddings.npy"
    done = subprocess.run([expclip.path, "embed", what, *map(str, items),
                           "--model", str(model), "-o", str(out)],
                          capture_output=True, encoding="utf-8")
    return np.load(out) if done.returncode == 0 else done.stderr


def save_open_clip(folder, model, config, preprocess=None):
    save_file({k: v.contiguous() for k, v in model.state_dict().items()},
              folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps(
        {"model_cfg": config, "preprocess_cfg": preprocess or {}}))


def build(config):
    config = copy.deepcopy(config)
    kind = CustomTextCLIP if config.pop("custom_text", False) else CLIP
    vision = CLIPVisionCfg(**config.pop("vision_cfg"))
    text = CLIPTextCfg(**config.pop("text_cfg"))
    return shake(kind(config.pop("embed_dim"), vision, text, **config))


def first(value):
    return value[0] if isinstance(value, tuple) else value


def check_open_clip(expclip, folder, config, image_of):
    """None when it is right, else the refusal; else the test fails."""
    model = build(config)
    save_open_clip(folder, model, config)
    image = image_of(config["vision_cfg"]["image_size"])
    ours = embed(expclip, folder, folder, "--images", image)
    if isinstance(ours, str):
        return ours
    texts = embed(expclip, folder, folder, "--text", *TEXTS)
    assert not isinstance(texts, str), texts
    assert cosine(ours, first(model.visual(pixels_of(image)))) >= 0.99999
    tokens = letters(config["text_cfg"].get("context_length", 77))
    assert cosine(texts, first(model.encode_text(tokens))) >= 0.99999
    return None


def small(config):
    """One layer, few patches, few tokens; widths and heads stay."""
    config = copy.deepcopy(config)
    vision, text = config["vision_cfg"], config["text_cfg"]
    vision["layers"] = text["layers"] = 1
    vision["image_size"] = 2 * vision["patch_size"]
    text["vocab_size"] = VOCABULARY
    return config


def is_plain(config):
    vision, text = config["vision_cfg"], config["text_cfg"]
    return not (vision.get("timm_model_name") or text.get("hf_model_name")
                or isinstance(vision.get("layers"), list)
                or "multimodal_cfg" in config)


MODELS = {name: open_clip.get_model_config(name)
          for name in open_clip.list_models()}
PLAIN = [name for name, config in MODELS.items() if is_plain(config)]
# Tokens, pooling and masks of their own, and layer scale.
REFUSED = [name for name in PLAIN
           if "CLIPA" in name or "worldwide" in name or name == "ViT-M-16-alt"]


@pytest.mark.parametrize("name", PLAIN)
def test_a_model_of_the_registry_is_right(expclip, tmp_path, image_of, name):
    why = check_open_clip(expclip, tmp_path, small(MODELS[name]), image_of)
    if name in REFUSED:
        assert why and re.search(r"_cfg\.\w+ is |layer scale", why), why
    else:
        assert why is None


VISION = dict(image_size=32, patch_size=16, layers=2, width=128)
TEXT = dict(context_length=77, vocab_size=VOCABULARY, width=64, heads=1,
            layers=2)
BASE = dict(embed_dim=48, vision_cfg=VISION, text_cfg=TEXT)


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    save_open_clip(folder, build(BASE), BASE)
    return folder


@pytest.mark.parametrize("name", sorted(set(MODELS) - set(PLAIN)))
def test_another_family_is_refused_by_its_name(expclip, plain_folder, name):
    (plain_folder / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": MODELS[name]}))
    why = embed(expclip, plain_folder, plain_folder, "--text", "k")
    assert isinstance(why, str) and OTHER_MODEL.search(why), why


VARIANTS = [
    ("vision_cfg", "head_width", 32), ("vision_cfg", "mlp_ratio", 2.0),
    ("vision_cfg", "pool_type", "avg"), ("vision_cfg", "no_ln_pre", True),
    ("vision_cfg", "final_ln_after_pool", True),
    ("vision_cfg", "attentional_pool", True),
    ("vision_cfg", "pos_embed_type", "sin_cos_2d"),
    ("vision_cfg", "output_tokens", True), ("vision_cfg", "patch_dropout", .5),
    ("vision_cfg", "ls_init_value", 0.1),
    ("vision_cfg", "norm_kwargs", {"eps": 1e-2}),
    ("vision_cfg", "act_kwargs", {"approximate": "tanh"}),
    ("vision_cfg", "qk_norm", True), ("vision_cfg", "scale_fc", True),
    ("vision_cfg", "scaled_cosine_attn", True),
    ("text_cfg", "heads", 4), ("text_cfg", "mlp_ratio", 2.0),
    ("text_cfg", "pool_type", "last"), ("text_cfg", "pool_type", "first"),
    ("text_cfg", "pool_type", "eos"), ("text_cfg", "no_causal_mask", True),
    ("text_cfg", "embed_cls", True), ("text_cfg", "pad_id", 5),
    ("text_cfg", "eos_id", VOCABULARY - 1), ("text_cfg", "proj_bias", True),
    ("text_cfg", "proj_type", "none"), ("text_cfg", "output_tokens", True),
    ("text_cfg", "final_ln_after_pool", True),
    ("text_cfg", "ls_init_value", 0.1),
    ("text_cfg", "norm_kwargs", {"eps": 1e-2}),
    ("text_cfg", "act_kwargs", {"approximate": "tanh"}),
    ("text_cfg", "qk_norm", True), ("text_cfg", "scale_attn", True),
    (None, "quick_gelu", True),
]
RIGHT = {"head_width", "mlp_ratio", "patch_dropout", "heads", "pad_id",
         "eos_id", "quick_gelu", "final_ln_after_pool", "output_tokens"}


@pytest.mark.parametrize("custom", [False, True])
@pytest.mark.parametrize("section, key, value", VARIANTS)
def test_one_key_is_right_or_refused(expclip, tmp_path, image_of, section,
                                     key, value, custom):
    config = copy.deepcopy(BASE)
    (config[section] if section else config)[key] = value
    config["custom_text"] = custom
    if key == "embed_cls":
        config["text_cfg"]["context_length"] = 76
    if key == "proj_type":
        config["embed_dim"] = 64
    if key == "output_tokens" and section == "text_cfg" and custom:
        pytest.skip("open_clip itself fails on its tuple")
    why = check_open_clip(expclip, tmp_path, config, image_of)
    if key in RIGHT:
        assert why is None
    else:
        named = (key.split("_kw")[0], "pool", "layer scale", "CoCa")
        assert why and any(name in why for name in named), why


def test_an_epsilon_of_both_towers_is_used(expclip, tmp_path, image_of):
    config = copy.deepcopy(BASE)
    for section in ("vision_cfg", "text_cfg"):
        config[section]["norm_kwargs"] = {"eps": 1e-1}
    assert check_open_clip(expclip, tmp_path, config, image_of) is None


@pytest.mark.parametrize("wrong", [
    {"force_quick_gelu": True},
    {"vision_cfg": dict(VISION, future_feature=3)},
    {"text_cfg": dict(TEXT, heads="1")}, {"vision_cfg": []},
    {"vision_cfg": dict(VISION, width=256)}, {"embed_dim": 64},
    {"text_cfg": dict(TEXT, pool_type="eos", eos_id=2)}])
def test_a_wrong_configuration_is_refused(expclip, plain_folder, wrong):
    (plain_folder / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": dict(BASE, **wrong)}))
    why = embed(expclip, plain_folder, plain_folder, "--text", "k")
    assert isinstance(why, str) and "open_clip_config.json" in why


@pytest.mark.parametrize("preprocess", [
    {}, {"resize_mode": "squash"}, {"resize_mode": "longest"},
    {"interpolation": "bilinear"}, {"mean": [.5, .5, .5], "std": [.5, .5, .5]},
    {"mean": 0.4}, {"mean": None}, {"size": 64}])
def test_pixels_are_open_clips_or_refused(expclip, tmp_path, plain_folder,
                                          images, preprocess):
    (plain_folder / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": BASE, "preprocess_cfg": preprocess}))
    if "bilinear" in preprocess.values() or "longest" in preprocess.values():
        why = embed(expclip, tmp_path, plain_folder, "--text", "k")
        assert isinstance(why, str) and "preprocess_cfg." in why
        return
    # open_clip takes the size from the encoder.
    config = open_clip.transform.merge_preprocess_dict(
        open_clip.transform.PreprocessCfg(), dict(preprocess, size=32))
    theirs = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(**config), is_train=False)(
            Image.open(images[1])).numpy()
    ours = expclip.pixels(tmp_path, plain_folder, images[1])
    assert np.abs(ours - theirs).max() < 2.5 / 255 / 0.25


# ---- Hugging Face ----

def hf_model(vision=(), text=(), **outer):
    from transformers import CLIPConfig, CLIPModel
    vision = dict(dict(hidden_size=128, intermediate_size=256,
                       num_hidden_layers=2, num_attention_heads=2,
                       image_size=32, patch_size=16), **dict(vision))
    text = dict(dict(hidden_size=64, intermediate_size=128, vocab_size=514,
                     num_hidden_layers=2, num_attention_heads=1,
                     eos_token_id=513, bos_token_id=512), **dict(text))
    return shake(CLIPModel(CLIPConfig(vision_config=vision, text_config=text,
                                      **dict({"projection_dim": 48},
                                             **outer))), 1)


ACTS = {"vision": {"hidden_act": "gelu"}, "text": {"hidden_act": "gelu"}}
HF = [
    ({}, None), (ACTS, None), ({"vision": ACTS["vision"]}, "hidden_act"),
    ({"vision": {"hidden_act": "gelu_new"}}, "hidden_act"),
    ({"text": {"hidden_act": "relu"}}, "hidden_act"),
    ({"vision": {"num_attention_heads": 8}}, None),
    ({"text": {"num_attention_heads": 4}}, None),
    ({"vision": {"layer_norm_eps": .1}}, "layer_norm_eps"),
    ({"text": {"layer_norm_eps": .1}}, "layer_norm_eps"),
    ({"vision": {"layer_norm_eps": .1}, "text": {"layer_norm_eps": .1}}, None),
    ({"projection_dim": 24}, None), ({"text": {"eos_token_id": 2}}, None),
    ({"text": {"eos_token_id": 300}}, "eos_token_id"),
    ({"text": {"attention_dropout": .3}}, None),
    ({"vision": {"projection_dim": 7}}, None),
    ({"vision": {"intermediate_size": 384}}, None),
]


@pytest.mark.parametrize("change, refusal", HF)
def test_a_clip_of_transformers_is_right_or_refused(expclip, tmp_path,
                                                    image_of, change, refusal):
    model = hf_model(**change)
    model.save_pretrained(tmp_path)
    image = image_of(32)
    images = embed(expclip, tmp_path, tmp_path, "--images", image)
    if refusal:
        assert isinstance(images, str) and refusal in images
        return
    assert not isinstance(images, str), images
    texts = embed(expclip, tmp_path, tmp_path, "--text", *TEXTS)
    vision = model.vision_model(pixel_values=pixels_of(image)).pooler_output
    text = model.text_model(input_ids=letters(77)).pooler_output
    assert cosine(images, model.visual_projection(vision)) >= 0.99999
    assert cosine(texts, model.text_projection(text)) >= 0.99999


def test_heads_that_are_not_written_are_the_defaults(expclip, tmp_path,
                                                     image_of):
    model = hf_model({"num_attention_heads": 12, "hidden_size": 192},
                     {"num_attention_heads": 8})
    model.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    for tower in ("vision_config", "text_config"):
        del config[tower]["num_attention_heads"]
    # As LAION's files have it: the old key wins.
    config["text_config_dict"] = config["text_config"]
    config["text_config"] = {"hidden_act": "relu"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    image = image_of(32)
    vision = model.vision_model(pixel_values=pixels_of(image)).pooler_output
    text = model.text_model(input_ids=letters(77)).pooler_output
    assert cosine(embed(expclip, tmp_path, tmp_path, "--images", image),
                  model.visual_projection(vision)) >= 0.99999
    assert cosine(embed(expclip, tmp_path, tmp_path, "--text", *TEXTS),
                  model.text_projection(text)) >= 0.99999


SQUARE = {"height": 32, "width": 32}
PROCESSORS = [
    ({}, True), ({"size": SQUARE}, True), ({"do_resize": False}, False),
    ({"size": {"shortest_edge": 40}}, False), ({"resample": 2}, False),
    ({"do_center_crop": False}, False), ({"do_normalize": False}, True),
    ({"size": SQUARE, "do_center_crop": False}, True),
    ({"do_rescale": False}, False), ({"rescale_factor": 1 / 127.5}, False),
    ({"crop_size": {"height": 24, "width": 24}}, False),
    ({"image_mean": [.5] * 3, "image_std": [.5] * 3}, True),
]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("change, right", PROCESSORS)
def test_pixels_are_transformers_or_refused(expclip, tmp_path, images,
                                            change, right, nested):
    from transformers import CLIPImageProcessor
    hf_model().save_pretrained(tmp_path)
    processor = CLIPImageProcessor(**dict(
        {"size": {"shortest_edge": 32}, "crop_size": SQUARE}, **change))
    processor.save_pretrained(tmp_path)
    if nested:
        file = tmp_path / "preprocessor_config.json"
        (tmp_path / "processor_config.json").write_text(json.dumps(
            {"image_processor": json.loads(file.read_text())}))
        file.write_text('{"resample": 2}')
    if not right:
        why = embed(expclip, tmp_path, tmp_path, "--text", "k")
        assert isinstance(why, str) and "processor_config.json" in why
        return
    theirs = processor(Image.open(images[1]), return_tensors="np")
    ours = expclip.pixels(tmp_path, tmp_path, images[1])
    assert np.abs(ours - theirs["pixel_values"][0]).max() < 2.5 / 255 / 0.25


# ---- without a configuration ----

def bare(expclip, tmp_path, model, *options):
    file = tmp_path / "bare.safetensors"
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, file)
    return embed(expclip, tmp_path, file, "--text", "k", *options)


@pytest.mark.parametrize("name", ["ViT-H-14", "ViT-g-14", "ViT-bigG-14"])
def test_heads_of_a_bare_file_are_looked_up(expclip, tmp_path, image_of, name):
    config = small(MODELS[name])
    model, file = build(config), tmp_path / "bare.safetensors"
    assert "say which" in bare(expclip, tmp_path, model)
    image = image_of(28)
    images = embed(expclip, tmp_path, file, "--images", image,
                   "--activation", "gelu")
    assert cosine(images, model.visual(pixels_of(image))) >= 0.99999


@pytest.mark.parametrize("name", ["RN50", "convnext_tiny", "MobileCLIP-S1",
                                  "coca_ViT-B-32"])
def test_bare_weights_of_another_family_are_named(expclip, tmp_path, name):
    config = copy.deepcopy(MODELS[name])
    config["text_cfg"].update(layers=1, vocab_size=VOCABULARY)
    if name.startswith("coca"):
        config["vision_cfg"].update(layers=1)
        del config["multimodal_cfg"]
    why = bare(expclip, tmp_path, build(config))
    assert isinstance(why, str) and OTHER_MODEL.search(why), why


def test_a_siglip_of_transformers_is_named(expclip, tmp_path):
    from transformers import SiglipConfig, SiglipModel
    tower = dict(hidden_size=64, intermediate_size=64, num_hidden_layers=1,
                 num_attention_heads=1)
    SiglipModel(SiglipConfig(
        text_config=dict(tower, vocab_size=100),
        vision_config=dict(tower, image_size=32))).save_pretrained(tmp_path)
    why = embed(expclip, tmp_path, tmp_path, "--text", "k")
    assert isinstance(why, str) and "SigLIP" in why
