"""The policy that needs no rate: one that fits the size of the weights, held, then led down to zero, and a way back.

The idea, in three parts, each from the literature:

1. A step of Adam is about as long in every weight as the rate, whatever the loss. So the rate is a share of the size
   of the weights: Adafactor's relative step (Shazeer and Stern 2018, arXiv:1804.04235, section 8), with one size, the
   root mean square of all weight matrices before the first step, so that the rate stays one and can be shown. The rate
   that a person guessed plays no part.
2. After a short warm-up the rate is held, then falls to zero like one minus a root in the last steps (Hägele et al.
   2024, arXiv:2405.18392, section 3).
3. If the rate was too large after all and the loss leaps back towards where it began, the weights of the last good
   moment return and the rate is halved: the restarts of Chowdhery et al. 2022 (PaLM, arXiv:2204.02311, section 5.1),
   without skipping data.

What was tried instead of 1: a learning-rate range test (Smith 2017, arXiv:1506.01186) in the first steps, with a third
of the best rate as the peak. It was as good for autoencoders, but models that end in normalised vectors, as contrastive
ones do, do not diverge at any rate: the test saw nothing there but noise. Prodigy's estimate (see `prodigy`), up to
this rate as a bound: where batches are small its growth drowns in noise, and a contrastive training of some hundred
steps was over before it began; where it grew fast it ended at the bound.

A step costs what Adam's costs; copies of the weights are made about fifty times a run.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from sslrec.learning.optim.policy import Change, ScheduledPolicy

REACH = 0.08
"""The rate as a share of the root mean square of the weight matrices before the first step."""
FALL = 0.4
"""The share of all steps in which the rate falls to zero."""
GRACE = 20
"""Steps at the start and after a return in which the loss may settle."""
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

    def size(self) -> float:
        """The root mean square of the weight matrices as they are; 0 where there is none.

        Biases and gains have no size to go by: they begin at 0 or 1.
        """
        matrices = [variable.numpy() for variable in self._trainable_variables if len(variable.shape) > 1]
        squares, count = sum(float((one**2).sum()) for one in matrices), sum(one.size for one in matrices)
        return math.sqrt(squares / count) if count else 0.0

    def keep(self) -> None:
        """Keep the weights as they are."""
        for copy, variable in zip(self._kept, self._trainable_variables, strict=True):
            copy.assign(variable)

    def go_back(self) -> None:
        """Return to the kept weights.

        The mean of the gradients begins anew, for it belongs to the way that failed. That of their squares stays: it is
        too large rather than too small, so the first steps are short.
        """
        for copy, variable in zip(self._kept, self._trainable_variables, strict=True):
            variable.assign(copy)
        for mean in self._momentums:
            mean.assign(keras.ops.zeros_like(mean))


class AutoPolicy(ScheduledPolicy):
    """A rate from the size of the weights, a fall to zero at the end, and a return from spikes; see the module.

    A loss that is no number is not answered: the loop then stops, with the last good weights.

    Args:
        optimizer: keeps and returns.
        learning_rate: the rate where the size of the weights says none: no matrices, or all of them zero.
        warmup: share of all steps that the linear warm-up takes.
        reach: the rate as a share of the size of the weights.
        spike: how far back towards the first loss, as a share of what was gained, the mean loss must leap for a return;
            0 for never.
    """

    name = "auto"

    def __init__(
        self,
        optimizer: RecoverableAdam,
        learning_rate: float,
        warmup: float = 0.05,
        *,
        reach: float = REACH,
        spike: float = 0.5,
    ) -> None:
        super().__init__(optimizer, learning_rate, warmup)
        self.reach, self.spike = reach, spike
        self._first: float | None = None
        self._mean = self._best = self._spread = 0.0
        self._seen = self._calm = self._returns = self._since = 0
        self._total = 1
        self._aimed = False

    def share(self, step: int, total: int) -> float:
        """The share of the peak at step `step` (from 0) of `total`, without the warm-up: 1, then one minus a root."""
        left = (total - step) / (FALL * total)
        return 1.0 if left >= 1 else 1 - math.sqrt(1 - left)

    def before_step(self, step: int, total: int) -> None:
        """Set the scheduled rate."""
        self._total = total
        self._aim()
        super().before_step(step, total)

    def set_rate(self, rate: float) -> Change:
        """Set the rate by hand; the rest of the schedule keeps its shape, without a warm-up."""
        self._aim()
        return super().set_rate(rate)

    def _aim(self) -> None:
        """Find the rate, once: from the weights as they are before the first step."""
        if self._aimed:
            return
        self._aimed = True
        self.learning_rate = self._scheduled = self.reach * self.optimizer.size() or self.learning_rate
        self.optimizer.learning_rate = self.learning_rate
        self.optimizer.keep()

    def after_step(self, loss: float) -> Change | None:
        """Watch for a spike."""
        if self._first is None:
            self._first = self._mean = self._best = loss
        self._calm += 1
        self._since += 1
        spiked = self._leaps(loss)
        if self.spike and spiked and self._calm > GRACE and self._returns < RETURNS:
            return self._return(loss)
        if self._mean <= self._best:
            self._best = self._mean
            if self._since >= max(GRACE, self._total // 50):
                self._since = 0
                self.optimizer.keep()
        return None

    def _leaps(self, loss: float) -> bool:
        """Whether the mean loss has leapt, by more than its own noise and the drift of a training explain."""
        if not math.isfinite(loss):
            # The step has left no numbers in the optimizer's means and the model's statistics either: no way back.
            return False
        self._seen += 1
        # The noise is learnt slowly, or a leap would hide itself in it.
        self._spread += (abs(loss - self._mean) - self._spread) * max(0.02, 1 / self._seen)
        self._mean += 0.2 * (loss - self._mean)
        gained = (self._first or 0.0) - self._best
        return self._mean > self._best + max(self.spike * gained, 0.2 * abs(self._best), 4 * self._spread)

    def _return(self, loss: float) -> Change:
        before = self.rate
        self._scale /= 2
        self._returns += 1
        self._calm = 0
        self._mean = self._best
        self.optimizer.go_back()
        return Change(before, before / 2, "spike", {"figure": loss, "best": self._best})

    _REMEMBERED = (
        *("learning_rate", "_aimed", "_first", "_mean", "_best", "_spread"),
        *("_seen", "_calm", "_returns", "_since", "_total"),
    )

    def state(self) -> dict[str, Any]:
        """The schedule's state, the rate found, and what the loss was like."""
        return {**super().state(), **{name: getattr(self, name) for name in self._REMEMBERED}}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        super().restore(state)
        for name in self._REMEMBERED:
            setattr(self, name, state[name])
