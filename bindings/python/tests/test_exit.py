# SPDX-License-Identifier: MIT
"""The end of the process is the host's, whatever its threads are doing."""

import concurrent.futures
import random
import subprocess
import sys

EXITS = 50
CODE = 7

# Daemon threads load and score without an end; sys.exit() comes while the
# library is being loaded, or some time after the first score.
BUSY = """
import sys, threading, time
import expclip
face, wait, early = sys.argv[1], *map(float, sys.argv[2:])
scored = threading.Event()

def work(loads):
    while True:
        with expclip.load("demo", threads=1) as model:
            classes = model.classes()
            while True:
                model.score(face, classes)
                scored.set()
                if loads:
                    break

for loads in (True, False, False):
    threading.Thread(target=work, args=(loads,), daemon=True).start()
if not early:
    scored.wait()
time.sleep(wait)
sys.exit(%d)
""" % CODE


def end(face, number):
    wait = random.Random(number).uniform(0, 0.3)
    return subprocess.run(
        [sys.executable, "-c", BUSY, str(face), str(wait),
         str(number % 2)], capture_output=True, text=True, timeout=120)


def test_fifty_processes_that_end_inside_calls_give_their_code(face):
    with concurrent.futures.ThreadPoolExecutor(2) as two:
        ended = list(two.map(lambda i: end(face, i), range(EXITS)))
    wrong = [(p.returncode, p.stderr[-500:]) for p in ended
             if p.returncode != CODE]
    assert not wrong
