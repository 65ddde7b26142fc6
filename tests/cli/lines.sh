#!/bin/bash
# SPDX-License-Identifier: MIT
# Lines that are read: what cannot be read is never taken for the end.
. "$(dirname "$0")/expect.bash"
images 2

# A folder as stdin.
run tokenize --stdin <faces
expect_code 4
expect_err '*stdin:1: cannot be read: Is a directory*'
run embed --text --stdin -o e.npy <faces
expect_code 4
expect_err '*stdin:1: cannot be read: Is a directory*'
check test ! -e e.npy
run score - <faces
expect_code 1
expect_err '*stdin:1: Is a directory*'
run embed --images - -o nan.npy <faces
expect_code 1

# None at all.
run tokenize --stdin <&-
expect_code 4
expect_err '*stdin:1: cannot be read: Bad file descriptor*'

# A list that cannot be opened, and one that is a folder.
run score no.txt
expect_code 1
expect_err '*no.txt: No such file*'
: >empty.txt
run score empty.txt
expect_code 1
expect_err '*the list is empty*'

# Lines without an end, also with little memory.
for command in 'tokenize --stdin' 'embed --text --stdin -o e.npy'; do
    # shellcheck disable=SC2086
    run $command </dev/zero
    expect_code 4
    expect_err '*stdin:1: cannot be read: a line longer than 16777216 bytes*'
done
check test ! -e e.npy
(
    # Not under sanitizers, which reserve more than there is.
    ulimit -v 60000
    "$program" tokenize --stdin </dev/zero >.out 2>.err
    [[ $? != 0 ]]
) || fail 'tokenize, little memory'
run score - </dev/zero
expect_code 1
expect_err '*stdin:1: a line longer than 16777216 bytes*'
{ echo '"a"'; head -c 20000000 /dev/zero | tr '\0' x; } >long
run tokenize --stdin <long
expect_code 4
check json 'len(lines) == 1'
expect_err '*stdin:2: cannot be read: a line longer*'

# What is no text: each line is said, the rest done.
head -c 3000 /dev/urandom >binary
printf '\n"a"\n' >>binary
run tokenize --stdin <binary
expect_code 1
check json 'lines[-1]["text"] == "a"'
printf 'faces/1.png\0\nfaces/2.png\n' >nul.txt
run score --csv nul.txt
expect_code 1
expect_err '*nul.txt:1: *NUL byte*'
expect_out '*faces/2.png*'

# A pipe ends with its writers; a BOM, CR and a missing last LF are fine.
mkfifo pipe.txt
printf '\xef\xbb\xbffaces/1.png\r\nfaces/2.png' >pipe.txt &
run score --csv pipe.txt
expect_code 0
expect_out '*faces/1.png*faces/2.png*'
printf '"a"\r\n"b"' | "$program" tokenize --stdin >.out || fail 'a pipe'
check json '[line["text"] for line in lines] == ["a", "b"]'
