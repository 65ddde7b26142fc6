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

# From the bottom up: each room, and what it may include beside itself.
ROOMS = {
    "shared": "",
    "base": "shared",
    "tensor": "base",
    "weights": "base",
    "tokens": "base",
    "metrics": "base",
    "image": "base shared tensor",
    "video": "base image shared",
    "datasets": "base image shared",
    "encoders": "base image tensor tokens weights",
    "faces": "base encoders image tensor weights",
    "expression": "base datasets encoders faces metrics tensor video weights",
    "teacher": "base encoders image tensor tokens weights",
    "rows": "base datasets expression shared teacher weights",
    "train": "base expression rows tensor weights",
    "api": "base datasets expression faces image metrics rows shared teacher tensor "
           "tokens train video",
}
# Public names are expclip_<object>_<verb>; members of enums say which enum.
OBJECTS = ("batch|batcher|box|cancel|classes|clip|dataset|detector|face|"
           "faces|frames|image|library|"
           "logits|metrics|model|prompts|rows|status|string|teacher|timeline|"
           "tokenizer|track|track_face|tracker|trainer|weights|(batcher|classes|convert|crop|"
           "dataset|detector|embed|features|frames|image|load|metrics|teacher|timeline|tracker|trainer)"
           "_options")
ENUMS = "OK|(ERROR|FACES|ORDER|PIXELS|POLICY|POOLING|READS|SAMPLING|SMOOTHING)_"
# Words that the headers had, and the field's own.
OLD_WORDS = {"[Pp]ictures?": "image", "[Dd]ata sets?": "dataset",
             "shares? of": "fraction or probability"}
LONGEST_FILE = 500
LONGEST_FUNCTION = 50
LONGEST_LINE = 80
TABLES = {"prompt_tables"}

# One rule in both: the program compiles this room of the library, too.
SHARED = "shared/"
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


def functions():
    """Names of the public functions, by header."""
    return {path.name: re.findall(r"\b(expclip_\w+)\(", code(path))
            for path in files(".h", under=(ROOT / "include",))}


def included(path):
    """Files of ours that a source names, and the lines where it does."""
    for number, line in lines(path):
        found = re.match(r'#include "([^"]+)"', line)
        for folder in (LIBRARY, PROGRAM, path.parent) if found else ():
            if (folder / found[1]).exists():
                yield folder / found[1], number
                break


def circles():
    """Groups of files, X.c and X.h being one, that include each other."""
    graph = {}
    for path in sources(".c", ".h", ".cpp"):
        own = path.with_suffix("")
        graph.setdefault(own, set()).update(
            found.with_suffix("") for found, _ in included(path)
            if found.with_suffix("") != own)
    reach = {}

    def reached(start):
        if start not in reach:
            seen, left = set(), [start]
            while left:
                new = graph.get(left.pop(), set()) - seen
                seen |= new
                left += new
            reach[start] = seen
        return reach[start]

    return sorted({tuple(sorted(str(b.relative_to(ROOT)) for b in reached(a)
                                if a in reached(b)))
                   for a in graph if a in reached(a)})


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
    def test_a_room_includes_only_what_its_list_allows(self):
        wrong = []
        for path in files(".c", ".h", ".cpp"):
            allowed = {room(path), *ROOMS[room(path)].split()}
            for number, line in lines(path):
                found = re.match(r'#include "(\w+)/', line)
                if found and found[1] not in allowed:
                    wrong.append(f"{place(path, number)}: {line}")
        self.assertEqual(wrong, [])

    def test_the_lists_of_rooms_point_downwards(self):
        above = list(ROOMS)
        for name, allowed in ROOMS.items():
            self.assertLessEqual(set(allowed.split()),
                                 set(above[:above.index(name)]), name)

    def test_no_files_include_each_other_in_a_circle(self):
        self.assertEqual(circles(), [])

    def test_programs_include_only_public_headers(self):
        wrong = []
        for folder in (PROGRAM, ROOT / "examples" / "c"):
            for path in files(".c", ".h", under=(folder,)):
                for number, line in lines(path):
                    found = re.match(r'#include "([^"]+)"', line)
                    if (found and not found[1].startswith(SHARED)
                            and not (folder / found[1]).exists()):
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


    def test_functions_begin_with_their_object(self):
        wrong = [name for names in functions().values() for name in names
                 if not re.fullmatch(rf"expclip_({OBJECTS})_[a-z0-9_]+", name)]
        self.assertEqual(wrong, [])

    def test_functions_of_an_object_are_in_one_header(self):
        homes = {}
        for header, names in functions().items():
            for name in names:
                homes.setdefault(name.split("_")[1], set()).add(header)
        self.assertEqual({noun: sorted(found) for noun, found in homes.items()
                          if len(found) > 1}, {})

    def test_members_of_enums_carry_their_noun(self):
        wrong = []
        for path in files(".h", under=(ROOT / "include",)):
            for body in re.findall(r"\benum [^{;]*\{(.*?)\}", code(path), re.S):
                wrong += [name for name in re.findall(r"\bEXPCLIP_\w+", body)
                          if not re.match(rf"EXPCLIP_({ENUMS})", name)]
        self.assertEqual(wrong, [])

    def test_they_use_the_words_of_the_field(self):
        wrong = []
        for path in files(".h", under=(ROOT / "include",)):
            text = re.sub(r"\n *(\*|//)? ?", " ", path.read_text("utf-8"))
            wrong += [f"{path.name}: {found[0]}: {new}"
                      for old, new in OLD_WORDS.items()
                      for found in re.finditer(rf"\b{old}\b.{{20}}", text)]
        self.assertEqual(wrong, [])


def names(above, folder):
    """Has `above` a README that names this folder, or is it the folder?"""
    pages = [above / "README.md", above / "CONTRIBUTING.md"]
    said = "".join(p.read_text("utf-8") for p in pages if p.is_file())
    return said and (folder == "." or re.search(
        rf"(?<![\w/]){re.escape(folder)}/", said))


class Texts(unittest.TestCase):
    def test_every_folder_has_a_place_in_a_map(self):
        found = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT,
            capture_output=True, text=True)
        if found.returncode:
            self.skipTest("no git repository")
        folders = {pathlib.Path(name).parent
                   for name in found.stdout.splitlines()
                   if (ROOT / name).is_file()}
        for folder in sorted(folders):
            with self.subTest(folder=str(folder)):
                self.assertTrue(
                    any(names(ROOT / up, folder.relative_to(up).as_posix())
                        for up in (folder, *folder.parents)),
                    "add it to the README of a folder above it")

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
