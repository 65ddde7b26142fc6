#!/bin/bash
# SPDX-License-Identifier: MIT
# What the program says of itself, and of commands and options that are wrong.
. "$(dirname "$0")/expect.bash"

run
expect_code 2
expect_out ''
expect_err 'usage: expclip COMMAND*'

run --help
expect_code 0
expect_out 'usage: expclip COMMAND*score*doctor*pull*Exit code*'
expect_err ''

run --version
expect_code 0
expect_out 'expclip [0-9]*.[0-9]*'

run scroe
expect_code 2
expect_err 'expclip: unknown command scroe; did you mean score?'

run frobnicate
expect_code 2
expect_err '*unknown command frobnicate; see "expclip --help"'

run score --clases 7 a.png
expect_code 2
expect_err 'expclip: unknown option --clases; did you mean --classes?'

run score --zzz a.png
expect_code 2
expect_err '*unknown option --zzz; see "expclip score --help"'

run score -z a.png
expect_code 2
expect_err '*unknown option -z;*'

run score --model
expect_code 2
expect_err '*--model needs a value: FILE|NAME'

run score --quiet=yes a.png
expect_code 2
expect_err '*--quiet takes no value, found "yes"'

run score --dtype int8 a.png
expect_code 2
expect_err '*--dtype: found "int8", expected fp32|bf16'

run score --dtype 'fp32|bf16' a.png
expect_code 2

for value in 0 -1 5000 8x '' 99999999999999999999; do
    run score "--batch=$value" a.png
    expect_code 2
    expect_err "*--batch: found \"$value\", expected a whole number from 1 to*"
done

for value in 0 -1 nan inf x; do
    run score --temperature "$value" a.png
    expect_code 2
    expect_err "*--temperature: found \"$value\", expected a number from*"
done

for value in 1,2,3 1,2,3,4, 1,2,3,0 1,2,-3,4 1,2,3,4,1.5 1,2,3,4,0.1,5 a,b,c,d \
    1.5,2,3,4 99999999999,0,1,1; do
    run score --box "$value" a.png
    expect_code 2
    expect_err "*--box: found \"$value\", expected x,y,width,height*"
done

run score --model ''  a.png
expect_code 2

run score
expect_code 2
expect_err '*no images named*'

run score --json --csv a.png
expect_code 2

run doctor too many
expect_code 2
expect_err '*doctor takes no operand, found "too"'

# Every command has help; tests/cli/completion.sh has the man page.
for command in $("$program" help --words); do
    run "$command" --help
    expect_code 0
    expect_err ''
    expect_out "usage: expclip $command *--help*"
    run help "$command"
    expect_out "usage: expclip $command *"
done

# No line of help is wider than a terminal.
for command in $("$program" help --words); do
    run "$command" --help
    [[ -z $(grep -E '^.{81,}' "$work/.out") ]] || fail "wide help"
done
