#!/bin/bash
# SPDX-License-Identifier: MIT
# Lists and datasets, held against their files before anything is computed.
. "$(dirname "$0")/expect.bash"
images 4

# ---- clips with everything that lists get wrong ----
mkdir -p 'clips/a clip' clips/short clips/twenty
for i in $(seq 1 20); do cp faces/1.png "clips/twenty/$i.png"; done
for i in 1 2 3; do
    cp faces/1.png "clips/short/$i.png"
    cp faces/1.png "clips/a clip/$i.png"
done
printf '\xef\xbb\xbf/theirs/clips/twenty 20 0\r\n/theirs/clips/a clip 3 1\r\n' \
    >list.txt
printf '/theirs/clips/short 5 6\n/theirs/clips/gone 4 2' >>list.txt
run check-list "list=list.txt" --root-map "/theirs=$work" --json
expect_code 1
check json 'lines[0]["n"] == 4 and lines[0]["n_classes"] == 7'
check json 'lines[0]["folds"][0]["classes"]["happiness"] == 1'
kinds='{f["kind"] for f in lines[0]["findings"]}'
check json "$kinds >= {\"missing\", \"missing_frames\", \"short_clip\", \"order\"}"
check json '[f["line"] for f in lines[0]["findings"]
    if f["kind"] == "missing_frames"] == [3]'
check json '[f["line"] for f in lines[0]["findings"]
    if f["kind"] == "missing"] == [4]'
run check-list "list=list.txt" --root-map "/theirs=$work"
expect_code 1
expect_out '*happiness*1*'

# ---- lines that cannot be read: number and reason; stop or skip ----
bad()
{
    printf 'faces/1.png 0 0\n%b\nfaces/2.png 0 1\n' "$1" >bad.txt
    run check-list list=bad.txt
    expect_code 2
    expect_err "*bad.txt, line 2: $2*"
}
bad 'faces/2.png 0 -1' '*"-1"*'
bad 'faces/2.png 0 2147483648' '*"2147483648"*'
bad 'faces/2.png 0 1e1' '*"1e1"*'
bad 'faces/2.png -3 1' '*"-3"*'
bad 'faces/2.png 1000000000 1' '*"1000000000"*'
bad 'faces/2.png' '*'
run check-list list=bad.txt --policy skip --json
expect_code 1
check json 'lines[0]["n"] == 2'
check json '[f["line"] for f in lines[0]["findings"]
    if "skip" in f["kind"]] == [2]'

# ---- twice in a fold, and in two folds ----
printf 'faces/1.png 0 0\nfaces/1.png 0 0\nfaces/2.png 0 1\n' >one.txt
printf 'faces/2.png 0 1\nfaces/3.png 0 2\n' >two.txt
run check-list "list=$work,one.txt,two.txt" --json
check json 'lines[0]["n_folds"] == 2'
check json '{"duplicate", "leak"} <= {f["kind"] for f in lines[0]["findings"]}'

# ---- a clean dataset, and what is no dataset ----
mkdir -p good/happiness good/anger
cp faces/1.png good/happiness
cp faces/2.png good/anger
run check-list folder=good
expect_code 0
run check-list RAFDB=good
expect_code 2
expect_err '*RAFDB: good: *'
run check-list NoSuchSet=good
expect_code 2
expect_err '*expected RAFDB*'
run check-list good
expect_code 2
expect_err '*expected NAME=PATH*'
run check-list
expect_code 2

# ---- a folder that is no folder of classes ----
mkdir -p split/train split/test
cp -r good/anger good/happiness split/train
cp -r good/anger good/happiness split/test
run check-list folder=split
expect_code 2
expect_err '*split: the folder "test" is named like a split*name split/test instead*'
run check-list folder=split/test
expect_code 0
mkdir -p above/faces
cp -r good/* above/faces
run check-list folder=above
expect_code 2
expect_err '*above/faces: holds the folder "anger"*'

# ---- folders without images are no classes ----
cp -r good strays
mkdir -p strays/results strays/__MACOSX strays/.git
run check-list folder=strays --json
expect_code 0
check json 'lines[0]["n_classes"] == 2 and lines[0]["counts"]["left_out"] == 3'
run features --images strays -o strays.features
expect_code 0
expect_err '*note: strays/__MACOSX: left out*'
run evaluate strays -o report --prompts type1 --bootstrap 0
expect_code 0
expect_err '*note: strays/results: left out: a folder without an image*'
check test "$(head -1 report/predictions/*.csv | tr , '\n' | grep -c '^[ahr]')" = 2

# ---- names with numbers: certain, told, or refused ----
mkdir -p numbered named/1 named/2
cp -r good/happiness numbered/00_happy
cp -r good/anger numbered/01_angry
run check-list folder=numbered --json
expect_code 0
check json 'list(lines[0]["folds"][0]["classes"]) == ["happiness", "anger"]'
check json 'lines[0]["counts"]["read_as"] == 2'
cp faces/1.png named/1
cp faces/2.png named/2
run check-list folder=named
expect_code 2
expect_err '*the folder "1" is named by a number*labels*'
run check-list folder=named --labels 1=surprise,2=fear --json
expect_code 0
check json 'list(lines[0]["folds"][0]["classes"]) == ["surprise", "fear"]'
run evaluate named --labels 1=surprise,2=fear -o told --prompts type1
expect_code 0
expect_err '*note: named/1: read as surprise*'
run features --data folder=named --labels 1=surprise,2=fear -o named.features
expect_code 0
run check-list folder=named --labels 1
expect_code 2
expect_err '*labels: found "1", expected NAME=CLASS*'

# ---- files that are no images that are read: counted, by kind ----
cp -r good mixed
cp faces/1.png mixed/anger/a.jfif
cp faces/1.png mixed/anger/plain
printf '....ftypavif........' >mixed/anger/b.webp
printf 'II*\0............' >mixed/happiness/c.TIF
echo BMW >mixed/happiness/notes.txt
said='left out: .webp 1, .tif 1 (not images*'
run check-list folder=mixed
expect_code 0
expect_out "*$said"
run check-list folder=mixed --json
check json 'lines[0]["n"] == 4 and lines[0]["counts"]["left_out"] == 2'
run evaluate mixed -o mixed.out --prompts type1
expect_code 0
expect_err "*note: mixed: $said"
run features --images mixed -o mixed.features
expect_code 0
expect_err "*note: mixed: $said"
run score --recursive mixed --json
expect_code 0
expect_err "*note: mixed: $said"
check json 'len(lines) == 4'
