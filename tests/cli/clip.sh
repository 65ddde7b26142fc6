#!/bin/bash
# SPDX-License-Identifier: MIT
# Clips: folders of frames and videos, one answer each.
. "$(dirname "$0")/expect.bash"

# frames FOLDER N NAME...: N frames of faces, in turns.
frames()
{
    local folder=$1 n=$2 i
    shift 2
    local names=("$@")
    mkdir -p "$folder"
    for ((i = 0; i < n; i++)); do
        cp "$faces/${names[i % ${#names[@]}]}.png" "$folder/$((i + 1)).png"
    done
}

frames happy 20 happiness_1 happiness_2 happiness_3
frames short 3 anger_1 anger_2 sadness_1
mkdir empty
echo words >words.txt

run clip happy
expect_code 0
expect_out 'clip *expression *probability
happy *happiness *'
expect_err '*1 clip, 0 with failures, 16 frames,*'

# The form of the results, the middles of 16 equal parts, and their times.
run clip --json happy short
expect_code 0
check json 'len(lines) == 2'
check json '(list(lines[0]) == ["path", "label", "scores", "logits", "status",
    "frames", "failed_frames", "times"])'
check json 'lines[0]["frames"] == 16 and lines[0]["failed_frames"] == 0'
check json '([round(t * 25) for t in lines[0]["times"]] ==
    [int(20 / 16 / 2 + 20 / 16 * i) for i in range(16)])'
check json 'lines[0]["label"] == "happiness"'
check json '[round(t * 25) for t in lines[1]["times"]] == [0, 1, 2]'
check json 'abs(sum(lines[0]["scores"].values()) - 1) < 1e-5'
cp .out spread

# The reference's rule takes the first frame alone of a short clip; all frames
# weigh the same with "all", where times are a timeline's to tell.
run clip --json --sampling exact short
check json 'lines[0]["frames"] == 1 and lines[0]["times"] == [0]'
cp .out exact
run score --json short/1.png
cat exact >>.out
check json '(max(abs(a - b) for a, b in
    zip(lines[0]["logits"], lines[1]["logits"])) < 1e-3)'
run clip --json --sampling all short
check json 'lines[0]["frames"] == 3 and "times" not in lines[0]'
cp .out all
run clip --json --frames 3 --batch 2 short
cat all >>.out
check json '(max(abs(a - b) for a, b in
    zip(lines[0]["logits"], lines[1]["logits"])) < 1e-3)'
cat spread all >.out
check json 'lines[1]["logits"] != lines[2]["logits"]' # the last one weighs 14

run clip --json --start 0.2 --end 0.4 --sampling all happy
check json 'lines[0]["frames"] == 5'
run clip --json --frame-rate 10 --start 0.2 --end 0.4 happy
check json 'lines[0]["frames"] == 2 and lines[0]["times"] == [0.2, 0.3]'
run clip --json --frames 4 --order string happy
cp .out string
run clip --json --frames 4 happy
cat string >>.out
check json 'lines[0]["logits"] != lines[1]["logits"]'

run clip --csv --classes happy,sad short
expect_code 0
expect_out 'path,status,label,happy,sad,track,first,last
short,OK,*'
run clip --json --top 2 --temperature 1000 short
check json 'len(lines[0]["scores"]) == 2'
check json 'max(lines[0]["scores"].values()) < 0.2'

# What is no clip is told, and the others are done.
run clip --json empty words.txt missing short
expect_code 1
check json '[l["status"] for l in lines if l["path"] != "words.txt"] == [
    "FORMAT", "NOT_FOUND", "OK"]'
check json 'lines[1]["status"] in ("FORMAT", "UNSUPPORTED")'
check json 'all(l["message"] and "label" not in l for l in lines[:3])'
expect_err '*expclip: empty: *(FORMAT)*words.txt: *missing: *(NOT_FOUND)*'

