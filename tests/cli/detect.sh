#!/bin/bash
# SPDX-License-Identifier: MIT
# Faces in images: found, cut out, framed, blurred, and scored each.
. "$(dirname "$0")/expect.bash"
images 2
python3 - "$faces" <<'PYTHON' || exit 1
"""two.png: two faces on grey; none.png: grey."""
import pathlib, struct, sys, zlib

def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))

def write(name, rows):
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    pathlib.Path(name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
            ">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)) +
        chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))

write("none.png", [[128] * 3 * 64] * 48)
PYTHON
if ! command -v ffmpeg >/dev/null; then
    echo "no ffmpeg: two.png cannot be made"
    exit 0
fi
ffmpeg -loglevel error -f lavfi -i color=c=gray:s=640x360 \
    -i "$faces/happiness_2.png" -i "$faces/surprise_2.png" -filter_complex \
    '[2]scale=120:120[b];[0][1]overlay=30:60[c];[c][b]overlay=440:100' \
    -frames:v 1 -y two.png || exit 1

run detect two.png none.png no.png
expect_code 1
expect_out 'two.png  2 faces
  #0 *score 0.*
  #1 *score 0.*
none.png  no face \(best candidate 0.*'
expect_err '*no.png: *\(NOT_FOUND\)*3 images, 2 faces, 1 without a face, 1 failed*'

run detect --json two.png none.png
expect_code 0
check json 'list(lines[0]) == ["path", "status", "size", "turn", "faces",
    "best_score"] and lines[0]["size"] == [640, 360]'
check json 'all(len(f["box"]) == 4 and len(f["points"]) == 10
    for f in lines[0]["faces"])'
check json 'lines[1]["faces"] == [] and lines[1]["best_score"] < 0.7'
cp .out found

# Files: one a face, and one an image, of its size.
run detect --crop cut --draw drawn --blur blurred two.png none.png
expect_code 0
check test "$(cd cut && echo *)" = "two-0.png two-1.png"
check test "$(cd drawn && echo *)" = "none.png two.png"
check test "$(cd blurred && echo *)" = "none.png two.png"
run detect --crop cut two.png # its own files may be written again
expect_code 0
# Nobody is found in what is blurred; nothing is changed where nobody is.
run detect --json blurred/two.png drawn/two.png
check json 'lines[0]["faces"] == [] and len(lines[1]["faces"]) == 2'
run detect --crop no/such/folder two.png
expect_code 2
expect_err '*no/such/folder*'

# Each face is scored where detect has it.
run score --json --faces all two.png
expect_code 0
cat found >>.out
check json 'len(lines) == 4 and [l["face"] for l in lines[:2]] == [0, 1]'
check json '([l["box"] for l in lines[:2]] ==
    [f["box"] for f in lines[2]["faces"]])'
check json '{l["label"] for l in lines[:2]} == {"happiness", "surprise"}'
check json 'all(l["faces"] == 2 and l["size"] == [640, 360] for l in lines[:2])'

# The largest alone, which a note says.
run score --json two.png
expect_code 0
check json 'len(lines) == 1 and lines[0]["label"] == "happiness"'
expect_err '*1 image shows several faces*--faces all*'

# Nobody is there: refused, with what to do; the others are scored.
run score --json none.png faces/1.png
expect_code 1
check json 'lines[0]["status"] == "NO_FACE" and lines[1]["status"] == "OK"'
expect_err '*none.png: no face in 64 x 48 pixels*best candidate*--faces none*'
run score --json --faces none none.png
expect_code 0

# A close face is taken whole, so that the answer is that without a search.
run score --json faces/1.png
cp .out auto
run score --json --faces none faces/1.png
cat auto >>.out
check json 'lines[0]["logits"] == lines[1]["logits"]'

# A box of the user's own is a face already.
run score --json --box 30,60,224,224 two.png
expect_code 0
check json '"face" not in lines[0] and lines[0]["label"] == "happiness"'

# The framing is the user's to choose.
run score --json --faces all --margin 1.4 two.png
cp .out one
run score --json --faces all --margin 2:0.3 two.png
cat one >>.out
check json 'lines[0]["logits"] != lines[2]["logits"]'
for wrong in 0.1 5 1.4: 1.4:2 1.4,2 x; do
    run score --margin "$wrong" two.png
    expect_code 2
    expect_err "*--margin: found \"$wrong\"*"
done

# Embeddings: a row for each face.
run embed --images --faces all two.png none.png -o rows.npy --json
expect_code 1
check json 'lines[0]["shape"][0] == 3 and len(lines[0]["rows"]) == 3'
check json '[r.get("face") for r in lines[0]["rows"]] == [0, 1, None]'

# Other weights: those of another network are refused by name.
run detect --detector faces/1.png two.png
expect_code 3
expect_err '*faces/1.png*'

# Datasets: framings side by side.
mkdir -p data/happiness data/surprise
cp two.png data/happiness
cp "$faces/surprise_2.png" data/surprise
run evaluate data --prompts type3 --faces largest --margin 1.2,1.4 -o report
expect_code 0
check test "$(tail -n +2 report/results.csv | cut -d , -f 1 | sort | tr '\n' ' ')" \
    = 'folder (largest 1.2) folder (largest 1.4) '
run evaluate data --margin 1.2 -o other
expect_code 2
expect_err '*--margin says nothing with --faces none*'
run features --images data --faces largest -o rows.features
expect_code 0

# Two images of one name lose nothing; each kind of file has its own folder.
mkdir a b && cp two.png a/x.png && cp two.png b/x.png && cp none.png a/x_2.png
run detect --json --crop both --draw all a b
expect_code 0
check test "$(cd both && echo *)" = "x-0.png x-1.png x_3-0.png x_3-1.png"
check test "$(cd all && echo *)" = "x.png x_2.png x_3.png"
check json '[l["name"] for l in lines] == ["x", "x_2", "x_3"]'
run detect --draw all --blur ./all a
expect_code 2
expect_err '*are the same folder, expected one for each*'
# What is not anonymous is told.
run detect --blur shown none.png
expect_err '*1 image of --blur shows what the original shows*'
printf 'two.png\t10,10,100,100\n' >boxes.txt
run detect boxes.txt
expect_err '*the box of 1 image is not used*'

# An option that says nothing is refused, in every command.
for wrong in '--margin 1.2' --upright --turn '--threshold 0.5' \
    '--detector x.safetensors'; do
    for command in 'score a' 'clip a' 'embed -o e.npy --images boxes.txt' \
        'features -o f --images a'; do
        [[ $command$wrong == features*--[td]* ]] && continue # not there
        run $command --faces none $wrong
        expect_code 2
        expect_err "*${wrong%% *} says nothing with --faces none*"
    done
done
run evaluate a --faces largest --margin 1.2,1.20 -o report
expect_code 2
expect_err '*--margin: "1.20" is listed twice*'

# The guard against huge images can be moved.
run detect --max-pixels 1000 two.png
expect_code 1
expect_err '*640 x 360 pixels, expected at most 1000 in all*LIMIT*'
run score --faces all two.png
expect_err '*, crop 1.*:0*'
