# SPDX-License-Identifier: MIT
"""What draw_faces promises of scenes and framings.

    python3 tests/demo/test_draw_faces.py DRAW_FACES
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

CLASSES = ["happiness", "sadness", "neutral", "anger", "surprise", "disgust",
           "fear", "contempt"]
KEYS = ["path", "face", "faces", "label", "box", "frame"]


def draw(*arguments):
    """Run draw_faces in a new folder -> {path: bytes} of what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([DRAW_FACES, *map(str, arguments), "-o", folder],
                       check=True)
        return {str(path.relative_to(folder)): path.read_bytes()
                for path in sorted(pathlib.Path(folder).rglob("*"))
                if path.is_file()}


def image_size(png):
    return struct.unpack(">II", png[16:24])


def heads_of(files):
    return [json.loads(line)
            for line in files["heads.jsonl"].decode().splitlines()]


class Scenes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = draw("--seed", 7, "--scene", 12)
        cls.heads = heads_of(cls.files)

    def test_same_seed_draws_same_bytes(self):
        self.assertEqual(draw("--seed", 7, "--scene", 12), self.files)

    def test_another_seed_draws_another_scene(self):
        other = draw("--seed", 8, "--scene", 1)
        self.assertNotEqual(other["scene_1.png"], self.files["scene_1.png"])

    def test_a_scene_does_not_depend_on_how_many_there_are(self):
        few = draw("--seed", 7, "--scene", 2)
        for name in ("scene_1.png", "scene_2.png"):
            self.assertEqual(few[name], self.files[name])

    def test_each_scene_is_an_image_of_two_to_five_heads(self):
        for i in range(1, 13):
            name = f"scene_{i}.png"
            heads = [h for h in self.heads if h["path"] == name]
            self.assertEqual(image_size(self.files[name]), (960, 640))
            self.assertIn(len(heads), range(2, 6))
            self.assertEqual([h["face"] for h in heads],
                             list(range(len(heads))))
            self.assertEqual({h["faces"] for h in heads}, {len(heads)})
        self.assertEqual(len({h["faces"] for h in self.heads}), 4)

    def test_a_line_has_the_keys_of_the_help(self):
        for head in self.heads:
            self.assertEqual(list(head), KEYS)
            self.assertIn(head["label"], CLASSES[:7])
        usage = subprocess.run([DRAW_FACES], capture_output=True, text=True)
        for key in KEYS:
            self.assertIn(key, usage.stderr)

    def test_a_box_lies_in_its_frame_and_mostly_in_the_image(self):
        for head in self.heads:
            x, y, width, height = head["box"]
            left, top, side = head["frame"]
            self.assertTrue(20 < width < height < side, head)
            self.assertTrue(left < x + width / 2 < left + side, head)
            self.assertTrue(top < y + height / 2 < top + side, head)
            self.assertTrue(0 < x + width / 2 < 960, head)
            self.assertTrue(0 < y + height / 2 < 640, head)

    def test_no_head_hides_the_middle_of_another(self):
        for a in self.heads:
            for b in self.heads:
                if a["path"] == b["path"] and a["face"] != b["face"]:
                    x, y, width, height = a["box"]
                    u, v = (b["box"][0] + b["box"][2] / 2,
                            b["box"][1] + b["box"][3] / 2)
                    self.assertFalse(x < u < x + width and
                                     y < v < y + height, (a, b))

    def test_eight_classes_and_other_sizes_are_drawn_when_asked_for(self):
        files = draw("--seed", 7, "--scene", 20, "--classes", 8, "--width",
                     320, "--height", 200)
        self.assertEqual(image_size(files["scene_20.png"]), (320, 200))
        self.assertIn("contempt", {h["label"] for h in heads_of(files)})

    def test_sizes_and_counts_out_of_range_are_refused(self):
        for wrong in (["--scene", "0"], ["--scene", "x"],
                      ["--scene", "1", "--width", "0"],
                      ["--scene", "1", "--height", "1025"]):
            run = subprocess.run([DRAW_FACES, *wrong, "-o", "nowhere"],
                                 capture_output=True, text=True)
            self.assertEqual(run.returncode, 2, wrong)
            self.assertIn("usage:", run.stderr)


class Framings(unittest.TestCase):
    def test_about_half_of_the_faces_are_framed_and_the_rest_unchanged(self):
        options = ["--seed", 9, "--unlabelled", 60, "--size", 32, "--describe"]
        own, framed = draw(*options), draw(*options, "--framed")
        same = sum(own[f"{i}.png"] == framed[f"{i}.png"]
                   for i in range(1, 61))
        self.assertTrue(15 < same < 45, same)
        for i in range(1, 61):
            self.assertEqual(own[f"{i}.txt"], framed[f"{i}.txt"])


if __name__ == "__main__":
    DRAW_FACES = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