# An image is told from a clip, and a hyphen from a file.
run clip --json happy/1.png short
expect_code 1
check json '[l["status"] for l in lines] == ["UNSUPPORTED", "OK"]'
expect_err '*happy/1.png: found an image (PNG), *"expclip score" takes images*'
run clip - </dev/null
expect_code 2
expect_err '*--raw*'

# Damaged frames are left out, told in one line, and the exit code says so.
cp -r happy damaged
for i in 3 4 5; do head -c 100 happy/$i.png >damaged/$i.png; done
run clip --json --sampling all damaged
expect_code 1
check json 'lines[0]["frames"] == 17 and lines[0]["failed_frames"] == 3'
check json 'lines[0]["label"] == "happiness"'
expect_err '*expclip: damaged: 3 of 20 frames failed, the first: *'
check test "$(grep -c 'failed' .err)" = 1
mkdir broken
cp damaged/3.png damaged/4.png broken
run clip --json broken
expect_code 1
check json 'lines[0]["status"] != "OK" and lines[0]["failed_frames"] == 2'
expect_err '*broken: no frame could be read: *'

run clip
expect_code 2
expect_err '*clip: no clips named*'
run clip --json --csv short
expect_code 2
run clip --frames 0 short
expect_code 2
expect_err '*--frames: found "0", expected a whole number from 1 *'
run clip --sampling some short
expect_code 2
expect_err '*--sampling: found "some", expected spread|exact|all'
run clip --start 2 --end 1 short
expect_code 2
expect_err '*--end: found 1, expected more than --start 2'
run clip --frame-rate 0 short
expect_code 2
run clip --box 1,2 short
expect_code 2

# ---- videos, where ffmpeg can make them and the library can read them ----
command -v ffmpeg >/dev/null || exit 0
make_video()
{
    ffmpeg -nostdin -loglevel error -y "$@" 2>ffmpeg.err
}
make_video -framerate 25 -i happy/%d.png -c:v mpeg4 -q:v 1 happy.mp4 || exit 0
run clip --json happy.mp4
[[ $(<.err) == *FFmpeg* ]] && exit 0
expect_code 0
check json 'lines[0]["label"] == "happiness" and lines[0]["frames"] == 16'
check json '([round(t * 25) for t in lines[0]["times"]] ==
    [int(20 / 16 / 2 + 20 / 16 * i) for i in range(16)])'
cat spread >>.out
check json '(max(abs(a - b) for a, b in
    zip(lines[0]["logits"], lines[1]["logits"])) < 3)'

# Frames have the times that the file gives them, however far apart.
make_video -i happy.mp4 -vf 'setpts=(N+floor(N/2)*3)*0.04/TB' -r 25 \
    -fps_mode vfr -c:v mpeg4 -q:v 1 vfr.mkv ||
    make_video -i happy.mp4 -vf 'setpts=(N+floor(N/2)*3)*0.04/TB' -r 25 \
        -vsync vfr -c:v mpeg4 -q:v 1 vfr.mkv
run clip --json --frames 20 vfr.mkv
expect_code 0
check json '([round(t / 0.04) for t in lines[0]["times"]] ==
    [n + n // 2 * 3 for n in range(20)])'

# A video that lies on its side is turned as its metadata says.
make_video -i happy.mp4 -vf transpose=2 -c:v mpeg4 -q:v 1 side.mp4
make_video -i side.mp4 -c copy -metadata:s:v:0 rotate=270 turned.mp4
if ffprobe -v error -show_streams turned.mp4 | grep -q rotation; then
    run clip --faces none --json happy.mp4 turned.mp4 side.mp4
    check json '(max(abs(a - b) for a, b in
        zip(lines[0]["logits"], lines[1]["logits"])) < 1.5)'
    cp .out turned
    run clip --faces none --json --no-rotate turned.mp4
    cat turned >>.out
    check json '(max(abs(a - b) for a, b in
        zip(lines[0]["logits"], lines[3]["logits"])) < 1e-2)'
    check json '(max(abs(a - b) for a, b in
        zip(lines[0]["logits"], lines[2]["logits"])) > 1.5)'
fi
