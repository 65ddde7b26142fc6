#!/bin/bash
# SPDX-License-Identifier: MIT
# Embeddings as NumPy files.
. "$(dirname "$0")/expect.bash"
images 3
head -c 100 faces/1.png >cut.png

run embed --images faces/1.png cut.png faces/2.png no.png -o out.npy --json
expect_code 1
check json 'lines[0]["shape"][0] == 4 and lines[0]["dtype"] == "float32"'
check json '[f["index"] for f in lines[0]["failed"]] == [1, 3]'
check json '[f["path"] for f in lines[0]["failed"]] == ["cut.png", "no.png"]'
check json 'lines[0]["failed"][1]["status"] == "NOT_FOUND"'
expect_err '*cut.png: *no.png: *'
check npy out.npy 'shape[0] == 4'
check npy out.npy 'all(map(math.isnan, values[shape[1]:2 * shape[1]]))'
check npy out.npy 'abs(sum(v * v for v in values[:shape[1]]) - 1) < 1e-5'
check npy out.npy 'abs(sum(v * v for v in values[2 * shape[1]:3 * shape[1]]) - 1) < 1e-5'

run embed --images faces -o all.npy
expect_code 0
expect_err '*all.npy: float32 \[3, *\], 0 failed'
check npy all.npy 'shape[0] == 3'

run embed --images faces -o raw.npy --no-normalize
expect_code 0
check npy raw.npy 'abs(sum(v * v for v in values[:shape[1]]) - 1) > 1e-3'

run embed --images faces -o head.npy --projected
expect_code 0
check test "$(wc -c <head.npy)" != "$(wc -c <all.npy)"

run embed --text 'a face' 'a smile' -o text.npy
expect_code 0
check npy text.npy 'shape[0] == 2 and values[:shape[1]] != values[shape[1]:]'

# From stdin: a JSON string a line; the header tells the number at the end.
printf '"a face"\n"two\\nlines"\n{}\n"a smile"' | "$program" embed --text --stdin -o lines.npy --json >.out 2>.err
code=$? last=embed
expect_code 1
check json 'lines[0]["shape"][0] == 4 and lines[0]["failed"][0]["index"] == 2'
expect_err '*stdin:3: expected a JSON string*'
check npy lines.npy 'shape[0] == 4 and values[:shape[1]] != values[shape[1]:2 * shape[1]]'
check python3 - <<'PYTHON'
import array
a, b = (array.array("f", open(name, "rb").read()[128:])
        for name in ("text.npy", "lines.npy"))
n = len(a) // 2
# Other neighbours in a forward pass may change the last bits.
assert max(abs(x - y) for x, y in zip(a, b[:n] + b[-n:])) < 2e-6
PYTHON

run embed --text --stdin -o none.npy </dev/null
expect_code 0
check npy none.npy 'shape[0] == 0'

run embed --text "$(printf 'word %.0s' {1..100})" -o long.npy
expect_code 0
expect_err '*texts truncated because they are longer than 77 tokens: 1*'

run embed faces -o out2.npy
expect_code 2
expect_err '*say either --images or --text*'
run embed --images --text faces -o out2.npy
expect_code 2
run embed --images faces
expect_code 2
expect_err '*-o FILE.npy is needed*'
run embed --text -o out2.npy
expect_code 2
run embed --text --stdin word -o out2.npy
expect_code 2
check test ! -e out2.npy

run embed --images faces -o no/such.npy
expect_code 2
run embed --images faces -o /dev/full
expect_code 4
expect_err '*cannot write /dev/full: No space left on device'
check test -c /dev/full
