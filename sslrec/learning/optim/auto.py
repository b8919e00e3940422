"""The policy that needs no rate: an estimate of the right one, held, then led down to zero, and a way back.

The idea, in four parts, each from the literature:

1. The rate is Prodigy's estimate (Mishchenko and Defazio 2023, arXiv:2306.06101), which starts at next to nothing and
   grows as far as the gradients say. So the rate that a person guessed plays no part, and the growth is the warm-up.
2. The estimate stops where a step of Adam, which is about as long in every weight as the rate, would change weights by
   more than a share of their own size: Adafactor's relative step (Shazeer and Stern 2018, arXiv:1804.04235, section 8)
   as a bound, with one size for all weights, so that the estimate stays one. Without it a small Transformer went five
   times too fast in its first steps and never learned more than how frequent words are.
3. The rate is held, then falls to zero like one minus a root in the last steps (Hägele et al. 2024, arXiv:2405.18392,
   section 3). A cosine, which Prodigy's authors recommend, falls while the estimate of a short run still grows.
4. The estimate never shrinks. If it was too large and the loss leaps back towards where it began, the weights of the
   last good moment return and the factor is halved: the restarts of Chowdhery et al. 2022 (PaLM, arXiv:2204.02311,
   section 5.1), without skipping data.

What was tried instead of 1 is a learning-rate range test (Smith 2017, arXiv:1506.01186) in the first steps, with a
third of the best rate as the peak. It was as good for autoencoders, but models that end in normalised vectors, as
contrastive ones do, do not diverge at any rate: the test saw nothing there but noise. Instead of 2, a slower growth, a
smaller factor on the estimate and a warm-up on top of it: the Transformer learned hardly more.

A step costs 4 to 10 % more than Adam's where the estimate comes from every eleventh weight, as it does in
`make_policy`; copies of the weights are made about fifty times a run.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from sslrec.learning.optim.feedback import ProdigyPolicy
from sslrec.learning.optim.policy import Change
from sslrec.learning.optim.prodigy import Prodigy

REACH = 0.065
"""The longest step, as a share of the root mean square of the weight matrices before the first one.

Between .05 and .08, which ended lowest for a small masked language model in 1,500 and in 250 steps.
"""
MANY = 10_000
"""Weights from which on a slice of them is enough to estimate from."""
FALL = 0.4
"""The share of all steps in which the rate falls to zero."""
GRACE = 20
"""Steps at the start and after a return in which the loss may settle."""
RETURNS = 4
"""More returns than these would mean that the rate is not what is wrong."""


@keras.saving.register_keras_serializable("sslrec")
class RecoverableProdigy(Prodigy):
    """Prodigy whose estimate can be bounded, and that can keep the weights and return to them.

    The bound and what it kept are saved with its other variables. `slice_p` counts only where there are many
    weights: a slice of few says little.
    """

    def build(self, variables: list[keras.Variable]) -> None:
        """Create the copies."""
        if self.built:
            return
        if sum(math.prod(variable.shape) for variable in variables) < MANY:
            self.slice_p = 1
        super().build(variables)
        self._kept = self.add_optimizer_variables(variables, "kept")
        self._bound = self._scalar("bound", math.inf)

    def bound(self, reach: float) -> None:
        """Let the estimate grow no further than to `reach` times the size of the weight matrices as they are.

        Biases and gains have no size to go by: they begin at 0 or 1.
        """
        matrices = [variable.numpy() for variable in self._trainable_variables if len(variable.shape) > 1]
        squares, count = sum(float((one**2).sum()) for one in matrices), sum(one.size for one in matrices)
        if squares > 0:
            self._bound.assign(reach * math.sqrt(squares / count))

    def _estimate(self, grads: list[Any], variables: list[Any], learning_rate: Any) -> None:
        super()._estimate(grads, variables, learning_rate)
        for estimate in (self._d, self._d_max):
            estimate.assign(keras.ops.minimum(estimate, self._bound))

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


class AutoPolicy(ProdigyPolicy):
    """Prodigy's estimate with a bound, a fall to zero at the end, and a return from spikes; see the module.

    Args:
        optimizer: estimates, keeps and returns.
        reach: the longest step, as a share of the size of the weights; 0 for no bound.
        spike: how far back towards the first loss, as a share of what was gained, the mean loss must leap for a return;
            0 for never.
    """

    name = "auto"

    def __init__(self, optimizer: RecoverableProdigy, reach: float = REACH, spike: float = 0.5) -> None:
        super().__init__(optimizer)
        self.reach, self.spike = reach, spike
        self._first: float | None = None
        self._mean = self._best = self._spread = 0.0
        self._seen = self._calm = self._returns = self._since = 0
        self._total = 1

    def share(self, step: int, total: int) -> float:
        """The share of the estimate at step `step` (from 0) of `total`: all of it, then one minus a root."""
        left = (total - step) / (FALL * total)
        return 1.0 if left >= 1 else 1 - math.sqrt(1 - left)

    def before_step(self, step: int, total: int) -> None:
        """Set the scheduled factor."""
        self._total = total
        if self._first is None:
            self.optimizer.keep()
            if self.reach:
                self.optimizer.bound(self.reach)
        super().before_step(step, total)

    def after_step(self, loss: float) -> Change | None:
        """Watch for a spike; tell of an estimate that has grown far."""
        told = super().after_step(loss)
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
        return told

    def _leaps(self, loss: float) -> bool:
        """Whether the mean loss has leapt, by more than its own noise and the drift of a training explain."""
        if not math.isfinite(loss):
            return True
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

    _REMEMBERED = ("_first", "_mean", "_best", "_spread", "_seen", "_calm", "_returns", "_since", "_total")

    def state(self) -> dict[str, Any]:
        """The schedule's state and what the loss was like."""
        return {**super().state(), **{name: getattr(self, name) for name in self._REMEMBERED}}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        super().restore(state)
        for name in self._REMEMBERED:
            setattr(self, name, state[name])
