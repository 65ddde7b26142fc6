#!/bin/bash
# SPDX-License-Identifier: MIT
# Evaluations: results as files and lines, heads and data sets that share
# features, work that was interrupted, and what fails.
. "$(dirname "$0")/expect.bash"

mkdir -p data/happiness data/anger data/surprise
for class in happiness anger surprise; do
    for file in "$faces"/${class}_*.png; do
        for copy in 1 2 3; do
            cp "$file" "data/$class/$copy-${file##*/}"
        done
    done
done
n=$(find data -name '*.png' | wc -l)

# same A B FILE...: these files of two reports are equal.
same()
{
    local a=$1 b=$2
    shift 2
    for file; do
        check cmp "$a/$file" "$b/$file"
    done
}

# results EXPRESSION: true for the list `results` of out/results.json.
results()
{
    python3 - "${report:-out}" "$1" <<'PYTHON'
import csv, json, math, os, sys
folder = sys.argv[1]
results = json.load(open(folder + "/results.json", encoding="utf-8"))
rows = list(csv.DictReader(open(folder + "/results.csv", encoding="utf-8")))
def predictions(name):
    path = f"{folder}/predictions/{name}.csv"
    return list(csv.DictReader(open(path, encoding="utf-8")))
sys.exit(not eval("(" + sys.argv[2] + ")"))
PYTHON
}

# One folder is all that it takes.
run evaluate data -o out
expect_code 0
expect_out '*folder *type1 *UAR/WAR: [0-9]*.[0-9][0-9]/[0-9]*.[0-9][0-9] *folder *type5*'
check results '[r["prompt_set"] for r in results] == \
    ["type1", "type2", "type3", "type4", "type5"]'
check results "all(r['n'] == $n and r['n_failed'] == 0 for r in results)"
check results 'sorted(results[0]["recall"]) == ["anger", "happiness", "surprise"]'
check results 'results[2]["provenance"]["prompts"]["anger"] == \
    ["a photo of a face with an expression of anger."]'
check results 'set(results[0]["provenance"]) == {"library", "model", "dtype",
    "model_fingerprint", "head", "preprocess", "pooling", "sampling",
    "n_samples", "order", "split", "data", "lists", "prompts"}'
check results '[float(r["war"]) for r in rows] == [r["war"] for r in results]'
check results 'all(abs(r["war"] - 100 * sum(p["prediction"] == p["label"]
    for p in predictions("%s-%s-folder-%s" % (r["model"].replace("/", "-"),
        r["head"], r["prompt_set"]))) / r["n"]) < 1e-9 for r in results)'
check results 'all(abs(sum(float(p[c]) for c in r["recall"]) - 1) < 1e-5
    for r in results[:1] for p in predictions("%s-%s-folder-type1" %
        (r["model"].replace("/", "-"), r["head"])))'
check test ! -e out/comparisons.json

# Again: what is there is used, and the bytes are the same.
cp -r out first
rm out/results.*
run evaluate data -o out
expect_code 0
expect_err '*features of * items were there*'
same first out results.json results.csv report.html

# --json has the same objects, one a line, of nine digits; "all" is five sets.
run evaluate --data folder=data --prompts type1,type2,type3,type4,type5 --json \
    -o out
expect_code 0
check json '[list(l) for l in lines] == [list(r) for r in
    json.load(open("out/results.json", encoding="utf-8"))]'
check json 'all(abs(l["war"] - r["war"]) < 1e-6 and l["confusion"] ==
    r["confusion"] for l, r in
    zip(lines, json.load(open("out/results.json", encoding="utf-8"))))'
same first out results.json

# Interrupted again and again, the bytes are the same as in one go.
interrupted=0
for ((i = 0; i < 40; i++)); do
    "$program" evaluate data -o cut --batch 1 >.out 2>.err &
    process=$!
    for ((j = 0; j < 200; j++)); do
        [[ -n $(find cut/cache -name '*.features' -size +4 2>/dev/null) ]] && break
        sleep 0.01
    done
    sleep "0.0$((i % 4))"
    kill -INT $process
    wait $process
    code=$?
    [[ $code == 0 ]] && break
    last="evaluate, interrupted"
    expect_code 4
    expect_err '*run the same command again to go on*'
    check test ! -e cut/results.json
    interrupted=$((interrupted + 1))
