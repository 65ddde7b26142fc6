# SPDX-License-Identifier: MIT
"""A head learned from unlabelled faces: features, a teacher's targets, and the
training that aligns them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from . import _outputs, _raw, _torch
from ._call import CancelToken, call
from ._handle import Handle
from ._options import fill, path_of
from .errors import ArgumentError
from .evaluation import Dataset, Features, evaluate
from .model import Model
from .predictions import FloatArray
from .rows import Rows, bar_of
from .training_log import TrainingLog


class Teacher:
    """A language model that knows of faces, as transformers stores it; its
    weights tell which: BLIP-2 with flan-t5, which sees images, or a T5 or
    BERT encoder, which reads a description beside each (face.txt for
    face.png).

    Immutable; share it between threads.

    Args:
        path: such as a copy of Salesforce/blip2-flan-t5-xl or -xxl.
        instruction: what BLIP-2 is asked; None = the paper's.
        tokenizer: spiece.model or, of a BERT, vocab.txt; None = the one
            beside the weights.
        activation: of T5: "gelu" as the paper's code, "gelu_new" as flan-t5.
        preprocess: "expclip" as the paper's code, "clip-squash" as BLIP-2.
        dtype: of ViT and T5.
    """

    def __init__(self, path: str | os.PathLike[str], *,
                 instruction: str | None = None,
                 tokenizer: str | os.PathLike[str] | None = None,
                 activation: Literal["gelu", "gelu_new"] = "gelu",
                 preprocess: Literal["expclip", "clip-squash"] = "expclip",
                 device: str = "cpu", dtype: Literal["fp32", "bf16"] = "fp32",
                 threads: int = 0) -> None:
        raw = fill(_raw.expclip_teacher_options(),
                   tokenizer=os.fsdecode(tokenizer) if tokenizer else "",
                   activation=activation, preprocess=preprocess,
                   device=device, dtype=dtype, threads=threads)
        if instruction is not None:
            fill(raw, instruction=instruction)
        _torch.load()
        self._handle = Handle(
            "teacher", _raw.expclip_teacher_create(path_of(path), raw),
            _raw.expclip_teacher_free)

    @property
    def dim(self) -> int:
        """Length of a target: 2048 (xl), 4096 (xxl), 384 (MiniLM)."""
        with self._handle as p:
            return int(_raw.expclip_teacher_dim(p))

    @property
    def reads(self) -> str:
        """What it is shown: "images" or "texts"."""
        with self._handle as p:
            return str(_raw.expclip_teacher_reads(p))

    @property
    def token_count(self) -> int:
        """Tokens of the instruction, the end included; 0 of "texts"."""
        with self._handle as p:
            return int(_raw.expclip_teacher_token_count(p))

    @property
    def fingerprint(self) -> str:
        """Changes with weights, instruction and options."""
        with self._handle as p:
            return str(_raw.expclip_teacher_fingerprint(p))


class Targets(Rows):
    """What a teacher's encoder says of each image of a dataset, kept in a
    file, from which a later object continues. Use it from one thread at a time.
    """

    def __init__(self, teacher: Teacher, dataset: Dataset,
                 path: str | os.PathLike[str]) -> None:
        self.teacher = teacher
        with teacher._handle as t, dataset._handle as d:
            super().__init__(
                dataset, "targets", teacher.dim,
                _raw.expclip_rows_create_targets(t, d, path_of(path)))


class Trainer:
    """Learns a head. The defaults are the paper's recipe. Use it from one
    thread at a time.

    Args:
        features: file of Features (its cache), or .npy or safetensors [n, d].
        targets: file of Targets, or .npy or safetensors [n, D], in the same
            order.
        checkpoints: folder from which a later trainer continues.
        logit_scale: factor of the cosines; None = the one kept with the
            features, else 100.
    """

    def __init__(self, features: str | os.PathLike[str],
                 targets: str | os.PathLike[str], *, epochs: int = 5,
                 batch: int = 512, learning_rate: float = 1e-3,
                 momentum: float = 0.9, weight_decay: float = 1e-4,
                 optimizer: Literal["sgd", "adamw"] = "sgd",
                 schedule: Literal["constant", "cosine"] = "constant",
                 logit_scale: float | None = None, seed: int = 1,
                 checkpoints: str | os.PathLike[str] | None = None,
                 checkpoint_steps: int = 0, threads: int = 0) -> None:
        raw = fill(_raw.expclip_trainer_options(), epochs=epochs, batch=batch,
                   learning_rate=learning_rate, momentum=momentum,
                   weight_decay=weight_decay, optimizer=optimizer,
                   schedule=schedule, logit_scale=logit_scale or 0.0,
                   seed=seed, checkpoint_steps=checkpoint_steps,
                   threads=threads,
                   checkpoints=os.fsdecode(checkpoints) if checkpoints else "")
        _torch.load()
        self._handle = Handle(
            "trainer",
            _raw.expclip_trainer_create(path_of(features), path_of(targets),
                                        raw),
            _raw.expclip_trainer_free)

    def _get(self, getter: Callable[[Any], Any]) -> Any:
        with self._handle as p:
            return getter(p)

    @property
    def total_steps(self) -> int:
        """Steps of all epochs."""
        return int(self._get(_raw.expclip_trainer_total_steps))

    @property
    def step_count(self) -> int:
        """Steps done, those before a checkpoint too."""
        return int(self._get(_raw.expclip_trainer_step_count))

    @property
    def epoch_steps(self) -> int:
        """Steps in an epoch."""
        return int(self._get(_raw.expclip_trainer_epoch_steps))

    @property
    def note(self) -> str:
        """What was odd at the start, such as a damaged checkpoint."""
        return str(self._get(_raw.expclip_trainer_note))

    @property
    def head(self) -> FloatArray:
        """The head, float32 [target dim, feature dim]."""
        with self._handle as p:
            shape = (_raw.expclip_trainer_target_dim(p),
                     _raw.expclip_trainer_feature_dim(p))
            out = np.empty(shape, np.float32)
            _raw.expclip_trainer_copy_head(out, p)
        return out

    def step(self, cancel: CancelToken | None = None) -> dict[str, float]:
        """Do one step: epoch, step, loss, accuracy, lr."""
        def run(token: Any) -> dict[str, float]:
            with self._handle as p:
                _raw.expclip_trainer_step(p, token)
                step = _raw.expclip_trainer_step_count(p) - 1
                return {
                    "epoch": step // _raw.expclip_trainer_epoch_steps(p),
                    "step": step,
                    "loss": float(_raw.expclip_trainer_loss(p)),
                    "accuracy": float(_raw.expclip_trainer_accuracy(p)),
                    "lr": float(_raw.expclip_trainer_learning_rate(p))}

        return call(run, cancel)

    def train(self, *, validate: Dataset | Mapping[str, Dataset] | None = None,
              model: Model | None = None, prompts: str = "type3",
              progress: bool = True,
              cancel: CancelToken | None = None) -> TrainingLog:
        """Do the steps that are left; what each said.

        Args:
            validate: a dataset, or several with a name each, whose rates are
                added to the log after each epoch, and those of plain CLIP
                before. Nothing is learned from them.
            model: for `validate`: the one that made the features, without a
                head.
            prompts: for `validate`: a set of the paper or a template.
        """
        data = {validate.name: validate} if isinstance(validate, Dataset) \
            else dict(validate or {})
        if data and (model is None or model.has_head):
            raise ArgumentError(f"model: {model!r}, expected the one that made "
                                "the features, loaded with head=\"none\"")
        log = TrainingLog(epoch_steps=self.epoch_steps)
        with contextlib.ExitStack() as stack:
            known = {name: stack.enter_context(
                Features(model, one).compute(progress=progress, cancel=cancel))
                for name, one in data.items() if model}
            if model and self.step_count == 0:
                log += self._rates(known, model, prompts, cancel)
            elif model:
                log += self._rates_of_epoch(known, model, prompts, cancel)
            bar = stack.enter_context(bar_of(self.total_steps, "steps", progress))
            bar.update(self.step_count)
            while self.step_count < self.total_steps:
                log.append(self.step(cancel))
                bar.update(1)
                if model:
                    log += self._rates_of_epoch(known, model, prompts, cancel)
        return log

    def _rates_of_epoch(self, known: Mapping[str, Features], model: Model,
                        prompts: str, cancel: CancelToken | None,
                        ) -> list[dict[str, Any]]:
        """Of the head, when it stands at an epoch's end."""
        if self.step_count % self.epoch_steps:
            return []
        with self.model(model) as ours:
            return self._rates(known, ours, prompts, cancel)

    def _rates(self, known: Mapping[str, Features], model: Model, prompts: str,
               cancel: CancelToken | None) -> list[dict[str, Any]]:
        found = {name: evaluate(model, features.dataset, [prompts],
                                features=features, bootstrap=0,
                                progress=False, cancel=cancel)[0]
                 for name, features in known.items()}
        return [{"validation": name, "prompts": prompts,
                 "head": "trained" if model.has_head else "none",
                 "epochs": self.step_count // self.epoch_steps,
                 "steps": self.step_count, "uar": result.uar,
                 "war": result.war} for name, result in found.items()]

    def model(self, model: Model) -> Model:
        """A model of the head as it stands, in place of the model's own, to
        score with. It shares the other weights.

        Args:
            model: whose encoder the features are of.
        """
        with self._handle as p, model._handle as m:
            return Model._of(_raw.expclip_trainer_model(p, m), model)

    def save_head(self, path: str | os.PathLike[str], *,
                  overwrite: bool = False) -> None:
        """Write a head for `expclip.load(head=...)`. A file that is not of this
        library, or an image's name, is an ArgumentError, unless
        `overwrite`."""
        with _outputs.replacing(path, _outputs.TENSORS, overwrite) as name, \
                self._handle as p:
            _raw.expclip_trainer_save_head(p, name)

    def checkpoint(self) -> None:
        """Keep the state now."""
        with self._handle as p:
            _raw.expclip_trainer_checkpoint(p)

    def close(self) -> None:
        """Free it, and the folder of checkpoints for others."""
        self._handle.close()

    def __enter__(self) -> Trainer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
