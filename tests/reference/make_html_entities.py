# SPDX-License-Identifier: MIT
"""Write libexpclip/clip/html_entities.c from Python's html.entities.

    python3 tests/reference/make_html_entities.py > libexpclip/clip/html_entities.c

ftfy also decodes the names in capitals that html.unescape() does not know
(ftfy chardata.py, _build_html_entities); they are marked with a 1.
"""

import html
from html.entities import html5

HEADER = """/* SPDX-License-Identifier: MIT */
/*
 * html_entities.c - names of HTML characters, sorted: made by
 * tests/reference/make_html_entities.py from Python's html.entities.
 */
#include "clip/html_entities.h"

const expclip__html_entity expclip__html_entities[EXPCLIP__N_ENTITIES] = {"""


def c_text(text):
    return "".join(f"\\{byte:03o}" for byte in text.encode())


def main():
    rows = {name: (text, 0) for name, text in html5.items()}
    for name, text in html5.items():
        upper = name.upper()
        if (name.endswith(";") and name == name.lower()
                and html.unescape("&" + upper) == "&" + upper):
            rows[upper] = (text.upper(), 1)
    print(HEADER)
    for name, (text, only_ftfy) in sorted(
            rows.items(), key=lambda row: row[0].encode()):
        print(f'    {{ "{name}", "{c_text(text)}", {only_ftfy} }},')
    print("};")


if __name__ == "__main__":
    main()
