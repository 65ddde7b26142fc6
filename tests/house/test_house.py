# SPDX-License-Identifier: MIT
"""Rules of the house that a script can check. Standard library only.

    python3 tests/house/test_house.py [SHARED-LIBRARY]
"""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "libexpclip"
PROGRAM = ROOT / "bindings" / "cli"

# From the bottom up: a room may include itself and what stands before it.
LAYERS = [["base"], ["tensor", "weights", "tokens", "metrics"], ["image"],
          ["video", "encoders", "datasets"], ["expression", "teacher"],
          ["rows"], ["train"], ["api"]]
LONGEST_FILE = 500
LONGEST_FUNCTION = 50
LONGEST_LINE = 80
TABLES = {"prompt_tables", "doctor_vectors"}

# One rule for files that are written, in both: the program compiles it too.
SHARED = {"base/temporary.h", "base/replaceable.h", "image/left_out.h"}
# Of the process or of the machine, so not for a library to call.
FORBIDDEN = {"abort", "alloca", "assert", "atof", "chdir", "exit", "_exit",
             "fprintf", "perror", "popen", "printf", "putchar", "puts",
             "quick_exit", "rand", "setlocale", "sigaction", "signal",
             "srand", "sscanf", "strtod", "strtof", "system", "umask",
             "vfprintf", "vprintf"}
# The same as the linker sees them.
FORBIDDEN_SYMBOLS = FORBIDDEN | {"__assert_fail", "__isoc99_sscanf",
                                 "__fprintf_chk", "__printf_chk",
                                 "__vfprintf_chk"}

shared_library = None


def files(*endings, under=(LIBRARY,)):
    return sorted(p for folder in under for p in folder.rglob("*")
                  if p.suffix in endings)


def sources(*endings):
    return files(*endings, under=(LIBRARY, PROGRAM))


def room(path):
    return path.relative_to(LIBRARY).parts[0]


def floor(name):
    return next(i for i, rooms in enumerate(LAYERS) if name in rooms)


def lines(path):
    return enumerate(path.read_text(encoding="utf-8").splitlines(), 1)


def place(path, number):
    return f"{path.relative_to(ROOT)}:{number}"


def code(path):
    """The text of a source without comments and strings."""
    return re.sub(r"/\*.*?\*/|\"(\\.|[^\"\\\n])*\"", "",
                  path.read_text(encoding="utf-8"), flags=re.S)


def long_functions(path):
    start = 0
    for number, line in lines(path):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start - 1 > LONGEST_FUNCTION:
                yield start
            start = 0


def symbols(option):
    """Names of the shared library's dynamic table, without versions."""
    out = subprocess.run(["nm", "-D", option, shared_library],
                         capture_output=True, text=True, check=True).stdout
    return sorted(line.split()[-1].split("@")[0]
                  for line in out.splitlines() if " A " not in line)


class Layers(unittest.TestCase):
    def test_includes_point_downwards(self):
        wrong = []
        for path in files(".c", ".h", ".cpp"):
            for number, line in lines(path):
                found = re.match(r'#include "(\w+)/', line)
                if found and floor(found[1]) > floor(room(path)):
                    wrong.append(f"{place(path, number)}: {line}")
        self.assertEqual(wrong, [])

    def test_programs_include_only_public_headers(self):
        wrong = []
        for folder in (PROGRAM, ROOT / "examples" / "c"):
            for path in files(".c", ".h", under=(folder,)):
                for number, line in lines(path):
                    found = re.match(r'#include "([^"]+)"', line)
                    if found and found[1] not in SHARED and not (
                            folder / found[1]).exists():
                        wrong.append(f"{place(path, number)}: {line}")
        self.assertEqual(wrong, [])

    def test_one_file_sees_libtorchs_headers(self):
        seen = [p.name for p in files(".c", ".h", ".cpp")
                if re.search(r"#include\s*[<\"](torch|c10|ATen)/",
                             p.read_text(encoding="utf-8"))]
        self.assertEqual(seen, ["torch_functions.h"])


