"""Schedule-free AdamW (Defazio et al. 2024, arXiv:2405.15682): averaging in place of a falling rate.

Three points: the gradient is taken at `y`, which the model holds while it trains; `z` takes the steps; `x`, the
average of all `z`, is what to measure and save. `y` lies between the two, so `x` comes back from
`x = (y - (1 - beta_1) z) / beta_1` and needs no memory of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from sslrec.learning.optim.common import copy_at_first_step, dense, mean_weight, ops
from sslrec.learning.optim.policy import swapped


@keras.saving.register_keras_serializable("sslrec")
class ScheduleFreeAdamW(keras.optimizers.ScheduleFreeAdamW):
    """Keras's `ScheduleFreeAdamW`, brought to the authors' `schedulefree` 1.4.1.

    Keras 3.15 averages all steps alike, so that those of the warm-up count in full; decays `y` but not `z`; takes
    `z` from the weights at `build`, before anything is loaded; and never gives `x`.

    Args:
        learning_rate: the rate after the warm-up.
        beta_1: where `y` lies between `z` (0) and `x` (1).
        beta_2: decay of the mean of the squared gradients.
        epsilon: added to the root.
        warmup_steps: steps in which the rate rises linearly.
        weight_decay: decoupled weight decay, taken at `y`.
        weight_power: a step counts in the average with the highest rate so far to this power; 0 for all alike.
        name: of the optimizer.
        kwargs: what every Keras optimizer takes.
    """

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        *,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        weight_decay: float | None = None,
        weight_power: float = 2.0,
        name: str = "schedule_free_adamw",
        **kwargs: Any,
    ) -> None:
        if not 0 < beta_1 < 1:
            raise ValueError(f"beta_1 must lie between 0 and 1, not at {beta_1}")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, warmup_steps, weight_decay=weight_decay, name=name, **kwargs
        )
        self.weight_power = weight_power

    def build(self, var_list: list[keras.Variable]) -> None:
        """Create `z`, the mean squares, and the sums that the average needs."""
        if self.built:
            return
        super().build(var_list)
        kind: dict[str, Any] = {"dtype": "float32", "aggregation": "only_first_replica"}
        self._highest_rate = self.add_variable((), name="highest_rate", **kind)
        self._weight_sum = self.add_variable((), name="weight_sum", **kind)
        self._share = self.add_variable((), name="share", **kind)
        self._holds_average = self.add_variable((), name="holds_average", **kind)

    def _apply_weight_decay(self, variables: list[Any]) -> None:
        """Nothing here: the decay is part of the step, so that it moves `y` and `z` alike."""

    def _scheduled(self, learning_rate: Any) -> Any:
        rate = ops.cast(learning_rate, "float32")
        if self.warmup_steps:
            rate *= ops.minimum(ops.cast(ops.add(self.iterations, 1), "float32") / self.warmup_steps, 1.0)
        return rate

    def _backend_update_step(self, grads: list[Any], trainable_variables: list[Any], learning_rate: Any) -> None:
        grads = [dense(gradient) for gradient in grads]
        points = [self._momentums[self._get_variable_index(variable)] for variable in trainable_variables]
        copy_at_first_step(self.iterations, points, [variable.value for variable in trainable_variables])
        self._highest_rate.assign(ops.maximum(self._highest_rate, self._scheduled(learning_rate)))
        weight = ops.power(self._highest_rate, self.weight_power)
        self._weight_sum.assign_add(weight)
        self._share.assign(weight / ops.where(self._weight_sum > 0, ops.convert_to_tensor(self._weight_sum), 1.0))
        super()._backend_update_step(grads, trainable_variables, learning_rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Move `z` along the normalised gradient, and `y` with it and towards it."""
        index, kind = self._get_variable_index(variable), variable.dtype
        point, velocity = self._momentums[index], self._velocities[index]
        gradient, share = ops.cast(gradient, kind), ops.cast(self._share, kind)
        rate = ops.cast(self._scheduled(learning_rate), kind)
        self.assign_add(velocity, ops.multiply(ops.subtract(ops.square(gradient), velocity), 1 - self.beta_2))
        correction = ops.cast(mean_weight(self.beta_2, self.iterations), kind)
        way = ops.divide(gradient, ops.add(ops.sqrt(ops.divide(velocity, correction)), self.epsilon))
        if self.weight_decay and self._use_weight_decay(variable):
            way = ops.add(way, ops.multiply(variable, self.weight_decay))
        towards = ops.multiply(ops.subtract(point, variable), share)
        self.assign_add(variable, ops.add(towards, ops.multiply(way, rate * (self.beta_1 * (1 - share) - 1))))
        self.assign_sub(point, ops.multiply(way, rate))

    def average(self, variables: Sequence[keras.Variable]) -> list[Any]:
        """`x` of `variables`, which hold `y`: the weights to measure and save."""
        points = [self._momentums[self._get_variable_index(variable)] for variable in variables]
        return [
            ops.convert_to_tensor(variable) + (1 - 1 / self.beta_1) * (point - variable)
            for variable, point in zip(variables, points, strict=True)
        ]

    @property
    def trained(self) -> bool:
        """Whether a step has been made, so that there is an average."""
        return bool(self.built and int(self.iterations) > 0)

    @property
    def holds_average(self) -> bool:
        """Whether the model holds `x` (after `load_average`); saved with the optimizer."""
        return bool(self.built and float(self._holds_average) > 0)

    def load_average(self, variables: Sequence[keras.Variable]) -> None:
        """Put `x` into the model for good: to save it, or at the end. `load_training` leads back."""
        if self.trained and not self.holds_average:
            for variable, value in zip(variables, self.average(variables), strict=True):
                variable.assign(value)
            self._holds_average.assign(1.0)

    def load_training(self, variables: Sequence[keras.Variable]) -> None:
        """Put `y` into a model that holds `x`, equal to what it was within float error: to train on."""
        if self.holds_average:
            for variable in variables:
                point = self._momentums[self._get_variable_index(variable)]
                variable.assign(variable + (1 - self.beta_1) * (point - variable))
            self._holds_average.assign(0.0)

    @contextmanager
    def averaged(self, variables: Sequence[keras.Variable]) -> Iterator[bool]:
        """Within, the model holds `x`; afterwards bit for bit the `y` it held before.

        Yields:
            Whether the weights within differ from those outside: not before the first step, nor where the model holds
            `x` already.
        """
        if not self.trained or self.holds_average:
            yield False
            return
        with swapped(variables, self.average(variables)):
            self._holds_average.assign(1.0)
            try:
                yield True
            finally:
                self._holds_average.assign(0.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "weight_power": self.weight_power}
