#!/usr/bin/env bash
# The kept inputs, one archive a target.
#
#     tests/fuzz/corpus.sh unpack NAME FOLDER     what NAME's archive holds
#     tests/fuzz/corpus.sh pack NAME FOLDER       make it anew of a folder
#     tests/fuzz/corpus.sh add NAME FILE...       add files, as of a finding
#     tests/fuzz/corpus.sh merge NAME FOLDER...   add what brings coverage
#
# NAME is that of a target without "fuzz_". The same inputs give the same
# bytes. "merge" needs the preset fuzz, built; its folders are those that
# `run.sh` leaves in build/fuzz/found.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 3 ] || { sed -n '2,/^set/{/^#/p}' "$0" >&2; exit 2; }
action=$1 name=$2
shift 2
archive=$here/corpus/$name.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"

unpack() { # unpack FOLDER
    mkdir -p "$1"
    [ ! -f "$archive" ] || tar -xzf "$archive" -C "$1"
}

take() { # take FILE: into the archive to be
    cp "$1" "$work/out/$(basename "$1")"
}

pack() {
    mkdir -p "$here/corpus"
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
        --mode=644 --format=ustar -C "$work/out" -cf - $(ls "$work/out") |
        gzip -9n >"$work/archive"
    mv "$work/archive" "$archive"
    echo "$archive: $(ls "$work/out" | wc -l) inputs"
}

case $action in
unpack) unpack "$1"; exit ;;
pack) while IFS= read -r -d '' f; do take "$f"; done \
    < <(find "$1" -type f -print0) ;;
add)
    unpack "$work/in"
    for f in "$work/in"/* "$@"; do [ ! -f "$f" ] || take "$f"; done
    ;;
merge)
    unpack "$work/in"
    mkdir "$work/merged"
    "$here/../../build/fuzz/bin/fuzz_$name" -merge=1 "$work/merged" \
        "$work/in" "$@" 2>"$work/log" || { tail -n 20 "$work/log"; exit 1; }
    for f in "$work/merged"/*; do take "$f"; done
    ;;
*) echo "corpus.sh: no action \"$action\"" >&2; exit 2 ;;
esac
pack
