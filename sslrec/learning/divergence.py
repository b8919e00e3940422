"""Notice a training that has gone wrong for good."""

from __future__ import annotations

import math
from typing import Any

START = 10
"""Steps whose mean loss is what a training starts from."""
FACTOR = 5.0
"""How far above the start, in units of its size, a loss has to stay."""
PATIENCE = 150
"""For how many steps on end: policies that start too fast get the time to slow down."""


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
    """Watches the losses of one training, in order."""

    def __init__(self) -> None:
        self._sum, self._count, self._above = 0.0, 0, 0

    @property
    def calm(self) -> bool:
        """Whether the last loss gave no reason for doubt: the weights are worth keeping."""
        return self._above == 0

    def watch(self, step: int, loss: float) -> None:
        """Learn the loss of step `step` (from 1).

        Raises:
            DivergenceError: it is NaN or infinite, and so are the weights after the step, which no policy mends; or
                the last `PATIENCE` losses were all far above the first.
        """
        if not math.isfinite(loss):
            raise DivergenceError("run_not_finite", step=step, loss=str(loss))
        if self._count < START:
            self._sum, self._count = self._sum + loss, self._count + 1
        first = self._sum / self._count
        self._above = self._above + 1 if loss > first + FACTOR * max(abs(first), 0.1) else 0
        if self._above >= PATIENCE:
            raise DivergenceError("run_diverged", step=step, loss=loss, first=first)

    def state(self) -> list[float]:
        """What `restore` takes."""
        return [self._sum, self._count, self._above]

    def restore(self, state: list[float]) -> None:
        """Go on where `state` was taken."""
        self._sum, self._count, self._above = float(state[0]), int(state[1]), int(state[2])