class Sources(unittest.TestCase):
    def test_the_library_never_prints_or_ends_the_process(self):
        forbidden = re.compile(r"\b(%s)\s*\(" % "|".join(sorted(FORBIDDEN)))
        wrong = [f"{path.relative_to(ROOT)}: {found[0]}"
                 for path in files(".c", ".h", ".cpp")
                 for found in forbidden.finditer(code(path))]
        self.assertEqual(wrong, [])

    def test_file_names_are_unique(self):
        names = [p.name for p in files(".c", ".cpp", ".S")]
        self.assertEqual([n for n in names if names.count(n) > 1], [])

    def test_files_are_short(self):
        self.assertEqual([str(path) for path in sources(".c", ".h", ".cpp")
                          if path.stem not in TABLES
                          and len(list(lines(path))) > LONGEST_FILE], [])

    def test_functions_are_short(self):
        self.assertEqual([place(path, start)
                          for path in sources(".c", ".cpp")
                          for start in long_functions(path)], [])

    def test_lines_are_short(self):
        self.assertEqual([place(path, number)
                          for path in sources(".c", ".h", ".cpp")
                          for number, line in lines(path)
                          if len(line) > LONGEST_LINE], [])

    def test_every_source_says_why_it_exists(self):
        wrong = []
        for path in sources(".c", ".h", ".cpp", ".S"):
            first, second = path.read_text(encoding="utf-8").split("\n")[:2]
            if "SPDX-License-Identifier: MIT" not in first or \
                    not second.startswith("/*"):
                wrong.append(path.name)
        self.assertEqual(wrong, [])

    def test_nothing_is_left_to_do_without_an_issue(self):
        left = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))|#if 0")
        self.assertEqual([place(path, number)
                          for path in sources(".c", ".h", ".cpp", ".S")
                          for number, line in lines(path)
                          if left.search(line)], [])


class PublicHeaders(unittest.TestCase):
    def test_they_include_no_others_but_ours(self):
        for path in files(".h", under=(ROOT / "include",)):
            found = re.findall(r"#include (\S+)",
                               path.read_text(encoding="utf-8"))
            self.assertLessEqual(set(found), {"<stddef.h>", "<stdint.h>",
                                              '"expclip_base.h"',
                                              '"expclip.h"',
                                              '"expclip_clips.h"',
                                              '"expclip_eval.h"',
                                              '"expclip_rows.h"',
                                              '"expclip_tools.h"'}, path)


class Texts(unittest.TestCase):
    def test_links_lead_to_files(self):
        pages = [*ROOT.glob("*.md")]
        for folder in ("bindings", "docs", "examples", "libexpclip", "tests"):
            pages += (ROOT / folder).rglob("*.md")
        for path in pages:
            if {"generated", "target"} & set(path.parts):
                continue
            text = re.sub(r"^ *```.*?^ *```", "", path.read_text("utf-8"),
                          flags=re.M | re.S)
            for link in re.findall(r"\]\(([^)\s#:]+)[)#]", text):
                with self.subTest(page=path.relative_to(ROOT), link=link):
                    self.assertTrue((path.parent / link).exists())


class SharedLibrary(unittest.TestCase):
    def setUp(self):
        if not shared_library:
            self.skipTest("no library given")

    def test_it_exports_the_listed_names(self):
        listed = (ROOT / "tests/abi/expclip.symbols").read_text().split()
        self.assertEqual(symbols("--defined-only"), sorted(listed))

    def test_it_calls_nothing_that_is_not_its_to_call(self):
        called = set(symbols("--undefined-only"))
        # libjpeg's archive reads the variable JPEGMEM with it, which
        # jpeg_turbo.c overrules; our own sources are checked by themselves.
        called.discard("__isoc99_sscanf")
        self.assertEqual(called & FORBIDDEN_SYMBOLS, set())

    def test_it_does_not_link_libtorch(self):
        out = subprocess.run(["readelf", "-d", shared_library],
                             capture_output=True, text=True, check=True).stdout
        self.assertNotIn("torch", out)
        self.assertNotIn("libc10", out)

    def test_it_is_hardened(self):
        out = subprocess.run(["readelf", "-Wdl", shared_library],
                             capture_output=True, text=True, check=True).stdout
        self.assertIn("GNU_RELRO", out)
        self.assertRegex(out, r"Flags:.*\bNOW\b")
        self.assertRegex(out, r"Flags:.*\bNODELETE\b")
        self.assertRegex(out, r"GNU_STACK .* RW ")
        self.assertNotIn("TEXTREL", out)


if __name__ == "__main__":
    shared_library = sys.argv.pop(1) if len(sys.argv) > 1 else None
    unittest.main()
