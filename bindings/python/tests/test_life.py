# SPDX-License-Identifier: MIT
"""Objects from load to close, threads, processes and Ctrl-C."""

import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import expclip
from expclip import errors


def test_every_status_has_its_exception():
    from expclip import _raw
    codes = {n: getattr(_raw, n) for n in dir(_raw)
             if n.startswith("EXPCLIP_ERROR_")}
    assert len(codes) >= 16
    for name, code in codes.items():
        error = errors.make(code, "why")
        assert "EXPCLIP_ERROR_" + error.status == name
        assert (error.code, str(error)) == (code, "why")
        assert _raw.expclip_status_name(code) == error.status


def test_exceptions_are_the_built_in_ones_too(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        expclip.load(tmp_path / "nowhere.pt")
    assert isinstance(caught.value, errors.NotFoundError)
    assert caught.value.code == -21 and "nowhere.pt" in str(caught.value)
    assert issubclass(errors.ArgumentError, ValueError)
    assert issubclass(errors.OutOfMemoryError, MemoryError)


def test_nul_ends_no_text(model, tmp_path):
    classes = model.classes()
    for use in (lambda: expclip.load("demo\0x"),
                lambda: expclip.load("demo", head="none\0x"),
                lambda: classes.save(tmp_path / "a\0b"),
                lambda: expclip.Classes.load("a\0b"),
                lambda: expclip.inspect("a\0b"),
                lambda: expclip.convert("demo", str(tmp_path / "a") + "\0b"),
                lambda: model.classes(["a\0b"]),
                lambda: model.classes(7, "type3\0"),
                lambda: expclip.Frames("a\0b"),
                lambda: expclip.Dataset("list", "a\0b"),
                lambda: expclip.Dataset("list", tmp_path, ["a\0b"]),
                lambda: expclip.Trainer("a\0b", "c"),
                lambda: expclip.Trainer("a", "b\0c")):
        with pytest.raises(expclip.ArgumentError):
            use()
    assert not list(tmp_path.iterdir())


def test_a_path_need_not_be_utf_8(face, tmp_path, model):
    path = os.fsencode(tmp_path) + b"/\xff.png"
    with open(path, "wb") as file:
        file.write(face.read_bytes())
    assert model.score(os.fsdecode(path)).label == "happiness"


def test_a_damaged_file_is_no_model(tmp_path):
    (tmp_path / "bad.pt").write_bytes(b"PK\3\4 and no more")
    with pytest.raises(expclip.ExpclipError, match="bad.pt"):
        expclip.load(tmp_path / "bad.pt")


def test_a_closed_model_says_so_and_closes_twice(face):
    model = expclip.load("demo")
    classes = model.classes()
    with model:
        pass
    model.close()
    assert model.closed and "closed" in repr(model) + model._repr_html_()
    for use in (lambda: model.name, lambda: model.score(face, classes),
                lambda: model.embed_texts("a"), lambda: model.classes()):
        with pytest.raises(errors.ClosedError, match="closed"):
            use()
    assert len(classes.names) == 7


def test_closing_during_calls_lets_them_end(faces):
    model = expclip.load("demo")
    classes = model.classes()
    outcomes = []

    def work():
        try:
            while True:
                outcomes.append(model.score(faces[:4], classes).labels)
        except errors.ClosedError:
            outcomes.append("closed")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    model.close()
    for thread in threads:
        thread.join()
    assert outcomes.count("closed") == 8
    labels = [o for o in outcomes if o != "closed"]
    assert labels and all(o == labels[0] for o in labels)


def test_threads_share_a_model_and_get_the_same(model, faces):
    expected = model.score(faces).logits
    found = [None] * 8

    def work(i):
        found[i] = model.score(faces).logits

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for logits in found:
        np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_the_gil_is_free_during_a_call(model, faces):
    done = threading.Event()

    def work():
        model.score(faces * 20)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not done.is_set():
        time.sleep(0.001)
        turns += 1
    thread.join()
    assert turns > 20


def test_a_cancel_token_ends_a_call(model, faces):
    token = expclip.CancelToken()
    token.cancel()
    assert token.cancelled
    with pytest.raises(errors.CancelledError):
        model.score(faces, cancel=token)
    token.reset()
    assert model.score(faces[:1], cancel=token)[0].ok


def test_a_pickled_model_is_loaded_again_once(model, face):
    copies = [pickle.loads(pickle.dumps(model)) for _ in range(2)]
    assert copies[0] is copies[1]
    assert copies[0].fingerprint == model.fingerprint
    assert copies[0].score(face).label == model.score(face).label


def test_a_pickled_model_whose_file_changed_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    expclip.convert("demo", path, dtype="fp32")
    with expclip.load(path) as model:
        kept = pickle.dumps(model)
    expclip.convert("demo", path, dtype="bf16")
    with pytest.raises(errors.StateError, match="fingerprint"):
        pickle.loads(kept)


def test_a_forked_child_is_told_at_once(model, face):
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        code = 1
        try:
            model.score(face)
        except errors.ForkError:
            with expclip.load("demo", threads=1) as own:
                code = 0 if own.score(face).label == "happiness" else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_memory_comes_back(model, face):
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    for _ in range(200):
        model.score(face)
    gc.collect()
    before = resident()
    for _ in range(2000):
        model.score(face)
    gc.collect()
    assert resident() - before < 8 << 20


_INTERRUPTED = """
import threading, time, signal, os, numpy, expclip
model = expclip.load("demo")
classes = model.classes()
images = numpy.zeros((4096, 64, 64, 3), numpy.uint8)
sent = []
def interrupt():
    time.sleep(1)
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    while True:
        model.score(images, classes, batch_size=1024)
except KeyboardInterrupt:
    print(time.monotonic() - sent[0])
model.score(images[:2], classes)
"""


def test_ctrl_c_ends_a_call_within_200_ms():
    out = subprocess.run([sys.executable, "-c", _INTERRUPTED], check=True,
                         capture_output=True, text=True, timeout=60)
    assert float(out.stdout) < 0.2


_IMPORTS = """
import sys
{}
model = expclip.load("demo")
assert model.score(sys.argv[1]).label == "happiness"
{}
libraries = {{line.split()[-1] for line in open("/proc/self/maps")
              if "/libtorch_cpu.so" in line}}
assert len(libraries) == 1, libraries
"""


@pytest.mark.parametrize("before, after", [
    ("import expclip", ""), ("import torch, expclip", ""),
    ("import expclip", "import torch; torch.ones(3) @ torch.ones(3)"),
    ("import expclip, sklearn.svm", "import torch"),
], ids=["alone", "torch first", "torch later", "beside scikit-learn"])
def test_one_libtorch_is_in_the_process(before, after, face):
    if "torch" in before + after:
        pytest.importorskip("torch", exc_type=ImportError)
    subprocess.run([sys.executable, "-c", _IMPORTS.format(before, after),
                    str(face)], check=True, timeout=120)


def test_the_command_is_the_c_program():
    out = subprocess.run([sys.executable, "-m", "expclip", "--version"],
                         check=True, capture_output=True, text=True)
    assert expclip.__version__ in out.stdout
