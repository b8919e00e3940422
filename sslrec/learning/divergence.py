"""Notice a training that has gone wrong for good."""

from __future__ import annotations

import math
from typing import Any

FACTOR = 5.0
"""How far above the start, in units of its size, a loss has to stay."""
PATIENCE = 150
"""For how many steps on end, in a short training a quarter of all: policies that start too fast get the time to slow
down."""
LAST = 10
"""For how many steps on end at the end of a training, when no time is left."""


class DivergenceError(FloatingPointError):
    """The loss is no number any more, or has left where it started for good.

    Args:
        code: `run_not_finite` or `run_diverged`, keys of `sslrec.errors.MESSAGES`.
        params: what fills its sentence; `step` and `loss` are always there.
    """

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(f"the loss is {params['loss']} at step {params['step']}; try a lower learning rate")


class DivergenceGuard:
    """Watches the losses of one training, in order.

    Args:
        total: steps of the training.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._patience = min(PATIENCE, max(1, total // 4))
        # The first loss is of the weights before any step: a rate that is far too high has spoilt the second already.
        self._first, self._above = math.nan, 0

    @property
    def calm(self) -> bool:
        """Whether the last loss gave no reason for doubt: the weights are worth keeping."""
        return self._above == 0

    def watch(self, step: int, loss: float) -> None:
        """Learn the loss of step `step` (from 1).

        Raises:
            DivergenceError: it is NaN or infinite, and so are the weights after the step, which no policy mends; or
                the last losses, for too long, were all far above the first.
        """
        if not math.isfinite(loss):
            raise DivergenceError("run_not_finite", step=step, loss=str(loss))
        if math.isnan(self._first):
            self._first = loss
        self._above = self._above + 1 if loss > self._first + FACTOR * max(abs(self._first), 0.1) else 0
        if self._above >= (min(LAST, self._patience) if step >= self._total else self._patience):
            raise DivergenceError("run_diverged", step=step, loss=loss, first=self._first)

    def state(self) -> list[float]:
        """What `restore` takes; JSON-able, so before the first step it is empty."""
        return [] if math.isnan(self._first) else [self._first, self._above]

    def restore(self, state: list[float]) -> None:
        """Go on where `state` was taken."""
        self._first, self._above = (float(state[0]), int(state[1])) if state else (math.nan, 0)
