#!/bin/bash
# SPDX-License-Identifier: MIT
# Features, and a head from matrices: what a user types, and mistypes.
. "$(dirname "$0")/expect.bash"
images 12

# ---- features: rows of the encoder, in one file or in shards ----
run features --images faces -o f.rows --batch 4
expect_code 0
expect_err '*f.rows: 12 images, 0 done*f.rows: 12 images, 0 failed*'
run features --images faces -o f.rows --batch 4
expect_code 0
expect_err '*12 images, 12 done*'
ls faces/* >list.txt
run features --images list.txt -o list.rows --batch 4
expect_code 0
head -c 50 faces/3.png >faces/cut.png
run features --images faces -o part.rows --shard 2/3
expect_code 0
check test -f part.rows-00002-of-00003
run features --images faces -o cut.rows
expect_code 1
expect_err '*cut.png*13 images, 1 failed*'

# ---- train: a head that the same model takes ----
python3 - <<'PYTHON'
import struct

def save(name, n, dim, value):
    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }"
            % (n, dim)).encode()
    with open(name, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head)
        f.write(struct.pack(f"<{n * dim}f",
                            *(value(i, j) for i in range(n)
                              for j in range(dim))))

save("t.npy", 12, 20, lambda i, j: float((i * 7 + j * 3) % 11) - 5)
save("t13.npy", 13, 20, lambda i, j: float((i * 7 + j * 3) % 11) - 5)
save("nan.npy", 12, 20, lambda i, j: float("nan"))
PYTHON
run train --features f.rows --targets t.npy -o head.safetensors --batch 4 \
    --epochs 3 --log log.jsonl --seed 5
expect_code 0
expect_err '*head.safetensors: head \[20, 192\], 9 steps, loss *'
check test "$(wc -l <log.jsonl)" = 9
run score --head head.safetensors faces/1.png
expect_code 0
# where it came from stays with it
run convert demo --head head.safetensors -o whole.safetensors
expect_code 0
run convert whole.safetensors -o again.safetensors
expect_code 0
run inspect again.safetensors
expect_out '*head_provenance*features: *targets: *seed: 5*'
# the same again gives the same bytes, and nothing is left to do
cp head.safetensors first.safetensors
run train --features f.rows --targets t.npy -o head.safetensors --batch 4 \
    --epochs 3 --log log.jsonl --seed 5
expect_code 0
expect_err '*continues from step 9 of 9*'
check cmp head.safetensors first.safetensors
check test "$(wc -l <log.jsonl)" = 9
# the curve is of all steps in the log, where the program can draw
run train --features f.rows --targets t.npy -o head.safetensors --batch 4 \
    --epochs 3 --log log.jsonl --seed 5 --plot curve.svg
if [[ $(<.err) != *without\ cairo* ]]; then
    expect_code 0
    check grep -q '<svg' curve.svg
    run train --features f.rows --targets t.npy -o h --batch 4 --log l.jsonl \
        --plot curve.gif
    expect_code 2
    expect_err '*--plot: found "curve.gif", expected*.svg, .pdf or .png*'
fi

# ---- rates of labelled images after each epoch, and of plain CLIP ----
mkdir -p known/happiness known/anger
cp faces/1.png faces/2.png known/happiness
cp faces/3.png faces/4.png known/anger
rates()
{
    run train --features f.rows --targets t.npy -o "$1" --batch 4 --epochs 3 \
        --log "$1.log" --validate folder=known "${@:2}"
}
rates v.safetensors
expect_code 0
expect_err '*known: UAR/WAR *, plain CLIP*epoch 1 of 3: loss *epoch 3 of 3*'
check test "$(grep -c '"validation": "known"' v.safetensors.log)" = 4
check test "$(grep -c '"head": "none"' v.safetensors.log)" = 1
check test "$(grep -c '"loss"' v.safetensors.log)" = 9
# nothing is learned from them
run train --features f.rows --targets t.npy -o w.safetensors --batch 4 --epochs 3
check cmp w.safetensors v.safetensors
# a training that goes on rates each epoch once
cp v.safetensors.log whole.log
rates v.safetensors
expect_code 0
expect_err '*features of 4 items were already there*'
check cmp v.safetensors.log whole.log
rates v.safetensors --plot rates.svg
if [[ $(<.err) != *without\ cairo* ]]; then
    expect_code 0
    check grep -q '<svg' rates.svg
fi
rates x --prompts type1,type2
expect_code 2
expect_err '*--prompts: found "type1,type2", expected one set*'
rates x --model nowhere
expect_code 3
rates x --preprocess clip
expect_code 2
expect_err '*--model demo: model: encoder *, expected that of the features*'
run train --features f.rows --targets t.npy -o x --batch 4 --validate known
expect_code 2
expect_err '*found "known", expected NAME=PATH*'
run train --features f.rows --targets t.npy -o x --batch 4 \
    --validate images=faces
expect_code 2
expect_err '*images=faces: images without classes*'
run train --features f.rows --targets t.npy -o x --batch 4 \
    --validate folder=missing
expect_code 2
expect_err '*missing*'
check test ! -e x
# ---- a full disk: what was whole stays, and the same command goes on ----
full()
{
    (trap '' XFSZ; ulimit -f "$1"; shift; exec "$program" "$@") 2>.err
    code=$?
}
train=(train --features f.rows --targets t.npy --batch 4 --epochs 3 --seed 5)
full 8 "${train[@]}" -o full.safetensors --log full.jsonl
check test $code = 4
check grep -q 'full.safetensors.checkpoints.*File too large' .err
check test ! -e full.safetensors
check test "$(ls full.safetensors.checkpoints)" = lock
run "${train[@]}" -o full.safetensors --log full.jsonl
expect_code 0
check cmp full.safetensors head.safetensors
check cmp full.jsonl log.jsonl
cp full.safetensors kept.safetensors # and a head that is there already
full 8 "${train[@]}" -o full.safetensors
check test $code = 4
check cmp full.safetensors kept.safetensors

# failed images are left out
run train --features cut.rows --targets t13.npy -o cut.safetensors --batch 4 \
    --epochs 1
expect_code 0
expect_err '*3 steps*'

# ---- what is wrong is named ----
wrong()
{
    local pattern=$1
    shift
    run train --batch 4 "$@"
    expect_code 2
    expect_err "$pattern"
}
wrong '*--features FILE is needed*' --targets t.npy -o h
wrong '*--plot needs --log*' --features f.rows --targets t.npy -o h --plot p.svg
wrong '*-o FILE is needed*' --features f.rows --targets t.npy
wrong '*no.rows: *No such file*' --features no.rows --targets t.npy -o h
wrong '*t13.npy: 13 rows, expected 12, as in f.rows*' \
    --features f.rows --targets t13.npy -o h
# what took hours is not written over by a slip
ln f.rows other-name
cp f.rows before.rows
wrong '*f.rows: would be written over f.rows*' \
    --features f.rows --targets t.npy -o f.rows
wrong '*other-name: would be written over f.rows*' \
    --features f.rows --targets t.npy -o h --log other-name
wrong '*h: would be written over h*' \
    --features f.rows --targets t.npy -o h --log h
check cmp f.rows before.rows
wrong '*12 rows, expected at least a batch of 64*' \
    --features f.rows --targets t.npy -o h --batch 64
wrong '*trained with seed: 5, expected seed: 6*' --features f.rows \
    --targets t.npy -o head.safetensors --epochs 3 --seed 6
wrong '*part.rows*No such file*' --features part.rows --targets t.npy -o h
wrong '*nan.npy: row *, column 0: *' --features f.rows --targets nan.npy -o h
check test ! -e h
run features --images faces
expect_code 2
run features --images faces -o x --shard 4/3
expect_code 2
expect_err '*--shard: found "4/3", expected I/N*'
run targets --images faces -o x
expect_code 2
expect_err '*--teacher DIR is needed*'
run targets --images faces -o x --teacher nowhere
expect_code 3
expect_err '*nowhere*'
