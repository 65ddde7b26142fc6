# SPDX-License-Identifier: MIT
"""MOTA (Bernardin 2008) and IDF1 (Ristani 2016) of boxes with names."""

import numpy as np
from scipy.optimize import linear_sum_assignment

OVERLAP = 0.5


def overlap(a, b):
    """Of two boxes x, y, width, height."""
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = w * h if w > 0 and h > 0 else 0.0
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def pairs(gain):
    """Of rows and columns, so that their sum is the largest; gains of 0 are
    no pairs."""
    if gain.size == 0:
        return []
    return [(i, j) for i, j in zip(*linear_sum_assignment(-gain))
            if gain[i, j] > 0]


def matched(truth, seen, last):
    """{name: number} of a frame: those of the frame before first, then as
    many as there are, then those that overlap most."""
    names, numbers = list(truth), list(seen)
    gain = np.zeros((len(names), len(numbers)))
    for a, i in enumerate(names):
        for b, j in enumerate(numbers):
            shared = overlap(truth[i], seen[j])
            if shared >= OVERLAP:
                gain[a, b] = 1000 + 1e6 * (last.get(i) == j) + shared
    return {names[i]: numbers[j] for i, j in pairs(gain)}


def identities(truth, seen):
    """The largest number of boxes that one number a name can explain."""
    names = sorted({i for frame in truth for i in frame})
    numbers = sorted({j for frame in seen for j in frame})
    both = np.zeros((len(names), len(numbers)))
    for t, s in zip(truth, seen):
        for i in t:
            for j in s:
                if overlap(t[i], s[j]) >= OVERLAP:
                    both[names.index(i), numbers.index(j)] += 1
    return sum(both[i, j] for i, j in pairs(both))


def without_unsure(truth, seen, unsure):
    """As MOTChallenge does it: what is found of a face that may be missed is
    not counted."""
    left = []
    for t, s, u in zip(truth, seen, unsure):
        found = matched({**u, **t}, s, {})
        none = {found[i] for i in u if i in found}
        left.append({j: box for j, box in s.items() if j not in none})
    return left


def measure(truth, seen, unsure=None):
    """truth, seen: of each frame {name: box} and {number: box}. unsure: as
    truth, faces that may be found and may be missed."""
    before, miss, false, switches = {}, 0, 0, 0
    if unsure:
        seen = without_unsure(truth, seen, unsure)
    for t, s in zip(truth, seen):
        now = matched(t, s, before)
        switches += sum(before.get(i, j) != j for i, j in now.items())
        miss += len(t) - len(now)
        false += len(s) - len(now)
        before.update(now)
    n, told = sum(map(len, truth)), sum(map(len, seen))
    return {"n": n, "miss": miss, "false": false, "switches": switches,
            "mota": 1 - (miss + false + switches) / n,
            "idf1": 2 * identities(truth, seen) / (n + told)}
