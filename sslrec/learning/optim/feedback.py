"""Policies that change the rate because of what the loss, or the optimizer, says."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import keras

from sslrec.learning.optim.adaptive import AdaptiveLearningRate
from sslrec.learning.optim.policy import Change, CosinePolicy, Policy
from sslrec.learning.optim.prodigy import Prodigy


class PlateauPolicy(Policy):
    """Keras's `ReduceLROnPlateau`: the rate times `factor` after `patience` epochs without improvement.

    Args:
        optimizer: the optimizer whose rate is set.
        learning_rate: the initial rate.
        patience: epochs without improvement before the rate falls.
        factor: what the current rate is multiplied with.
        min_delta: how much lower than the best so far counts as improvement, in units of the figure.
        cooldown: epochs after a fall in which none is counted.
        floor: the lowest rate.
    """

    name = "plateau"

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        learning_rate: float,
        *,
        patience: int = 3,
        factor: float = 0.3,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        floor: float = 0.0,
    ) -> None:
        super().__init__(optimizer, learning_rate)
        self.rule = keras.callbacks.ReduceLROnPlateau(
            "figure", factor, patience, mode="min", min_delta=min_delta, cooldown=cooldown, min_lr=floor
        )
        self.rule.set_model(SimpleNamespace(optimizer=optimizer))

    def after_epoch(self, figure: float) -> Change | None:
        """Lower the rate where the rule says so."""
        before = self.rate
        self.rule.on_epoch_end(0, {"figure": figure})
        if self.rate == before:
            return None
        params = {"epochs": float(self.rule.patience), "best": float(self.rule.best or 0.0)}
        return Change(before, self.rate, "plateau", params)

    def state(self) -> dict[str, Any]:
        """The best figure and the counters."""
        return {"best": self.rule.best, "wait": self.rule.wait, "cooldown": self.rule.cooldown_counter}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        self.rule.best, self.rule.wait = state["best"], int(state["wait"])
        self.rule.cooldown_counter = int(state["cooldown"])


class AdaptivePolicy(Policy):
    """`AdaptiveLearningRate` on the mean training loss of every few steps.

    Not on epochs: a short run has too few of them to find its way from a rate that is far off.

    Args:
        optimizer: the optimizer whose rate is set.
        learning_rate: the initial rate.
        figures: how many means a whole run has.
        options: arguments of `AdaptiveLearningRate` but `rate`.
    """

    name = "adaptive"

    def __init__(
        self, optimizer: keras.optimizers.Optimizer, learning_rate: float, *, figures: int = 60, **options: Any
    ) -> None:
        super().__init__(optimizer, learning_rate)
        self.figures = figures
        self.rule = AdaptiveLearningRate(learning_rate, **options)
        self._interval = 1
        self._sum, self._count = 0.0, 0

    def before_step(self, step: int, total: int) -> None:
        """Learn how long the run is."""
        self._interval = max(1, total // self.figures)

    def after_step(self, loss: float) -> Change | None:
        """Let the rule decide where a mean is complete."""
        self._sum, self._count = self._sum + loss, self._count + 1
        if self._count < self._interval:
            return None
        mean = self._sum / self._count
        self._sum, self._count = 0.0, 0
        self.rule.rate = self.rate
        change = self.rule.update(mean)
        if change is not None:
            self.optimizer.learning_rate = change.after
        return change

    def state(self) -> dict[str, Any]:
        """The rule's memory and the unfinished mean."""
        return {"rule": self.rule.state(), "sum": self._sum, "count": self._count}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        self.rule.restore(state["rule"])
        self._sum, self._count = float(state["sum"]), int(state["count"])


class _Told:
    """Says when a rate that an optimizer moves by itself has moved far enough to be told: by a factor of two."""

    def __init__(self, rate: float) -> None:
        self.last = rate

    def learn(self, rate: float, reason: str) -> Change | None:
        if not 0 < rate < math.inf or 0.5 < rate / max(self.last, 1e-30) < 2:
            return None
        before, self.last = self.last, rate
        return Change(before, rate, reason)


class HypergradientPolicy(Policy):
    """The rate moves by its own gradient inside the optimizer; what has doubled or halved is told.

    Args:
        optimizer: a `HypergradientOptimizer`.
        learning_rate: the initial rate.
    """

    name = "hypergradient"

    def __init__(self, optimizer: keras.optimizers.Optimizer, learning_rate: float) -> None:
        super().__init__(optimizer, learning_rate)
        self._told = _Told(learning_rate)

    def after_step(self, loss: float) -> Change | None:
        """Tell of a rate that has moved far."""
        return self._told.learn(self.rate, "hypergradient")

    def set_rate(self, rate: float) -> Change:
        """Set the rate by hand; the optimizer moves on from it."""
        self._told.last = rate
        return super().set_rate(rate)

    def state(self) -> dict[str, Any]:
        """The rate last told of."""
        return {"told": self._told.last}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        self._told.last = float(state["told"])


class ProdigyPolicy(CosinePolicy):
    """Prodigy with the cosine that its authors recommend on top: the rate is `d * learning_rate`.

    Without a warm-up: the estimate grows from next to nothing, which is one. (One on top made the estimate of a short
    run stop at a ten-thousandth of what it should be.)

    Args:
        optimizer: `Prodigy`, whose estimate is the peak.
    """

    name = "prodigy"

    def __init__(self, optimizer: Prodigy) -> None:
        super().__init__(optimizer, 1.0, warmup=0.0)
        self._told = _Told(optimizer.d)

    @property
    def rate(self) -> float:
        """The effective rate of the coming step, as far as it is known before its gradient."""
        return self.optimizer.d * float(self.optimizer.learning_rate)

    def after_step(self, loss: float) -> Change | None:
        """Tell of an estimate that has grown far, as the rate it stands for."""
        told = self._told.learn(self.optimizer.d, "estimate")
        if told is None:
            return None
        factor = float(self.optimizer.learning_rate)
        return Change(told.before * factor, told.after * factor, told.reason, {"d": told.after})

    def set_rate(self, rate: float) -> Change:
        """Set the effective rate by hand: the factor on the present estimate, which goes on growing."""
        before = self.rate
        super().set_rate(rate / self.optimizer.d)
        return Change(before, rate, "hand")

    def state(self) -> dict[str, Any]:
        """The schedule's state and the estimate last told of."""
        return {**super().state(), "told": self._told.last}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        super().restore(state)
        self._told.last = float(state["told"])
