#!/bin/bash
# SPDX-License-Identifier: MIT
# Results that nobody can read, and being stopped.
. "$(dirname "$0")/expect.bash"
images 4

"$program" score --json faces >/dev/full 2>.err
code=$? last='score >/dev/full'
expect_code 4
expect_err '*cannot write results: No space left on device'

"$program" score --json faces >&- 2>.err
code=$? last='score >&-'
expect_code 4
expect_err '*cannot write results: *'

"$program" --help >/dev/full 2>.err
code=$? last='--help >/dev/full'
expect_code 4

# A reader that goes away ends the work without a word about it.
for _ in {1..20000}; do echo faces/1.png; done >many.txt
{
    "$program" score --json --batch 1 many.txt 2>.err
    echo $? >code
} | head -n 1 >.out
code=$(<code) last='score | head'
expect_code 4
check json 'len(lines) == 1'
check test -z "$(grep results .err)"

# Closed input and errors do no harm.
"$program" score --json faces <&- 2>&- >.out
code=$? last='score <&- 2>&-'
expect_code 0
check json 'len(lines) == 4'

# Stopped at work: ends with 4, the lines so far are whole, and no half sheet.
cat >stop.py <<'PYTHON'
import json, os, signal, subprocess, sys
program, name = sys.argv[1:]
# A shell's background jobs ignore SIGINT, and children inherit that.
p = subprocess.Popen(
    [program, "score", "--json", "--batch", "1", "--html", "sheet.html",
     "many.txt"], stdout=subprocess.PIPE, stderr=open(".err", "w"),
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
p.stdout.readline()  # it is at work
p.send_signal(getattr(signal, name))
lines = p.stdout.read().splitlines()
p.wait()
assert all(json.loads(line) for line in lines) and len(lines) < 19999
sys.exit(p.returncode)
PYTHON
for name in SIGINT SIGTERM; do
    python3 stop.py "$program" $name >.out
    code=$? last="score, $name"
    expect_code 4
    check test ! -e sheet.html
    check test -z "$(find . -name '*.tmp')"
done

# The same while a slow reader keeps it waiting in the middle of a line.
cat >slow.py <<'PYTHON'
import json, signal, subprocess, sys, time
p = subprocess.Popen(
    [sys.argv[1], "score", "--json", "many.txt"], stdout=subprocess.PIPE,
    stderr=open(".err", "w"),
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
p.stdout.readline()
before = -1
while (now := open(f"/proc/{p.pid}/io").read()) != before:
    before = now
    time.sleep(0.5)  # until the pipe is full
p.send_signal(signal.SIGINT)
time.sleep(0.5)
assert all(json.loads(line) for line in p.stdout.read().splitlines())
p.wait()
sys.exit(p.returncode)
PYTHON
python3 slow.py "$program" >.out
code=$? last='score, SIGINT, slow reader'
expect_code 4
expect_err '*stopped after * of 20000 images*'
check test -z "$(grep results .err)"

# Stopped while it waits for the next line of a list.
cat >wait.py <<'PYTHON'
import signal, subprocess, sys, time
p = subprocess.Popen(
    sys.argv[1:], stdin=subprocess.PIPE, stderr=open(".err", "w"),
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
p.stdin.write(b'"faces/1.png"\n')
p.stdin.flush()
time.sleep(3)
p.send_signal(signal.SIGINT)
sys.exit(p.wait(60))
PYTHON
python3 wait.py "$program" score --json - >.out
code=$? last='score -, SIGINT'
expect_code 4
expect_err '*stopped while the inputs were listed, 1 so far*'
python3 wait.py "$program" tokenize --stdin >.out
code=$? last='tokenize --stdin, SIGINT'
expect_code 4
expect_err '*stopped after 1 text'
