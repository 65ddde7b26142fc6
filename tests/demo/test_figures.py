# SPDX-License-Identifier: MIT
"""The demo model's published figures, again, through the program.

    python3 tests/demo/test_figures.py EXPCLIP DRAW_FACES

The held-out faces are drawn anew from their seed, scored by the library, and
counted. With the head every count must be the published one: no face's lead is
below 0.002 (figures.json). Without it two faces are closer calls than another
processor's rounding, so counts may differ by as many.
"""

import hashlib
import json
import pathlib
import runpy
import subprocess
import sys
import tempfile
import unittest

MODEL = pathlib.Path(__file__).parents[2] / "examples/demo-model"
FIGURES = json.loads((MODEL / "figures.json").read_text())
# Of the words in captions.py that demo.safetensors was trained on.
WORDS = "d8344632d31e2e1e099e0118626faec6c23c7ffe13b3ee14e424e9a33b51c071"
TEST = FIGURES["test"]


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run(
            [DRAW_FACES, "--seed", str(TEST["seed"]), "--n-per-class",
             str(TEST["n_per_class"]), "--classes", "8", "--size",
             str(FIGURES["drawn_size"]), "-o", cls.folder.name], check=True,
            stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def confusion(self, n_classes, head):
        """Rows are true classes, columns what the library says."""
        names = FIGURES["classes"][:n_classes]
        table = []
        for name in names:
            out = subprocess.run(
                [EXPCLIP, "score", "--faces", "none", f"{self.folder.name}/{name}", "--json",
                 "--quiet", "--prompts", "type2", "--classes", str(n_classes),
                 "--head", head], check=True, capture_output=True, text=True)
            labels = [json.loads(line)["label"]
                      for line in out.stdout.splitlines()]
            self.assertEqual(len(labels), TEST["n_per_class"])
            table.append([labels.count(other) for other in names])
        return table

    def check(self, n_classes, head, allowed=0):
        kind = "clip" if head == "none" else "head"
        published = TEST["prompts"]["type2"][f"{n_classes}_classes_{kind}"]
        found = self.confusion(n_classes, head)
        moved = sum(abs(a - b) for x, y in zip(found, published["confusion"])
                    for a, b in zip(x, y)) / 2
        self.assertLessEqual(moved, allowed, f"{found}")
        return 100 * sum(row[i] / sum(row) for i, row in enumerate(found)) \
            / n_classes, min(100 * row[i] / sum(row)
                             for i, row in enumerate(found))

    def test_seven_classes_reach_what_was_promised(self):
        with_head, least = self.check(7, "auto")
        plain, _ = self.check(7, "none", allowed=2)
        self.assertGreaterEqual(with_head, 90)
        self.assertGreaterEqual(with_head - plain, 15)
        self.assertGreaterEqual(least, 80)

    def test_captions_have_the_words_of_the_training(self):
        words = {name: value for name, value
                 in runpy.run_path(str(MODEL / "captions.py")).items()
                 if name.isupper()}
        text = json.dumps(words, sort_keys=True)
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), WORDS)

    def test_eight_classes_are_as_published(self):
        self.check(8, "auto")
        self.check(8, "none", allowed=2)


if __name__ == "__main__":
    EXPCLIP, DRAW_FACES = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
