#!/bin/bash
# SPDX-License-Identifier: MIT
# The table that people read.
. "$(dirname "$0")/expect.bash"
images 3

run score faces/1.png faces/2.png faces/3.png
expect_code 0
expect_out 'image *expression *probability*
faces/1.png * % *
faces/2.png * % *
faces/3.png * % *'
expect_err '*demo model is for drawn faces*does not read photographs*3 images, 0 failed, *images/s*'
check test "$(wc -l <.out)" = 4

# No colours and no progress where there is no terminal.
check test -z "$(grep -l $'\033' .out .err)"

run score --quiet faces/1.png
expect_code 0
expect_err ''

# A name cannot drive the terminal, and the width of others stays.
cp faces/1.png $'faces/a\033[31mb.png'
cp faces/1.png 'faces/表情.png'
run score faces
expect_code 0
expect_out '*faces/a\\x1B\[31mb.png  *'
check test -z "$(grep -l $'\033' .out .err)"

run score no.png faces/1.png
expect_code 1
expect_out '*
no.png *failed: NOT_FOUND
faces/1.png * % *'
expect_err '*expclip: no.png: *\(NOT_FOUND\)*2 images, 1 failed*'

run score --top 7 faces/1.png
expect_code 0
check test "$(grep -o ' %' .out | wc -l)" = 7

# A terminal gets colours, unless NO_COLOR asks for none.
if script -qec true /dev/null >/dev/null 2>&1; then
    script -qec "'$program' score faces/1.png" /dev/null >.out 2>&1
    check grep -q $'\033\[' .out
    NO_COLOR=1 script -qec "'$program' score faces/1.png" /dev/null >.out 2>&1
    check test -z "$(grep $'\033\[[0-9]*m' .out)"
    # A narrow one loses the bars before a line is broken.
    NO_COLOR=1 script -qec "stty cols 40; '$program' score -q faces/1.png" \
        /dev/null >.out 2>&1
    check grep -q ' %' .out
    check test "$(tr -d '\r' <.out | wc -L)" -le 40
fi
