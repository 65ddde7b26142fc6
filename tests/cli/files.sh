#!/bin/bash
# SPDX-License-Identifier: MIT
# preprocess, inspect and convert.
. "$(dirname "$0")/expect.bash"
images 1

run preprocess faces/1.png -o pixels.npy --json
expect_code 0
check json 'lines[0]["shape"][0] == 3 and lines[0]["preprocess"]'
check npy pixels.npy 'shape[0] == 3 and shape[1] == shape[2]'
check npy pixels.npy 'min(values) >= 0 and 0.1 < max(values) <= 1'

run preprocess faces/1.png -o clip.npy --preprocess clip
expect_code 0
check npy clip.npy 'min(values) < 0'

run preprocess no.png -o none.npy
expect_code 1
expect_err '*no.png: *\(NOT_FOUND\)'
check test ! -e none.npy
run preprocess faces/1.png
expect_code 2
run preprocess -o x.npy
expect_code 2
run preprocess faces/1.png -o no/such.npy
expect_code 2

# The demo model, written out, is a model as any other.
run convert demo -o demo.safetensors --dtype fp32
expect_code 0
run inspect demo.safetensors --json
expect_code 0
check json 'len(lines) == 1 and len(lines[0]["tensors"]) > 20'
check json 'all(set(t) >= {"name", "dtype", "shape"} for t in lines[0]["tensors"])'
run inspect demo.safetensors
expect_code 0
expect_out '*demo.safetensors: *architecture*tensors*million numbers'

run score --json --model demo faces/1.png
cp .out inside
run score --json --model demo.safetensors faces/1.png
expect_code 0
cat inside >>.out
check json 'max(abs(a - b) for a, b in
    zip(lines[0]["logits"], lines[1]["logits"])) < 1e-3'
check test -z "$(grep photographs .err)"

# What pull has fetched is found by its name, whatever is in it.
mkdir cache
cp demo.safetensors cache/ViT-B-32.pt
EXPCLIP_CACHE=$work/cache run score --json --model ViT-B/32 faces/1.png
expect_code 0
XDG_CACHE_HOME=$work EXPCLIP_CACHE='' run score --model ViT-B/32 faces/1.png
expect_code 3
expect_err '*ViT-B/32*expclip pull --list*'

run convert demo -o compact.safetensors --compact-head --dtype fp32
expect_code 0
check test "$(wc -c <compact.safetensors)" -lt "$(wc -c <demo.safetensors)"
run score --json --model compact.safetensors faces/1.png
expect_code 0
cat inside >>.out
check json 'max(abs(a - b) for a, b in
    zip(lines[0]["logits"], lines[1]["logits"])) < 1e-2'

run inspect no.safetensors
expect_code 3
expect_err '*no.safetensors*'
run inspect faces/1.png
expect_code 3
head -c 1000 demo.safetensors >cut.safetensors
run inspect cut.safetensors
expect_code 3
run score --model cut.safetensors faces/1.png
expect_code 3
run score --head faces/1.png faces/1.png
expect_code 3
run score --model no-such faces/1.png
expect_code 3
expect_err '*no-such*'
mkfifo pipe
for place in pipe faces; do
    run convert demo -o $place
    expect_code 2
    expect_err "*cannot write $place: found a *, expected a regular file"
done
check test -p pipe
run convert demo -o no/such/file
expect_code 2
expect_err '*cannot write no/such/file: No such file or directory'
run convert demo
expect_code 2
run inspect
expect_code 2

# ---- what kills leave: never in the way, and removed ----
mkdir left
for i in {0..99}; do
    : >left/.c.st.expclip-aaaaaaaaaa$((i % 6 + 2))$((i / 6 % 6 + 2)).tmp
    : >left/c.st.tmp-1-$i
done
run convert demo -o left/c.st
expect_code 0
check test -z "$(find left -name '.c.st*')"
run embed --images "$faces/anger_1.png" -o left/c.st.npy
expect_code 0
check test -z "$(find left -name '.*.tmp')"
