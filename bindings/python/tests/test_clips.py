# SPDX-License-Identifier: MIT
"""Clips, frames and timelines."""

import contextlib
import shutil
import subprocess

import numpy as np
import pytest

import expclip


@pytest.fixture
def clip(tmp_path, faces):
    """20 frames whose natural order is not their order as strings."""
    for i in range(20):
        shutil.copy(faces[i], tmp_path / f"{i + 1}.png")
    return tmp_path


@pytest.fixture(scope="session")
def video(tmp_path_factory, faces):
    """Two seconds at 10 frames a second: happiness, then anger."""
    folder = tmp_path_factory.mktemp("video")
    happy, angry = (next(f for f in faces if f.name == f"{name}.png")
                    for name in ("happiness_2", "anger_1"))
    for i in range(20):
        shutil.copy(happy if i < 10 else angry, folder / f"{i:02}.png")
    subprocess.run(["ffmpeg", "-loglevel", "error", "-framerate", "10", "-i",
                    folder / "%02d.png", "-pix_fmt", "yuv444p", "-c:v",
                    "libx264", "-qp", "1", folder / "clip.mp4"], check=True)
    return folder / "clip.mp4"


def test_a_clip_is_the_mean_of_its_frames_after_the_head(model, clip):
    rows = model.embed_images([clip / f"{i + 1}.png" for i in range(20)],
                              normalize=False)
    mean = rows.mean(0)
    with expclip.Frames(clip, sampling="all") as frames, \
            expclip.Clip(model) as whole:
        assert frames.count == 20
        whole.add_frames(frames)
        assert whole.frame_count == 20
        np.testing.assert_allclose(whole.embed(), mean / np.linalg.norm(mean),
                                   atol=2e-6)


def test_frames_pushed_one_by_one_give_the_same(model, clip):
    paths = [clip / f"{i + 1}.png" for i in range(20)]
    with expclip.Clip(model) as whole:
        for path in paths:
            whole.add([path])
        pushed = whole.score()
    scored = model.score_clip(clip, sampling="all")
    assert pushed.label == scored.label
    np.testing.assert_allclose(pushed.logits, scored.logits, atol=1e-4)


def test_one_frame_an_array_or_an_iterator_of_any_length(model, clip):
    paths = [clip / f"{i + 1}.png" for i in range(20)]
    with expclip.Clip(model) as a, expclip.Clip(model) as b:
        a.add(str(paths[0]))
        a.add(np.zeros((2, 64, 64, 3), np.uint8))
        a.add(path for path in paths[1:])
        assert (a.frame_count, a.failed_count) == (22, 0)
        b.add(paths[0])
        with pytest.raises(expclip.ArgumentError, match="int"):
            b.add([paths[1], 3])
        assert b.frame_count == 1


def test_sampling_is_the_references(model):
    assert expclip.sample_frames(16, "exact") == [0] * 16
    assert expclip.sample_frames(100, "exact") == [
        int(100 / 16 / 2 + 100 / 16 * i) for i in range(16)]
    assert expclip.sample_frames(3, "spread", 5) == [0, 1, 2, 2, 2]
    with pytest.raises(expclip.ArgumentError):
        expclip.sample_frames(3, samples=-1)


def test_weights_count_a_frame_several_times(model, clip):
    with expclip.Clip(model) as a, expclip.Clip(model) as b:
        a.add([clip / "1.png", clip / "2.png"], weights=[3, 1])
        b.add([clip / "1.png"] * 3 + [clip / "2.png"])
        np.testing.assert_allclose(a.embed(), b.embed(), atol=2e-6)
        with pytest.raises(expclip.ArgumentError):
            a.add([clip / "1.png"], weights=[1, 2])
        for no_count in (0, 1.5, 2**40, float("nan"), "many"):
            with pytest.raises(expclip.ArgumentError, match="weights"):
                a.add([clip / "1.png"], weights=[no_count])


def test_a_damaged_frame_loses_only_itself(model, clip):
    (clip / "7.png").write_bytes(b"no image")
    with expclip.Frames(clip, sampling="all") as frames, \
            expclip.Clip(model) as whole:
        whole.add_frames(frames)
        assert (whole.frame_count, whole.failed_count) == (19, 1)
        assert whole.message


def test_an_empty_clip_has_no_score(model):
    with expclip.Clip(model) as empty, pytest.raises(expclip.StateError):
        empty.score()


