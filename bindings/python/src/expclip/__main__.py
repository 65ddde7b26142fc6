# SPDX-License-Identifier: MIT
"""The command `expclip`: the C program, told where libtorch is."""

import os
import pathlib
import sys

from . import _torch


def main() -> None:
    program = pathlib.Path(__file__).parent / "bin" / "expclip"
    where = _torch.folder()
    if where is not None:
        os.environ.setdefault("EXPCLIP_TORCH", str(where))
    os.execv(program, ["expclip", *sys.argv[1:]])


if __name__ == "__main__":
    main()
