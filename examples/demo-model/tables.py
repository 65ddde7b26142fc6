# SPDX-License-Identifier: MIT
"""Print the tables of README.md from figures.json."""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
COLUMNS = ("7_classes_clip", "7_classes_head", "8_classes_clip",
           "8_classes_head")
HEADINGS = "| 7: CLIP | 7: with head | 8: CLIP | 8: with head |"


def print_row(name, values):
    print("|", name, "|", " | ".join(map(str, values)), "|")


def main():
    figures = json.loads((HERE / "figures.json").read_text())
    test, scenes = figures["test"]["prompts"], figures["scenes"]
    print("| class " + HEADINGS + "\n|---|---|---|---|---|")
    for name in figures["classes"]:
        print_row(name, [test["type3"][c]["recall"].get(name, "-")
                         for c in COLUMNS])
    for name, key in (("**mean (UAR)**", "uar"), ("ECE", "ece")):
        print_row(name, [test["type3"][c][key] for c in COLUMNS])
    print("\n| prompts " + HEADINGS + "\n|---|---|---|---|---|")
    for name, tables in test.items():
        print_row(name, [tables[c]["uar"] for c in COLUMNS])
    print("\n| square | UAR |\n|---|---|")
    for name, value in scenes["uar"].items():
        print_row(name, [value])


if __name__ == "__main__":
    main()
