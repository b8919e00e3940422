"""Schedule-free training in Keras's `fit`: the right weights at evaluation and saving."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import keras

from sslrec.learning.optim.batch_norm import batch_norms, reestimate_batch_norm
from sslrec.learning.optim.common import ops
from sslrec.learning.optim.schedule_free import ScheduleFreeAdamW


class ScheduleFreeCallback(keras.callbacks.Callback):
    """Puts the averaged weights `x` in place whenever `fit` evaluates or saves, and the trained ones back to train on.

    Give it **before** callbacks that save or measure, such as `ModelCheckpoint`: they see `x` at the end of an epoch
    and during validation. While steps are made the model holds `y` again, bit for bit. After `fit` it holds `x`; a
    further `fit` with this callback goes on from `y`, also after `model.save` and `load_model`.

    Args:
        batches: gives inputs to re-estimate BatchNormalization with (see `reestimate_batch_norm`), called each time;
            without it the statistics stay those of the weights `y`, which is only right for models without such layers.

    Raises:
        TypeError: on the start of `fit`, the model's optimizer is another one.
    """

    def __init__(self, batches: Callable[[], Iterable[Any]] | None = None) -> None:
        super().__init__()
        self.batches = batches
        self._kept: list[tuple[Any, Any]] = []

    def _parts(self) -> tuple[Any, ScheduleFreeAdamW]:
        model: Any = self.model
        optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # LossScaleOptimizer wraps one
        if not isinstance(optimizer, ScheduleFreeAdamW):
            raise TypeError(f"ScheduleFreeCallback belongs to ScheduleFreeAdamW, not to {type(optimizer).__name__}")
        return model, optimizer

    def _average(self) -> None:
        model, optimizer = self._parts()
        if not optimizer.trained or optimizer.holds_average:
            return
        norms = batch_norms(model)
        statistics = [value for norm in norms for value in (norm.moving_mean, norm.moving_variance)]
        self._kept = [(variable, ops.copy(variable)) for variable in [*model.trainable_variables, *statistics]]
        optimizer.load_average(model.trainable_variables)
        if self.batches is not None:
            reestimate_batch_norm(model, self.batches())

    def _train(self) -> None:
        model, optimizer = self._parts()
        optimizer.load_training(model.trainable_variables)
        for variable, value in self._kept:
            variable.assign(value)
        self._kept = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Go on from the trained weights."""
        self._train()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Train on the trained weights."""
        self._train()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Measure the average."""
        self._average()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save the average."""
        self._average()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Leave the average behind."""
        self._average()
        self._kept = []
