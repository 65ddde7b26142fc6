# SPDX-License-Identifier: MIT
"""One default, one place: the INIT macros of the public headers.

    python3 tests/abi/test_defaults.py BUILD-FOLDER CC

Compares them with what the headers' comments say, with the _init() functions,
with the --help of the program, and with the signatures and comments of the
Python, Java and Go packages. A new option is found by its name.
"""

import ast
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = sorted((ROOT / "include").glob("*.h"))
JAVA = ROOT / "bindings/java/src/main/java/io/github/libexpclip/expclip"

build = cc = None

# Options of the program that carry a field of the library under another name.
FIELDS = {"lr": "trainer.learning_rate", "bootstrap": "metrics.n_bootstrap",
          "frames": "frames.n_samples", "smooth": "timeline.smoothing",
          "ema": "timeline.ema_seconds", "median": "timeline.median_frames",
          "min-segment": "timeline.min_seconds"}
# Which struct an option of a command is of; the later ones of all commands.
STRUCTS = {"train": ["trainer", "load", "dataset"],
           "targets": ["teacher"], "convert": ["convert"],
           "evaluate": ["metrics", "dataset", "features", "classes", "load"],
           "prompts": ["dataset", "features", "load"],
           "check-list": ["dataset"], "features": ["features", "load"],
           "clip": ["frames", "timeline", "classes", "load", "image"],
           "score": ["classes", "load", "image"], "embed": ["load", "image"],
           "preprocess": ["load", "image"], "tokenize": []}
# The program's own defaults, and why.
OWN = {
    ("features", "head"): "none",  # features are of the encoder alone,
    ("features", "preprocess"): "expclip",  # with the pixels of the head,
    ("train", "preprocess"): "expclip",  # which are those of its validation
    ("features", "split"): "train",  # what training is from
    ("targets", "split"): "train",
    ("prompts", "pooling"): "both",  # it compares them
    ("train", "checkpoints"): None,  # beside the head
    ("targets", "tokenizer"): None,  # beside the weights
}
OWN_IN_PYTHON = {("timeline", "sampling"): "all"}  # of every frame


def text_of(header):
    return header.read_text("utf-8").replace("\\\n", "\n")


def structs():
    """{struct: {field: (type, default as the comment says it)}}."""
    found = {}
    for header in HEADERS:
        for body, name in re.findall(
                r"typedef struct expclip_\w+_options \{(.*?)\} "
                r"expclip_(\w+)_options;", text_of(header), re.S):
            fields = found[name] = {}
            # A comment belongs to the field before it.
            for kind, field, comment in re.findall(
                    r"^    ((?:const )?\w+ \*?)(\w+); *(/\*.*?\*/)?", body,
                    re.S | re.M):
                words = " ".join((comment or "").split())
                default = re.search(r"Default: (.*?)(?: ?\*/|\. |, as )", words)
                fields[field] = (kind.strip(),
                                 default.group(1) if default else None)
    return found


def enumerators():
    """{name: number} of the anonymous enums of the headers."""
    return {name: int(number) for header in HEADERS for name, number in
            re.findall(r"\b(EXPCLIP_[A-Z0-9_]+) = (-?\d+)", text_of(header))}


def values():
    """{struct: {field: value}} of the INIT macros; init() must say the same."""
    lines = ["#include <stdio.h>", "#include <string.h>"]
    lines += [f"#include <{header.name}>" for header in HEADERS]
    lines.append("int main(void) {")
    for name, fields in structs().items():
        macro = f"EXPCLIP_{name.upper()}_OPTIONS_INIT"
        lines.append(f"{{ expclip_{name}_options a = {macro}, b; "
                     "memset(&b, 7, sizeof(b)); "
                     f"expclip_{name}_options_init(&b, sizeof(b));")
        for field, (kind, _) in fields.items():
            form, cast = (("%s", "") if "char" in kind else
                          ("%.9g", "(double)") if kind in ("float", "double")
                          else ("%lld", "(long long)"))
            lines.append(
                f'printf("{name}\\t{field}\\t{form}\\t{form}\\n", '
                f"{cast}a.{field}, {cast}b.{field});")
        lines.append("}")
    lines.append("return 0; }")
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "values.c")
        source.write_text("\n".join(lines))
        subprocess.run([cc, f"-I{ROOT / 'include'}", source, "-o",
                        f"{folder}/values", f"-L{build / 'lib'}", "-lexpclip",
                        f"-Wl,-rpath,{build / 'lib'}"], check=True)
        out = subprocess.run([f"{folder}/values"], capture_output=True,
                             text=True, check=True).stdout
    found = {}
    for line in out.splitlines():
        name, field, macro, function = line.split("\t")
        assert macro == function, line
        found.setdefault(name, {})[field] = macro
    return found


