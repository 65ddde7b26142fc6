# SPDX-License-Identifier: MIT
"""Calls of many threads joined into forward passes."""

import threading

import numpy as np
import pytest

import expclip


def test_threads_share_passes_and_get_their_own(model, faces):
    classes = model.classes()
    expected = model.score(faces).logits
    found = [None] * len(faces)
    with expclip.Batcher(model, max_delay_ms=50) as batcher:
        def work(i):
            found[i] = batcher.score([faces[i]], classes).logits[0]

        threads = [threading.Thread(target=work, args=(i,))
                   for i in range(len(faces))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert batcher.image_count == len(faces)
        assert batcher.pass_count < len(faces)
        assert batcher.waiting_count == 0
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_bad_image_harms_no_other(model, face):
    with expclip.Batcher(model) as batcher:
        found = batcher.score([face, "nowhere.png", 3], model.classes())
        rows = batcher.embed_images(["nowhere.png", face])
    assert found.labels == ["happiness", None, None]
    assert set(found.errors) == {1, 2}
    assert np.isnan(rows[0]).all()
    np.testing.assert_allclose(rows[1], model.embed_images(face), atol=1e-6)


def test_a_full_queue_is_busy(model, face):
    classes = model.classes()
    with expclip.Batcher(model, max_delay_ms=2000, queue_size=1) as batcher:
        thread = threading.Thread(
            target=lambda: batcher.score([face], classes))
        thread.start()
        while batcher.waiting_count == 0:
            pass
        with pytest.raises(expclip.errors.BusyError, match="try again later"):
            batcher.score([face], classes)
        thread.join()


def test_a_closed_batcher_says_so(model, face):
    batcher = expclip.Batcher(model)
    batcher.close()
    batcher.close()
    with pytest.raises(expclip.errors.ClosedError):
        batcher.score([face], model.classes())
    with pytest.raises(ValueError, match="max_batch"):
        expclip.Batcher(model, max_batch=0)
