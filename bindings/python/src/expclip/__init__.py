# SPDX-License-Identifier: MIT
"""Zero-shot facial expression recognition with CLIP and Exp-CLIP.

    import expclip

    model = expclip.load("demo")
    print(model.score("face.jpg").label)

Scores say what an image resembles, never what a person feels.
"""

from . import _raw, errors
from ._call import CancelToken
from .batcher import Batcher
from .classes import Classes, probabilities
from .clips import Clip, Frame, Frames, sample_frames
from .detector import Detector
from .errors import *  # noqa: F403
from .evaluation import Dataset, Features, evaluate, select_classes
from .faces import CropOptions, Face, Faces
from .images import ImageOptions
from .model import Model, load
from .predictions import Prediction, Predictions
from .results import Result, Results, compare, fit_temperature, metrics
from .rows import Rows
from .scored_faces import ScoredFaces
from .timeline import Row, Segment, Timeline, TimelineView
from .training import Targets, Teacher, Trainer
from .training_log import TrainingLog
from .tools import Tokenizer, convert, inspect, show_config
from .tracker import EarlierFace, Track, TrackedFrame, Tracker, follow

__version__ = str(_raw.expclip_library_version())
if _raw.expclip_library_abi_version() != _raw.EXPCLIP_ABI_VERSION:
    raise ImportError(f"libexpclip {__version__} has another ABI than this "
                      "package: install the package again")

__all__ = ["Batcher", "CancelToken", "Classes", "Clip", "CropOptions",
           "Dataset", "Detector", "EarlierFace", "Face", "Faces", "Features",
           "Frame", "Frames", "ImageOptions", "Model", "Prediction",
           "Predictions", "Result", "Results", "Row", "Rows", "ScoredFaces",
           "Segment", "Targets", "Teacher", "Timeline", "TimelineView",
           "Tokenizer", "Track", "TrackedFrame", "Tracker", "Trainer",
           "TrainingLog", "compare", "convert", "errors", "evaluate",
           "fit_temperature", "follow", "inspect", "load", "metrics",
           "probabilities", "sample_frames", "select_classes", "show_config"]
