# SPDX-License-Identifier: MIT
"""How many drawn faces got the expression that was drawn.

    expclip score --json ... | python3 count_right.py

Reads the program's JSON Lines. A single face has its class in its name
(anger_1.png); those of a scene have theirs in heads.jsonl beside it.  Standard
library only.
"""
import json
import pathlib
import sys


def heads_of(scene):
    lines = (scene.parent / "heads.jsonl").read_text("utf-8").splitlines()
    return [head for head in map(json.loads, lines)
            if head["path"] == scene.name]


def truth_of(line):
    """The drawn class; None for a box in which no head's middle is."""
    path = pathlib.Path(line["path"])
    if "box" not in line or not path.name.startswith("scene_"):
        return path.stem.split("_")[0]
    x, y, width, height = line["box"]
    for head in reversed(heads_of(path)):  # the front ones first
        left, top, wide, high = head["box"]
        if (x <= left + wide / 2 <= x + width and
                y <= top + high / 2 <= y + height):
            return head["label"]
    return None


def main():
    lines = [json.loads(line) for line in sys.stdin if line.strip()]
    scenes = {pathlib.Path(line["path"]) for line in lines
              if pathlib.Path(line["path"]).name.startswith("scene_")}
    n = sum(len(heads_of(scene)) for scene in scenes) + sum(
        pathlib.Path(line["path"]) not in scenes for line in lines)
    right = sum(line.get("label") == truth_of(line) for line in lines)
    print(f"{right} of {n} faces got the expression that was drawn.")


if __name__ == "__main__":
    main()
