#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The C examples that need more than an image: they evaluate and they train.
. "$(dirname "$0")/expect.bash"
examples=$(dirname "$program")

for face in "$faces"/*.png; do
    class=$(basename "$face")
    class=${class%_*}
    mkdir -p "labelled/$class"
    cp "$face" "labelled/$class"
done
"$examples/example_evaluate" labelled >rates || fail "example_evaluate"
check grep -q '^type1: {.*"uar":[0-9.]*' rates
check grep -q '^type3: {.*"war":[0-9.]*' rates
check grep -q '^temperature [0-9.]*$' rates
! "$examples/example_evaluate" nowhere 2>why || fail "a missing folder passed"
check grep -q nowhere why

# Rows of a teacher: here the embeddings after the demo model's own head.
run embed --images "$faces" -o features.npy
expect_code 0
run embed --images "$faces" --projected -o targets.npy
expect_code 0
"$examples/example_train" features.npy targets.npy head.safetensors >epochs ||
    fail "example_train"
check grep -q '^epoch 5: loss [0-9.]*$' epochs
run score --head head.safetensors "$faces/happiness_2.png"
expect_code 0
! "$examples/example_train" features.npy nowhere.npy head2 2>why ||
    fail "missing targets passed"
check grep -q nowhere.npy why
