#!/bin/bash
# SPDX-License-Identifier: MIT
# The film once more, with boxes and labels: what is in it, and what becomes of
# it when something goes wrong.
. "$(dirname "$0")/expect.bash"
command -v ffmpeg >/dev/null || { echo "no ffmpeg: nothing to see"; exit 0; }
make_video() { ffmpeg -nostdin -loglevel error -y "$@"; }

# film OUT SECONDS FILTER: a face on grey, 640x360, 25 frames per second.
film()
{
    make_video -f lavfi -i "color=c=gray:s=640x360:r=25:d=$2" \
        -i "$faces/happiness_2.png" -filter_complex \
        "[1]scale=200:200[a];[0][a]overlay=x=60:y=90:eof_action=repeat$3" \
        -t "$2" -c:v mpeg4 -q:v 2 "$1"
}

# is_about FILM FRAME X Y R G B: the pixel is that one, as far as codecs keep it.
is_about()
{
    local found i
    found=$(make_video -i "$1" -vf "select=eq(n\\,$2),crop=2:2:$3:$4,scale=1:1" \
        -frames:v 1 -f rawvideo -pix_fmt rgb24 - | od -An -tu1)
    shift 4
    for i in $found; do
        ((i - $1 <= 30 && $1 - i <= 30)) || return 1
        shift
    done
    [[ -n $found ]]
}

# frames FILM: width,height,number of frames
frames()
{
    ffprobe -v error -count_frames -select_streams v -show_entries \
        stream=width,height,nb_read_frames -of csv=p=0 "$1"
}

film face.mp4 1 ''
kinds=(d.mp4 d.mkv d.mov d.webm d.AVI)
odd_names=(-o.mp4 http:x.mp4 file:x.mp4 'a%03d.mp4' "it's.mp4")
if [[ -n ${EXPCLIP_SANITIZED:-} ]]; then # ffmpeg does the rest of them
    kinds=(d.mp4) odd_names=(-o.mp4)
fi

# Frames of another size are scaled into the first one's and seen: 320x180 fills
# it, and a square has black at its sides.
mkdir sizes
make_video -i face.mp4 -frames:v 4 sizes/a%d.png
make_video -i face.mp4 -frames:v 4 -vf scale=320:180 sizes/b%d.png
make_video -i face.mp4 -frames:v 4 -vf crop=360:360:0:0 sizes/c%d.png
run clip --faces all sizes --draw sizes.mkv
expect_code 0
check test "$(frames sizes.mkv)" = 640,360,12
for frame in 1 5; do
    check is_about sizes.mkv $frame 600 20 128 128 128
    check is_about sizes.mkv $frame 40 300 128 128 128
done
check is_about sizes.mkv 9 100 20 0 0 0
check is_about sizes.mkv 9 600 20 0 0 0
check is_about sizes.mkv 9 480 20 128 128 128

# A rate that varies becomes an even one, and what happens keeps its time: the
# square is red from 1.9 s on, whether 25 or 5 frames a second were there.
film red.mp4 3 ",drawbox=x=500:y=100:w=100:h=100:color=red:t=fill:enable='gte(t\\,1.9)'"
make_video -i red.mp4 -vf "select='lt(n,20)+not(mod(n,5))'" -vsync vfr \
    -c:v mpeg4 -q:v 2 vfr.mkv
run clip --faces all vfr.mkv --draw even.mp4
expect_code 0
check test "$(frames even.mp4)" = 640,360,71 # the last one is that of 2.8 s
check is_about even.mp4 47 550 150 128 128 128
check is_about even.mp4 52 550 150 255 0 0

# An own film is replaced, whatever its kind; somebody else's is not.
for name in "${kinds[@]}"; do
    for i in 1 2; do
        run clip --faces all face.mp4 --draw "$name"
        expect_code 0
        expect_err "*drawn: $name*"
    done
    check test "$(frames "$name")" = 640,360,25
done
cp face.mp4 mine.mp4
run clip --faces all face.mp4 --draw mine.mp4
expect_code 2
check cmp face.mp4 mine.mp4

