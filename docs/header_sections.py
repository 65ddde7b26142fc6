# SPDX-License-Identifier: MIT
"""The sections of a public header, as Doxygen's groups.

    header_sections.py FILE    doxygen's INPUT_FILTER: FILE with its groups

A section begins at a comment of dashes, such as "---- Model ----"; a header
without one is a section as a whole.
"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MARK = re.compile(r"^/\* -{4,}[ \n](.*?)(?: -{4,}|\n) \*/\n", re.M | re.S)
BEGIN = re.compile(r'^extern "C" \{\n#endif\n', re.M)
END = re.compile(r'^#ifdef __cplusplus\n\}\n', re.M)


def title_of(text):
    """The words of a mark: title and, behind a colon, what it is."""
    words = re.sub(r"\s*\n? \* ", " ", text).strip(" -\n")
    title, _, rest = words.partition(": ")
    return title, rest


def group_of(stem, title):
    return f"{stem}__" + re.sub(r"\W+", "_", title.lower())


def sections(stem, text):
    """(place, end of the mark, group, title, rest) of each section."""
    found = [(m.start(), m.end(), *title_of(m[1])) for m in MARK.finditer(text)]
    if not found:
        place = BEGIN.search(text).end()
        found = [(place, place, "Functions", "")]
    return [(start, end, group_of(stem, title), title, rest)
            for start, end, title, rest in found]


def grouped(path):
    text = subprocess.run(
        ["sed", "-E", "-f", HERE.parent / "pkgconfig/doxygen.sed", path],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    done, last = [], 0
    for start, end, group, title, _ in sections(pathlib.Path(path).stem, text):
        close = "/** @} */\n" if done else ""
        done.append(f"{text[last:start]}{close}\n"
                    f"/** @defgroup {group} {title}\n * @{{ */\n")
        last = end
    end = END.search(text, last).start()
    return "".join(done) + f"{text[last:end]}/** @}} */\n{text[end:]}"


if __name__ == "__main__":
    sys.stdout.write(grouped(sys.argv[1]))
