# SPDX-License-Identifier: MIT
# Completion of expclip for bash: the program itself tells the words, so this
# file never falls behind its options.

_expclip()
{
    local current=${COMP_WORDS[COMP_CWORD]}
    local previous=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]}
    local command=${COMP_WORDS[1]}
    local words values

    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        words="$("$program" help --words 2>/dev/null) help --help --version"
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
    fi
    words=$("$program" help --words "$command" 2>/dev/null)
    if [[ $command == help ]]; then
        words=$("$program" help --words 2>/dev/null)
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    elif [[ $current == -* ]]; then
        words=$(grep -o '^--[^ ]*' <<<"$words")
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    elif [[ $previous == --* ]]; then
        # "--dtype fp32|bf16": the small letters are words, FILE is a file.
        values=$(sed -n "s/^$previous //p" <<<"$words" | tr '|' '\n' |
            grep -v '[A-Z]')
        mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
    fi
}

complete -o default -F _expclip expclip
