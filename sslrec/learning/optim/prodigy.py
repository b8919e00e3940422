"""Prodigy: Adam that estimates its learning rate while it trains (Mishchenko and Defazio 2023, arXiv:2306.06101)."""

from __future__ import annotations

import math
from typing import Any

import keras

from sslrec.learning.optim.common import copy_at_first_step, dense, inner, mean_weight, ops, require_one_replica


@keras.saving.register_keras_serializable("sslrec")
class Prodigy(keras.optimizers.Optimizer):
    """Adam whose rate is an estimate `d` of how far the solution lies from the start.

    The step is `d * learning_rate * m / (sqrt(v) + d * epsilon)`; `d` grows from `d0` as far as the gradients
    say, and never shrinks. Leave `learning_rate` at 1, or let a schedule bring it from 1 down to 0. The
    trajectory is that of the authors' `prodigyopt` 1.1.2. Needs memory for five numbers per weight where Adam needs
    two, four with `slice_p` of 2.

    Args:
        learning_rate: factor on the estimated rate.
        beta_1: decay of the mean of the gradients; 0 leaves it out of the step.
        beta_2: decay of the mean of their squares.
        beta_3: decay of the sums that `d` is estimated from; the square root of `beta_2` by default.
        epsilon: added to the root, times `d`.
        weight_decay: decoupled weight decay, times `d * learning_rate`.
        use_bias_correction: Adam's correction of both means for the first steps.
        safeguard_warmup: keep the learning rate out of the denominator of the estimate. Wanted with a warm-up,
            whose small first rates would otherwise blow the estimate up.
        d0: where the estimate begins; so small that it does not matter.
        d_coef: factor on the estimate, the preferred way to tune.
        growth_rate: the most that `d` is multiplied with per step; None for no limit.
        slice_p: estimate from every so many-th weight, to save memory; above 1 an approximation.
        name: of the optimizer.
        kwargs: what every Keras optimizer takes, such as `global_clipnorm` and `use_ema`.
    """

    def __init__(
        self,
        learning_rate: Any = 1.0,
        *,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        beta_3: float | None = None,
        epsilon: float = 1e-8,
        weight_decay: float | None = None,
        use_bias_correction: bool = False,
        safeguard_warmup: bool = False,
        d0: float = 1e-6,
        d_coef: float = 1.0,
        growth_rate: float | None = None,
        slice_p: int = 1,
        name: str = "prodigy",
        **kwargs: Any,
    ) -> None:
        for what, figure in {"d0": d0, "epsilon": epsilon, "d_coef": d_coef, "slice_p": slice_p}.items():
            if figure <= 0:
                raise ValueError(f"{what} must be positive, not {figure}")
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **kwargs)
        self.beta_1, self.beta_2, self.beta_3 = beta_1, beta_2, beta_3
        self.epsilon = epsilon
        self.use_bias_correction = use_bias_correction
        self.safeguard_warmup = safeguard_warmup
        self.d0, self.d_coef, self.growth_rate = d0, d_coef, growth_rate
        self.slice_p = slice_p

    @property
    def d(self) -> float:
        """The present estimate; times `learning_rate` it is Adam's rate."""
        return float(self._d) if self.built else self.d0

    def build(self, variables: list[keras.Variable]) -> None:
        """Create the means and the sums of every weight, and the estimate."""
        if self.built:
            return
        require_one_replica(self)
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        self._momentums: Any = self.add_optimizer_variables(variables, "momentum") if self.beta_1 else []
        if self.slice_p == 1:
            self._starts, self._sums = self.add_optimizer_variables(variables, ["start", "sum"])
        else:
            sizes = [math.ceil(math.prod(variable.shape) / self.slice_p) for variable in variables]
            kinds = [variable.dtype for variable in variables]
            pairs = list(zip(sizes, kinds, strict=True))
            self._starts = [self.add_variable((size,), dtype=kind, name="start") for size, kind in pairs]
            self._sums = [self.add_variable((size,), dtype=kind, name="sum") for size, kind in pairs]
        self._d = self._scalar("d", self.d0)
        self._d_max = self._scalar("d_max", self.d0)
        self._numerator = self._scalar("numerator", 0.0)
        self._d_used = self._scalar("d_used", self.d0)
        self._rate_used = self._scalar("rate_used", 0.0)

    def _scalar(self, name: str, value: float) -> keras.Variable:
        initializer: Any = keras.initializers.Constant(value)
        return self.add_variable((), initializer, dtype="float32", name=name)

    def _sliced(self, tensor: Any) -> Any:
        return tensor if self.slice_p == 1 else ops.reshape(tensor, (-1,))[:: self.slice_p]

    def _apply_weight_decay(self, variables: list[Any]) -> None:
        """Nothing yet: the decay belongs after the estimate, with the estimated rate."""

    def _backend_update_step(self, grads: list[Any], trainable_variables: list[Any], learning_rate: Any) -> None:
        grads = [dense(gradient) for gradient in grads]
        self._estimate(grads, trainable_variables, ops.cast(learning_rate, "float32"))
        super()._backend_update_step(grads, trainable_variables, learning_rate)

    def _estimate(self, grads: list[Any], variables: list[Any], learning_rate: Any) -> None:
        """Bring `d` up to date with the gradients; algorithm 4 of the paper, as `prodigyopt` reads it."""
        beta_3 = math.sqrt(self.beta_2) if self.beta_3 is None else self.beta_3
        indices = [self._get_variable_index(variable) for variable in variables]
        copy_at_first_step(
            self.iterations, [self._starts[index] for index in indices], [self._sliced(v.value) for v in variables]
        )
        d = ops.convert_to_tensor(self._d)
        rate = d * learning_rate
        if self.use_bias_correction:
            rate *= ops.sqrt(mean_weight(self.beta_2, self.iterations)) / mean_weight(self.beta_1, self.iterations)
        weight = d / self.d0 * (d if self.safeguard_warmup else rate)
        numerator, denominator = [], []
        for index, gradient, variable in zip(indices, grads, variables, strict=True):
            sliced, total = self._sliced(gradient), self._sums[index]
            way = ops.subtract(self._starts[index], self._sliced(variable.value))
            numerator.append(inner(sliced, way))
            self.assign(total, ops.add(ops.multiply(total, beta_3), sliced * ops.cast(weight, sliced.dtype)))
            denominator.append(ops.cast(ops.sum(ops.abs(total)), "float32"))
        top = beta_3 * self._numerator + d / self.d0 * rate * sum(numerator)
        bottom = sum(denominator)
        guess = self.d_coef * top / ops.where(bottom > 0, bottom, 1.0)
        known = ops.maximum(self._d_max, guess)
        first = ops.where(ops.equal(d, self.d0), ops.maximum(d, guess), d)
        grown = known if self.growth_rate is None else ops.minimum(known, first * self.growth_rate)
        self._d_used.assign(d)
        self._rate_used.assign(rate)
        self._numerator.assign(top)
        self._d_max.assign(known)
        self._d.assign(grown)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Adam's step with gradients scaled by `d`, at the rate the estimate found."""
        index, kind = self._get_variable_index(variable), variable.dtype
        d, rate = ops.cast(self._d_used, kind), ops.cast(self._rate_used, kind)
        scaled = ops.multiply(ops.cast(gradient, kind), d)
        velocity = self._velocities[index]
        self.assign_add(velocity, ops.multiply(ops.subtract(ops.square(scaled), velocity), 1 - self.beta_2))
        if not self.beta_1:
            direction = ops.multiply(ops.cast(gradient, kind), ops.cast(self._d, kind))
        else:
            direction = self._momentums[index]
            self.assign_add(direction, ops.multiply(ops.subtract(scaled, direction), 1 - self.beta_1))
        bottom = ops.add(ops.sqrt(velocity), ops.cast(self._d, kind) * self.epsilon)
        if self.weight_decay and self._use_weight_decay(variable):
            self.assign_sub(variable, ops.multiply(variable, self.weight_decay * rate))
        self.assign_sub(variable, ops.divide(ops.multiply(direction, rate), bottom))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        names = "beta_1 beta_2 beta_3 epsilon use_bias_correction safeguard_warmup d0 d_coef growth_rate slice_p"
        return {**super().get_config(), **{name: getattr(self, name) for name in names.split()}}
