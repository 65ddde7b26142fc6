#!/bin/bash
# SPDX-License-Identifier: MIT
# The prompt lab: the same rates as scoring gives, for each way of saying the
# classes.
. "$(dirname "$0")/expect.bash"

# A folder a class, of the drawn faces named CLASS_NUMBER.png.
for file in "$faces"/*.png; do
    name=${file##*/}
    mkdir -p "data/${name%_*}"
    cp "$file" "data/${name%_*}"
done
data=(--data folder=data)

# rates_of_score SET: WAR and UAR in percent, from what `score` says.
rates_of_score()
{
    run score --faces none --json --recursive data --prompts "$1" \
        --classes anger,disgust,fear,happiness,neutral,sadness,surprise
    expect_code 0
    python3 - .out <<'PYTHON'
import collections, json, sys
right = collections.defaultdict(list)
for line in map(json.loads, open(sys.argv[1], encoding="utf-8")):
    right[line["path"].split("/")[1]].append(
        line["label"] == line["path"].split("/")[1])
all_ = sum(right.values(), [])
print(100 * sum(all_) / len(all_),
      100 * sum(sum(r) / len(r) for r in right.values()) / len(right))
PYTHON
}

run prompts "${data[@]}" --json
expect_code 0
check json '[(l["prompt_set"], l["pooling"]) for l in lines] == [
    ("type1", "logits"), ("type2", "logits"), ("type3", "logits"),
    ("type4", "logits"), ("type4", "embeddings"),
    ("type5", "logits"), ("type5", "embeddings")]'
check json 'list(lines[0]) == ["dataset", "prompt_set", "pooling", "left_out",
    "n", "n_failed", "uar", "war", "ms"]'
check json 'all(l["dataset"] == "folder" and l["left_out"] is None and
    l["n"] == 28 and l["n_failed"] == 0 for l in lines)'
cp .out all
for set in type1 type4 type5; do
    read -r war uar < <(rates_of_score $set)
    cp all .out
    check json "all(abs(l['war'] - $war) < 1e-6 and abs(l['uar'] - $uar) < 1e-6
        for l in lines if l['prompt_set'] == '$set'
        and l['pooling'] == 'logits')"
done

# A template with a comma is an operand; a file may know more classes.
printf '%s\t%s\n' anger angry anger furious disgust disgusted fear afraid \
    happiness happy neutral calm sadness sad surprise surprised joy joyful >mine
run prompts "${data[@]}" --json --prompts type2,mine 'a face, {}.' \
    --pooling embeddings
expect_code 0
check json '[l["prompt_set"] for l in lines] == ["type2", "mine",
    "a face, {}."]'
check json 'all(l["pooling"] == "embeddings" for l in lines)'

# Leaving the second of two out is having the first alone.
run prompts "${data[@]}" --json --leave-one-out mine --pooling logits
expect_code 0
check json '[l["left_out"] for l in lines] == [None, 1, 2]'
check json 'lines[1]["prompt"] == "happy" and lines[2]["prompt"] == "furious"'
check json 'all(abs(l["uar"] - lines[0]["uar"] - l["uar_change"]) < 1e-6
    for l in lines[1:])'
cp .out thinned
sed /furious/d mine >first
run prompts "${data[@]}" --json first
cat thinned >>.out
check json '(lines[0]["uar"], lines[0]["war"]) == (lines[3]["uar"],
    lines[3]["war"])'

# Features of one run serve the next.
run prompts "${data[@]}" --json --cache kept type4
expect_code 0
cp .out fresh
check test -s kept
run prompts "${data[@]}" --json --cache kept type4
cat fresh >>.out
check json 'all(a[k] == b[k] for a, b in zip(lines[:2], lines[2:])
    for k in a if k != "ms")'

# For people: the best are marked.
run prompts "${data[@]}" --leave-one-out
expect_code 0
expect_out 'prompts *pooling * UAR * WAR * ms
type1 *logits *
*type5 *embeddings *
  -10 *'
check grep -q '[0-9] \*' .out
expect_err '*data: features of 28 items in * s*data: 28 items, 0 failed; prompts * s'

# An image that fails is reported, and left out.
head -c 100 data/anger/anger_1.png >data/anger/cut.png
run prompts "${data[@]}" --json type1
expect_code 1
expect_err '*cut.png*'
check json 'lines[0]["n"] == 28 and lines[0]["n_failed"] == 1'
rm data/anger/cut.png

run prompts
expect_code 2
expect_err '*no dataset*'
run prompts "${data[@]}" type6
expect_code 2
expect_err '*"type6", expected type1 to type5, a template with {}*'
sed /fear/d mine >less
run prompts "${data[@]}" less
expect_code 2
expect_err '*less: no prompts for class "fear" of the dataset'
run prompts --data data type1
expect_code 2
run prompts "${data[@]}" --model none.safetensors type1
expect_code 3
