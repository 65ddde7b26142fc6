# SPDX-License-Identifier: MIT
"""Metrics against scikit-learn, scipy and NumPy, on random predictions.

The program has no command that takes logits, so the library beside it is called
through ctypes.
"""

import ctypes
import json
import pathlib
import warnings

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import scipy.stats
import sklearn.metrics as peer

BINS = 15
# What two ways of adding the same numbers may differ by.
SAME = {"rel": 1e-12, "abs": 0}
# (items, classes, classes that occur, folds, items that fail)
CASES = [(1, 2, 1, 1, 0), (2, 2, 2, 1, 0), (30, 3, 2, 1, 5),
         (500, 7, 7, 1, 0), (500, 7, 4, 5, 31), (2000, 11, 11, 5, 100),
         (3000, 30, 27, 3, 1), (10000, 7, 7, 5, 0)]


class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int32), ("message", ctypes.c_char * 508)]


class Options(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t),
                ("n_bootstrap", ctypes.c_int32), ("n_bins", ctypes.c_int32),
                ("confidence", ctypes.c_double), ("seed", ctypes.c_int64)]


def array(values, dtype):
    """Arguments `x, x_size`, and what keeps them alive."""
    if values is None:
        return (None, ctypes.c_size_t(0)), None
    kept = np.ascontiguousarray(values, dtype).ravel()
    return (kept.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_size_t(kept.size)), kept


class Library:
    """The functions of expclip_eval.h that are compared here."""

    def __init__(self, path):
        self.so = ctypes.CDLL(path)
        self.so.expclip_string_data.restype = ctypes.c_char_p

    def call(self, name, *arguments):
        error = Error()
        status = getattr(self.so, name)(*arguments, ctypes.byref(error))
        assert status == 0, error.message.decode()

    def json(self, name, *arguments):
        out = ctypes.c_void_p()
        self.call(name, ctypes.byref(out), *arguments)
        text = self.so.expclip_string_data(out)
        self.so.expclip_string_free(out)
        return json.loads(text)

    def metrics(self, logits, labels, folds=None, bootstrap=0, seed=1):
        names = [f"class {i}".encode() for i in range(logits.shape[1])]
        options = Options(ctypes.sizeof(Options), bootstrap, BINS, 0.95, seed)
        rows, keep_rows = array(logits, np.float32)
        truth, keep_truth = array(labels, np.int32)
        parts, keep_parts = array(folds, np.int32)
        return self.json("expclip_metrics_compute", *rows, *truth, *parts,
                         (ctypes.c_char_p * len(names))(*names),
                         ctypes.c_size_t(len(names)), ctypes.byref(options),
                         None)

    def compare(self, logits, other, labels):
        rows, keep_rows = array(logits, np.float32)
        others, keep_others = array(other, np.float32)
        truth, keep_truth = array(labels, np.int32)
        return self.json("expclip_metrics_compare", *rows, *others, *truth)

    def temperature(self, logits, labels):
        out = ctypes.c_float()
        rows, keep_rows = array(logits, np.float32)
        truth, keep_truth = array(labels, np.int32)
        self.call("expclip_metrics_fit_temperature", ctypes.byref(out), *rows,
                  *truth)
        return out.value


@pytest.fixture(scope="module")
def library(expclip):
    return Library(str(
        pathlib.Path(expclip.path).parents[1] / "lib/libexpclip.so"))


def predictions(n, n_classes, n_seen, n_folds, n_failed, scale=3.0):
    """Logits that know a little, true classes, folds; failed rows are NaN."""
    rng = np.random.default_rng(n + n_classes)
    seen = rng.permutation(n_classes)[:n_seen]
    labels = rng.choice(seen, n)
    logits = rng.normal(0, 1, (n, n_classes))
    logits[np.arange(n), labels] += 1
    logits = (scale * logits).astype(np.float32)
    logits[rng.permutation(n)[:n_failed]] = np.nan
    return logits, labels, rng.integers(0, n_folds, n)


def kept(logits, *others):
    good = ~np.isnan(logits).any(1)
    return [x[good] for x in (logits, *others)]


def uar(labels, found):
    with warnings.catch_warnings():  # of classes that were found only
        warnings.simplefilter("ignore")
        return 100 * peer.balanced_accuracy_score(labels, found)


def nullable(values):
    """Ours has null where NaN is meant."""
    return [np.nan if v is None else v for v in values]