done
check test "$interrupted" -gt 0
run evaluate data -o cut --batch 1
expect_code 0
run evaluate data -o whole --batch 1
expect_code 0
same whole cut results.json results.csv
check cmp whole/cache/*.features cut/cache/*.features

# Two heads on one encoder, and two data sets of one kind: each result has its
# name, its predictions and its features.
mkdir -p few/happiness few/anger
cp data/happiness/1-* few/happiness
cp data/anger/2-* few/anger
run evaluate data few --prompts 'type1,a {} face' --compare \
    --head none,auto --head none --preprocess expclip -o two
expect_code 0
report=two
check results '[(r["head"], r["dataset"], r["prompt_set"]) for r in results] ==
    [(h, d, p) for h in ("none", "auto") for d in ("folder", "folder-2")
     for p in ("type1", "a {} face")]'
check results 'len(os.listdir(folder + "/predictions")) == 8'
check results 'len(os.listdir(folder + "/cache")) == 2'
check results '[r["n"] for r in json.load(open(folder + "/comparisons.json"))]
    == [r["n"] for r in results[4:]]'
check results '[(r["first_head"], r["second_head"])
    for r in json.load(open(folder + "/comparisons.json"))] ==
    [("none", "auto")] * 4'
unset report

# A head that is no other is not run twice.
run evaluate few --prompts type1 --head none,none -o once
expect_code 0
report=once check results 'len(results) == 1'

# Pictures that are none are reported, and the rest is done. They count as
# failed until their features are removed.
head -c 100 few/happiness/1-happiness_1.png >few/happiness/cut.png
for i in {10..40}; do
    echo nothing >few/anger/none$i.png
done
run evaluate few --prompts type1 -o bad
expect_code 1
expect_err '*none29.png*12 more items that failed*'
report=bad check results 'results[0]["n_failed"] == 32'
report=bad check results 'len(results[0]["failures"]) == 32 and
    results[0]["failures"][-1]["path"] == "few/happiness/cut.png"'
report=bad check results 'len([p for p in predictions("demo-auto-folder-type1")
    if p["status"] == "OK" and p["prediction"]]) == 8'
run evaluate few --prompts type1 -o bad
expect_code 1
expect_err '*to read them again, remove bad/cache/folder-*'
rm few/happiness/cut.png few/anger/none*

# Features of other pictures are refused by name, and the other data set is
# still done.
run evaluate --data folder=few --data folder=data --prompts type1 -o bad
expect_code 1
expect_err '*made with data set: folder*remove it*'
report=bad check results '[r["dataset"] for r in results] == ["folder-2"]'

# A data set that is not there does not lose the other one either.
run evaluate --data RAFDB=nowhere --data folder=few --prompts type1 -o some
expect_code 1
expect_err '*RAFDB: nowhere*'
report=some check results '[r["dataset"] for r in results] == ["folder"]'

# Nor does a model.
run evaluate few --prompts type1 -m nothing.pt,demo -o some
expect_code 3
expect_err '*nothing.pt*'
report=some check results 'len(results) == 1'

# A list with clips: frame 0 alone of a short one, and what it lost.
mkdir -p clips/a clips/b
cp "$faces"/happiness_1.png clips/a/1.png
for i in {10..29}; do
    cp "$faces"/anger_1.png clips/b/$i.png
done
echo nothing >clips/b/15.png
printf 'a 1 0\nb 20 3\n' >clips/list.txt
run evaluate --data list=clips/list.txt --prompts type1 -o clip
expect_code 1
expect_err '*1 of 16 frames left out: *15.png*'
report=clip check results 'results[0]["n_failed"] == 0 and
    [c["path"] for c in results[0]["partial_clips"]] == ["clips/b"] and
    results[0]["failures"] == []'

# What is wrong is told before any model is loaded.
wrong()
{
    rm -rf wrong
    run evaluate "$@"
    expect_code 2
    check test ! -e wrong/cache
}
wrong data
expect_err '*-o DIR*'
wrong -o wrong
expect_err '*no data*'
wrong --data CatDB=data -o wrong
expect_err '*CatDB*RAFDB*'
wrong --data CatDB=data --data folder=data -m nothing.pt -o wrong
expect_err '*CatDB*'
wrong --data data -o wrong
expect_err '*NAME=PATH*'
wrong nowhere -o wrong
expect_err '*nowhere*'
wrong data --prompts type9 -o wrong -m nothing.pt
expect_err '*type9*type1 to type5*'
printf 'happiness\tsmile\n' >smile.txt
wrong data --prompts smile.txt -o wrong -m nothing.pt
expect_err '*smile.txt*anger*'
run evaluate data -o no/such/folder
expect_code 2
expect_err '*no/such/folder*'

# A place that cannot be written: a folder that is none, or is not ours.
echo text >file
run evaluate few -o file
expect_code 2
if [[ $(id -u) != 0 ]]; then
    mkdir -m 555 locked
    run evaluate few -o locked
    expect_code 4
    expect_err '*locked/cache*'
fi
