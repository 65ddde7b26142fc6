#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No output destroys what is somebody else's: for every option of the program
# that takes the name of a file, an image by that name is as it was afterwards.
. "$(dirname "$0")/expect.bash"
face=$faces/happiness_2.png

# An option is an input, or has a line below. Whoever adds one is told here.
inputs=' --prompts --class-set --model --head --data --images --teacher
 --tokenizer --features --targets --validate --detector '
folders=' train--checkpoints ' # files in it have names that only we give
# Those of detect have the names of images; see below.
outputs=' '
for command in $("$program" help --words); do
    for option in $("$program" help --words "$command" |
        grep -E ' .*(FILE|DIR|PATH)' | cut -d ' ' -f 1); do
        [[ $inputs == *" $option "* || $inputs == *" $option
"* || $folders == *" $command$option "* ]] && continue
        outputs+="$command$option "
    done
    for option in $("$program" "$command" --help |
        grep -oE -- '--[a-z-]+\[=FILE\]' | tr -d '[]' | sed 's/=FILE//'); do
        outputs+="$command$option= "
    done
done

# spoil OPTION COMMAND ARGUMENTS...: OPTION is what has the victim's name
spoil()
{
    local option=$1 command=$2 name=$2${1%%=*}
    shift 2
    [[ $outputs == *" ${name}${option##*[a-z]} "* ]] ||
        fail "$name is no option that writes: $outputs"
    outputs=${outputs/" ${name}${option##*[a-z]} "/ }
    cp "$face" victim.png
    if [[ $option == *= ]]; then
        run "$command" "$@" "${option}victim.png"
    else
        run "$command" "$@" "$option" victim.png
    fi
    [[ $code == [12] ]] || fail "$command $option: exit code $code"
    expect_err '*victim.png*'
    check cmp "$face" victim.png
}

mkdir images labelled labelled/happiness labelled/anger
cp "$face" images/face.png
cp "$face" labelled/happiness
cp "$faces/anger_1.png" labelled/anger
echo the brows >images/face.txt
python3 "$source_dir/tests/cli/small_bert.py" bert
run embed --images "$faces" -o features.npy
expect_code 0

spoil --html score "$face"
spoil --save-classes score "$face"
spoil --json= score "$face"
spoil --csv= score "$face"
spoil --timeline clip images
spoil --draw clip --faces all images
spoil --save-classes clip images
spoil --json= clip images
spoil --csv= clip images
spoil --output embed --images "$face"
spoil --json= embed --images "$face" -o x.npy
spoil --json= detect "$face"
spoil --json= tokenize face
spoil --output preprocess "$face"
spoil --json= preprocess "$face" -o x.npy
spoil --json= inspect demo
spoil --output convert demo
spoil --json= prompts --data folder=labelled
spoil --json= doctor
spoil --json= pull --list
spoil --json= evaluate labelled -o report
spoil --json= check-list folder=labelled
spoil --output features --images images
spoil --output targets --teacher bert --images images
spoil --output train --features features.npy --targets features.npy --batch 8
spoil --log train --features features.npy --targets features.npy --batch 8 \
    -o head.st
spoil --plot train --features features.npy --targets features.npy --batch 8 \
    -o head.st --log log.jsonl
spoil --cache prompts --data folder=labelled
if "$program" pull --list >/dev/null 2>&1; then
    spoil --output pull ViT-B/32
fi
outputs=${outputs/ pull--output / }
# A folder: the file in it that an image or a face gets.
for option in crop draw blur; do
    name=victim.png
    [[ $option != crop ]] || name=victim-0.png
    mkdir "of-$option"
    cp "$face" victim.png
    cp "$face" "of-$option/$name"
    run detect victim.png "--$option" "of-$option"
    expect_code 2
    expect_err "*of-$option/$name*"
    check cmp "$face" "of-$option/$name"
    outputs=${outputs/ detect--$option / }
done
# A folder: each file in it that the report writes.
outputs=${outputs/ evaluate--output / }
for name in report.html results.json results.csv comparisons.json tables.md \
    tables.tex; do
    mkdir -p "of-$name"
    echo mine >"of-$name/$name"
    run evaluate labelled -o "of-$name"
    expect_code 2
    expect_err "*$name*"
    [[ $(<"of-$name/$name") == mine ]] || fail "$name was replaced"
done
[[ -z ${outputs// /} ]] || fail "no case for $outputs"

# The slips that this is for.
cp "$face" 1.png
cp "$face" 2.png
run score --html ./*.png
expect_code 2
check cmp "$face" 1.png
run score --csv out.csv 1.png
expect_code 2
expect_err '*--csv=out.csv*'
run score --html new.png 1.png
expect_code 2
expect_err '*name of an image*'
run convert demo -o own.safetensors
expect_code 0
run convert own.safetensors -o own.safetensors
expect_code 2
expect_err '*input of this command*'

# Ours are replaced, and others' with --force.
for i in 1 2; do
    run score 1.png --html sheet.html
    expect_code 0
    run clip images --timeline t.csv,t.jsonl,t.vtt,t.svg,t.pdf,t.png
    if [[ $(<.err) != *"without cairo"* ]]; then expect_code 0; fi
    run score 1.png --csv=out.csv
    expect_code 0
    run score 1.png --json=out.jsonl
    expect_code 0
    run convert demo -o own.safetensors
    expect_code 0
    run score 1.png --save-classes own.classes
    expect_code 0
done
check grep -q '^path,status,label,happiness' out.csv
check grep -q '^{"path":"1.png"' out.jsonl
for option in --html --save-classes; do
    cp "$face" victim.png
    run score 1.png --force $option victim.png
    expect_code 0
    ! cmp -s "$face" victim.png || fail "--force $option replaced nothing"
done

# An input is never replaced, by whatever name it is reached.
mkdir inputs
cp "$face" inputs/face.png
ln -s inputs/face.png symbolic.html
ln inputs/face.png hard.html
for name in inputs/face.png ./inputs/face.png symbolic.html hard.html; do
    run score inputs/face.png --force --html "$name"
    expect_code 2
    expect_err '* is not written: it is an input of this command;*'
    check cmp "$face" inputs/face.png
done
run convert own.safetensors --force -o own.safetensors
expect_code 2
expect_err '*it is an input of this command*'

# Two outputs are two files, whatever way their names are spelled.
for name in both.html ./both.html "$PWD/both.html"; do
    run score 1.png --csv=both.html --html "$name"
    expect_code 2
    expect_err '*both.html is not written: *another output of this command*'
    check test ! -e both.html
done

# A disk that is full is named in the middle of the rows, too.
(
    trap '' XFSZ
    ulimit -f 1
    "$program" embed --images 1.png 1.png 1.png 1.png 1.png 1.png 1.png \
        1.png 1.png -o rows.npy 2>.full
    test $? = 4
) || fail "a full disk ended otherwise"
check grep -q 'cannot write .*rows.npy: File too large' .full
check test ! -e rows.npy
