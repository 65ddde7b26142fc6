# SPDX-License-Identifier: MIT
"""Options of the C library: each owns its texts."""

import gc

import pytest

from expclip import _raw

NAMES = sorted(name for name in dir(_raw)
               if name.startswith("expclip_") and name.endswith("_options"))


@pytest.mark.parametrize("name", NAMES)
def test_each_text_may_be_set_again_and_again(name):
    kind = getattr(_raw, name)
    for _ in range(3):
        raw = kind()
        for field in (f for f, x in vars(kind).items()
                      if isinstance(x, property) and f != "thisown"):
            if isinstance(getattr(raw, field), str):
                for text in ("x" * 100, "", "y" * 1000):
                    setattr(raw, field, text)
                    assert getattr(raw, field) == text
        del raw
        gc.collect()
