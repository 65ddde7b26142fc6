#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a call costs in each language, taking turns, as a table: median ms a
# call of 1 thread and of 4, and each beside C.
#     tests/bench/calls/calls.sh PREFIX PYTHON JARS
# PREFIX holds an installed libexpclip, PYTHON has the expclip package, JARS is
# a class path of the two Java jars. EXPCLIP_TORCH names a libtorch.
set -euo pipefail
prefix=$(realpath "$1") python=$2 jars=$3
cd "$(dirname "$0")"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc -O2 calls.c -o "$folder/c" $(pkg-config --cflags --libs expclip) -lpthread
(cd ../../../bindings/go && go test -c -o "$folder/go" .)
for _ in 1 2 3; do
    "$folder/c"
    "$python" calls.py
    java -cp "$jars" Calls.java
    (cd ../../../bindings/go && EXPCLIP_BENCH=1 "$folder/go" -test.run TestCalls |
        grep '^Go')
done >"$folder/all"
"$python" - "$folder/all" <<'EOF'
import statistics, sys
found = {}
for line in open(sys.argv[1]):
    language, n, ms = line.split()
    found.setdefault(language, {}).setdefault(n, []).append(float(ms))
print("| | ms a call, 1 thread | 4 threads | speed-up | overhead, µs a call |")
print("|---|---|---|---|---|")
middle = {l: {n: statistics.median(v) for n, v in d.items()}
          for l, d in found.items()}
for language, d in middle.items():
    print(f"| {language} | {d['1']:.3f} | {d['4']:.3f} "
          f"| {d['1'] / d['4']:.2f} | {1e3 * (d['1'] - middle['C']['1']):.0f} |")
EOF