# The source is never replaced, by whatever name it is reached.
ln -s face.mp4 symbolic.mp4
ln face.mp4 hard.mp4
for name in face.mp4 ./face.mp4 symbolic.mp4 hard.mp4; do
    run clip --faces all face.mp4 --draw "$name" --force
    expect_code 2
    expect_err "*$name is not written: it is an input of this command;*"
    check cmp face.mp4 mine.mp4
done

# Names are names of files, never options or addresses of ffmpeg.
for name in "${odd_names[@]}"; do
    run clip --faces all face.mp4 "--draw=$name"
    expect_code 0
    check test -s "./$name"
done

# What cannot be is told before anything is read.
for name in x x.gif x.txt .mp4 mp4; do
    run clip --faces all missing.mp4 --draw "$name"
    expect_code 2
    expect_err "*--draw: found \"$name\", expected a name that ends in .mp4,*"
done
run clip --faces all missing.mp4 --draw no/folder.mp4
expect_code 2
run clip --faces none face.mp4 --draw x.mp4
expect_code 2
run clip --box 1,2,30,40 face.mp4 --draw x.mp4
expect_code 2
expect_err '*--draw needs*--box*'
run clip --faces all --sampling exact face.mp4 --draw x.mp4
expect_code 2
expect_err '*--draw needs --sampling all, found exact'
check test ! -e x.mp4

# A film that ffmpeg did not end is none, even when ffmpeg says nothing.
mkdir fake
real=$(command -v ffmpeg)
# spoiled TEXT REASON: what the script that is ffmpeg does, and what is said
spoiled()
{
    printf '#!/bin/bash\nfor output; do :; done\noutput=${output#file:}\n%s\n' \
        "$1" >fake/ffmpeg
    chmod +x fake/ffmpeg
    PATH=$PWD/fake:$PATH run clip --csv --faces all face.mp4 --draw spoiled.mp4
    expect_code 4
    expect_err "*spoiled.mp4 is not written: $2*"
    [[ $(<.err) != *drawn:* ]] || fail "a spoiled film was drawn"
    check test "$(wc -l <.out)" = 2 # what was found out is told all the same
    check test "$(find . -name '*spoiled*' | wc -l)" = 0
}
spoiled 'cat >/dev/null' 'ffmpeg left an empty file'
spoiled 'exit 0' 'ffmpeg did not take all frames'
spoiled 'echo out of luck >&2; exit 1' 'ffmpeg *: out of luck'
spoiled 'cat >/dev/null; echo luck >&2; exit 3' 'ffmpeg failed: luck'
spoiled 'kill -9 $$' 'ffmpeg '
spoiled 'cat >/dev/null; echo words >"$output"' 'ffmpeg left a film without an'
spoiled "$real"' "$@"; truncate -s -1500 "$output"' 'ffmpeg left a film without'
# Nor is one that a full disk has cut.
(
    trap '' XFSZ
    ulimit -f 4
    "$program" clip --faces all face.mp4 --draw full.mp4 >/dev/null 2>.err
    test $? = 4
) || fail "a full disk ended otherwise"
check grep -q 'full.mp4 is not written: ffmpeg ' .err
check test "$(find . -name '*full*' | wc -l)" = 0

# Who stops the program finds no half of a film, and no complaint of ffmpeg.
printf '#!/bin/bash\ntouch "%s/.started"\nexec sleep 60\n' "$PWD" >fake/ffmpeg
for signal in INT TERM; do
    rm -f .started
    # A job of its own, which Ctrl-C reaches as a whole.
    set -m
    PATH=$PWD/fake:$PATH "$program" clip --faces all face.mp4 \
        --draw stopped.mp4 >.out 2>.err &
    set +m
    for ((i = 0; i < 600; i++)); do
        [[ ! -e .started ]] || break
        sleep 0.1
    done
    kill -$signal -- -$!
    code=0
    wait $! || code=$?
    expect_code 4
    expect_err '*stopped after 0 of 1 clips'
    [[ $(<.err) != *ffmpeg* ]] || fail "ffmpeg has complained"
    check test "$(find . -name '*stopped*' | wc -l)" = 0
done