def same(said, value, field):
    """Whether words, numbers and enumerators mean the value of INIT."""
    said = {True: "1", False: "0"}.get(said, str(said)).strip().strip('"')
    try:
        return abs(float(said) - float(value)) <= 1e-6 * abs(float(said))
    except ValueError:
        pass
    for name, number in enumerators().items():
        prefix = {"order": "ORDER", "policy": "POLICY"}.get(field,
                                                            field.upper())
        if name == f"EXPCLIP_{prefix}_{said.upper()}":
            return str(number) == value
    return said == value or (said, value) == ("NULL", "(null)")


def help_defaults(command):
    """{option: default} of the program's --help."""
    text = subprocess.run([build / "bin/expclip", command, "--help"],
                          capture_output=True, text=True, check=True).stdout
    found = {}
    for option, words in re.findall(
            r"^ {2,6}(?:-\w, )?--([\w-]+)(.*?)(?=^ {2,6}(?:-\w, )?--|^\w|\Z)",
            text, re.S | re.M):
        default = re.search(r"Default: (.*)$", " ".join(words.split()))
        found[option] = default.group(1) if default else None
    return found


def signatures():
    """(place, function, parameter, default) of the Python package."""
    for path in sorted((ROOT / "bindings/python/src/expclip").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            given = node.args
            pairs = list(zip(reversed(given.args), reversed(given.defaults)))
            pairs += [(a, d) for a, d in
                      zip(given.kwonlyargs, given.kw_defaults) if d]
            for argument, default in pairs:
                if isinstance(default, ast.Constant):
                    yield (f"{path.name}:{node.lineno}", node.name,
                           argument.arg, default.value)


class Defaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.structs = structs()
        cls.values = values()

    def test_comments_say_what_init_has(self):
        for name, fields in self.structs.items():
            for field, (_, said) in fields.items():
                value = self.values[name][field]
                if field in ("struct_size", "reserved"):
                    continue
                if field.startswith("box_") and field != "box_margin":
                    self.assertEqual(value, "0")  # said of the four together
                elif said == "the paper's":
                    self.assertIn("facial action describer", value)
                else:
                    with self.subTest(struct=name, field=field):
                        self.assertIsNotNone(said, "no \"Default:\"")
                        self.assertTrue(same(said, value, field),
                                        f"says {said}, INIT has {value}")

    def test_the_program_starts_from_init(self):
        for command, names in STRUCTS.items():
            found = help_defaults(command)
            self.assertTrue(found, command)
            for option, said in found.items():
                struct, _, field = FIELDS.get(option, "").partition(".")
                field = field or option.replace("-", "_")
                struct = struct or next(
                    (n for n in names if field in self.values[n]), None)
                if (command, option) in OWN:
                    if OWN[command, option] is not None:
                        self.assertEqual(said, OWN[command, option])
                elif struct in names and said is not None:
                    with self.subTest(command=command, option=option):
                        value = self.values[struct][field]
                        self.assertTrue(same(said, value, field),
                                        f"says {said}, INIT has {value}")

    def test_python_signatures_say_what_init_has(self):
        by_field = {}
        for name, fields in self.values.items():
            for field, value in fields.items():
                by_field.setdefault(field, set()).add(value)
        seen = 0
        for place, function, parameter, default in signatures():
            if parameter not in by_field or default is None:
                continue
            if (function, parameter) in OWN_IN_PYTHON:
                self.assertEqual(default, OWN_IN_PYTHON[function, parameter])
                continue
            seen += 1
            with self.subTest(place=place, function=function,
                              parameter=parameter):
                self.assertTrue(
                    any(same(default, value, parameter)
                        for value in by_field[parameter]),
                    f"{default!r}, INIT has {by_field[parameter]}")
        self.assertGreater(seen, 20)

    def test_java_and_go_comments_say_what_init_has(self):
        found = []
        for path in JAVA.glob("*.java"):
            for name, said in re.findall(
                    r"@param (\w+)[^@]*?Default: ([^\s*]+)",
                    path.read_text("utf-8")):
                field = re.sub(r"([A-Z])", r"_\1", name).lower()
                found.append((path.name, field, said.rstrip(".")))
        for path in (ROOT / "bindings/go").glob("*.go"):
            for name, said in re.findall(
                    r"^// With(\w+) is .*?\"([\w-]+)\" \(the\n?/?/? ?default",
                    path.read_text("utf-8"), re.M):
                found.append((path.name, name.lower(), said))
        self.assertGreater(len(found), 12)
        for place, field, said in found:
            said = {"true": "1", "false": "0"}.get(said, said)
            with self.subTest(place=place, field=field):
                self.assertTrue(
                    any(same(said, fields[field], field)
                        for fields in self.values.values() if field in fields),
                    f"says {said}")


if __name__ == "__main__":
    build = pathlib.Path(sys.argv[1]).resolve()
    cc = sys.argv[2]
    unittest.main(argv=sys.argv[:1])
