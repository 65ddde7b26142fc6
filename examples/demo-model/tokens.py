# SPDX-License-Identifier: MIT
"""CLIP's tokenizer, cut to its first merges.

Ids keep OpenAI's order: 256 bytes, 256 bytes that end a word, the merges,
start of text, end of text.
"""
import gzip
import pathlib

import open_clip
import torch
from open_clip.tokenizer import SimpleTokenizer

N_MERGES = 2048
VOCABULARY = 256 + 256 + N_MERGES + 2
SPECIALS = ["<|startoftext|>", "<|endoftext|>"]


class Tokenizer:
    def __init__(self):
        table = (pathlib.Path(open_clip.__file__).parent /
                 "bpe_simple_vocab_16e6.txt.gz")
        # The first line is a heading.
        lines = gzip.open(table).read().decode().split("\n")[1:1 + N_MERGES]
        merges = [tuple(line.split()) for line in lines]
        full = SimpleTokenizer()
        symbols = list(full.byte_encoder.values())
        words = symbols + [s + "</w>" for s in symbols]
        words += ["".join(merge) for merge in merges] + SPECIALS
        full.encoder = {word: i for i, word in enumerate(words)}
        full.bpe_ranks = {merge: i for i, merge in enumerate(merges)}
        full.cache = {word: word for word in SPECIALS}
        self._bpe = full
        self.start, self.end = len(words) - 2, len(words) - 1

    def encode(self, text):
        return [self.start] + self._bpe.encode(text)[:75] + [self.end]

    def batch(self, texts, length=None):
        """-> ids [n, longest or length], padded with 0."""
        rows = [self.encode(text) for text in texts]
        out = torch.zeros(len(rows), length or max(map(len, rows)),
                          dtype=torch.long)
        for i, row in enumerate(rows):
            out[i, :len(row)] = torch.tensor(row)
        return out
