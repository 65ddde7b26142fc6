#!/usr/bin/env bash
# Peak memory and time of loading a model, against what is kept:
#
#     tests/bench/load.sh EXPCLIP MODEL
set -euo pipefail
expclip=$1 model=$2
face=$(dirname "$0")/../../examples/faces/neutral_1.png
/usr/bin/time -f 'peak %M kB, wall %e s' \
    "$expclip" score "$face" --model "$model" --quiet >/dev/null
/usr/bin/time -f 'without a model worth naming (demo): peak %M kB, wall %e s' \
    "$expclip" score "$face" --model demo --quiet >/dev/null
