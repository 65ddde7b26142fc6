# SPDX-License-Identifier: MIT
"""Token ids of 100,000 texts against OpenAI's tokenizer, none may differ.

Two things are left out of the library on purpose, and of the oracle here:
ftfy's guessing repair of text that was read in a wrong encoding, and special
tokens in a text (ours are text like any other). How often the first one
matters is counted: it may change a text only where ftfy says that it did.
"""

import html
import html.entities
import itertools
import json
import pathlib
import random
import sys
import unicodedata

import ftfy
import pytest
import regex
from open_clip.tokenizer import SimpleTokenizer

N_TEXTS = 100_000
CONTEXT = 200_000  # ids; no text here is cut
START, END = 49406, 49407

WORDS = """a photo of the face with Expression ANGRY don't I'm you're we'd he'll
    they've it's 'S 'ſ O'Neill Straße ΟΔΥΣΣΕΥΣ Σ ΑΣ. ΑΣ'Α İstanbul ıI ǅ Ǆ ŉ
    ﬃ ﬅ résumé re\u0301sume\u0301 naïve Å Å 1234 ½ Ⅷ ² ٣٤ x1y2 snake_case
    C++ … — “quoted” ‘it’s’ „low“ ＦＵＬＬ　ｗｉｄｔｈ ﾊﾟﾋﾞ ￣ ￦ 日本語 한국어 각
    ไทย हिन्दी العربية עברית ქართული ᲥᲐᲠ Ꭰꭰ ⴀ 😀 👍🏽 👨\u200d👩\u200d👧 🏳️\u200d🌈 🇩🇪
    <|startoftext|> <|endoftext|> <start_of_text> </w> <b> &lt;b&gt; & && &; &#
    """.split()
SPACES = [" ", "", "  ", "\t", "\n", "\r\n", "\r", "\f", "\v", "\x1c", "\x85",
          "\xa0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u3000",
          "\u200b", "\ufeff"]
CONTROLS = [chr(c) for c in range(0xa0) if c < 0x20 or c >= 0x7f] + [
    "\x1b[0;31m", "\x1b[m", "\x1b[\x01m", "\x1b[1٣z", "\x1b\x1b[m[m", "\u206a",
    "\ufff9", "\ufffc", "\ufffd", "\ufffe", "\U0010ffff", "\U000e0041"]
NUMBERS = ["38", "038", "0", "13", "128", "133", "159", "x1F", "x3b", "59",
           "x80", "XE9", "xD800", "x110000", "99999999999", "x", "12ab", "65",
           "xfdd0", "xfffe", "11", "12", "127", "169"]

encoder = SimpleTokenizer()
encoder.clean_fn = lambda text: text
encoder.pat = regex.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    regex.IGNORECASE)


def clean(text, fix_encoding):
    """CLIP's simple_tokenizer.py, basic_clean() to lower()."""
    text = ftfy.fix_text(text, fix_encoding=fix_encoding)
    text = html.unescape(html.unescape(text)).strip()
    return regex.sub(r"\s+", " ", text).strip().lower()


def assigned():
    """Every character of Python's Unicode, private and surrogate ones out."""
    return [chr(c) for c in range(0x20, sys.maxunicode + 1)
            if unicodedata.category(chr(c)) not in ("Cn", "Co", "Cs")]


def entities(rng):
    """A character reference, whole or damaged."""
    name = rng.choice(list(html.entities.html5)).rstrip(";")
    form = rng.randrange(6)
    if form == 0:
        name = "#" + rng.choice(NUMBERS)
    elif form == 1:
        name = name.upper()
    elif form == 2:
        name = name[:rng.randrange(1, len(name) + 1)] + rng.choice("aZ1é_")
    amp = rng.choice(["&", "&", "&", "&amp;", "&AMP;", "＆", "&#38;"])
    return amp + name + rng.choice([";", ";", ";", "", "；"])


def make_texts():
    rng = random.Random(20250)
    table = json.loads(
        (pathlib.Path(__file__).parent / "prompts.json").read_text())
    yield from strings(table)
    yield from ("", " ", "'", "a" * 3000, "ab" * 1500, "é" * 1000, "&" * 500,
                "\u0301\u0316" * 500, "Σ" * 300, "&amp;" * 3 + "lt;")
    everything = assigned()
    for at in range(0, len(everything), 8):
        some = everything[at:at + 8]
        yield "".join(some)
        yield "a" + "a".join(some)
    # Marks in any order, and jamo: NFC.
    marks = [c for c in everything if unicodedata.combining(c)]
    letters = [c for c in everything if c.isalpha()]
    for _ in range(5000):
        yield "".join(
            rng.choice(letters) + "".join(rng.choices(marks, k=rng.randrange(5)))
            for _ in range(rng.randrange(1, 5)))
    for _ in range(20):
        yield "".join(rng.choice(WORDS) + rng.choice(SPACES)
                      for _ in range(15_000))[:100_000]
    while True:
        kinds = [lambda: rng.choice(WORDS), lambda: rng.choice(SPACES),
                 lambda: rng.choice(CONTROLS), lambda: entities(rng),
                 lambda: rng.choice(everything),
                 lambda: "".join(rng.choices("aAeEsStT'.,!?0189 ",
                                             k=rng.randrange(1, 12)))]
        weights = [rng.random() ** 2 for _ in kinds]
        yield "".join(kind() for kind in
                      rng.choices(kinds, weights, k=rng.randrange(1, 16)))


def strings(table):
    if isinstance(table, str):
        yield table
    else:
        for part in table.values() if isinstance(table, dict) else table:
            yield from strings(part)


@pytest.mark.skipif(unicodedata.unidata_version > "15.0",
                    reason="utf8proc 2.8 knows the letters of Unicode 15.0")
def test_ids_equal_those_of_openai(expclip):
    texts = list(itertools.islice(make_texts(), N_TEXTS))
    found = expclip.lines("tokenize", "--stdin", "--context", CONTEXT,
                          input="".join(json.dumps(t) + "\n" for t in texts))
    assert len(found) == len(texts)
    wrong, guessed = [], 0
    for text, ours in zip(texts, found):
        cleaned = clean(text, fix_encoding=False)
        guessed += clean(text, fix_encoding=True) != cleaned
        expected = [START] + encoder.encode(cleaned) + [END]
        if ours["ids"] != expected:
            wrong.append((text[:80], ours["ids"][:20], expected[:20]))
    print(f"{len(texts)} texts, {sum(map(len, texts))} characters; "
          f"ftfy guesses another encoding in {guessed}; {len(wrong)} differ")
    assert not wrong, wrong[:5]
    assert guessed < len(texts) // 10


def test_a_smaller_vocabulary_keeps_the_first_merges(expclip):
    size = 1000
    small = SimpleTokenizer()
    kept = size - 512 - 2
    small.bpe_ranks = {pair: rank for pair, rank in small.bpe_ranks.items()
                       if rank < kept}
    text = "a photo of a face with an expression of happiness"
    [found] = expclip.lines("tokenize", "--vocabulary", size, text)
    assert found["ids"] == [size - 2] + small.encode(text) + [size - 1]


def test_a_long_text_is_cut_and_ends_with_the_end(expclip):
    text = "happy " * 100
    [found] = expclip.lines("tokenize", text)
    assert found["truncated"] is True
    assert found["ids"] == [START] + encoder.encode(text)[:75] + [END]
