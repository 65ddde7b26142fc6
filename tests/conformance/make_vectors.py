#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes vectors.json: what every language must get from the demo model.

    python3 tests/conformance/make_vectors.py > tests/conformance/vectors.json

Run it with the Python package installed. tests/reference holds the numbers of
the library against PyTorch; these vectors hold the languages together.
"""

import json
import pathlib
import sys

import expclip

FACES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "faces"
FILES = ["happiness_2.png", "anger_2.png", "surprise_3.png"]
TEXTS = ["a smiling face", "Üben, naïve 😀 &amp; “quotes”", "<|endoftext|>", ""]
CLASS_SETS = [
    {"classes": 7, "prompts": "type3"},
    {"classes": 8, "prompts": "type5"},
    {"names": ["joy", "grief"], "prompts": "a photo of a {} face"},
    {"named_prompts": [["joy", ["a smile", "a happy face"]],
                       ["grief", ["tears"]]]},
]
# What a call with wrong input must end with.
ERRORS = [
    {"call": "load", "path": "nowhere.pt", "status": "NOT_FOUND"},
    {"call": "load", "path": "", "status": "NOT_FOUND"},
    {"call": "classes", "classes": 9, "prompts": "type3",
     "status": "ARGUMENT"},
    {"call": "classes", "classes": 7, "prompts": "type6",
     "status": "NOT_FOUND"},
    {"call": "classes", "names": ["a", "a"], "prompts": "type1",
     "status": "ARGUMENT"},
    {"call": "classes", "names": [], "prompts": "type1", "status": "ARGUMENT"},
    {"call": "score", "bytes": "", "status": "FORMAT"},
    {"call": "score", "bytes": "49492a0008000000", "status": "UNSUPPORTED"},
    {"call": "score", "bytes": "474946383961", "status": "TRUNCATED"},
    {"call": "score", "bytes": "89504e470d0a1a0a", "status": "TRUNCATED"},
    {"call": "score", "file": "nowhere.png", "status": "NOT_FOUND"},
]


def rounded(row):
    return [float(f"{x:.8g}") for x in row]


def class_set(model, spec):
    if "named_prompts" in spec:
        return model.classes(dict(spec["named_prompts"]))
    return model.classes(spec.get("names", spec.get("classes")),
                         spec["prompts"])


def score(model, spec):
    classes = class_set(model, spec)
    found = model.score([FACES / f for f in FILES], classes)
    return {**spec, "labels": found.labels,
            "cosines": [rounded(row / model.logit_scale)
                        for row in found.logits]}


def status_of(model, case):
    try:
        if case["call"] == "load":
            expclip.load(case["path"])
        elif case["call"] == "classes":
            class_set(model, case)
        elif "bytes" in case:
            model.score(bytes.fromhex(case["bytes"]))
        else:
            model.score(FACES / case["file"])
    except expclip.ExpclipError as error:
        return error.status
    return "OK"


def print_lines(vectors):
    """As JSON, one case a line."""
    def text(value):
        return json.dumps(value, ensure_ascii=False)

    def field(value):
        if not isinstance(value, list):
            return text(value)
        return "[\n" + ",\n".join(map(text, value)) + "\n]"

    print("{" + ",\n".join(f'"{k}": {field(v)}' for k, v in vectors.items())
          + "}")


def main():
    model = expclip.load("demo")
    tokenizer = expclip.Tokenizer(model.vocabulary_size)
    for case in ERRORS:
        found = status_of(model, case)
        if found != case["status"]:
            sys.exit(f"{case}: found {found}")
    print_lines({
        "model": "demo",
        "fingerprint": model.fingerprint,
        "tolerance": 1e-6,
        "tokens": [{"text": t, "ids": tokenizer.encode(t)}
                   for t in [*TEXTS, "joy " * 99]],
        "texts": [{"text": t, "embedding": rounded(model.embed_texts(t))}
                  for t in TEXTS],
        "images": [{"file": f, "embedding": rounded(
            model.embed_images(FACES / f))} for f in FILES],
        "scores": [score(model, spec) for spec in CLASS_SETS],
        "errors": ERRORS,
    })


if __name__ == "__main__":
    main()
