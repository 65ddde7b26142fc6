#!/bin/bash
# SPDX-License-Identifier: MIT
# Folders, lists and boxes.
. "$(dirname "$0")/expect.bash"
images 3
cp faces/1.png faces/10.png
mkdir -p faces/deep empty
cp faces/1.png faces/deep/x.PNG
echo no >faces/notes.md
echo no >faces/.hidden.png

run score --json faces
expect_code 0
check json '[l["path"] for l in lines] == ["faces/1.png", "faces/2.png",
    "faces/3.png", "faces/10.png"]'

# Texts are no news where images are; an image that cannot be read is.
check eval '[[ $(<.err) != *"left out"* ]]'
mkdir mixed
cp faces/1.png mixed
printf 'II*\0 and so on, and on' >mixed/scan
: >mixed/a.webp
: >mixed/LICENSE
: >mixed/a.csv
run score --json mixed
expect_code 0
expect_err '*note: mixed: left out: .webp 1, TIFF 1 (not images of a type*'
rm mixed/1.png mixed/scan mixed/a.webp
run score --json mixed
expect_code 1
expect_err '*note: mixed: left out: LICENSE 1, .csv 1 (not images*'

run score --json --recursive faces/
expect_code 0
check json '"faces/deep/x.PNG" in [l["path"] for l in lines]'

ln -s ../faces faces/deep/loop
run score --json -r faces
expect_code 0
check json 'len(lines) == 5'

run score --json empty faces/1.png
expect_code 1
expect_err '*expclip: empty: the folder holds no image *\(NOT_FOUND\)*'
check json 'len(lines) == 2 and lines[1]["status"] == "OK"'

printf '\xef\xbb\xbffaces/1.png\r\n\r\nfaces/2.png\t0,0,30,30,0.1\r\nno.png\nfaces/3.png\tbox' >list.txt
run score --json list.txt
expect_code 1
check json '[l["path"] for l in lines] == ["faces/1.png", "faces/2.png",
    "no.png", "faces/3.png"]'
check json '[l["status"] for l in lines] == ["OK", "OK", "NOT_FOUND", "FORMAT"]'
expect_err '*list.txt:4: no.png: *list.txt:5: faces/3.png: after the tab: found "box", expected a box*'

run score --json - < <(printf 'faces/1.png\nfaces/2.png\n')
expect_code 0
check json 'len(lines) == 2'

printf 'faces/1.png\0\n' >nul.txt
run score nul.txt
expect_code 1
expect_err '*nul.txt:1: *NUL byte*'

: >none.txt
run score none.txt
expect_code 1
expect_err '*none.txt: the list is empty*'

run score missing.txt
expect_code 1
expect_err '*missing.txt: No such file*'

run score --json --box 0,0,20,20,0.25 faces/1.png
expect_code 0
cp .out box
run score --json faces/1.png
check test "$(<box)" != "$(<.out)"

# A box beyond the image fails that image only.
printf 'faces/1.png\t100000,100000,5,5\nfaces/2.png\n' >far.txt
run score --json far.txt
expect_code 1
check json '[l["status"] == "OK" for l in lines] == [False, True]'

# A folder, a device and a pipe are no images, and nothing waits for them.
mkfifo pipe.png
mkdir folder.png
run score --json /dev/zero pipe.png folder.png faces/1.png
expect_code 1
check json '[l["status"] == "OK" for l in lines] == [False, False, False, True]'

if [[ $(id -u) != 0 ]]; then
    cp faces/1.png secret.png
    chmod 0 secret.png
    run score --json secret.png
    expect_code 1
    check json 'lines[0]["status"] == "IO"'
fi
