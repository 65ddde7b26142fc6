# SPDX-License-Identifier: MIT
"""What a call costs in Python; see calls.c."""

import threading
import time

import numpy as np

import expclip

N_CALLS = 300
model = expclip.load("demo", threads=1)
classes = model.classes()
pixels = np.zeros((64, 64, 3), np.uint8)


def work():
    for _ in range(N_CALLS):
        model.score(pixels, classes)


def milliseconds_a_call(n_threads):
    threads = [threading.Thread(target=work) for _ in range(n_threads)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 1e3 * (time.perf_counter() - start) / (n_threads * N_CALLS)


work()
for _ in range(5):
    for n in (1, 4):
        print(f"Python {n} {milliseconds_a_call(n):.3f}", flush=True)
