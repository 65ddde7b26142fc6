# SPDX-License-Identifier: MIT
"""Write what the pages say of the program, the headers and the published runs.

    generate.py PROGRAM FOLDER

The sources are the program's --help, the headers in include/, and the tables of
bindings/cli/report/reference_run.c, so that no page holds a copy.
"""

import pathlib
import re
import runpy
import subprocess
import sys

from header_sections import sections

ROOT = pathlib.Path(__file__).resolve().parent.parent


def said(program, *arguments):
    return subprocess.run([program, *arguments], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def escaped(text):
    """Markdown of plain text, in which only `code` is marked up."""
    text = re.sub(r"(?<![\w`-])(--[a-z][a-z-]*)", r"`\1`", text)
    return "".join(part if i % 2 else re.sub(r"([*_<\[$\\|])", r"\\\1", part)
                   for i, part in enumerate(re.split(r"(`[^`]*`)", text)))


def option(lines):
    """An option of --help, over one or more lines, as a definition."""
    name, *rest = re.split(r" {2,}", " ".join([lines[0].strip()] + [
        "  " + line.strip() for line in lines[1:]]), maxsplit=1)
    text = " ".join(" ".join(rest).split())
    return f"`{name}`\n: {escaped(text)}\n\n"


def help_page(text):
    """What --help prints, as Markdown: usage, paragraphs, options."""
    usage, *parts = text.strip().split("\n\n")
    yield f"```text\n{usage.removeprefix('usage: ')}\n```\n\n"
    for part in parts:
        head, *lines = part.split("\n")
        if not (lines and re.match(r" +-", lines[0])):
            said = " ".join(part.split())
            yield (f"```sh\n{said}\n```\n\n" if said.startswith("expclip ")
                   else f"{escaped(said)}\n\n")
            continue
        yield f"**{head.rstrip(':')}**\n\n"
        for found in re.findall(r" {2,6}-.*(?:\n {7,}(?!-).*)*",
                                "\n".join(lines)):
            yield option(found.split("\n"))


def command_line(program):
    """What the program says of itself, then a section per command."""
    yield f"```text\n{said(program, 'help')}```\n\n"
    for command in said(program, "help", "--words").split():
        text = said(program, command, "--help")
        page = "".join(help_page(text))
        assert page.count("\n: ") == len(re.findall(r"^ {2,6}-", text, re.M))
        yield f"## {command}\n\n{page}"


def python_exceptions():
    """The exception of each status, by bindings/python's classes."""
    errors = runpy.run_path(str(ROOT / "bindings/python/src/expclip/errors.py"))
    return {kind.status: kind.__name__ for kind in errors["_BY_CODE"].values()}


def go_errors():
    text = (ROOT / "bindings/go/errors.go").read_text()
    return {int(number): name for name, number in re.findall(
        r"(Err\w+) +Code = (-\d+)", text)}


def error_codes():
    """A row per code of the header, with what the languages call it."""
    header = (ROOT / "include/expclip_base.h").read_text()
    python, go = python_exceptions(), go_errors()
    found = re.findall(r"EXPCLIP_ERROR_(\w+) = (-\d+),? +/\* (.*?) \*/",
                       header, re.S)
    assert len(found) == header.count("EXPCLIP_ERROR_") - 1, len(found)
    yield "| status | number | meaning | Python | Go |\n|---|---|---|---|---|\n"
    for name, number, meaning in found:
        yield (f"| `{name}` | {number} | {' '.join(meaning.split())} "
               f"| `{python[name]}` | `{go[int(number)]}` |\n")


def table_of(source, name):
    """The numbers of a table in C, without its comments."""
    text = re.search(rf"static const \w+ {name}\[.*?= \{{(.*?)\n\}};", source,
                     re.S)[1]
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return [float(number) for number in re.findall(r"\d+\.\d+", text)]


def published_runs():
    """UAR / WAR of the paper, and of the reference's logs."""
    source = (ROOT / "bindings/cli/report/reference_run.c").read_text()
    backbones = re.findall(r'\{ "(.*?)", "vit', source)
    titles = re.findall(r'\{ "\w+", "(.*?)" \},',
                        source[source.index("datasets[N_DATASETS]"):])
    n = len(titles)
    head = f"| {{}} | {' | '.join(titles)} |\n|{'---|' * (n + 1)}\n"

    def row(name, numbers):
        pairs = [f"{uar:.2f} / {war:.2f}"
                 for uar, war in zip(numbers[::2], numbers[1::2])]
        return f"| {name} | {' | '.join(pairs)} |\n"

    paper, logged = table_of(source, "paper"), table_of(source, "logged")
    assert len(paper) == 2 * len(backbones) * 2 * n
    assert len(logged) == len(backbones) * 5 * 2 * n
    rows = [paper[i:i + 2 * n] for i in range(0, len(paper), 2 * n)]
    yield "### The paper's tables\n\n" + head.format("model")
    for i, numbers in enumerate(rows):
        kind = "CLIP" if i < len(backbones) else "Exp-CLIP"
        yield row(f"{kind} {backbones[i % len(backbones)]}", numbers)
    rows = [logged[i:i + 2 * n] for i in range(0, len(logged), 2 * n)]
    for i, backbone in enumerate(backbones):
        yield (f"\n### The reference's logged run of {backbone}\n\n"
               + head.format("prompts"))
        for k in range(5):
            yield row(f"type{k + 1}", rows[5 * i + k])


def box_of(header):
    """The comment that opens a header, as Markdown."""
    box = re.search(r"/\*\n \* \w+\.h - (.*?)\n \*/", header, re.S)[1]
    in_code = in_list = False
    for line in re.sub(r"\n \* ?", "\n", box).split("\n"):
        indented = line.startswith("    ") and not in_list
        if line and indented != in_code:
            yield "\n```c" if indented else "```\n"
            in_code = indented
        if in_code:
            yield line[4:]
            continue
        if line.startswith("  - ") and not in_list:
            yield ""
        in_list = line.startswith("  - ") or in_list and line != ""
        yield escaped(line)
    if in_code:
        yield "```\n"


def c_header(path):
    """The page of a header: its opening comment, then its sections."""
    text = path.read_text()
    said = "\n".join(box_of(text))
    yield f"# {path.name}\n\n{said[0].upper()}{said[1:]}\n"
    for _, _, group, title, rest in sections(path.stem, text):
        said = f"{rest[0].upper()}{rest[1:]}.\n\n" if rest else ""
        yield (f"\n## {title}\n\n{said}```{{doxygengroup}} {group}\n"
               ":content-only:\n:members:\n```\n")


def main(program, folder):
    pages = {"command-line": command_line(program),
             "error-codes": error_codes(),
             "published-runs": published_runs()}
    for path in sorted((ROOT / "include").glob("*.h")):
        pages[f"c/{path.stem}"] = c_header(path)
    for name, parts in pages.items():
        page = pathlib.Path(folder) / f"{name}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("".join(parts))


if __name__ == "__main__":
    main(*sys.argv[1:])
