# SPDX-License-Identifier: MIT
"""Rules of the house that a script can check. Standard library only.

    python3 tests/house/test_house.py [SHARED-LIBRARY]
"""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
LIBRARY = ROOT / "libexpclip"

# From the bottom up: a room may include itself and what stands before it.
LAYERS = [["base"], ["tensor", "weights"], ["image"], ["clip"],
          ["expression"], ["api"]]
MAY_PRINT = {"cli"}
LONGEST_FILE = 800
LONGEST_FUNCTION = 80


def sources(*endings, under=LIBRARY):
    return sorted(p for p in under.rglob("*") if p.suffix in endings)


def room(path):
    return path.relative_to(LIBRARY).parts[0]


def floor(name):
    return next(i for i, rooms in enumerate(LAYERS) if name in rooms)


class House(unittest.TestCase):
    def test_includes_point_downwards(self):
        for path in sources(".c", ".h", ".cpp"):
            for line in path.read_text().splitlines():
                found = re.match(r'#include "(\w+)/', line)
                if not found or room(path) == "cli":
                    continue
                self.assertLessEqual(floor(found[1]), floor(room(path)),
                                     f"{path}: {line}")

    def test_the_program_includes_only_public_headers(self):
        for path in sources(".c", ".h", under=LIBRARY / "cli"):
            for name in re.findall(r'#include "([^"]+)"', path.read_text()):
                self.assertTrue((LIBRARY / "cli" / name).exists(),
                                f"{path}: {name}")

    def test_only_one_file_sees_libtorch(self):
        seen = [p.name for p in sources(".c", ".h", ".cpp")
                if re.search(r"#include\s*[<\"](torch|c10|ATen)/",
                             p.read_text())]
        self.assertEqual(seen, ["tensor_torch.cpp"])

    def test_the_library_never_prints_or_ends_the_process(self):
        forbidden = re.compile(
            r"(?<![\w])(printf|fprintf|puts|perror|exit|_exit|abort|system|"
            r"signal|sigaction|setlocale|strtod|strtof|atof|sscanf|alloca|"
            r"assert)\s*\(")
        for path in sources(".c", ".h", ".cpp"):
            if room(path) in MAY_PRINT:
                continue
            code = re.sub(r"/\*.*?\*/|\"(\\.|[^\"\\])*\"", "",
                          path.read_text(), flags=re.S)
            self.assertIsNone(forbidden.search(code),
                              f"{path}: {forbidden.search(code)}")

    def test_file_names_are_unique(self):
        names = [p.name for p in sources(".c", ".cpp", ".S")]
        self.assertEqual(len(names), len(set(names)))

    def test_files_and_functions_are_short(self):
        for path in sources(".c", ".h", ".cpp"):
            lines = path.read_text().splitlines()
            if path.stem not in ("html_entities", "prompt_tables"):
                self.assertLessEqual(len(lines), LONGEST_FILE, path)
            start = None
            for number, line in enumerate(lines, 1):
                if line == "{":
                    start = number
                elif line == "}" and start:
                    self.assertLessEqual(number - start, LONGEST_FUNCTION,
                                         f"{path}:{start}")
                    start = None

    def test_the_public_header_is_short(self):
        lines = (ROOT / "include/expclip.h").read_text().splitlines()
        self.assertLessEqual(len(lines), 500)

    def test_every_source_says_why_it_exists(self):
        for path in sources(".c", ".h", ".cpp", ".S"):
            lines = path.read_text().splitlines()
            self.assertIn("SPDX-License-Identifier: MIT", lines[0], path)
            self.assertTrue(lines[1].startswith("/*"), path)

    def test_lines_fit(self):
        for path in sources(".c", ".h", ".cpp"):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                self.assertLessEqual(len(line), 80, f"{path}:{number}")

    def test_exported_names_are_the_listed_ones(self):
        if not shared_library:
            self.skipTest("no library given")
        out = subprocess.run(["nm", "-D", "--defined-only", shared_library],
                             capture_output=True, text=True, check=True)
        found = sorted(line.split()[-1].split("@")[0]
                       for line in out.stdout.splitlines()
                       if " A " not in line)
        listed = (ROOT / "tests/abi/expclip.symbols").read_text().split()
        self.assertEqual(found, listed)

    def test_nothing_that_ends_the_process_is_called(self):
        if not shared_library:
            self.skipTest("no library given")
        out = subprocess.run(["nm", "-D", "--undefined-only", shared_library],
                             capture_output=True, text=True, check=True)
        called = {line.split()[-1].split("@")[0]
                  for line in out.stdout.splitlines()}
        forbidden = {"abort", "exit", "_exit", "quick_exit", "__assert_fail",
                     "system", "popen", "signal", "sigaction", "setlocale",
                     "strtod", "strtof", "atof", "sscanf", "__isoc99_sscanf",
                     "alloca", "printf", "__printf_chk", "puts", "putchar",
                     "perror", "chdir", "umask", "srand", "rand"}
        self.assertEqual(called & forbidden, set())

    def test_the_library_does_not_link_libtorch(self):
        if not shared_library:
            self.skipTest("no library given")
        out = subprocess.run(["readelf", "-d", shared_library],
                             capture_output=True, text=True, check=True)
        self.assertNotIn("torch", out.stdout)
        self.assertNotIn("libc10", out.stdout)


if __name__ == "__main__":
    shared_library = sys.argv.pop(1) if len(sys.argv) > 1 else None
    unittest.main()