@pytest.mark.parametrize("case", CASES)
def test_rates_equal_scikit_learns(library, case):
    logits, labels, folds = predictions(*case)
    result = library.metrics(logits, labels)
    logits, labels, folds = kept(logits, labels, folds)
    found = logits.argmax(1)
    classes = np.arange(case[1])
    nan = {"labels": classes, "average": None, "zero_division": np.nan}
    assert result["n"] == len(labels) and result["n_failed"] == case[4]
    assert result["confusion"] == peer.confusion_matrix(
        labels, found, labels=classes).tolist()
    assert result["war"] == pytest.approx(
        100 * peer.accuracy_score(labels, found), **SAME)
    assert result["uar"] == pytest.approx(uar(labels, found), **SAME)
    assert result["macro_f1"] == pytest.approx(
        100 * peer.f1_score(labels, found, average="macro"), **SAME)
    assert result["macro_f1"] == pytest.approx(100 * peer.f1_score(
        labels, found, labels=classes, average="macro",
        zero_division=np.nan), **SAME)
    for name, function in (("recall", peer.recall_score),
                           ("precision", peer.precision_score),
                           ("f1", peer.f1_score)):
        assert nullable(result[name].values()) == pytest.approx(
            100 * function(labels, found, **nan), nan_ok=True, **SAME), name
    assert list(result["support"].values()) == np.bincount(
        labels, minlength=case[1]).tolist()
    assert result["missing_classes"] == [
        f"class {i}" for i in classes if i not in labels]


@pytest.mark.parametrize("case", CASES)
def test_top_k_equals_scikit_learns(library, case):
    logits, labels, _ = predictions(*case)
    result = library.metrics(logits, labels)
    logits, labels = kept(logits, labels)
    n_classes = case[1]
    assert list(result["top_k"]) == [
        str(k) for k in range(1, min(n_classes, 5) + 1)]
    for k, share in result["top_k"].items():
        if int(k) == n_classes:
            assert share == 100
        elif n_classes == 2:  # where scikit-learn wants one column of scores
            assert share == result["war"]
        else:
            assert share == pytest.approx(100 * peer.top_k_accuracy_score(
                labels, logits, k=int(k), labels=np.arange(n_classes)), **SAME)


@pytest.mark.parametrize("case", CASES)
def test_folds_are_averaged(library, case):
    logits, labels, folds = predictions(*case)
    result = library.metrics(logits, labels, folds)
    whole = library.metrics(logits, labels)
    assert result["pooled"] == whole["pooled"] == {
        "uar": whole["uar"], "war": whole["war"]}
    logits, labels, folds = kept(logits, labels, folds)
    rates = []
    for k, fold in enumerate(result["folds"]):
        truth, found = labels[folds == k], logits[folds == k].argmax(1)
        assert fold["n"] == len(truth)
        if not len(truth):
            assert fold["uar"] is None and fold["war"] is None
            continue
        rates.append((uar(truth, found),
                      100 * peer.accuracy_score(truth, found)))
        assert (fold["uar"], fold["war"]) == pytest.approx(rates[-1], **SAME)
        assert fold["confusion"] == peer.confusion_matrix(
            truth, found, labels=np.arange(case[1])).tolist()
    assert (result["uar"], result["war"]) == pytest.approx(
        np.mean(rates, 0), **SAME)


def reliability(logits, labels, temperature):
    """Guo et al., 2017: bins (low, high] of the largest probability."""
    shares = scipy.special.softmax(logits.astype(float) / temperature, 1)
    confidence, right = shares.max(1), logits.argmax(1) == labels
    edges = np.linspace(0, 1, BINS + 1)
    places = np.digitize(confidence, edges[1:-1], right=True)
    counts = np.bincount(places, minlength=BINS)
    sums = np.bincount(places, confidence, BINS)
    hits = np.bincount(places, right, BINS)
    return counts, sums, hits, 100 * np.abs(sums - hits).sum() / len(labels)


@pytest.mark.parametrize("case", CASES[2:])
def test_calibration_equals_numpys(library, case):
    logits, labels, _ = predictions(*case)
    ours = library.metrics(logits, labels)["calibration"]
    logits, labels = kept(logits, labels)
    counts, sums, hits, error = reliability(logits, labels, 1.0)
    assert [b["n"] for b in ours["bins"]] == counts.tolist()
    with np.errstate(invalid="ignore"):
        for name, means in (("confidence", sums / counts),
                            ("accuracy", hits / counts)):
            assert nullable(b[name] for b in ours["bins"]) == pytest.approx(
                means, nan_ok=True, **SAME)
    # A small sum of differences: bits that the terms share cancel out.
    assert ours["ece"] == pytest.approx(error, rel=1e-10)
    assert ours["ece_calibrated"] == pytest.approx(reliability(
        logits[1::2], labels[1::2], ours["temperature"])[3], rel=1e-10)
    assert ours["temperature"] == pytest.approx(
        library.temperature(logits[::2], labels[::2]), rel=1e-7)


