#!/bin/bash
# SPDX-License-Identifier: MIT
# The man page and the completions that the program prints: each knows every
# option that --help knows, is well formed, and completes.
. "$(dirname "$0")/expect.bash"

for kind in man bash zsh fish; do
    run help --generate $kind
    expect_code 0
    expect_err ''
    cp .out $kind
done
run help --generate pdf
expect_code 2
expect_err '*found "pdf", expected man, bash, zsh or fish*'
run help --generate
expect_code 2

# section COMMAND: the lines of the man page about it
section()
{
    awk -v name="$1" '/^\.S[sh] /{on = $0 == ".Ss " name ||
                                       $0 ~ /every command/} on' man
}

# knows FILE PATTERN: fails with the file's name
knows()
{
    grep -qE -e "$2" "$1" || fail "$1 has no line like $2"
}

n=0
for command in $("$program" help --words); do
    section "$command" >man-$command
    grep -E "^ +'$command -|^ +$command\)" bash >bash-$command
    awk "/^    $command\)/{on = 1} on; /;;/{on = 0}" zsh >zsh-$command
    grep -E "__expclip_runs $command'" fish >fish-$command
    for option in $("$program" "$command" --help |
        grep -oE '^ {2,6}(-[a-z], )?--[a-z0-9-]+' | grep -oE -e '--.*'); do
        knows man-$command "^\.It .*Fl .-${option#--}( |$)"
        knows bash-$command "[ ']$option[ ']"
        knows zsh-$command "[',]$option(=-?)?(}')?\\["
        knows fish-$command " -l ${option#--} "
        n=$((n + 1))
    done
done
check test $n -gt 150

check bash -n bash
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        check $shell -n $shell
    else
        echo "skipped: $shell is not installed"
    fi
done
. ./bash

# complete_at WORDS...: completes the last of them.
complete_at()
{
    COMP_WORDS=("$program" "$@")
    COMP_CWORD=$#
    _expclip
    echo "complete $*: ${COMPREPLY[*]}" >.out
}
: >.err

complete_at sc
check test "${COMPREPLY[*]}" = score
complete_at score --cla
check test "${COMPREPLY[*]}" = '--classes --class-set'
complete_at score --pooling ''
check test "${COMPREPLY[*]}" = 'logits embeddings'
complete_at score --dtype b
check test "${COMPREPLY[*]}" = bf16
complete_at score --dtype =
check test "${COMPREPLY[*]}" = 'fp32 bf16'
complete_at score --dtype = b
check test "${COMPREPLY[*]}" = bf16
complete_at score --head a
check test "${COMPREPLY[*]}" = auto
touch a.safetensors
complete_at score --head a
check test "${COMPREPLY[*]}" = 'auto a.safetensors'
complete_at score --top ''
check test "${COMPREPLY[*]}" = ''
complete_at score ''
check test "${COMPREPLY[*]}" = '' # the shell's own names of files
complete_at help 'do'
check test "${COMPREPLY[*]}" = doctor

if command -v fish >/dev/null; then
    # fish writes its history below HOME.
    HOME=$work fish -c 'source fish; complete -C "expclip score --pooling "
        complete -C "expclip sc"; complete -C "expclip score --deter"' |
        cut -f 1 | sort >.out
    expect_out $'--deterministic\nembeddings\nlogits\nscore'
fi

if ! command -v mandoc >/dev/null; then
    echo "skipped: mandoc is not installed"
    exit 0
fi
mandoc -Tlint -Wwarning man >.out
expect_out ''
