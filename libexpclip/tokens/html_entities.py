# SPDX-License-Identifier: MIT
"""Write html_entities.c from Python's table of HTML 5's names.

    python3 html_entities.py html_entities.c       as the build does

The spellings in capitals are those of ftfy 6.3 (chardata.py,
_build_html_entities): of names in small letters, where HTML reads nothing.
"""

import html
import html.entities
import sys

HEAD = """\
/* SPDX-License-Identifier: MIT */
/*
 * html_entities.c - the names of HTML 5's character references.
 * Written by html_entities.py when the library is built.
 */
#include "tokens/html_entities.h"

const int32_t expclip__windows_1252[32] = {"""


def entities():
    found = {}
    for name, text in html.entities.html5.items():
        if not name.endswith(";"):
            continue
        name = name[:-1]
        found[name] = (text, name in html.entities.html5, False)
        capitals = name.upper()
        if name == name.lower() and name != capitals and \
                html.unescape(f"&{capitals};") == f"&{capitals};":
            found[capitals] = (text.upper(), False, True)
    return sorted(found.items())


def write(file):
    def print_line(line):
        print(line, file=file)

    print_line(HEAD)
    for row in range(0x80, 0xa0, 8):
        codes = [ord(html.unescape(f"&#{c};")) for c in range(row, row + 8)]
        print_line("    " + " ".join(f"{c:#06x}," for c in codes))
    print_line("};\n\nconst expclip__entity expclip__entities[] = {")
    for name, (text, bare, capitals) in entities():
        assert name.isascii() and name.isalnum() and len(text) <= 3
        codes = ", ".join(f"{ord(c):#x}" for c in text)
        print_line(f'    {{ "{name}", {{ {codes} }}, {bare:d}, {capitals:d} }},')
    print_line("};\n\nconst size_t expclip__n_entities =\n"
          "    sizeof(expclip__entities) / sizeof(expclip__entities[0]);")


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as output:
        write(output)
