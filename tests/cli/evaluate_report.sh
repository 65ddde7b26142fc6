#!/bin/bash
# SPDX-License-Identifier: MIT
# The report of an evaluation: its files, the same figures in all of them, and
# text from outside that stays text.
. "$(dirname "$0")/expect.bash"

# A folder a class; one has a name that HTML, Markdown and LaTeX would obey, the
# only file of one is no image.
odd='a<b>&"_1%'
mkdir -p "data/$odd" data/happiness data/surprise data/empty
cp "$faces"/happiness_*.png data/happiness/
cp "$faces"/surprise_*.png data/surprise/
cp "$faces"/anger_*.png "data/$odd/"
head -c 100 data/happiness/happiness_1.png >data/empty/cut.png

run evaluate --data folder=data --prompts 'a face with {}.' -o out
expect_code 1
for file in results.json tables.md tables.tex report.html; do
    check test -s "out/$file"
done

cat >check.py <<'PYTHON'
import hashlib, base64, html.parser, json, re, sys

VOID = {"meta", "br"}


class Page(html.parser.HTMLParser):
    """What is open, which anchors there are, and the data by their names."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.data = [], [], [], {}
        self.name = None

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.name = dict(attributes).get("id")
        for name, value in attributes:
            assert name not in ("src", "srcset", "style"), name
            assert not name.startswith("on"), name
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.data[self.name] = self.data.get(self.name, "") + data


def read(name):
    return open("out/" + name, encoding="utf-8").read()


odd = sys.argv[1]
results = json.loads(read("results.json"))
page, markdown, latex = map(read, ("report.html", "tables.md", "tables.tex"))
assert results

# The page is well formed, needs nothing else, and its links lead somewhere.
parser = Page()
parser.feed(page)
parser.close()
assert parser.open == [], parser.open
assert len(set(parser.ids)) == len(parser.ids)
assert all(link[1:] in parser.ids for link in parser.links)
names = page.replace("http-equiv", "").replace("http://www.w3.org/", "")
assert "http" not in names
assert odd not in page and "innerHTML" not in page

# It holds results.json, and a card with a name and plots for each of them.
data = {name: json.loads(parser.data[name]) for name in ("results", "view")}
assert data["results"] == results
assert len(data["view"]["cards"]) == len(results)
for r, card in zip(results, data["view"]["cards"]):
    assert card["classes"] == list(r["support"])
    for plot in ("confusion", "reliability"):
        assert card.get(plot, "").startswith("<svg ") == data["view"]["has_plots"]

# Its policy allows the one script that is in it.
script = re.search("<script>(.*?)</script>", page, re.S)[1]
digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
assert f"script-src 'sha256-{digest}'" in page

# The same figures everywhere.
for r in results:
    assert odd in r["support"], r["support"]
    pair = "%.2f/%.2f" % (r["uar"], r["war"])
    assert pair in markdown.replace("**", ""), pair
    assert pair in re.sub(r"\\textbf\{([\d.]+)\}", r"\1", latex), pair
    low, high = r["interval"]["uar"]
    assert "%.2f\u2013%.2f" % (low, high) in markdown

# What is missing is said.
assert all(r["missing_classes"] == ["empty"] for r in results)
assert all(r["n_failed"] == 1 for r in results)
assert all(f["path"].endswith("data/empty/cut.png")
           for r in data["results"] for f in r["failures"])
assert "has no item of: empty" in markdown and "1 item could not" in markdown

# LaTeX takes it: no bare special character, no open brace.
body = re.sub(r"(?m)^% .*|%$", "", latex)
body = re.sub(r"\\[&%$#_{}]|\$[+-]\$", "", body)
assert not re.search(r"[$#_%^~]", body), re.search(r"[$#_%^~]", body)
assert body.count("{") == body.count("}")
assert body.count("\\begin{") == body.count("\\end{")
PYTHON
check python3 check.py "$odd"

# What a browser makes of it: names as text, figures as in results.json.
cat >look.py <<'PYTHON'
import html.parser, json, sys


class Shown(html.parser.HTMLParser):
    """The tags and the text outside of scripts and templates."""

    def __init__(self):
        super().__init__()
        self.hidden, self.tags, self.text = 0, [], []

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in ("script", "style", "template")
        if not self.hidden:
            self.tags.append(tag)

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style", "template")

    def handle_data(self, data):
        if not self.hidden:
            self.text.append(data)


shown = Shown()
shown.feed(open("shown.html", encoding="utf-8").read())
text = "".join(shown.text)
assert sys.argv[1] in text, text
for part in ("No item of: empty", "data/empty/cut.png", "Made by expclip"):
    assert part in text, part
for r in json.load(open("out/results.json")):
    for key in ("uar", "war", "macro_f1"):
        assert "%.2f" % r[key] in shown.text, (key, r[key])
    for rates in (r["recall"], r["precision"]):
        assert all("%.1f" % x in shown.text for x in rates.values() if x)
    assert shown.tags.count("details") >= 3 and "noscript" in shown.tags
view = json.loads(open("out/report.html", encoding="utf-8").read()
                  .split('id="view">')[1].split("</script>")[0])
assert shown.tags.count("svg") == 1 + 2 * view["has_plots"], shown.tags
PYTHON
browser=$(command -v chromium || command -v google-chrome) || browser=
if [[ $browser ]] &&
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
        --user-data-dir=browser --virtual-time-budget=5000 \
        --dump-dom "file://$work/out/report.html" >shown.html 2>/dev/null; then
    check python3 look.py "$odd"
else
    echo "no browser: report.html was not looked at"
fi

# Equal runs give equal pages.
run evaluate --data folder=data --prompts 'a face with {}.' -o again
expect_code 1
for file in tables.md tables.tex report.html; do
    check cmp "out/$file" "again/$file"
done

# A place that cannot be written is named.
mkdir -p full/report.html
run evaluate --data folder=data --prompts type1 -o full
expect_code 2
expect_err '*full/report.html*'
