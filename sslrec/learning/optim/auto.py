"""The policy that needs no rate: it looks for one first, then a cosine leads down from it, and there is a way back.

The idea, in three parts, each from the literature:

1. The first steps, a twentieth of the run at most, are a learning-rate range test (Smith 2017, arXiv:1506.01186): the
   rate rises exponentially from one too small for any model until the loss turns. Then the first weights return. So the
   rate that a person guessed plays no part, and nothing is left of the test's steps that were too long. (Going on from
   the test's best weights was tried: the step after the best loss is often the one that ruins them.)
2. From a fixed fraction of the rate with the lowest loss half a cosine leads down to zero (Loshchilov and Hutter 2016,
   arXiv:1608.03983). A rate that falls to zero forgives an inexact peak, which a constant rate does not.
3. If the loss leaps back towards where it began, the weights of the last good moment return and the peak is halved, as
   in the restarts of Chowdhery et al. 2022 (PaLM, arXiv:2204.02311, section 5.1), but without skipping data.

A step costs what Adam's costs; copies of the weights are made once at the start and about fifty times after the search.
Statistics of BatchNormalization are no weights and do not return: they forget the search within some hundred steps.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from sslrec.learning.optim.policy import Change, Policy, cosine_share
from sslrec.learning.optim.range_test import lowest_point, risen

SHORTEST = 60
"""Runs of fewer steps are not searched: they train with the rate that was given."""
GRACE = 20
"""Steps after a return in which the loss may settle."""
RETURNS = 4
"""More returns than these would mean that the rate is not what is wrong."""


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
        search: float = 0.05,
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
        self._began = self._step = self._kept_at = self._calm = self._returns = 0
        self._total = 1
        self._scale, self._scheduled = 1.0, learning_rate

    def _length(self) -> int:
        """How many steps the search takes at most."""
        return min(max(int(self._total * self.search), SHORTEST // 2), 100)

    def before_step(self, step: int, total: int) -> None:
        """Set the rate of the search, or of the cosine."""
        self._step, self._total = step, total
        if self._searching and total < SHORTEST:
            self._searching = False
        if self._searching:
            if not self._losses:
                self.optimizer.keep()
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
        first = self._losses[0]
        lost = not math.isfinite(loss) or loss > first + 2 * abs(first)
        over = lost or risen(self._losses) or len(self._losses) >= self._length()
        return self._found() if over else None

    def _found(self) -> Change:
        before, place = self.rate, lowest_point(self._losses)
        if place is not None:
            best = self.lowest * (self.highest / self.lowest) ** (place / (self._length() - 1))
            self.learning_rate = best / self.margin
        steps = float(len(self._losses))
        self._searching, self._losses, self._began = False, [], self._step + 1
        self.optimizer.go_back()
        return Change(before, self.learning_rate, "range_test", {"steps": steps})

    def _watched(self, loss: float) -> Change | None:
        self._calm += 1
        if not math.isfinite(self._first):
            self._first = self._mean = self._best = loss
            self.optimizer.keep()
        bad = not math.isfinite(loss)
        if not bad:
            self._mean += 0.2 * (loss - self._mean)
        gained = self._first - self._best
        leapt = self._mean > self._best + max(self.spike * gained, 0.2 * abs(self._best))
        if self.spike and (bad or leapt) and self._calm > GRACE and self._returns < RETURNS:
            return self._returned(loss)
        self._best = min(self._best, self._mean)
        if self._mean == self._best and self._step - self._kept_at >= max(GRACE, self._total // 50):
            self._kept_at = self._step
            self.optimizer.keep()
        return None

    def _returned(self, loss: float) -> Change:
        before = self.rate
        self.learning_rate /= 2
        self._returns += 1
        self._calm = 0
        self._mean = self._best
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
        *("_began", "_step", "_kept_at", "_calm", "_returns", "_total", "_scale", "_scheduled"),
    )

    def state(self) -> dict[str, Any]:
        """Where the search or the cosine is; infinite figures as None."""
        found = {name: getattr(self, name) for name in self._REMEMBERED}
        return {name: None if value == math.inf else value for name, value in found.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        for name in self._REMEMBERED:
            setattr(self, name, math.inf if state[name] is None else state[name])
