# SPDX-License-Identifier: MIT
"""Every exported function reaches people in every language.

    python3 tests/bindings/test_parity.py SWIG [LANGUAGE...]

The names that the library exports must be those that SWIG reads in the
headers, those of the raw layer that SWIG makes for a language, and those that
the language's public layer calls, or uncovered.json says why not.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINDINGS = ROOT / "bindings"
EXPORTED = set((ROOT / "tests/abi/expclip.symbols").read_text().split())
# SWIG makes an object of each kind of options, which starts with the defaults.
OPTIONS = {name for name in EXPORTED if name.endswith("_options_init")}
REASONS = json.loads((pathlib.Path(__file__).parent / "uncovered.json")
                     .read_text("utf-8"))

# How SWIG is called, what it writes, and how a raw function looks there;
# where the public layer is.
LANGUAGES = {
    "python": (["-python", "-threads", "-module", "_raw", "-interface",
                "_native"], "_raw.py", r"^def (expclip_\w+)\(",
               "python/src/expclip/*.py"),
    "java": (["-java", "-module", "Raw", "-package",
              "io.github.libexpclip.expclip.internal"], "RawJNI.java",
             r"native \S+ (expclip_\w+)\(",
             "java/src/main/java/io/github/libexpclip/expclip/*.java"),
    "go": (["-go", "-cgo", "-intgosize", "64", "-no-unique-id", "-module",
            "raw"], "raw.go", r"^func (Expclip_\w+)\(", "go/*.go"),
}

swig = "swig"


def raw_functions(language):
    flags, made, pattern, _ = LANGUAGES[language]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [swig, *flags, "-Wall", "-Werror", f"-I{ROOT / 'include'}",
             "-outdir", folder, "-o", f"{folder}/wrap.c",
             str(BINDINGS / "expclip.i")], check=True)
        text = pathlib.Path(folder, made).read_text("utf-8")
    found = {name.lower() for name in re.findall(pattern, text, re.M)}
    # Getters, setters and makers of the options and of other structs.
    return {name for name in found
            if not re.search(r"_options(_|$)|\b(\w+_)?expclip_"
                             r"(rates|box|face|track|track_face)(_|$)", name)}


def called(language):
    text = "".join(path.read_text("utf-8")
                   for path in BINDINGS.glob(LANGUAGES[language][3]))
    found = {name.lower() for name in
             re.findall(r"\b([eE]xpclip_\w+)\b", text)}
    if language == "python":  # Model._get("name")
        found |= {f"expclip_model_{name}" for name in
                  re.findall(r"_get\(\"(\w+)\"\)", text)}
        found |= {f"expclip_batcher_{name}_count" for name in
                  re.findall(r"_count\(\"(\w+)\"\)", text)}
    return found


class Parity(unittest.TestCase):
    languages = ()

    def test_swig_sees_every_exported_function(self):
        for language in self.languages:
            with self.subTest(language):
                self.assertEqual(raw_functions(language), EXPORTED - OPTIONS)

    def test_the_public_layer_covers_every_function(self):
        for language in self.languages:
            with self.subTest(language):
                reasons = {**REASONS["all"], **REASONS.get(language, {})}
                missing = EXPORTED - OPTIONS - called(language)
                self.assertEqual(missing - set(reasons), set())
                self.assertEqual(set(reasons) & called(language), set(),
                                 "covered, so it needs no reason")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    swig, Parity.languages = sys.argv[1], sys.argv[2:] or tuple(LANGUAGES)
    unittest.main(argv=sys.argv[:1])
