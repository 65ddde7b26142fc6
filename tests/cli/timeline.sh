#!/bin/bash
# SPDX-License-Identifier: MIT
# One clip over time: CSV, JSON Lines, WebVTT and plots.
. "$(dirname "$0")/expect.bash"

# A clip of 1.5 s: happiness, then anger, then surprise, 5 frames each.
mkdir clip
for ((i = 0; i < 15; i++)); do
    names=(happiness_2 anger_1 surprise_1)
    cp "$faces/${names[i / 5]}.png" "clip/$((i + 1)).png"
done

# timeline FILES OPTIONS...: of the clip, 10 frames a second.
timeline()
{
    local files=$1
    shift
    run clip --frame-rate 10 --timeline "$files" "$@" clip
}

timeline t.csv,t.jsonl,t.vtt --json --smooth none
expect_code 0
check json 'lines[0]["frames"] == 15 and len(lines) == 1'
expect_err '*timeline: t.csv*timeline: t.jsonl*timeline: t.vtt*'
run score --csv clip
cp .out each.csv

# Each row is what score says of the frame; CSV and JSON Lines agree.
cat >check.py <<'PYTHON'
import csv, json
rows = list(csv.DictReader(open("t.csv")))
each = list(csv.DictReader(open("each.csv")))
lines = [json.loads(line) for line in open("t.jsonl")]
scores = [line for line in lines if "scores" in line]
segments = [line["segment"] for line in lines if "segment" in line]
names = list(scores[0]["scores"])
assert list(rows[0]) == ["path", "time", "label"] + names
assert len(rows) == len(scores) == len(each) == 15
for i, (row, score, one) in enumerate(zip(rows, scores, each)):
    assert row["path"] == score["path"] == "clip"
    assert abs(float(row["time"]) - i / 10) < 1e-6
    assert abs(score["time"] - i / 10) < 1e-6
    assert row["label"] == score["label"] == one["label"]
    for name in names:
        assert row[name] == format(score["scores"][name], ".9g") or \
            abs(float(row[name]) - score["scores"][name]) < 1e-8
        assert abs(float(row[name]) - float(one[name])) < 1e-4
for s in segments:
    inside = [float(row[s["label"]]) for row in rows
              if s["start"] - 1e-6 <= float(row["time"]) < s["end"] - 1e-6]
    assert abs(sum(inside) / len(inside) - s["probability"]) < 1e-5
    assert inside[0] >= 0.6 and min(inside) >= 0.4
assert segments[0]["label"] == "happiness"
assert segments[0]["start"] == 0 and abs(segments[0]["end"] - 0.5) < 1e-6
assert len(segments) >= 2
json.dump(segments, open("segments.json", "w"))
PYTHON
check python3 check.py

# Subtitles by the rules of WebVTT.
cat >check_vtt.py <<'PYTHON'
import json, re
blocks = open("t.vtt", encoding="utf-8").read().rstrip("\n").split("\n\n")
assert blocks[0] == "WEBVTT"
assert re.fullmatch(r"NOTE\nFacial expressions in clip\n"
                    r"by the model demo, libexpclip \d+\.\d+\.\d+", blocks[1])
segments = json.load(open("segments.json"))
assert len(blocks) - 2 == len(segments)
last = 0
for block, s in zip(blocks[2:], segments):
    times, text = block.split("\n")
    t = re.fullmatch(r"(\d\d+):([0-5]\d):([0-5]\d)\.(\d{3}) --> "
                     r"(\d\d+):([0-5]\d):([0-5]\d)\.(\d{3})", times).groups()
    start, end = (int(h) * 3600 + int(m) * 60 + int(sec) + int(ms) / 1000
                  for h, m, sec, ms in (t[:4], t[4:]))
    assert last <= start < end, block
    last = start
    assert abs(start - s["start"]) < 0.001 and abs(end - s["end"]) < 0.001
    assert text == "%s %.0f %%" % (s["label"], 100 * s["probability"])
PYTHON
check python3 check_vtt.py

# Smoothing, computed anew from the rows without it.
cp t.csv plain.csv
cat >check_smooth.py <<'PYTHON'
import csv, math, statistics, sys
def read(path):
    rows = list(csv.reader(open(path)))[1:]
    return [float(r[1]) for r in rows], [list(map(float, r[3:])) for r in rows]
times, plain = read("plain.csv")
_, found = read("t.csv")
n = len(plain)
if sys.argv[1] == "ema":
    want = [plain[0]]
    for i in range(1, n):
        a = 1 - math.exp(-(times[i] - times[i - 1]) / float(sys.argv[2]))
        want.append([w + a * (p - w) for w, p in zip(want[-1], plain[i])])
else:
    half, want = int(sys.argv[2]) // 2, []
    for i in range(n):
        window = plain[max(0, i - half):i + half + 1]
        m = [statistics.median(c) for c in zip(*window)]
        want.append([x / sum(m) for x in m])
assert max(abs(a - b) for x, y in zip(want, found)
           for a, b in zip(x, y)) < 1e-5
