# SPDX-License-Identifier: MIT
"""No output destroys what is somebody else's: the rule of the C library's
shared/replaceable.h, for what Python writes and for `overwrite`."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator

from ._options import path_of
from .errors import ArgumentError, ExpclipError, ReadError

_LOOKED_AT = 4096
_ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp",
            ".tif", ".tiff", ".heic", ".avif")
_OTHERS = {b"\x89PNG": "an image (PNG)", b"\xff\xd8\xff": "an image (JPEG)",
           b"GIF8": "an image (GIF)", b"BM": "an image (BMP)",
           b"RIFF": "an image or a film", b"%PDF": "a PDF",
           b"PK\3\4": "a zip archive", b"\x93NUMPY": "an array in .npy"}
_TENSORS = b'{"__metadata__":{"format":"expclip'
TENSORS = "a model, head or class set of this library"
SUBTITLES = "subtitles of this library"


def _is_ours(first: bytes, kind: str) -> bool:
    if kind == TENSORS:
        return first[8:].startswith(_TENSORS)
    return first.startswith(b"WEBVTT") and b"libexpclip" in first


def check(path: str, kind: str) -> None:
    """Refuse to replace a file that is not of a kind, and an image's name."""
    cure = "give another name, or overwrite=True"
    try:
        with open(path, "rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            first = file.read(_LOOKED_AT) if regular else b""
    except OSError:
        first = b""  # nothing is there, or whoever writes will tell
    if first and not _is_ours(first, kind):
        found = next((name for start, name in _OTHERS.items()
                      if first.startswith(start)), "another file")
        raise ArgumentError(f"{path}: found {found} there, expected a new name "
                            f"or {kind}: {cure}")
    if path.lower().endswith(_ENDINGS):
        raise ArgumentError(f"{path}: found the name of an image, expected one "
                            f"for {kind}: {cure}")


def _is_special(path: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str], kind: str,
              overwrite: bool) -> Iterator[str]:
    """The name to write to, which becomes `path` at the end, all at once; what
    was there stays when it fails."""
    target = path_of(path)
    if _is_special(target):  # a pipe, or /dev/stdout
        yield target
        return
    if not overwrite:
        check(target, kind)
    target = os.path.realpath(target)
    beside = os.path.join(os.path.dirname(target),
                          f".expclip-{secrets.token_hex(8)}.tmp")
    try:
        yield beside
        os.replace(beside, target)
    except ExpclipError as error:
        raise type(error)(error.message.replace(beside, target)) from None
    except OSError as error:
        raise ReadError(f"{target}: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(beside)
