#!/bin/bash
# SPDX-License-Identifier: MIT
# JSON Lines and CSV: the contract with programs.
. "$(dirname "$0")/expect.bash"
images 3
head -c 100 faces/1.png >faces/cut.png

run score --json faces/1.png faces/cut.png faces/2.png faces/3.png no.png
expect_code 1
check json 'len(lines) == 5'
check json '[l["path"] for l in lines] == ["faces/1.png", "faces/cut.png",
    "faces/2.png", "faces/3.png", "no.png"]'
check json 'list(lines[0]) == ["path", "label", "scores", "logits", "status",
    "faces", "size"]'
check json 'list(lines[0]["scores"]) == ["happiness", "sadness", "neutral",
    "anger", "surprise", "disgust", "fear"]'
check json 'abs(sum(lines[0]["scores"].values()) - 1) < 1e-5'
check json 'lines[0]["label"] == max(lines[0]["scores"],
    key=lines[0]["scores"].get)'
check json 'len(lines[0]["logits"]) == 7 and lines[0]["status"] == "OK"'
check json 'all(abs(p - math.exp(z) / sum(map(math.exp, l["logits"]))) < 1e-5
    for l in lines if l["status"] == "OK"
    for p, z in zip(l["scores"].values(), l["logits"]))'
check json 'list(lines[1]) == ["path", "status", "message"]'
check json 'lines[1]["status"] in ("TRUNCATED", "FORMAT") and lines[1]["message"]'
check json 'lines[4]["status"] == "NOT_FOUND"'

# One image gives what it gives among others.
cp .out all
run score --json --batch 1 faces/2.png
cat all >>.out
check json 'max(abs(a - b) for a, b in
    zip(lines[0]["logits"], lines[3]["logits"])) < 1e-3'

run score --json --top 2 faces/1.png
check json 'len(lines[0]["scores"]) == 2 and len(lines[0]["logits"]) == 7'
check json 'list(lines[0]["scores"])[0] == lines[0]["label"]'

run score --json --temperature 1000 faces/1.png
check json 'max(lines[0]["scores"].values()) < 0.2'

# File names are bytes; JSON is UTF-8 all the same.
cp faces/1.png $'faces/\xff"\n.png'
run score --json $'faces/\xff"\n.png'
expect_code 0
check json 'lines[0]["path"] == "faces/\ufffd\"\n.png"'

run score --csv $'faces/\xff"\n.png' no.png
expect_code 1
expect_out $'path,status,label,happiness,sadness,neutral,anger,surprise,disgust,fear,*
"faces/\xff""
.png",OK,*
no.png,NOT_FOUND,,,,,,,,*'

# Texts that a spreadsheet would compute are shown; numbers stay numbers.
for name in '=1' '+1' '@1' $'\t1'; do
    cp faces/1.png "$name.png"
    run score --csv --classes '=cmd|x,happiness' "$name.png"
    expect_code 0
    expect_out "path,status,label,\"'=cmd|x\",happiness,*
\"'$name.png\",OK,*,0.*"
done
printf -- '-1.png\n' >list.txt
cp faces/1.png ./-1.png
run score --csv list.txt
expect_code 0
expect_out "*\"'-1.png\",OK,*"
