#!/bin/bash
# SPDX-License-Identifier: MIT
# What a language model says of images' descriptions; and all three steps.
. "$(dirname "$0")/expect.bash"
images 12
python3 "$source_dir/tests/cli/small_bert.py" bert
for i in {1..12}; do
    echo "The brows are $( ((i % 3)) && echo raised || echo lowered)." \
        >"faces/$i.txt"
done

# ---- one file, which goes on; shards, which are as good ----
run targets --teacher bert --images faces -o t.rows
expect_code 0
expect_err '*t.rows: 12 images, 0 done*t.rows: 12 images, 0 failed*'
run targets --teacher bert --images faces -o t.rows
expect_code 0
expect_err '*12 images, 12 done*'
for i in 1 2 3; do
    run targets --teacher bert --images faces -o part.rows --shard $i/3
    expect_code 0
done
run features --images faces -o f.rows --head none
expect_code 0
run train --features f.rows --targets t.rows -o one.safetensors --batch 4
expect_code 0
run train --features f.rows --targets part.rows -o parts.safetensors --batch 4
expect_code 0
run score --head one.safetensors faces/1.png
expect_code 0
run score --head parts.safetensors faces/1.png
expect_code 0
rm part.rows-00002-of-00003
run train --features f.rows --targets part.rows -o x --batch 4
expect_code 2
expect_err '*part.rows-00002-of-00003*'

# ---- an image without a description is left out, and named ----
rm faces/5.txt
run targets --teacher bert --images faces -o some.rows
expect_code 1
expect_err '*5.png: *12 images, 1 failed*'
run train --features f.rows --targets some.rows -o some.safetensors --batch 4
expect_code 0
# the files are of what they were made of
run targets --teacher bert --images faces -o t.rows
expect_code 2
expect_err '*t.rows: *descriptions: *'

# ---- what is no teacher ----
refused()
{
    local code=$1 pattern=$2
    run targets --teacher "$3" --images faces -o x.rows "${@:4}"
    expect_code "$code"
    expect_err "$pattern"
    check test ! -e x.rows
}
mkdir empty clip
run convert demo -o clip/model.safetensors
expect_code 0
refused 3 '*nowhere*' nowhere
refused 3 '*empty*' empty
refused 3 '*clip: no teacher, expected the weights of a BLIP-2 with flan-t5*' clip
cp -r bert cut
head -c 2000 bert/model.safetensors >cut/model.safetensors
refused 3 '*cut/model.safetensors*' cut
cp -r bert wordless
rm wordless/vocab.txt
refused 3 '*wordless/vocab.txt*' wordless
refused 3 '*other.txt*' bert --tokenizer other.txt
run targets --teacher bert --images nowhere -o x.rows
expect_code 2
expect_err '*nowhere*'
mkdir none
run targets --teacher bert --images none -o x.rows
expect_code 2
expect_err '*none*'
run targets --teacher bert --images faces -o missing/x.rows
expect_code 2
expect_err '*missing*'
