"""The policy that needs no rate: a range test that is the warm-up, a cosine from what it found, and a way back.

The idea, in three parts, each from the literature:

1. The first steps are a learning-rate range test (Smith 2017, arXiv:1506.01186): the rate rises exponentially from one
   too small for any model until the loss turns. So the rate that a person guessed plays no part. Nothing is thrown
   away: a rising rate is a warm-up, and the weights of the best moment are kept, to go on from them.
2. From a fixed fraction of the rate at that moment half a cosine leads down to zero (Loshchilov and Hutter 2016,
   arXiv:1608.03983). A rate that falls to zero forgives an inexact peak, which a constant rate does not.
3. If the loss leaps back towards where it began, the weights of the last good moment return and the peak is halved: the
   restart of Chowdhery et al. 2022 (PaLM, arXiv:2204.02311, section 5.1), without skipping data.

A step costs what Adam's costs; copies of the weights are made during the search and about fifty times after it.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from sslrec.learning.optim.policy import Change, Policy, cosine_share
from sslrec.learning.optim.range_test import lowest_point, risen

SHORTEST = 60
"""Runs of fewer steps are not searched: they train with the rate that was given."""


@keras.saving.register_keras_serializable("sslrec")
class RecoverableAdam(keras.optimizers.Adam):
    """Adam that can keep the weights and return to them; what it kept is saved with its other variables."""

    def build(self, var_list: list[keras.Variable]) -> None:
        """Create the copies."""
        if self.built:
            return
        super().build(var_list)
        self._kept = self.add_optimizer_variables(var_list, "kept")

    def keep(self) -> None:
        """Keep the weights as they are."""
        for copy, variable in zip(self._kept, self._trainable_variables, strict=True):
            copy.assign(variable)

    def go_back(self) -> None:
        """Return to the kept weights, with means that begin anew: the old ones belong to the way that failed."""
        for copy, variable in zip(self._kept, self._trainable_variables, strict=True):
            variable.assign(copy)
        for mean in [*self._momentums, *self._velocities]:
            mean.assign(keras.ops.zeros_like(mean))
        self._iterations.assign(0)


class AutoPolicy(Policy):
    """Range test as warm-up, cosine, return from spikes; see the module.

    Args:
        optimizer: keeps and returns.
        learning_rate: used in runs of fewer than `SHORTEST` steps, and where the search sees no fall of the loss.
        search: share of all steps that the search takes at most.
        lowest: the first rate of the search.
        highest: the last rate of the search.
        margin: what the rate at the best moment of the search is divided by to get the peak.
        warmup: share of the remaining steps in which the rate rises to the peak.
        spike: how far back towards the first loss, as a share of what was gained, the loss must leap for a return;
            0 for never.
    """

    name = "auto"

    def __init__(
        self,
        optimizer: RecoverableAdam,
        learning_rate: float,
        *,
        search: float = 0.1,
        lowest: float = 1e-5,
        highest: float = 1.0,
        margin: float = 3.0,
        warmup: float = 0.05,
        spike: float = 0.5,
    ) -> None:
        super().__init__(optimizer, learning_rate)
        self.search, self.lowest, self.highest = search, lowest, highest
        self.margin, self.warmup, self.spike = margin, warmup, spike
        self._searching = True
        self._losses: list[float] = []
        self._mean = self._best = self._first = math.inf
        self._began = self._step = self._since = 0
        self._total = 1
        self._scale, self._scheduled = 1.0, learning_rate

    def _length(self) -> int:
        """How many steps the search takes at most."""
        return min(max(int(self._total * self.search), SHORTEST // 2), 120)

    def before_step(self, step: int, total: int) -> None:
        """Set the rate of the search, or of the cosine."""
        self._step, self._total = step, total
        if self._searching and total < SHORTEST:
            self._searching = False
        if self._searching:
            part = len(self._losses) / (self._length() - 1)
            rate = self.lowest * (self.highest / self.lowest) ** part
        else:
            self._scheduled = self.learning_rate * cosine_share(step - self._began, total - self._began, self.warmup)
            rate = self._scheduled * self._scale
        self.optimizer.learning_rate = rate

    def after_step(self, loss: float) -> Change | None:
        """Search, or watch for a spike."""
        if self._searching:
            return self._searched(loss)
        return self._watched(loss)

    def _searched(self, loss: float) -> Change | None:
        self._losses.append(loss)
        recent = [value for value in self._losses[-5:] if math.isfinite(value)]
        mean = sum(recent) / len(recent) if len(recent) == min(5, len(self._losses)) else math.inf
        if mean < self._best:
            # The weights belong to the update after this loss, one rate further: close enough, and no worse a start.
            self._best = mean
            self.optimizer.keep()
        over = not math.isfinite(loss) or risen(self._losses) or len(self._losses) >= self._length()
        return self._found() if over else None

    def _found(self) -> Change:
        before, place = self.rate, lowest_point(self._losses)
        if place is not None:
            best = self.lowest * (self.highest / self.lowest) ** (place / (self._length() - 1))
            self.learning_rate = best / self.margin
        steps = float(len(self._losses))
        self._first = sum(self._losses[:5]) / len(self._losses[:5])
        self._searching, self._losses, self._began = False, [], self._step + 1
        self._mean = self._best
        self.optimizer.go_back()
        return Change(before, self.learning_rate, "range_test", {"steps": steps})

    def _watched(self, loss: float) -> Change | None:
        if not math.isfinite(self._first):
            self._first = self._mean = self._best = loss
            self.optimizer.keep()
        bad = not math.isfinite(loss)
        if not bad:
            self._mean += 0.2 * (loss - self._mean)
        self._since += 1
        gained = self._first - self._best
        if self.spike and (bad or self._mean > self._best + max(self.spike * gained, 0.1 * abs(self._best))):
            return self._returned(loss)
        if self._mean < self._best:
            self._best = self._mean
            if self._since >= max(20, self._total // 50):
                self._since = 0
                self.optimizer.keep()
        return None

    def _returned(self, loss: float) -> Change:
        before = self.rate
        self.learning_rate /= 2
        self._mean = self._best
        self._since = 0
        self.optimizer.go_back()
        return Change(before, before / 2, "spike", {"figure": loss, "best": self._best})

    def set_rate(self, rate: float) -> Change:
        """Set the rate by hand: a search ends, the rest of the cosine keeps its shape."""
        change = super().set_rate(rate)
        if self._searching:
            self._searching, self._losses, self._began = False, [], self._step + 1
            self.learning_rate = self._scheduled = rate
            self.warmup = 0.0
        elif self._scheduled:
            self._scale = rate / self._scheduled
        return change

    _REMEMBERED = (
        *("learning_rate", "warmup", "_searching", "_losses", "_mean", "_best", "_first"),
        *("_began", "_step", "_since", "_total", "_scale", "_scheduled"),
    )

    def state(self) -> dict[str, Any]:
        """Where the search or the cosine is; infinite figures as None."""
        found = {name: getattr(self, name) for name in self._REMEMBERED}
        return {name: None if value == math.inf else value for name, value in found.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        for name in self._REMEMBERED:
            setattr(self, name, math.inf if state[name] is None else state[name])
