#!/bin/sh
# SPDX-License-Identifier: MIT
# Run README.md's program of a language, on a drawn face called face.jpg:
#     readme.sh LANGUAGE COMMAND...
# COMMAND runs in a folder that holds snippet.LANGUAGE and face.jpg.
set -eu
language=$1
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed -n "/^\`\`\`$language\$/,/^\`\`\`\$/{//!p}" "$root/README.md" \
    >"$folder/snippet.$language"
cp "$root/examples/faces/happiness_1.png" "$folder/face.jpg"
cd "$folder"
"$@" | tee printed
grep -q happiness printed
