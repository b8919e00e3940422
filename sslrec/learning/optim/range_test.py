"""The learning-rate range test (Smith 2017, arXiv:1506.01186): one short training with a rising rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from sslrec.learning.optim.adaptive import require_settable_rate
from sslrec.learning.optim.common import ops


@dataclass(frozen=True)
class RangeTest:
    """What a range test saw.

    Attributes:
        rates: `(n,)` float64, the rate of each step, rising.
        losses: `(n,)` float64, the loss of each step before its update.
        smoothed: `(n,)` float64, a running median, then a mean over neighbours.
        suggested: the rate to train with; None if the loss never fell beyond its own noise.
        best: the rate at which the smoothed loss was lowest, the edge of what still learns; None like `suggested`.
        diverged: whether the test ended because the loss rose.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    suggested: float | None
    best: float | None
    diverged: bool


def range_test(
    step: Callable[[float], float],
    *,
    lowest: float = 1e-6,
    highest: float = 1.0,
    steps: int = 100,
    rise: float = 0.5,
    margin: float = 3.0,
) -> RangeTest:
    """Train with exponentially rising rates until the loss rises.

    The loss falls fastest somewhere below the edge of stability and turns where the steps become too long. Suggested
    is the rate of the lowest smoothed loss divided by `margin`: unlike the point of steepest fall it needs no
    derivative of a noisy curve.

    Args:
        step: makes one training step at the rate it is given and returns the loss before the update. The weights it
            leaves are the caller's affair; see `keras_range_test`.
        lowest: the first rate.
        highest: the last rate.
        steps: how many rates.
        rise: the share of what the loss has fallen by that it may rise again above its lowest before the test ends.
        margin: what the rate at the lowest loss is divided by.

    Raises:
        ValueError: the rates do not rise or there are fewer than 10 steps.
    """
    if not 0 < lowest < highest:
        raise ValueError(f"the rates must rise from above 0, not from {lowest} to {highest}")
    if steps < 10:
        raise ValueError(f"a range test needs at least 10 steps, not {steps}")
    rates = np.geomspace(lowest, highest, steps)
    losses: list[float] = []
    diverged = False
    for rate in rates:
        losses.append(float(step(float(rate))))
        if not math.isfinite(losses[-1]) or risen(losses, rise):
            diverged = True
            break
    used = rates[: len(losses)]
    place = lowest_point(losses)
    best = None if place is None else float(used[place])
    suggested = None if best is None else best / margin
    return RangeTest(used, np.array(losses), smooth(losses), suggested, best, diverged)


def smooth(losses: Sequence[float]) -> np.ndarray:
    """A running median of 5, which drops single outliers, then a mean of 5; both without a lag."""
    values = np.array(losses, np.float64)
    values[~np.isfinite(values)] = np.inf
    for combine in (np.median, np.mean):
        padded = [values[max(0, i - 2) : i + 3] for i in range(len(values))]
        values = np.array([combine(part) for part in padded])
    return values


def noise(losses: Sequence[float]) -> float:
    """The size of the loss's jumps from step to step, as a standard deviation, robust against outliers."""
    jumps = np.diff([value for value in losses if math.isfinite(value)])
    return float(np.median(np.abs(jumps))) / (0.6745 * math.sqrt(2)) if len(jumps) else 0.0


def lowest_point(losses: Sequence[float]) -> int | None:
    """The place of the lowest smoothed loss, if the loss fell by more than its noise explains; else None."""
    curve = smooth(losses)
    place = int(np.argmin(curve))
    fallen = float(np.median(curve[:5])) - float(curve[place])
    return place if fallen > 2 * noise(losses) and place > 0 else None


def risen(losses: Sequence[float], rise: float = 0.5) -> bool:
    """Whether the last three losses lie above the lowest by more than noise and `rise` times the fall before it."""
    if len(losses) < 8:
        return False
    curve = smooth(losses[:-3])
    lowest, start = float(np.min(curve)), float(np.median(curve[:5]))
    bound = lowest + max(rise * (start - lowest), 4 * noise(losses[:-3]), 1e-12)
    return min(losses[-3:]) > bound


@contextmanager
def weights_kept(model: keras.Model, optimizer: Any = None) -> Iterator[None]:
    """Afterwards all variables of the model and the optimizer are bit for bit what they were before."""
    held = [*model.variables, *(optimizer.variables if optimizer is not None else [])]
    kept = [(variable, ops.copy(variable)) for variable in held]
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)


def keras_range_test(model: keras.Model, batches: Callable[[], tuple[Any, Any]], **options: Any) -> RangeTest:
    """Run a range test on a compiled Keras model and leave model and optimizer as they were.

    Args:
        model: compiled and built.
        batches: gives the next training batch, inputs and targets, each time it is called.
        options: arguments of `range_test`.

    Raises:
        TypeError: the optimizer's rate comes from a schedule.
    """
    optimizer: Any = model.optimizer
    require_settable_rate(optimizer)
    if not optimizer.built:
        optimizer.build(model.trainable_variables)

    def step(rate: float) -> float:
        optimizer.learning_rate = rate
        model.reset_metrics()
        logs: Any = model.train_on_batch(*batches(), return_dict=True)
        return float(logs["loss"])

    with weights_kept(model, optimizer):
        return range_test(step, **options)
