#!/bin/bash
# SPDX-License-Identifier: MIT
# Frames as bare pixels on stdin: what their lines hold, and what is refused.
. "$(dirname "$0")/expect.bash"
command -v ffmpeg >/dev/null || { echo "no ffmpeg: nothing to see"; exit 0; }

# feed FILE ARGS...: run expclip with this stdin
feed()
{
    local file=$1
    shift
    last="$* <$file"
    code=0
    "$program" "$@" <"$file" >.out 2>.err || code=$?
}

# A second at 5 frames: a face on the left that shrinks below the one on the
# right, so that another one is the largest by the end.
ffmpeg -nostdin -loglevel error -y -f lavfi -i "color=c=gray:s=640x360:r=5:d=1" \
    -i "$faces/happiness_2.png" -i "$faces/surprise_2.png" -filter_complex \
    "[1]format=rgba,loop=4:1,setpts=N/5/TB,scale='240-n*20':'240-n*20':eval=frame[a];
     [2]scale=200:200[b];[0][a]overlay=20:60[c];[c][b]overlay=400:80:eof_action=repeat" \
    -r 5 -frames:v 5 -f rawvideo -pix_fmt rgb24 two.rgb
check test "$(stat -c %s two.rgb)" = $((640 * 360 * 3 * 5))
# As slow as tracks allow: a frame is dropped where scoring takes half a second.
raw=(--raw 640x360@2)
# Slower than any machine, where nothing is followed.
still=(--raw 640x360@0.1)

# The time is not cut off, and rows of the table stand below its head.
feed two.rgb clip "${raw[@]}" --faces all -
expect_code 0
expect_out 'time   *expression *probability
*.?? s #0 *'
[[ $(<.out) != *…* ]] || fail "a time is cut off"

# CSV has what JSON has.
feed two.rgb clip "${raw[@]}" --faces all --csv -
expect_code 0
check test "$(head -n 1 .out)" = "path,status,label,$(
    echo happiness,sadness,neutral,anger,surprise,disgust,fear),$(
    echo face,box_x,box_y,box_width,box_height,face_score),$(
    echo track,first,last,frame,time)"
check test "$(sed 1d .out | cut -d , -f 1,2 | sort -u)" = -,OK
cp .out faces.csv
feed two.rgb clip "${raw[@]}" --faces all --json -
expect_code 0
check python3 - faces.csv .out <<'PYTHON'
import csv, json, sys
rows = {(int(row["frame"]), int(row["track"])): row
        for row in csv.DictReader(open(sys.argv[1]))}
lines = {(line["frame"], line["track"]): line
         for line in map(json.loads, open(sys.argv[2]))}
assert len(rows.keys() & lines.keys()) >= 2
for row, line in ((rows[key], lines[key]) for key in rows.keys() & lines.keys()):
    box = [float(row["box_" + n]) for n in ("x", "y", "width", "height")]
    assert max(abs(a - b) for a, b in zip(box, line["box"])) < 1e-3
    assert abs(float(row["time"]) - line["time"]) < 1e-5
PYTHON
feed two.rgb clip "${still[@]}" --faces none --csv -
expect_code 0
check test "$(head -n 1 .out | cut -d , -f 10-)" = fear,frame,time
check test "$(sed 1d .out | cut -d , -f 11 | xargs)" = "0 1 2 3 4"

# largest stays with the face that it began with.
feed two.rgb clip "${raw[@]}" --faces all --json -
check json '[max((l for l in lines if l["frame"] == f),
    key=lambda l: l["box"][2] * l["box"][3])["track"]
    for f in (2, 4)] in ([0, 1], [1, 0])'
feed two.rgb clip "${raw[@]}" --faces largest --json -
expect_code 0
check json 'len(lines) >= 3 and len({l["track"] for l in lines}) == 1'
check json 'len({l["frame"] for l in lines}) == len(lines)'

# A box takes the place of the search.
feed two.rgb clip "${still[@]}" --box 400,80,200,200 --json -
expect_code 0
check json 'len(lines) == 5 and all("track" not in l for l in lines)'
check json '{l["label"] for l in lines} == {"surprise"}'

# What would have no effect is refused before stdin is read.
for option in '--draw x.mp4' '--timeline x.csv' '--sampling all' '--frames 3' \
    '--order string' '--start 1' '--end 2' '--frame-rate 10' --no-rotate \
    --exif --allow-truncated '--smooth none' '--smooth ema' '--ema 2' \
    '--median 3' '--enter 0.9' '--leave 0.1' '--min-segment 1'; do
    # shellcheck disable=SC2086
    feed two.rgb clip --raw 640x360 $option -
    expect_code 2
    expect_err "*--raw and ${option%% *} exclude each other: *"
    check test ! -s .out -a ! -e x.mp4 -a ! -e x.csv
done

# A camera that gives nothing has failed.
for form in --json --csv --quiet; do
    feed /dev/null clip --raw 640x360 $form -
    expect_code 1
    expect_err '*stdin: no frame could be read: *'
done

# Without --raw, a hyphen is no clip.
feed two.rgb clip -
expect_code 2
expect_err '*--raw*'
