#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Install, move the prefix, and build a user's program there in three ways:
# CMake, pkg-config and a plain compiler line.
#
#     build_all.sh BUILD-FOLDER LIBDIR
set -euo pipefail

build=$1
libdir=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
expected="49406 320 9200 1710 49407 "
cc=${CC:-cc}

check()
{
    local found
    echo "-- $1"
    found=$("$2")
    if [[ $found != "$expected" ]]; then
        echo "$1: printed \"$found\", expected \"$expected\"" >&2
        exit 1
    fi
}

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved to"
prefix="$work/moved to"
lib="$prefix/$libdir"

cmake -S "$here" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/cmake" >/dev/null
check "find_package" "$work/cmake/consumer"

export PKG_CONFIG_PATH="$lib/pkgconfig"
pkg-config --validate expclip
[[ $(pkg-config --print-requires expclip) == "" ]]
eval "$cc '$here/consumer.c' -o '$work/pkg' \
    $(pkg-config --cflags --libs expclip) '-Wl,-rpath,$lib'"
check "pkg-config" "$work/pkg"

"$cc" -std=c99 "$here/consumer.c" -o "$work/plain" \
    -I "$prefix/include" -L "$lib" -lexpclip -Wl,-rpath,"$lib"
check "$cc -lexpclip" "$work/plain"

echo "-- the program"
[[ $("$prefix/bin/expclip" tokenize "a smiling face") == *9200* ]]
for file in share/man/man1/expclip.1 \
            share/bash-completion/completions/expclip \
            share/zsh/site-functions/_expclip \
            share/fish/vendor_completions.d/expclip.fish; do
    [[ -s $prefix/$file ]]
done
module=libexpclip-sentencepiece.so # beside the library, where the build has it
[[ ! -e $build/lib/$module || -s $lib/$module ]]
