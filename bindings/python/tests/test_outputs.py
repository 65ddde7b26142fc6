# SPDX-License-Identifier: MIT
"""No output destroys what is somebody else's."""

import os
import stat

import numpy as np
import pytest

import expclip
from expclip.errors import ArgumentError, ExpclipError


@pytest.fixture(scope="module")
def writers(model, tmp_path_factory):
    """Each function that takes an output's name."""
    rows = tmp_path_factory.mktemp("rows")
    rng = np.random.default_rng(1)
    for name in ("features", "targets"):
        np.save(rows / f"{name}.npy", rng.normal(size=(8, 6)).astype("f4"))
    view = expclip.TimelineView(["joy"], "a.mp4", "demo")
    classes = model.classes(7)
    with expclip.Trainer(rows / "features.npy", rows / "targets.npy", epochs=1,
                         batch=4) as trainer:
        yield {
            "subtitles": view.to_webvtt,
            "classes": classes.save,
            "model": lambda path, **more: expclip.convert("demo", path, **more),
            "head": trainer.save_head,
        }


KINDS = ("subtitles", "classes", "model", "head")
FOREIGN = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff\xe0",
           "another file": b"dear diary", "zip": b"PK\3\4",
           "a film": b"RIFF\0\0\0\0AVI "}


@pytest.mark.parametrize("found", FOREIGN)
@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_file_is_not_replaced(kind, found, writers, tmp_path):
    path = tmp_path / "mine"
    path.write_bytes(FOREIGN[found])
    with pytest.raises(ArgumentError, match=f"mine.*{found}.*overwrite=True"):
        writers[kind](path)
    assert path.read_bytes() == FOREIGN[found]
    assert os.listdir(tmp_path) == ["mine"]
    writers[kind](path, overwrite=True)
    assert path.read_bytes() != FOREIGN[found]
    assert os.listdir(tmp_path) == ["mine"]
    writers[kind](path)  # it is ours now


@pytest.mark.parametrize("name", ["face.png", "face.JPG", "face.webp"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_image_s_name_is_no_output_s(kind, name, writers, tmp_path):
    with pytest.raises(ArgumentError, match=f"{name}.*name of an image"):
        writers[kind](tmp_path / name)
    assert not os.listdir(tmp_path)
    writers[kind](tmp_path / name, overwrite=True)
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_file_may_be_filled(kind, writers, tmp_path):
    (tmp_path / "new").write_bytes(b"")
    writers[kind](tmp_path / "new")
    assert (tmp_path / "new").stat().st_size > 0


def test_subtitles_of_others_are_not_replaced(writers, tmp_path):
    path = tmp_path / "film.vtt"
    path.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n")
    with pytest.raises(ArgumentError, match=r"film\.vtt"):
        writers["subtitles"](path)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_not_there_is_told(kind, overwrite, writers, tmp_path):
    with pytest.raises(ExpclipError, match=r"nowhere/a\b") as caught:
        writers[kind](tmp_path / "nowhere" / "a", overwrite=overwrite)
    assert ".tmp" not in str(caught.value)


def test_a_failed_overwrite_leaves_what_was_there(tmp_path):
    path = tmp_path / "mine"
    path.write_bytes(b"dear diary")
    with pytest.raises(ExpclipError):
        expclip.convert("/nowhere.pt", path, overwrite=True)
    assert path.read_bytes() == b"dear diary"
    assert os.listdir(tmp_path) == ["mine"]


def test_a_link_s_target_is_written_and_a_pipe_stays_one(writers, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "a.vtt")
    writers["subtitles"](link)
    assert link.is_symlink() and (tmp_path / "a.vtt").is_file()
    os.mkfifo(tmp_path / "pipe")
    end = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    writers["subtitles"](tmp_path / "pipe")
    assert os.read(end, 6) == b"WEBVTT"
    os.close(end)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
