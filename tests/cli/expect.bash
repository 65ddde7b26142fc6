# SPDX-License-Identifier: MIT
# The words that the cases are written in. Sourced, never run:
#
#   run ARGS...          run expclip; keeps its code, stdout and stderr
#   expect_code N        the exit code
#   expect_out PATTERN   stdout as a whole matches the shell pattern
#   expect_err PATTERN   stderr as a whole matches
#   check COMMAND...     the command succeeds
#
# Each case works in $work, an empty folder that is removed afterwards.

set -u
LC_ALL=C.UTF-8
export LC_ALL
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LSAN_OPTIONS=suppressions=$source_dir/tests/cli/leaks.supp:print_suppressions=0
program=${EXPCLIP:?names the program to test}
faces=${EXPCLIP_FACES:-$source_dir/examples/faces}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail()
{
    echo "FAILED at line ${BASH_LINENO[1]} of ${BASH_SOURCE[2]}: $1" >&2
    echo "--- stdout" >&2
    head -c 4000 "$work/.out" >&2
    echo "--- stderr" >&2
    head -c 4000 "$work/.err" >&2
    exit 1
}

run()
{
    last="$*"
    "$program" "$@" >"$work/.out" 2>"$work/.err"
    code=$?
}

expect_code()
{
    [[ $code == "$1" ]] || fail "expclip $last: exit code $code, expected $1"
}

expect_out()
{
    # The pattern is a pattern on purpose.
    # shellcheck disable=SC2053
    [[ $(<"$work/.out") == $1 ]] || fail "expclip $last: stdout is not $1"
}

expect_err()
{
    # shellcheck disable=SC2053
    [[ $(<"$work/.err") == $1 ]] || fail "expclip $last: stderr is not $1"
}

check()
{
    "$@" || fail "$*"
}

# images N: copy N faces to faces/1.png, faces/2.png ...
images()
{
    local files=("$faces"/[hns]*.png) # whose faces the detector finds
    local i
    mkdir -p faces
    for ((i = 1; i <= $1; i++)); do
        cp "${files[i % ${#files[@]}]}" "faces/$i.png"
    done
}

# json EXPRESSION: true for the list `lines` of stdout's JSON Lines.
json()
{
    python3 - "$work/.out" "$1" <<'PYTHON'
import json, math, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
sys.exit(not eval(sys.argv[2]))
PYTHON
}

# npy FILE EXPRESSION: true for its `shape` and flat `values`.
npy()
{
    python3 - "$1" "$2" <<'PYTHON'
import ast, math, struct, sys
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
size = struct.unpack("<H", data[8:10])[0]
assert (10 + size) % 64 == 0 and data[9 + size:10 + size] == b"\n"
header = ast.literal_eval(data[10:10 + size].decode())
assert header["descr"] == "<f4" and not header["fortran_order"]
shape = header["shape"]
values = struct.unpack("<%df" % ((len(data) - 10 - size) // 4), data[10 + size:])
assert len(values) == math.prod(shape), (len(values), shape)
sys.exit(not eval(sys.argv[2]))
PYTHON
}
