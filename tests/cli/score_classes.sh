#!/bin/bash
# SPDX-License-Identifier: MIT
# Classes, prompts, poolings and class sets.
. "$(dirname "$0")/expect.bash"
images 2

for n in 7 8 11; do
    run score --json --classes "$n" faces/1.png
    expect_code 0
    check json "len(lines[0]['logits']) == $n"
done

run score --json --classes 'bored, amused ,très content' faces/1.png
expect_code 0
check json 'list(lines[0]["scores"]) == ["bored", "amused", "très content"]'

for wrong in a,a 'a,b, a'; do
    run score --classes "$wrong" faces/1.png
    expect_code 2
    expect_err '*class "[7a]": given twice'
done

for wrong in 9 'a,,b' ',' happiness ' '; do
    run score --classes "$wrong" faces/1.png
    expect_code 2
    expect_err "*--classes: found \"$wrong\", expected 7, 8, 11 or*"
done

for set in type1 type2 type3 type4 type5 'a face that looks {}'; do
    run score --json --prompts "$set" faces/1.png
    expect_code 0
    check json 'len(lines[0]["logits"]) == 7'
done

run score --prompts type6 faces/1.png
expect_code 2
expect_err '*--prompts: found "type6", expected type1 to type5, a template with {}, or an existing file*'

printf '{"up": ["a smile", "a grin"], "down": ["a frown"]}' >prompts.json
run score --json --prompts prompts.json faces/1.png
expect_code 0
check json 'list(lines[0]["scores"]) == ["up", "down"]'
cp .out logits
run score --json --prompts prompts.json --pooling embeddings faces/1.png
expect_code 0
check test "$(<logits)" != "$(<.out)"

printf 'up\ta smile\nup\ta grin\ndown\ta frown\n' >prompts.tsv
run score --json --prompts prompts.tsv faces/1.png
expect_code 0
check cmp -s logits .out

run score --prompts prompts.json --classes 7 faces/1.png
expect_code 2
expect_err '*names its own classes; leave out --classes'

printf 'up\ta smile\nno tab here\n' >bad.tsv
run score --prompts bad.tsv faces/1.png
expect_code 2
expect_err '*bad.tsv*2*'

# A saved set scores as the prompts that it was made from.
run score --json --prompts type4 --save-classes set.classes faces
expect_code 0
cp .out made
run score --json --class-set set.classes faces
expect_code 0
check cmp -s made .out

run score --class-set set.classes --classes 7 faces
expect_code 2
run score --class-set no.classes faces
expect_code 3
expect_err '*no.classes*'
head -c 200 set.classes >cut.classes
run score --class-set cut.classes faces
expect_code 3

mkfifo pipe
run score --save-classes pipe faces
expect_code 2
expect_err '*cannot write pipe: found a device or pipe*'
check test -p pipe

# Vectors of another model are refused, never mixed in.
run score --head none --class-set set.classes faces
expect_code 2

# A number is no word of a prompt.
run score 1.png --classes 3,4
expect_code 2
expect_err '*class "3": has no letter*'
