#!/bin/bash
# SPDX-License-Identifier: MIT
# Evaluations: one folder of results, the same however often the run ended.
. "$(dirname "$0")/expect.bash"

# A folder a class, of the drawn faces named CLASS_NUMBER.png, each as often as
# it takes to stop in their middle.
faces_of()
{
    local file name i
    for file in "$faces"/*.png; do
        name=${file##*/}
        mkdir -p "$1/${name%_*}"
        for ((i = 0; i < $2; i++)); do
            cp "$file" "$1/${name%_*}/${name%.png}_$i.png"
        done
    done
}
faces_of faces 1
cut_one()
{
    cp -r faces "$1"
    head -c 100 faces/anger/anger_1_0.png >"$1/anger/anger_1_0.png"
}

# results EXPRESSION: true for the list `results` of results.json.
results()
{
    python3 - "$1" "$2" <<'PYTHON'
import csv, glob, json, sys
folder = sys.argv[1]
results = json.load(open(folder + "/results.json", encoding="utf-8"))
def table(name):
    return list(csv.DictReader(open(f"{folder}/{name}", encoding="utf-8")))
sys.exit(not eval(sys.argv[2]))
PYTHON
}

# ---- the shortest command ----
run evaluate faces -o out
expect_code 0
expect_out 'faces type1 UAR/WAR: *faces type5 UAR/WAR: *demo, head auto)'
expect_err '*faces: features of 28 items in *report: out/report.html'
for file in report.html tables.md tables.tex results.json results.csv; do
    check test -s "out/$file"
done
check test "$(<out/comparisons.json)" = "[]"
check results out '[r["prompt_set"] for r in results] == [
    "type1", "type2", "type3", "type4", "type5"]'
check results out 'all((r["dataset"], r["model"], r["head"], r["n"],
    r["n_failed"], r["failures"]) == ("folder", "demo", "auto", 28, 0, [])
    for r in results)'
check results out 'all(r["provenance"]["data"] == "faces" and
    list(r["provenance"]["prompts"]) == list(r["support"]) for r in results)'
cp -r out first

# What `score` says of each image is what is counted.
run score --faces none --json --recursive faces --prompts type2 \
    --classes anger,disgust,fear,happiness,neutral,sadness,surprise
expect_code 0
check json '(lambda right: abs(100 * sum(right) / len(right) - [r["war"]
    for r in json.load(open("out/results.json")) if r["prompt_set"] == "type2"
    ][0]) < 1e-9)([l["label"] == l["path"].split("/")[1] for l in lines])'

# results.csv and the predictions hold the same as results.json.
check results out '[(r["prompt_set"], r["uar"], r["war"], r["macro_f1"],
    r["interval"]["uar"][0], r["interval"]["war"][1],
    r["calibration"]["ece"]) for r in results] == [
    (r["prompt_set"], *map(float, (r["uar"], r["war"], r["macro_f1"],
    r["uar_low"], r["war_high"], r["ece"]))) for r in table("results.csv")]'
check results out 'len(glob.glob(folder + "/predictions/*.csv")) == 5'
check results out 'all((lambda rows, names: r["confusion"] == [
    [sum((p["label"], p["prediction"]) == (a, b) for p in rows) for b in names]
    for a in names] and all(p["status"] == "OK" and p["fold"] == "0" and
    abs(sum(float(p[c]) for c in names) - 1) < 1e-5 and
    p["prediction"] == max(names, key=lambda c: float(p[c])) for p in rows))(
    table(f"predictions/{i + 1}-demo-auto-faces-type{i + 1}.csv"),
    list(r["support"]))
    for i, r in enumerate(results))'

# The second run computes nothing anew and gives the same bytes.
run evaluate faces -o out
expect_code 0
expect_err '*faces: features of 28 items were already there*'
check diff -r -x report.html first out # it has its date

# ---- several heads, JSON Lines, no intervals, no predictions ----
run evaluate faces -o heads --compare --head auto,none --preprocess expclip --json \
    --prompts type1,type4 --bootstrap 0 --no-predictions
