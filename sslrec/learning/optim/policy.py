"""What decides the learning rate of a training run.

A policy owns the optimizer. The training loop asks it before each step, tells it the loss after each step
and the monitored figure after each epoch, and lets it put averaged weights in place while it measures or
saves. A rate that a person sets by hand counts from the next step on, under every policy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras


@dataclass(frozen=True)
class Change:
    """A learning rate that a policy (or a hand) changed outside its schedule.

    Attributes:
        before: the rate until now.
        after: the rate from the next step on; under a schedule, the one that it now leads to.
        reason: a code: `hand`, `plateau`, `steady`, `spike`, `not_finite`, `estimate` or `hypergradient`.
        params: figures that belong to the reason, for the sentence that tells it.
    """

    before: float
    after: float
    reason: str
    params: dict[str, float] = field(default_factory=dict)


@contextmanager
def swapped(variables: Sequence[keras.Variable], values: Sequence[Any]) -> Iterator[None]:
    """Within, `variables` hold `values`; afterwards bit for bit what they held before."""
    kept = [keras.ops.copy(variable) for variable in variables]
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    try:
        yield
    finally:
        for variable, value in zip(variables, kept, strict=True):
            variable.assign(value)


class Policy:
    """A constant learning rate, and what every other policy changes of it.

    Args:
        optimizer: the optimizer whose `learning_rate` the policy sets.
        learning_rate: the initial rate, the peak for schedules.
    """

    name = "constant"

    def __init__(self, optimizer: keras.optimizers.Optimizer, learning_rate: float) -> None:
        self.optimizer: Any = optimizer
        self.learning_rate = learning_rate
        self.optimizer.learning_rate = learning_rate

    @property
    def rate(self) -> float:
        """The rate of the coming step."""
        return float(self.optimizer.learning_rate)

    def before_step(self, step: int, total: int) -> None:
        """Set the rate of step `step` (from 0) of `total`."""

    def after_step(self, loss: float) -> Change | None:
        """Learn the loss of the step just made."""
        return None

    def after_epoch(self, figure: float) -> Change | None:
        """Learn the loss of the validation after an epoch, or of the epoch where the task has none there.

        Epochs without a validation are not told.
        """
        return None

    def set_rate(self, rate: float) -> Change:
        """Set the rate by hand."""
        before, self.optimizer.learning_rate = self.rate, rate
        return Change(before, rate, "hand")

    @contextmanager
    def evaluation_weights(self, variables: list[keras.Variable]) -> Iterator[bool]:
        """Put the weights to measure and save into `variables`; yields whether they differ from the trained ones.

        Here these are the exponential moving average where the optimizer keeps one (`use_ema`). The trained
        weights come back exactly when the block ends, also by an error.
        """
        averages = self._averages(variables)
        if averages is None:
            yield False
            return
        with swapped(variables, averages):
            yield True

    def keep_evaluation_weights(self, variables: list[keras.Variable]) -> bool:
        """Leave the weights to measure and save in `variables`: the training is over.

        Returns:
            Whether they differ from the trained ones.
        """
        with self.evaluation_weights(variables) as differ:
            values = [variable.numpy() for variable in variables]
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return differ

    def _averages(self, variables: list[keras.Variable]) -> list[Any] | None:
        """The moving averages of `variables`; None before the first step and where there are none."""
        optimizer = self.optimizer
        if not optimizer.use_ema or not optimizer.built or int(optimizer.iterations) == 0:
            return None
        return [optimizer._model_variables_moving_average[optimizer._get_variable_index(v)] for v in variables]

    def state(self) -> dict[str, Any]:
        """What a resumed run needs beside the optimizer's variables: JSON-able."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""


def warmup_share(step: int, total: int, warmup: float) -> float:
    """The share of the peak in a linear warm-up over `warmup * total` steps; 1 after it."""
    return min(1.0, (step + 1) / max(1, int(total * warmup)))


def fall_share(step: int, total: int, warmup: float) -> float:
    """The share after a warm-up: 1 until its end, then half a cosine (Loshchilov and Hutter 2016, arXiv:1608.03983)."""
    warm = max(1, int(total * warmup))
    return 0.5 * (1 + math.cos(math.pi * max(0, step - warm) / max(1, total - warm)))


class ScheduledPolicy(Policy):
    """A peak rate times shares that follow from the step alone: a linear warm-up, and what `share` says after it.

    A rate set by hand scales the rest of the schedule. One that comes in the warm-up ends it: the hand says what the
    rate is to be, and measured against the next to nothing that a warm-up begins with it would scale the peak beyond
    all bounds.

    Args:
        optimizer: the optimizer whose rate is set.
        learning_rate: the peak.
        warmup: share of all steps that the linear warm-up takes.
    """

    name = "warmup"

    def __init__(self, optimizer: keras.optimizers.Optimizer, learning_rate: float, warmup: float = 0.05) -> None:
        super().__init__(optimizer, learning_rate)
        self.warmup = warmup
        self._scale = 1.0
        self._scheduled = learning_rate
        self._warms_up = True

    def share(self, step: int, total: int) -> float:
        """The share of the peak at step `step` (from 0) of `total`, as if there were no warm-up: 1 in its steps."""
        return 1.0

    def before_step(self, step: int, total: int) -> None:
        """Set the scheduled rate, scaled as the hand asked."""
        self._scheduled = self.learning_rate * self.share(step, total)
        warmed = warmup_share(step, total, self.warmup) if self._warms_up else 1.0
        self.optimizer.learning_rate = self._scheduled * warmed * self._scale

    def set_rate(self, rate: float) -> Change:
        """Set the rate by hand; the rest of the schedule keeps its shape, without a warm-up."""
        change = super().set_rate(rate)
        self._scale = rate / self._scheduled if self._scheduled else self._scale
        self._warms_up = False
        return change

    def state(self) -> dict[str, Any]:
        """What the hand asked for, and the schedule's own rate that it is measured against."""
        return {"scale": self._scale, "scheduled": self._scheduled, "warms_up": self._warms_up}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave; older ones do not say whether a hand has ended the warm-up: it never had."""
        self._scale, self._scheduled = float(state["scale"]), float(state["scheduled"])
        self._warms_up = bool(state.get("warms_up", True))


class CosinePolicy(ScheduledPolicy):
    """Linear warm-up to the peak, then half a cosine down to zero (Loshchilov and Hutter 2016, arXiv:1608.03983)."""

    name = "cosine"

    def share(self, step: int, total: int) -> float:
        """The share of the peak at step `step` (from 0) of `total`, as if there were no warm-up: 1 in its steps."""
        return fall_share(step, total, self.warmup)