def likeliest(logits, labels):
    def loss(log_t):
        rows = logits.astype(float) / np.exp(log_t)
        return np.mean(scipy.special.logsumexp(rows, 1) -
                       rows[np.arange(len(labels)), labels])
    return np.exp(scipy.optimize.minimize_scalar(
        loss, bounds=np.log([1e-3, 1e3]), method="bounded",
        options={"xatol": 1e-9}).x)


# A minimum is flat: a loss that is exact to 1e-16 puts it to about 1e-8 of its
# width, which grows with the noise of few items; 1e-6 leaves room.
@pytest.mark.parametrize("scale", [0.05, 1.0, 30.0])
@pytest.mark.parametrize("case", CASES[3:])
def test_the_temperature_is_scipys(library, case, scale):
    logits, labels, _ = predictions(*case, scale=scale)
    ours = library.temperature(logits, labels)
    assert ours == pytest.approx(likeliest(*kept(logits, labels)), rel=1e-6)


@pytest.mark.parametrize("n", [40, 60, 100, 400, 5000])
def test_mcnemar_equals_scipys(library, n):
    logits, labels, _ = predictions(n, 5, 5, 1, n // 20)
    rng = np.random.default_rng(n)
    other = logits + rng.normal(0, 1, logits.shape).astype(np.float32)
    other[rng.permutation(n)[:n // 10]] = np.nan
    ours = library.compare(logits, other, labels)
    both = ~np.isnan(logits + other).any(1)
    first = logits[both].argmax(1) == labels[both]
    second = other[both].argmax(1) == labels[both]
    b, c = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    assert (ours["n"], ours["only_first"], ours["only_second"]) == (
        both.sum(), b, c)
    if b + c < 25:
        assert ours["method"] == "exact binomial"
        assert ours["p"] == pytest.approx(
            scipy.stats.binomtest(b, b + c).pvalue, **SAME)
    else:
        assert ours["method"] == "chi-squared with continuity correction"
        statistic = max(abs(b - c) - 1, 0) ** 2 / (b + c)
        assert ours["statistic"] == pytest.approx(statistic, **SAME)
        assert ours["p"] == pytest.approx(
            scipy.stats.chi2.sf(statistic, 1), **SAME)


def bootstrap(labels, found, folds, n_classes, n_samples):
    """Samples of UAR, WAR, macro F1, drawn within folds."""
    rng = np.random.default_rng(0)
    parts = [np.flatnonzero(folds == k) for k in range(folds.max() + 1)]
    rates = []
    for _ in range(n_samples):
        drawn = [rng.choice(part, len(part)) for part in parts]
        tables = [np.bincount(labels[d] * n_classes + found[d],
                              minlength=n_classes ** 2).reshape(
                                  n_classes, n_classes) for d in drawn]
        with np.errstate(invalid="ignore"):
            uars = [np.nanmean(np.diag(t) / t.sum(1)) for t in tables]
            wars = [np.trace(t) / t.sum() for t in tables]
            t = sum(tables)
            f1 = np.nanmean(2 * np.diag(t) / (t.sum(0) + t.sum(1)))
        rates.append((np.mean(uars), np.mean(wars), f1))
    return 100 * np.array(rates)


# The ends of intervals from samples vary with their seeds. Near the 2.5 %
# quantile of a normal distribution of width s they vary, over N samples, by
# sqrt(.025 * .975 / N) / density = 2.67 s / sqrt(N); the difference of two
# by sqrt(2) of that. Five times it happens by chance once in a million.
@pytest.mark.parametrize("case", [CASES[3], CASES[4], CASES[5]])
def test_intervals_are_those_of_a_bootstrap_in_numpy(library, case):
    n = 4000
    logits, labels, folds = predictions(*case)
    ours = library.metrics(logits, labels, folds, bootstrap=n)["interval"]
    logits, labels, folds = kept(logits, labels, folds)
    samples = bootstrap(labels, logits.argmax(1), folds, case[1], n)
    for i, name in enumerate(["uar", "war", "macro_f1"]):
        tolerance = 5 * np.sqrt(2) * 2.67 * samples[:, i].std() / np.sqrt(n)
        assert ours[name] == pytest.approx(
            np.percentile(samples[:, i], [2.5, 97.5]), abs=tolerance), name


def test_intervals_cover_the_truth_as_often_as_they_say(library):
    """300 datasets of 400 items whose WAR is known: 95 % of them, give or
    take three standard errors of a share, and a percentile's known bias of
    about one point at this size."""
    rng = np.random.default_rng(3)
    n_inside = 0
    for seed in range(300):
        labels = rng.integers(0, 4, 400)
        found = np.where(rng.random(400) < 0.6, labels, (labels + 1) % 4)
        low, high = library.metrics(np.eye(4)[found], labels, bootstrap=400,
                                    seed=seed)["interval"]["war"]
        n_inside += low <= 60 <= high
    assert 0.90 <= n_inside / 300 <= 0.99
