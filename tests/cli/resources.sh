#!/bin/bash
# SPDX-License-Identifier: MIT
# Too few threads, too little memory, no working folder: said, never an end in
# the middle of libtorch.
. "$(dirname "$0")/expect.bash"
[[ -n ${EXPCLIP_SANITIZED:-} ]] && exit 0 # they need more than there is
images 1
face=$work/faces/1.png

# limited "ULIMIT ARGUMENTS" ARGS...: run under a limit.
limited()
{
    # shellcheck disable=SC2086
    (ulimit $1 && exec "$program" "${@:2}") >.out 2>.err
    code=$?
    last="${*:2}, ulimit $1"
}

# Any limit: done, or a refusal of ours.
for kb in 300000 400000 420000 440000 460000 480000 500000 520000 540000 560000 \
    600000 1500000; do
    limited "-v $kb" score --threads 8 "$face"
    [[ $code == [034] ]] || fail "ulimit -v $kb: exit code $code"
    [[ $(<.err) != *libgomp* && $(<.err) != *terminate* ]] ||
        fail "ulimit -v $kb"
done
limited '-v 420000' score "$face"
expect_code 3
expect_err '*libtorch is there, but cannot be loaded*MB of address space are left*'

# A working folder that is gone.
mkdir gone
cd gone || exit 1
rmdir ../gone
"$program" score "$face" >"$work/.out" 2>"$work/.err"
code=$? last='score, no folder'
cd "$work" || exit 1
if [[ $code != 0 ]]; then # on x86-64
    expect_code 3
    expect_err '*the working folder was removed; change to one that exists*'
fi

# Threads: root has no limit, and another user may see nothing of this folder.
[[ $(id -u) != 0 ]] || command -v setpriv >/dev/null || exit 0
as_nobody=()
[[ $(id -u) == 0 ]] &&
    as_nobody=(setpriv --reuid 65533 --regid 65533 --clear-groups)
chmod 755 "$work" faces
"${as_nobody[@]}" "$program" score --csv "$face" >.out 2>.err || exit 0
for n in 1 2 3 4 6; do
    (
        ulimit -u $n
        exec "${as_nobody[@]}" "$program" score --threads 4 "$face"
    ) >.out 2>.err
    code=$? last="score, ulimit -u $n"
    [[ $code == [034] ]] || fail "$last: exit code $code"
    [[ $(<.err) != *libgomp* ]] || fail "$last"
done
