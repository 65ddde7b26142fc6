# SPDX-License-Identifier: MIT
"""CLIP with a vision transformer, tensor names and layout as OpenAI's.

Written for training at small size; evaluate.py checks its output file with
open_clip's implementation instead of this one.
"""
import torch
import torch.nn.functional as F
from torch import nn

HEAD_WIDTH = 64  # heads = width / 64, as in every OpenAI model
CONTEXT = 77


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        self.heads = width // HEAD_WIDTH

    def forward(self, x, causal):
        n, tokens, width = x.shape
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        q, k, v = qkv.view(n, tokens, 3, self.heads, HEAD_WIDTH).permute(
            2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.out_proj(y.transpose(1, 2).reshape(n, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x):
        # QuickGELU is x sigmoid(1.702 x): silu does it in one pass.
        return self.c_proj(F.silu(1.702 * self.c_fc(x)) / 1.702)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.attn = Attention(width)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = Mlp(width)
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x, causal=False):
        x = x + self.attn(self.ln_1(x), causal)
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width) for _ in range(layers))
        for block in self.resblocks:
            std = width ** -0.5
            nn.init.normal_(block.attn.in_proj_weight, std=std)
            nn.init.normal_(block.attn.out_proj.weight,
                            std=std * (2 * layers) ** -0.5)
            nn.init.zeros_(block.attn.out_proj.bias)
            nn.init.normal_(block.mlp.c_fc.weight, std=(2 * width) ** -0.5)
            nn.init.normal_(block.mlp.c_proj.weight,
                            std=std * (2 * layers) ** -0.5)

    def forward(self, x, causal=False):
        for block in self.resblocks:
            x = block(x, causal)
        return x


class Vision(nn.Module):
    def __init__(self, size, patch, width, layers, embed):
        super().__init__()
        tokens = (size // patch) ** 2 + 1
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(width ** -0.5 *
                                            torch.randn(width))
        self.positional_embedding = nn.Parameter(torch.zeros(tokens, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, layers)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(width ** -0.5 * torch.randn(width, embed))

    def trunk(self, pixels):
        """float pixels [n, 3, s, s] -> class token after ln_post [n, w]."""
        x = self.conv1(pixels).flatten(2).transpose(1, 2)
        token = self.class_embedding.to(x.dtype).expand(len(x), 1, -1)
        x = torch.cat([token, x], 1) + self.positional_embedding.to(x.dtype)
        return self.ln_post(self.transformer(self.ln_pre(x))[:, 0])


class Clip(nn.Module):
    def __init__(self, size=64, patch=8, width=192, layers=4, embed=192,
                 text_width=64, text_layers=2, vocabulary=2562):
        super().__init__()
        self.visual = Vision(size, patch, width, layers, embed)
        self.token_embedding = nn.Embedding(vocabulary, text_width)
        self.positional_embedding = nn.Parameter(
            0.01 * torch.randn(CONTEXT, text_width))
        self.transformer = Transformer(text_width, text_layers)
        self.ln_final = nn.LayerNorm(text_width)
        self.text_projection = nn.Parameter(
            text_width ** -0.5 * torch.randn(text_width, embed))
        self.logit_scale = nn.Parameter(torch.tensor(2.6593))  # ln(1 / 0.07)
        nn.init.normal_(self.token_embedding.weight, std=0.02)

    def encode_text(self, ids):
        """ids [n, length <= 77] -> features [n, embed]; pooled at EOT."""
        x = self.token_embedding(ids)
        x = x + self.positional_embedding[:ids.shape[1]]
        x = self.ln_final(self.transformer(x, causal=True))
        rows = torch.arange(len(ids))
        return x[rows, ids.argmax(-1)] @ self.text_projection
