# SPDX-License-Identifier: MIT
"""What a training said, as DataFrames and a matplotlib figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .results import _new_axes

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

_STEP, _MEAN = "#9db7d5", "#0072b2"


class TrainingLog(list[dict[str, Any]]):
    """A dict per step: epoch, step, loss, accuracy, lr; and one for the rates
    of each dataset of validation after each epoch: validation, prompts, head,
    epochs, steps, uar, war. The lines of `expclip train --log` are the same.
    """

    def __init__(self, lines: Iterable[dict[str, Any]] = (), *,
                 epoch_steps: int) -> None:
        super().__init__(lines)
        self.epoch_steps = epoch_steps

    @property
    def steps(self) -> pandas.DataFrame:
        """One row per step."""
        import pandas

        return pandas.DataFrame([x for x in self if "loss" in x],
                                columns=["epoch", "step", "loss", "accuracy",
                                         "lr"])

    @property
    def rates(self) -> pandas.DataFrame:
        """One row per dataset of validation and epoch; percent."""
        import pandas

        return pandas.DataFrame([x for x in self if "validation" in x],
                                columns=["validation", "prompts", "head",
                                         "epochs", "steps", "uar", "war"])

    def plot(self, what: str = "loss", ax: Axes | None = None) -> Axes:
        """A curve by epochs.

        Args:
            what: "loss" or "accuracy" of each step with the means of epochs,
                or "uar" or "war" of the validation, dashes for plain CLIP.
        """
        ax = ax or _new_axes((6, 3.4))
        if what in ("uar", "war"):
            self._plot_rates(what, ax)
        else:
            self._plot_steps(what, ax)
        ax.set_xlabel("epochs")
        ax.grid(alpha=0.3)
        ax.legend()
        return ax

    def _plot_steps(self, what: str, ax: Axes) -> None:
        steps = self.steps
        at = (steps["step"] + 0.5) / self.epoch_steps
        ax.plot(at, steps[what], color=_STEP, label="a step")
        means = steps.assign(at=at).groupby("epoch")[["at", what]].mean()
        ax.plot(means["at"], means[what], "o-", color=_MEAN,
                label="an epoch's mean")
        ax.set_ylabel(what)

    def _plot_rates(self, what: str, ax: Axes) -> None:
        for name, rows in self.rates.groupby("validation", sort=False):
            learned = rows[rows["head"] != "none"]
            line, = ax.plot(learned["epochs"], learned[what], "o-",
                            label=str(name))
            for plain in rows.loc[rows["head"] == "none", what]:
                ax.axhline(plain, color=line.get_color(), linestyle="--",
                           linewidth=1, label=f"{name}, plain CLIP")
        ax.set_ylabel(f"{what.upper()}, %")
