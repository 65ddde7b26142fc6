# SPDX-License-Identifier: MIT
"""What one client that asks for 500 new prompts a request does to the others.

    python3 crowd.py PORT [SECONDS] [ROUNDS]

Against a running service: two clients score a face again and again, alone and
beside the costly one, taking turns. Prints p50 and p99 in milliseconds of each
round, and the medians.
"""

import http.client
import pathlib
import statistics
import sys
import threading
import time
import urllib.parse

FACE = (pathlib.Path(__file__).parent / "../faces/happiness_2.png").read_bytes()
PORT = int(sys.argv[1])
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 15
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 3


def ask(connection, query="faces=none"):
    connection.request("POST", "/v1/score?" + query, FACE)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def plain(until, took):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    while time.monotonic() < until:
        start = time.monotonic()
        status = ask(connection)
        took.append(1e3 * (time.monotonic() - start))
        assert status == 200, status
        time.sleep(0.01)


def costly(until, made):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    while time.monotonic() < until:
        names = ",".join(f"c{time.time_ns()}n{i}" for i in range(50))
        query = urllib.parse.urlencode(
            {"faces": "none", "prompts": "type5", "classes": names})
        made.append(ask(connection, query))


def measure(with_costly):
    until = time.monotonic() + SECONDS
    took, made = [], []
    threads = [threading.Thread(target=plain, args=(until, took))
               for _ in range(2)]
    if with_costly:
        threads.append(threading.Thread(target=costly, args=(until, made)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    return took[len(took) // 2], took[int(len(took) * .99)], len(took), made


def main():
    measure(False)  # the JVM warms up
    kept = {False: [], True: []}
    for _ in range(ROUNDS):
        for crowded in (False, True):
            p50, p99, n, made = measure(crowded)
            kept[crowded].append((p50, p99))
            beside = {s: made.count(s) for s in set(made)} if crowded else ""
            print(f"{'beside it' if crowded else 'alone':10}"
                  f" p50 {p50:6.1f} p99 {p99:6.1f} requests {n} {beside}",
                  flush=True)
    alone, crowd = (
        [statistics.median(column) for column in zip(*kept[crowded])]
        for crowded in (False, True))
    print(f"medians: p50 {alone[0]:.1f} -> {crowd[0]:.1f}, "
          f"p99 {alone[1]:.1f} -> {crowd[1]:.1f}, "
          f"x {crowd[1] / alone[1]:.2f}")


main()
