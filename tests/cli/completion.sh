#!/bin/bash
# SPDX-License-Identifier: MIT
# Completion tells the program's own words; the man page is clean.
. "$(dirname "$0")/expect.bash"
rooms=$source_dir/bindings/cli

check bash -n "$rooms/expclip.bash"
. "$rooms/expclip.bash"

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
complete_at score --html ''
check test "${COMPREPLY[*]}" = ''
complete_at help 'do'
check test "${COMPREPLY[*]}" = doctor

command -v mandoc >/dev/null || exit 0
check test -z "$(mandoc -Tlint -Wwarning "$rooms/expclip.1")"
