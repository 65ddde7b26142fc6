#!/bin/bash
# SPDX-License-Identifier: MIT
# The sheet: whole, escaped, self-contained, and there only when complete.
. "$(dirname "$0")/expect.bash"
pictures 2
head -c 100 faces/1.png >faces/cut.png
cp faces/1.png "faces/<script>alert(1)</script>&\"'.png" 2>/dev/null ||
    { mkdir -p 'faces/<script>alert(1)<'; cp faces/1.png "faces/<script>alert(1)<"/'script>.png'; }

run score -r --html sheet.html faces
expect_code 1
expect_err '*expclip: sheet: sheet.html*'

# Well-formed, and each picture of a good face is in it.
check python3 - <<'PYTHON'
import html.parser, re
page = open("sheet.html", encoding="utf-8").read()
void = {"meta", "img", "link", "br"}
class Check(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.images, self.tags = [], 0, set()
    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "img":
            self.images += dict(attrs)["src"].startswith("data:image/png;base64,")
        if tag not in void:
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
check = Check()
check.feed(page)
assert not check.open and check.images == 3, (check.open, check.images)
assert "script" not in check.tags
assert not re.search(r'(src|href)="(?!data:)', page) and "url(" not in page
assert "Content-Security-Policy" in page and "default-src 'none'" in page
assert "&lt;script&gt;" in page and "Fingerprint" in page
assert "prefers-color-scheme" in page and "@media print" in page
assert "does not read photographs" in page
PYTHON

# The picture comes back out as it went in.
check python3 - <<'PYTHON'
import base64, re
page = open("sheet.html").read()
found = [base64.b64decode(b) for b in re.findall(r'base64,([^"]*)"', page)]
assert open("faces/2.png", "rb").read() in found
PYTHON

# Wrong places are told before any work.
run score --html no/such/sheet.html faces
expect_code 2
expect_err 'expclip: cannot write no/such/sheet.html: No such file or directory'
run score --html faces faces
expect_code 2
expect_err '*cannot write faces: Is a directory'

# An unfinished sheet leaves the one before, and nothing beside it.
echo '<!DOCTYPE html><meta name="generator" content="expclip">' >kept.html
cp kept.html before.html
run score --html kept.html --model no-such-model faces
expect_code 3
check cmp kept.html before.html
check test -z "$(find . -name "*.tmp")"

run score --html /dev/full faces
expect_code 4
expect_err '*cannot write /dev/full: No space left on device'
