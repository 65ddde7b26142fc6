#!/bin/bash
# SPDX-License-Identifier: MIT
# The sheet: whole, escaped, self-contained, and there only when complete.
. "$(dirname "$0")/expect.bash"
images 2
head -c 100 faces/1.png >faces/cut.png
cp faces/1.png "faces/<script>alert(1)</script>&\"'.png" 2>/dev/null ||
    { mkdir -p 'faces/<script>alert(1)<'; cp faces/1.png "faces/<script>alert(1)<"/'script>.png'; }

run score -r --html sheet.html faces
expect_code 1
expect_err '*expclip: sheet: sheet.html*'

# Well-formed, with each image of a good face in its data, and nothing else.
check python3 - <<'PYTHON'
import base64, hashlib, html.parser, json, re
page = open("sheet.html", encoding="utf-8").read()
void = {"meta", "img", "link", "br"}
class Check(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.scripts = [], [], []
    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not {"src", "href", "style"} & dict(attrs).keys(), attrs
        if tag not in void:
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
check = Check()
check.feed(page)
check.close()
assert not check.open and check.tags.count("script") == 2, check.open
items, script = check.scripts
digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
assert f"script-src 'sha256-{digest}'" in page
assert "default-src 'none'" in page and "url(" not in page
assert "innerHTML" not in page and "http" not in re.sub(
    "http-equiv|http://www.w3.org/2000/svg", "", page)
assert "prefers-color-scheme" in page and "@media print" in page
assert "does not read photographs" in page

run, *items = json.loads(items)
assert run["fingerprint"] and run["is_demo"] and len(run["names"]) == 7
assert any("<script>" in item["path"] for item in items) and len(items) == 4
assert all(len(item["results"]) == 1 for item in items)
good = [i for i in items if "message" not in i["results"][0]]
start = "data:image/png;base64,"
assert len(good) == 3 and all(i["image"].startswith(start) for i in good)
assert open("faces/2.png", "rb").read() in [
    base64.b64decode(i["image"][len(start):]) for i in good]
assert all(abs(sum(i["results"][0]["probabilities"]) - 1) < 1e-5 for i in good)
PYTHON

# What a browser makes of it.
browser=$(command -v chromium || command -v google-chrome) || browser=
if [[ $browser ]] &&
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
        --user-data-dir=browser --virtual-time-budget=5000 \
        --dump-dom "file://$work/sheet.html" >shown.html 2>/dev/null; then
    check python3 - <<'PYTHON'
import re
shown = open("shown.html", encoding="utf-8").read().split("<template")[0]
assert shown.count("<figure>") == 4 and shown.count("<img") == 3
assert "&lt;script&gt;" in shown and "<script" not in shown
assert len(re.findall(r"<span>\d+\.\d %</span>", shown)) == 3 * 7
assert "cut.png" in shown
PYTHON
else
    echo "no browser: sheet.html was not looked at"
fi

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