PYTHON
timeline t.csv
check python3 check_smooth.py ema 0.5
timeline t.csv --ema 0.07 --batch 3
check python3 check_smooth.py ema 0.07
timeline t.csv --smooth median
check python3 check_smooth.py median 5
timeline t.csv --smooth median --median 21
check python3 check_smooth.py median 21

timeline t.jsonl --min-segment 10
check test "$(grep -c '"segment"' t.jsonl)" = 0
check test "$(wc -l <t.jsonl)" = 15

# A failed frame has no row; names are what they are in every form.
mkdir 'a,"<b>-->'
cp clip/?.png 'a,"<b>-->'
head -c 50 clip/1.png >'a,"<b>-->/4.png'
run clip --timeline t.csv,t.vtt,t.jsonl --classes 'x<y>,"q"' 'a,"<b>-->'
expect_code 1
expect_err '*1 of 9 frames failed*'
check test "$(wc -l <t.csv)" = 9
check grep -q '^"a,""<b>-->",0.000000,' t.csv
check grep -q '^path,time,label,x<y>,"""q"""$' t.csv
check grep -q '^Facial expressions in a,"&lt;b&gt;--&gt;$' t.vtt
check test "$(grep -c -e '-->' t.vtt)" = "$(grep -c '"segment"' t.jsonl)"

# ---- wrong words ----
run clip --timeline t.txt clip
expect_code 2
expect_err '*--timeline: found "t.txt", expected a name that ends in .csv*'
run clip --timeline ,t.csv clip
expect_code 2
run clip --timeline no/such/t.csv clip
expect_code 2
run clip --timeline t.csv clip clip
expect_code 2
expect_err '*--timeline takes one clip, found 2'
run clip --timeline t.csv --sampling exact clip
expect_code 2
expect_err '*--timeline needs --sampling all, found exact'
run clip --timeline t.csv --smooth median --median 4 clip
expect_code 2
expect_err '*--median: found 4, expected an odd number'
run clip --timeline t.csv --enter 0.3 --leave 0.4 clip
expect_code 2
expect_err '*--leave: found 0.4, expected at most --enter 0.3'
run clip --timeline t.csv --enter 1.5 clip
expect_code 2
run clip --timeline t.csv --ema 0 clip
expect_code 2

# A clip that fails leaves no file, and a file from before as it was.
mkdir empty
echo path,before >kept.csv
run clip --timeline kept.csv,new.vtt empty
expect_code 1
check test "$(<kept.csv)" = path,before
check test ! -e new.vtt
check test -z "$(find . -name '*.tmp')"
ln -s /dev/full full.csv
run clip --timeline full.csv clip
expect_code 4
expect_err '*cannot write /dev/full: No space left on device'

# Stopped at work: ends with 4 and leaves nothing.
mkdir long
for ((i = 0; i < 3000; i++)); do
    echo "clip/$((i % 15 + 1)).png long/$i.png"
done | xargs -n 2 -P 2 ln
cat >stop.py <<'PYTHON'
import glob, os, signal, subprocess, sys, time
p = subprocess.Popen(
    [sys.argv[1], "clip", "--timeline", "long.csv,long.vtt", "--batch", "1",
     "long"], stderr=open(".err", "w"),
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while p.poll() is None and not any(
        os.path.getsize(f) for f in glob.glob(".long.csv*.tmp")):
    time.sleep(0.01)
p.send_signal(signal.SIGINT)
sys.exit(p.wait())
PYTHON
python3 stop.py "$program" >.out
code=$? last='clip, stopped'
expect_code 4
expect_err '*stopped after 0 of 1 clips*'
check test ! -e long.csv
check test -z "$(find . -name '*.tmp')"

# ---- plots, where the program can draw ----
timeline p.svg
[[ $(<.err) == *without\ cairo* ]] && exit 0
expect_code 0
timeline again.svg,p.pdf,again.pdf,p.png,again.png
expect_code 0
check cmp p.svg again.svg
check cmp p.pdf again.pdf
check cmp p.png again.png
check python3 - <<'PYTHON'
import re, struct, xml.dom.minidom
svg = open("p.svg", encoding="utf-8").read()
root = xml.dom.minidom.parseString(svg).documentElement
assert root.tagName == "svg" and root.getAttribute("aria-label") == "clip"
names = set(re.findall(r'\bid="([^"]*)"', svg))
used = set(re.findall(r'(?:href="|url\()#([^")]*)', svg))
assert used and used <= names
assert all(re.match(r"p[0-9a-f]{8}-", name) for name in names)
pdf = open("p.pdf", "rb").read()
assert pdf.startswith(b"%PDF-") and b"CreationDate" not in pdf
png = open("p.png", "rb").read()
assert png[:8] == b"\x89PNG\r\n\x1a\n"
assert struct.unpack(">II", png[16:24]) == (1728, 720)
PYTHON
# A name of what XML and cairo refuse: U+FFFF, an escape, a wrong byte.
odd=$'a\xEF\xBF\xBF\e\xFF'
cp -r clip "$odd"
run clip --timeline odd.svg "$odd"
expect_code 0
check python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("odd.svg")'
mkdir plots.svg
run clip --timeline plots.svg clip
expect_code 2
expect_err '*cannot write plots.svg: found a folder, expected a regular file'
