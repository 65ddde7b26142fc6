#!/bin/sh
# Make internal/raw again from the C headers, with SWIG 4.5.1:
#     bindings/go/generate.sh [SWIG]
set -eu
cd "$(dirname "$0")/.."
"${1:-swig}" -go -cgo -intgosize 64 -no-unique-id -module raw -Wall -Werror \
    -I../include -outdir go/internal/raw -o go/internal/raw/raw_wrap.c expclip.i