expect_code 0
check json '[(l["head"], l["prompt_set"]) for l in lines] == [
    ("auto", "type1"), ("auto", "type4"), ("none", "type1"), ("none", "type4")]'
check json 'all(l["interval"] is None for l in lines)'
check json '[(l["confusion"], l["provenance"]) for l in lines] == [
    (r["confusion"], r["provenance"])
    for r in json.load(open("heads/results.json"))]'
check json 'all(list(l) == list(r)
    for l, r in zip(lines, json.load(open("heads/results.json"))))'
check test -z "$(ls heads/predictions)"
check test "$(ls heads/cache | wc -l)" = 1 # one encoder
check grep -q 'features of 28 items in' .err
check test "$(grep -c 'features of' .err)" = 1
check python3 -c 'import json
found = json.load(open("heads/comparisons.json"))
assert [(c["dataset"], c["data"], c["prompt_set"], c["first_head"],
         c["second_head"], c["n"]) for c in found] == [
    ("folder", "faces", "type1", "auto", "none", 28),
    ("folder", "faces", "type4", "auto", "none", 28)]
assert all(0 <= c["p"] <= 1 for c in found)'

# ---- other prompts: a template, a file, a set of the paper ----
printf '%s\t%s\n' anger angry anger furious disgust disgusted fear afraid \
    happiness happy neutral calm sadness sad surprise surprised joy joyful >mine
run evaluate faces -o words --prompts 'type2,mine,a {} face' --bootstrap 0
expect_code 0
check results words '[r["prompt_set"] for r in results] == [
    "type2", "mine", "a {} face"]'
check results words 'results[1]["provenance"]["prompts"]["anger"] == [
    "angry", "furious"] and "joy" not in results[1]["provenance"]["prompts"]'
check results words '(results[2]["provenance"]["prompts"]["fear"] ==
    ["a fear face"])'
run evaluate faces -o words --prompts type5 --pooling embeddings --bootstrap 0
expect_code 0
check results words 'results[0]["provenance"]["pooling"] == "embeddings"'

# ---- two folders in one run ----
mkdir pair
cp -r faces/anger faces/fear pair
run evaluate faces pair -o two --prompts type1 --bootstrap 0
expect_code 0
expect_out 'faces type1 *pair type1 *'
check results two '[(r["provenance"]["data"], r["n"], len(r["support"]))
    for r in results] == [("faces", 28, 7), ("pair", 8, 2)]'
check test "$(ls two/cache | wc -l)" = 2
check test "$(ls two/predictions | wc -l)" = 2

# ---- a damaged image is named, the others are done ----
cut_one damaged
run evaluate damaged -o some --prompts type1 --bootstrap 0
expect_code 1
expect_err '*expclip: damaged/anger/anger_1_0.png: *report: *'
check results some '[(f["path"]) for f in results[0]["failures"]] == [
    "damaged/anger/anger_1_0.png"] and results[0]["failures"][0]["message"]'
check results some '(results[0]["n"], results[0]["n_failed"]) == (27, 1) or (
    results[0]["n"], results[0]["n_failed"]) == (28, 1)'
check results some '[(p["status"] != "OK", p["prediction"] == "", p["anger"] ==
    "") for p in table("predictions/1-demo-auto-damaged-type1.csv")
    if p["path"].endswith("anger_1_0.png")] == [(True, True, True)]'
run evaluate damaged -o some --prompts type1 --bootstrap 0
expect_code 1 # a run from the cache says so as well
expect_err '*expclip: damaged/anger/anger_1_0.png: *were already there*'

# Images that changed since are not taken for the old ones.
cp faces/anger/anger_1_0.png damaged/anger
run evaluate damaged -o some --prompts type1 --bootstrap 0
expect_code 1
expect_err '*some/cache/*made with sizes and times of its files: *remove it *'

