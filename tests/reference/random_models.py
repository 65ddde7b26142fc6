# SPDX-License-Identifier: MIT
"""CLIPs with random weights, as the field's own code builds and saves them."""

import json

import open_clip.model
import torch
from torch import nn

#        image, patch, width, layers, d, text width, text layers
SHAPES = {
    "ViT-B/32": (224, 32, 768, 12, 512, 512, 12),
    "ViT-B/16": (224, 16, 768, 12, 512, 512, 12),
    "ViT-L/14": (224, 14, 1024, 24, 768, 768, 12),
    "small": (56, 14, 64, 2, 48, 64, 2),
    "narrow": (32, 8, 128, 1, 24, 192, 3),
}


def state_dict(shape, seed=0):
    """Weights under OpenAI's names, of a size that keeps signals alive."""
    image, patch, width, layers, dim, text_width, text_layers = \
        SHAPES.get(shape, shape)
    generator = torch.Generator().manual_seed(seed)

    def normal(*size, std):
        return torch.randn(*size, generator=generator) * std

    def tower(prefix, width, layers):
        for i in range(layers):
            p = f"{prefix}transformer.resblocks.{i}."
            for ln in ("ln_1", "ln_2"):
                yield p + ln + ".weight", 1 + normal(width, std=0.1)
                yield p + ln + ".bias", normal(width, std=0.1)
            for name, rows, columns in (
                    ("attn.in_proj_", 3 * width, width),
                    ("attn.out_proj.", width, width),
                    ("mlp.c_fc.", 4 * width, width),
                    ("mlp.c_proj.", width, 4 * width)):
                yield p + name + "weight", normal(rows, columns,
                                                  std=columns ** -0.5)
                yield p + name + "bias", normal(rows, std=0.05)

    def layer_norm(name, width):
        return {name + ".weight": 1 + normal(width, std=0.1),
                name + ".bias": normal(width, std=0.1)}

    grid = image // patch
    weights = {
        "visual.class_embedding": normal(width, std=0.5),
        "visual.positional_embedding": normal(grid ** 2 + 1, width, std=0.5),
        "visual.proj": normal(width, dim, std=width ** -0.5),
        "visual.conv1.weight": normal(width, 3, patch, patch,
                                      std=(3 * patch ** 2) ** -0.5),
        "positional_embedding": normal(77, text_width, std=0.5),
        "token_embedding.weight": normal(49408, text_width, std=0.5),
        "text_projection": normal(text_width, dim, std=text_width ** -0.5),
        "logit_scale": torch.tensor(4.6052),
    }
    weights |= layer_norm("visual.ln_pre", width)
    weights |= layer_norm("visual.ln_post", width)
    weights |= layer_norm("ln_final", text_width)
    weights |= dict(tower("visual.", width, layers))
    weights |= dict(tower("", text_width, text_layers))
    # OpenAI's archives hold halves: all formats can then hold the same.
    return {name: value.half().float() for name, value in weights.items()}


def openai_model(weights):
    """The peer: OpenAI's model as open_clip rebuilds it, in fp32."""
    model = open_clip.model.build_model_from_openai_state_dict(
        {name: value.clone() for name, value in weights.items()},
        cast_dtype=torch.float32)
    return model.float().eval()


class _Node(nn.Module):
    def forward(self, x):
        return x


def jit_archive(weights, path):
    """As OpenAI's files: a TorchScript archive of halves."""
    root = _Node()
    for name, value in weights.items():
        *folders, leaf = name.split(".")
        node = root
        for folder in folders:
            if not hasattr(node, folder):
                setattr(node, folder, _Node())
            node = getattr(node, folder)
        node.register_parameter(leaf, nn.Parameter(value.half(), False))
    torch.jit.save(torch.jit.trace(root, torch.zeros(1)), path)


def hugging_face(weights, folder, heads=None, activation="quick_gelu"):
    """The same weights as transformers saves them. Returns the CLIPModel."""
    from transformers import CLIPConfig, CLIPModel

    width, _, patch, _ = weights["visual.conv1.weight"].shape
    text_width, dim = weights["text_projection"].shape
    grid = int((len(weights["visual.positional_embedding"]) - 1) ** 0.5)

    def layers(prefix):
        return 1 + max(int(name.split(".")[len(prefix.split(".")) - 1])
                       for name in weights if name.startswith(prefix))

    common = {"hidden_act": activation, "layer_norm_eps": 1e-5}
    config = CLIPConfig(
        text_config=dict(hidden_size=text_width,
                         intermediate_size=4 * text_width,
                         num_hidden_layers=layers("transformer.resblocks."),
                         num_attention_heads=heads or text_width // 64,
                         projection_dim=dim, eos_token_id=49407,
                         bos_token_id=49406, pad_token_id=49407, **common),
        vision_config=dict(hidden_size=width, intermediate_size=4 * width,
                           num_hidden_layers=layers(
                               "visual.transformer.resblocks."),
                           num_attention_heads=heads or width // 64,
                           image_size=grid * patch, patch_size=patch,
                           projection_dim=dim, **common),
        projection_dim=dim)
    model = CLIPModel(config).eval()
    model.load_state_dict(_renamed(weights), strict=False)
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711]}))
    return model


def _renamed(weights):
    """OpenAI's names to Hugging Face's."""
    swaps = (("visual.transformer.resblocks", "vision_model.encoder.layers"),
             ("transformer.resblocks", "text_model.encoder.layers"),
             ("visual.class_embedding",
              "vision_model.embeddings.class_embedding"),
             ("visual.positional_embedding",
              "vision_model.embeddings.position_embedding.weight"),
             ("visual.conv1.weight",
              "vision_model.embeddings.patch_embedding.weight"),
             ("visual.ln_pre", "vision_model.pre_layrnorm"),
             ("visual.ln_post", "vision_model.post_layernorm"),
             ("ln_final", "text_model.final_layer_norm"),
             ("token_embedding", "text_model.embeddings.token_embedding"),
             ("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"),
             ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2"),
             ("attn.out_proj", "self_attn.out_proj"))
    renamed = {}
    for name, value in weights.items():
        if name == "positional_embedding":
            name = "text_model.embeddings.position_embedding.weight"
        elif name == "visual.proj":
            name, value = "visual_projection.weight", value.T.contiguous()
        elif name == "text_projection":
            name, value = "text_projection.weight", value.T.contiguous()
        else:
            for old, new in swaps:
                if name.startswith(old) or "." + old in name:
                    name = name.replace(old, new)
        if "attn.in_proj_" in name:
            stem, kind = name.split("attn.in_proj_")
            for part, values in zip("qkv", value.chunk(3)):
                renamed[f"{stem}self_attn.{part}_proj.{kind}"] = values
        else:
            renamed[name] = value
    return renamed