def test_a_video_is_a_clip_and_a_timeline(model, video):
    line = model.timeline(video, smoothing="none", enter=0.5)
    assert len(line) == 20
    np.testing.assert_allclose(line.times, np.arange(20) / 10, atol=1e-6)
    assert [s.label for s in line.segments] == ["happiness", "anger"]
    assert line.segments[1].start == pytest.approx(1.0, abs=1e-6)
    assert list(line.to_pandas().columns) == list(line.classes)
    assert len(line.segments_to_pandas()) == 2
    assert line.plot().get_xlabel() == "seconds"
    assert model.score_clip(video).label in ("happiness", "anger")
    first = model.score_clip(video, end=1.0)
    assert first.label == "happiness" and first.source == str(video)


@pytest.mark.parametrize("damaged", [[], [7], [18], [19], [18, 19]])
def test_it_ends_where_the_program_ends_it(model, clip, program, damaged):
    for i in damaged:
        (clip / f"{i + 1}.png").write_bytes(b"no image")
    line = model.timeline(clip, frame_rate=8, smoothing="none", enter=0.3,
                          leave=0.3, min_seconds=0)
    assert line.failed_count == len(damaged)
    assert len(line) == 20 - len(damaged)
    out = clip.parent / f"{clip.name}.vtt"
    with contextlib.suppress(subprocess.CalledProcessError):  # 1: damaged ones
        program("clip", clip, "--json", "--faces", "none", "--frame-rate", 8,
                "--smooth", "none",
                "--enter", 0.3, "--leave", 0.3, "--min-segment", 0,
                "--sampling", "all", "--timeline", out, "--quiet")
    ours = clip.parent / "ours.vtt"
    line.to_webvtt(ours)
    assert ours.read_text("utf-8") == out.read_text("utf-8")


def test_a_timeline_without_a_frame_is_refused(model, clip):
    for image in clip.iterdir():
        image.write_bytes(b"no image")
    with pytest.raises(expclip.errors.StateError, match="20 failed"):
        model.timeline(clip)


def test_one_frame_lasts_a_frame(model, tmp_path, face):
    shutil.copy(face, tmp_path)
    line = model.timeline(tmp_path, frame_rate=2)
    assert [(s.start, s.end) for s in line.segments] == [(0.0, 0.5)]


def test_a_stream_is_collected_plotted_and_written(tmp_path):
    names = ["a --> b", "c<d>&\n\u202e", *(f"class {i}" for i in range(10))]
    line, view = expclip.Timeline(names), expclip.TimelineView(names)
    for i in range(100):
        logits = np.zeros(12, np.float32)
        logits[i // 50] = 9
        view.extend(*line.add(40.0 * i, logits))
    view.extend(*line.finish(4000.0))
    view.to_webvtt(tmp_path / "a.vtt")
    text = (tmp_path / "a.vtt").read_text("utf-8")
    assert "00:00:00.000 --> 00:33:20.000\na --&gt; b 100 %\n" in text
    assert "00:33:20.000 --> 01:06:40.000\nc&lt;d&gt;&amp;\ufffd\ufffd 100 %" \
        in text
    axes = view.plot()
    assert len(axes.get_lines()) == 12
    looks = {(x.get_color(), x.get_linestyle()) for x in axes.get_lines()}
    assert len(looks) == 12
    assert expclip.TimelineView(["a"]).plot().get_title() == ""


def test_a_timeline_smooths_by_time(model):
    line = expclip.Timeline(["a", "b"], smoothing="ema", ema_seconds=1.0)
    rows = []
    for time, logits in [(0.0, [3.0, 0.0]), (0.5, [0.0, 3.0]),
                         (2.0, [0.0, 3.0])]:
        rows += line.add(time, np.array(logits, np.float32))[0]
    p = 1 / (1 + np.exp(-3.0))
    expected = p
    for i, gap in ((1, 0.5), (2, 1.5)):
        expected += (1 - np.exp(-gap)) * (1 - p - expected)
        assert rows[i].probabilities[0] == pytest.approx(expected, abs=1e-6)


def test_words_that_are_no_options_are_named(model, clip):
    with pytest.raises(expclip.ArgumentError, match="sampling"):
        expclip.Frames(clip, sampling="some")
    with pytest.raises(expclip.NotFoundError):
        expclip.Frames(clip / "nowhere")


def test_what_takes_long_can_be_cancelled(model, clip):
    token = expclip.CancelToken()
    token.cancel()
    with expclip.Clip(model) as whole:
        for work in (lambda: whole.add([clip / "1.png"], cancel=token),
                     lambda: model.score_clip(clip, cancel=token),
                     lambda: model.timeline(clip, cancel=token)):
            with pytest.raises(expclip.CancelledError):
                work()
        assert whole.frame_count == 0