# ---- what is wrong is told before anything is computed ----
wrong()
{
    local message=$1
    shift
    run evaluate -o none "$@"
    expect_code 2
    expect_out ''
    expect_err "$message"
    [[ ! -e none ]] || fail 'a folder was made'
}
run evaluate faces
expect_code 2
expect_err '*evaluate: -o DIR is needed*'
wrong '*evaluate: no data given; *'
wrong '*images=faces: images without classes*' --data images=faces
wrong '*dataset "RAFDBX": expected RAFDB, *' --data RAFDBX=faces
wrong '*RAFDB: faces*' --data RAFDB=faces
wrong '*folder: missing: no such file or folder*' missing
wrong '*dataset: found "RAFDB", expected NAME=PATH*' --data RAFDB
wrong '*prompts: found "type6", expected type1 to type5, a template *' \
    faces --prompts type1,type6
mkdir -p odd/odd odd/anger
cp faces/anger/anger_1_0.png odd/odd
cp faces/anger/anger_1_0.png odd/anger
mkdir -p one/anger
cp faces/anger/anger_1_0.png one/anger
wrong '*one: found only the class "anger"*expected at least two*' one --prompts type1
wrong '*mine: no prompts for class "odd" of the dataset' \
    faces odd --prompts mine
printf '%s\t%s\n' anger angry >few
wrong '*few: no prompts for class "*' faces --prompts few
wrong '*--pooling: found "mean"*' faces --pooling mean
wrong '*--batch: found "0"*' faces --batch 0
run evaluate faces -o none --model missing.safetensors
expect_code 3

run evaluate faces -o no/such/folder
expect_code 2
expect_err '*no/such/folder: cannot be made: *'
if [[ $(id -u) != 0 ]]; then
    mkdir locked
    chmod 0555 locked
    run evaluate faces -o locked
    expect_code 4
    expect_err '*locked/cache: cannot be made: *'
fi
run evaluate faces -o ./faces
expect_code 2
expect_err '*-o ./faces is the folder of the dataset faces; name another one'
check test ! -e faces/plots
echo text >file
run evaluate faces -o file
expect_code 2
expect_err '*file*'

# A file of others where the cache should be is left as it is.
cp -r first foreign
for cache in foreign/cache/*; do echo 'my text' >"$cache"; done
run evaluate faces -o foreign
expect_code 4
expect_err '*foreign/cache/*: not a file of features*'
check test "$(cat foreign/cache/*)" = 'my text'

# ---- interrupted: the same command goes on, to the same bytes ----
copies=10 kills=10
# Sanitizers make everything slow, and so easy to stop in its middle.
[[ -n ${EXPCLIP_SANITIZED:-} ]] && copies=2 kills=2
faces_of many $copies
slowly=(evaluate many --batch 1 --bootstrap 100 --quiet)
"$program" "${slowly[@]}" -o whole >whole.txt || fail 'whole run'

# stop SIGNAL SECONDS: end a run in "part"; @return its exit code
stop()
{
    "$program" "${slowly[@]}" -o part >part.txt 2>part.err &
    local pid=$!
    sleep "$2"
    kill -s "$1" "$pid" 2>/dev/null
    wait "$pid"
}
# Stopped when its cache has grown, so in the middle.
"$program" "${slowly[@]}" -o part >part.txt 2>part.err &
pid=$!
until [[ $(cat part/cache/* 2>/dev/null | wc -c) -gt 20000 ]]; do
    kill -0 "$pid" 2>/dev/null || fail 'the run is over'
done
kill -s INT "$pid"
wait "$pid"
code=$?
cp part.err .err
expect_code 4
expect_err "*many: *cancelled*; * of $((28 * copies)) items are done*the same command continues"
check test ! -e part/results.json
"$program" "${slowly[@]}" -o part >part.txt || fail 'goes on'
check cmp whole/results.json part/results.json
check cmp whole.txt part.txt
check diff -r -x report.html whole part # it has its date

for ((i = 1; i <= kills; i++)); do
    ((i % 4 == 1)) && rm -rf part
    stop KILL "0.$((i * 37 % 9 + 1))"
done 2>killed.txt
"$program" "${slowly[@]}" -o part >part.txt || fail 'goes on after SIGKILL'
check cmp whole.txt part.txt
check cmp whole/results.json part/results.json
check cmp whole/results.csv part/results.csv
check cmp whole/cache/* part/cache/*
