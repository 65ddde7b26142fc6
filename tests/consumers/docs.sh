#!/bin/sh
# SPDX-License-Identifier: MIT
# Run what the pages in docs/ tell people to type or to compile:
#     docs.sh NAME COMMAND...
# Blocks below a line "<!-- run: NAME -->" are joined page by page into the file
# snippet. COMMAND runs in an empty folder that holds it and examples/, as a
# reader has them.
set -eu
name=$1
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$root/examples/faces" "$root/examples/scenes" "$folder"

n=0
for page in $(grep -rlx --include='*.md' "<!-- run: $name -->" "$root/docs"); do
    echo "== ${page#"$root"/}"
    mkdir -p "$folder/$n/examples"
    cp -r "$folder/faces" "$folder/scenes" "$folder/$n/examples"
    sed -n "/^<!-- run: $name -->\$/,/^\`\`\`\$/{/^<!--/!{/^\`\`\`/!p}}" \
        "$page" >"$folder/$n/snippet"
    [ -s "$folder/$n/snippet" ]
    (cd "$folder/$n" && "$@")
    n=$((n + 1))
done
[ "$n" -gt 0 ] || { echo "no page has a block \"run: $name\""; exit 1; }
