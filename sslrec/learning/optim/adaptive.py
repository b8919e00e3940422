"""A learning rate that follows the figure it is told: down when progress stops, up while it is steady."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import keras

from sslrec.learning.optim.policy import Change


@dataclass
class _Memory:
    """What the rule remembers between two figures."""

    best: float | None = None
    seen: int = 0
    wait: int = 0
    streak: int = 0
    resting: int = 0
    needed: int = 0
    before_growth: float = 0.0


class AdaptiveLearningRate:
    """The patience rule, done right, and its counterpart upwards.

    Each figure (an epoch's validation loss, or the mean loss of some steps; lower is better) is compared with the best
    so far. It improves if it is lower by more than `threshold` of the best's size, so that the rule does not depend on
    the figure's unit.

    - Down: after `patience` figures without improvement the **current** rate is multiplied with `factor`. A hand, a
      schedule or the rule itself may have changed it before; the initial rate plays no part.
    - At once: a figure that is no number, or lies above the best by more than `spike` of its size, means that steps
      are far too long; the rate falls without waiting.
    - Up: after `steady` improvements in a row the rate is multiplied with `growth`. That is a trial, as in the bold
      driver (Vogl et al. 1988, Biological Cybernetics 59; Battiti 1989, Complex Systems 3): if the next thing to
      happen is a fall, the rate returns to what it was before the growth, and the next growth needs twice as many
      improvements, so that the rate does not swing around the edge of stability for ever.
    - After every fall `cooldown` figures pass that can neither lower nor raise the rate, but for those that call for
      a fall at once.

    Args:
        rate: the rate the rule starts from; set it when something else changes the rate.
        patience: figures without improvement before the rate falls.
        factor: what a fall multiplies the rate with, in (0, 1).
        threshold: relative improvement that counts.
        cooldown: figures to rest after a fall; spikes and figures that are no number lower the rate even then.
        floor: the lowest rate.
        ceiling: the highest rate the rule itself goes to.
        warmup: figures at the start that only set the best.
        steady: improvements in a row before the rate rises; 0 for never.
        growth: what a rise multiplies the rate with, above 1.
        spike: how far above the best, as a share of its size, a figure calls for a fall at once; 0 for never.

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        rate: float,
        *,
        patience: int = 3,
        factor: float = 0.5,
        threshold: float = 1e-3,
        cooldown: int = 1,
        floor: float = 1e-7,
        ceiling: float = 1.0,
        warmup: int = 0,
        steady: int = 3,
        growth: float = 1.5,
        spike: float = 1.0,
    ) -> None:
        if not 0 < factor < 1:
            raise ValueError(f"factor must lie between 0 and 1, not at {factor}")
        if growth <= 1:
            raise ValueError(f"growth must be above 1, not {growth}")
        if patience < 1:
            raise ValueError(f"patience must be at least 1, not {patience}")
        if not 0 <= floor <= ceiling:
            raise ValueError(f"floor {floor} must not be above ceiling {ceiling}")
        self.rate = rate
        self.patience, self.factor, self.threshold, self.cooldown = patience, factor, threshold, cooldown
        self.floor, self.ceiling, self.warmup = floor, ceiling, warmup
        self.steady, self.growth, self.spike = steady, growth, spike
        self._memory = _Memory(needed=steady)

    def update(self, figure: float) -> Change | None:
        """Learn the next figure; returns what the rule changed of the rate, if anything."""
        memory = self._memory
        memory.seen += 1
        best = memory.best
        if not math.isfinite(figure):
            return None if memory.seen <= self.warmup else self._fall("not_finite", {})
        if best is None:
            memory.best = figure
            return None
        improved = figure < best - self.threshold * abs(best)
        if memory.seen <= self.warmup:
            memory.best = min(best, figure)
            return None
        if self.spike and figure > best + self.spike * abs(best):
            return self._fall("spike", {"figure": figure, "best": best})
        if improved:
            memory.best = figure
        memory.streak = memory.streak + 1 if improved else 0
        memory.wait = 0 if improved else memory.wait + 1
        if memory.resting:
            memory.resting -= 1
            memory.wait = memory.streak = 0
            return None
        if memory.wait >= self.patience:
            return self._fall("plateau", {"figures": float(self.patience), "best": best})
        if self.steady and memory.streak >= memory.needed:
            return self._rise()
        return None

    def _fall(self, reason: str, params: dict[str, float]) -> Change | None:
        memory = self._memory
        target = self.rate * self.factor
        # By hand the rate may have been brought below it since.
        if 0 < memory.before_growth < self.rate:
            # The trial failed. A spike may ask for less than the rate before it.
            target = memory.before_growth if reason == "plateau" else min(target, memory.before_growth)
            memory.needed *= 2
        memory.wait = memory.streak = 0
        memory.before_growth = 0.0
        memory.resting = self.cooldown
        return self._set(max(target, min(self.floor, self.rate)), reason, params)

    def _rise(self) -> Change | None:
        memory = self._memory
        streak, memory.streak = memory.streak, 0
        change = self._set(min(self.rate * self.growth, max(self.ceiling, self.rate)), "steady", {"figures": streak})
        memory.before_growth = change.before if change else 0.0
        return change

    def _set(self, rate: float, reason: str, params: dict[str, float]) -> Change | None:
        before, self.rate = self.rate, rate
        return None if rate == before else Change(before, rate, reason, params)

    def state(self) -> dict[str, Any]:
        """Everything `restore` needs: JSON-able."""
        return {"rate": self.rate, **vars(self._memory)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        self.rate = float(state["rate"])
        self._memory = _Memory(**{name: value for name, value in state.items() if name != "rate"})


class AdaptiveLearningRateCallback(keras.callbacks.Callback):
    """`AdaptiveLearningRate` for any `fit`: `model.fit(..., callbacks=[AdaptiveLearningRateCallback()])`.

    The rule multiplies the rate that the optimizer has at that moment. (Setting `optimizer.lr`, as older examples do,
    creates a Python attribute that nothing reads: the rate stays what it was.)

    Args:
        monitor: the figure of `logs` to follow, lower is better.
        options: arguments of `AdaptiveLearningRate` but `rate`.

    Attributes:
        changes: what was changed so far, as `(epoch, change)` with epochs from 0.
    """

    def __init__(self, monitor: str = "val_loss", **options: Any) -> None:
        super().__init__()
        self.monitor = monitor
        self.rule = AdaptiveLearningRate(1.0, **options)
        self.changes: list[tuple[int, Change]] = []
        self._settled = False  # whether a figure came, or it was said that none does

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Make sure that the rate can be set.

        Raises:
            TypeError: a schedule object or a function decides the optimizer's rate.
        """
        self._settled = False
        model: Any = self.model
        require_settable_rate(model.optimizer)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Let the rule decide; an epoch without validation, as `validation_freq` makes them, changes nothing.

        It warns where the first epoch is one.

        Raises:
            KeyError: `logs` has no figure of the monitored name.
        """
        known = logs or {}
        if self.monitor not in known:
            given = ", ".join(sorted(known)) or "nothing"
            said = f"there is no figure '{self.monitor}' to follow, fit gives {given}; set monitor"
            if not self.monitor.startswith("val_") or any(name.startswith("val_") for name in known):
                raise KeyError(said)
            if not self._settled:
                warnings.warn(said, stacklevel=2)
                self._settled = True
            return
        self._settled = True
        model: Any = self.model
        self.rule.rate = float(model.optimizer.learning_rate)
        change = self.rule.update(float(known[self.monitor]))
        if change is not None:
            model.optimizer.learning_rate = change.after
            self.changes.append((epoch, change))


def require_settable_rate(optimizer: Any) -> None:
    """Make sure that `optimizer.learning_rate` can be assigned a number.

    Raises:
        TypeError: a schedule object or a function decides it.
    """
    decides = getattr(optimizer, "inner_optimizer", optimizer)._learning_rate  # LossScaleOptimizer wraps one
    if not isinstance(decides, keras.Variable):
        kind = type(decides).__name__
        raise TypeError(
            f"the optimizer's learning rate comes from a {kind} and cannot be set; "
            "give the optimizer a number as its learning_rate"
        )
