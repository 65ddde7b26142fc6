#!/bin/sh
# SPDX-License-Identifier: MIT
# Run README.md's program of a language, on a drawn face called face.jpg:
#     readme.sh LANGUAGE COMMAND...
# COMMAND runs in a folder that holds snippet.LANGUAGE and face.jpg. C and Go
# are shown without what every program of theirs begins with.
set -eu
language=$1
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

shown() {
    sed -n "/^\`\`\`$language\$/,/^\`\`\`\$/{//!p}" "$root/README.md"
}
[ "$(shown | wc -l)" -lt 15 ] || { echo "README.md: $language: too long"; exit 1; }

case $language in
c)
    printf '#include <expclip.h>\n#include <stdio.h>\nint main(void)\n{\n'
    shown
    printf 'return 0;\n}\n'
    ;;
go)
    printf 'package main\nimport (\n"context"\n"fmt"\n"log"\n'
    printf 'expclip "github.com/libexpclip/libexpclip/bindings/go"\n)\n'
    printf 'func run(ctx context.Context) error {\n'
    shown
    printf 'return nil\n}\nfunc main() {\n'
    printf 'if err := run(context.Background()); err != nil {\n'
    printf 'log.Fatal(err)\n}\n}\n'
    ;;
*) shown ;;
esac >"$folder/snippet.$language"
cp "$root/examples/faces/happiness_2.png" "$folder/face.jpg"
cd "$folder"
"$@" | tee printed
grep -q happiness printed
