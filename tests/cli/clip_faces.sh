#!/bin/bash
# SPDX-License-Identifier: MIT
# Faces in films: followed, scored each, drawn, and as they come on stdin.
. "$(dirname "$0")/expect.bash"
command -v ffmpeg >/dev/null || { echo "no ffmpeg: nothing to see"; exit 0; }
make_video() { ffmpeg -loglevel error -y "$@"; }

# film OUT FPS NAME X Y NAME X Y: two faces on grey, the first one moves.
film()
{
    make_video -f lavfi -i "color=c=gray:s=640x360:r=$2:d=2" \
        -i "$faces/$3.png" -i "$faces/$6.png" -filter_complex \
        "[1]scale=160:160[a];[2]scale=160:160[b];[0][a]overlay=x='$4+40*t':y=$5:eof_action=repeat[c];[c][b]overlay=$7:$8:eof_action=repeat" \
        -t 2 -c:v mpeg4 -q:v 2 "$1"
}
film two.mp4 25 happiness_2 20 60 surprise_2 440 120

# Each face gets an answer, whole frames get one.
run clip --json --faces all two.mp4
expect_code 0
check json 'len(lines) == 2 and [l["track"] for l in lines] == [0, 1]'
check json 'all(l["last"] - l["first"] > 1.8 for l in lines)'
check json 'all(l["track_frames"] >= 45 and l["frames"] >= 16 for l in lines)'
check json '{l["label"] for l in lines} == {"happiness", "surprise"}'
cp .out all
run clip --json --faces all two.mp4
check cmp all .out
run clip --json --faces largest two.mp4
expect_code 0
check json 'len(lines) == 1'
expect_err '*2 faces were followed*--faces all*'
run clip --json --faces none two.mp4
check json 'len(lines) == 1 and "track" not in lines[0]'

# A cut ends tracks: the same two are new ones.
film other.mp4 25 fear_1 300 100 sadness_2 20 20
make_video -i two.mp4 -i other.mp4 -filter_complex \
    '[0][1]concat=n=2' -c:v mpeg4 -q:v 2 cut.mp4
run clip --json --faces all cut.mp4
expect_code 0
check json 'len(lines) == 4 and [l["track"] for l in lines] == [0, 1, 2, 3]'
check json 'all(l["last"] < 2.01 for l in lines[:2])'
check json 'all(l["first"] > 1.95 for l in lines[2:])'

# A timeline of each.
run clip --faces all two.mp4 --timeline t.csv,t.jsonl,t.vtt,t.svg
expect_code 0
check test "$(head -n 1 t.csv)" = "path,track,time,label,$(
    echo happiness,sadness,neutral,anger,surprise,disgust,fear)"
check test "$(cut -d , -f 2 t.csv | sort -u | grep -c '^[01]$')" = 2
check python3 - t.csv <<'PYTHON'
import csv, sys
rows = [(float(r["time"]), int(r["track"])) for r in csv.DictReader(open(sys.argv[1]))]
assert rows == sorted(rows), rows
PYTHON
check grep -q '"track":1' t.jsonl
check grep -q '^#1 ' t.vtt
check test -s t-0.svg -a -s t-1.svg -a ! -e t.svg

# The film with boxes and labels; somebody else's file is left alone.
run clip --faces all two.mp4 --draw drawn.mp4
expect_code 0
check test "$(ffprobe -v error -count_frames -select_streams v -show_entries \
    stream=width,height,nb_read_frames -of csv=p=0 drawn.mp4)" = 640,360,50
run clip --faces all two.mp4 --draw drawn.mp4
expect_code 0
run clip --faces all two.mp4 --draw two.mp4
expect_code 2
run clip --faces none two.mp4 --draw other-name.mp4
expect_code 2
PATH=/nowhere run clip --faces all two.mp4 --draw other-name.mp4
expect_code 2
expect_err '*--draw: the program ffmpeg is not in PATH*'

# Bare frames on stdin: a line for each face as it comes.
make_video -i two.mp4 -f rawvideo -pix_fmt rgb24 frames.rgb
code=0
"$program" clip --json --faces all --raw 640x360@25 - <frames.rgb >.out 2>.err ||
    code=$?
expect_code 0
# A slow machine drops frames, and after half a second a face is a new one.
check json 'lines and all(0 <= l["track"] < 20 for l in lines)'
check json 'all(a["frame"] <= b["frame"] for a, b in zip(lines, lines[1:]))'
expect_err '* frames, * dropped, *'
head -c 700000 frames.rgb >half.rgb
code=0
"$program" clip --json --raw 640x360@25 - <half.rgb >.out 2>.err || code=$?
expect_code 1
expect_err '*stdin: ends in frame 1, after 8800 of its 691200 bytes*TRUNCATED*'
for wrong in 640 640x 0x10 640x360@0 640x360@25fps; do
    run clip --raw "$wrong" -
    expect_code 2
    expect_err "*--raw: found \"$wrong\"*"
done
run clip --raw 640x360 two.mp4
expect_code 2
expect_err '*the one operand is -*'
