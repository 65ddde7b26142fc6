#!/usr/bin/env bash
# Run the fuzzers: each target for a number of seconds, one after the other.
#
#     tests/fuzz/run.sh SECONDS [NAME...]       all of them without names
#
# It builds the preset fuzz with CLANG (clang, else clang-14) and prints a line
# a target. What it found lies in build/fuzz/findings: fix it, and keep it with
# `corpus.sh add NAME FILE`. New inputs lie in build/fuzz/found/NAME:
# `corpus.sh merge NAME build/fuzz/found/NAME` keeps those that bring coverage.
#
# A finding is also an input that takes more than 512 MB with the sanitizers, or
# two seconds of the processor: what was slow by the clock is run again alone,
# since the machine may have been busy.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ ${1:-} =~ ^[0-9]+$ ]] || { sed -n '2,/^set/{/^#/p}' "$0" >&2; exit 2; }
seconds=$1
shift
# What was freed is kept by the sanitizer, and is not the reader's memory.
export ASAN_OPTIONS=quarantine_size_mb=16:${ASAN_OPTIONS:-}
clang=${CLANG:-$(command -v clang clang-14 | head -n 1)}
[ -n "$clang" ] || { echo "run.sh: no clang; CLANG names one" >&2; exit 2; }

if [ ! -f build/fuzz/build.ninja ]; then
    cmake --preset fuzz -DEXPCLIP_TESTS=ON -DCMAKE_C_COMPILER="$clang" \
        -DCMAKE_CXX_COMPILER="${clang/clang/clang++}" >/dev/null
fi
names=("$@")
[ ${#names[@]} -gt 0 ] || names=($(ls tests/fuzz/fuzz_*.c |
    sed 's,.*/fuzz_\(.*\)\.c$,\1,'))
cmake --build build/fuzz --target "${names[@]/#/fuzz_}" >build/fuzz/build.log ||
    { tail -n 40 build/fuzz/build.log; exit 1; }

folder=build/fuzz/findings
mkdir -p "$folder"
total=0
printf '%-12s %12s %9s %9s %9s\n' target inputs coverage memory findings
for name in "${names[@]}"; do
    found=build/fuzz/found/$name log=$folder/$name.log
    mkdir -p "$found"
    rm -f "$folder/$name-"*
    "build/fuzz/bin/fuzz_$name" -max_total_time="$seconds" \
        -timeout=20 -report_slow_units=2 -rss_limit_mb=512 -max_len=65536 \
        -print_final_stats=1 -artifact_prefix="$folder/$name-" \
        "$found" "build/fuzz/corpus/$name" >"$log" 2>&1 || true
    for slow in "$folder/$name-timeout-"* "$folder/$name-slow-unit-"*; do
        if [ -f "$slow" ] &&
            (ulimit -t 2 && "build/fuzz/bin/fuzz_$name" "$slow") 2>/dev/null
        then
            rm "$slow"
        fi
    done
    findings=$(find "$folder" -name "$name-*" | wc -l)
    total=$((total + findings))
    printf '%-12s %12s %9s %6s MB %9s\n' "$name" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
        "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d ' ' -f 2)" \
        "$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")" "$findings"
done
[ "$total" -eq 0 ]
