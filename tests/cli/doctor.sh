#!/bin/bash
# SPDX-License-Identifier: MIT
# The self-test agrees with the golden vectors on this machine.
. "$(dirname "$0")/expect.bash"

run doctor
expect_code 0
expect_out '*cores*tokens*pixels*image*text*scores*fp32*portable*bf16*library*All * stages agree with the reference on this machine.'

run doctor --json
expect_code 0
check json 'lines[-1]["ok"] and lines[-1]["wrong"] == 0'
check json '[l["ok"] for l in lines[:-1]] == [True] * lines[-1]["stages"]'
check json 'len(lines) >= 16'
