"""Hypergradient descent: the learning rate follows its own gradient (Baydin et al. 2018, arXiv:1703.04782).

The step moves the weights by `-rate * direction`. How the loss would have changed with another rate at the last
step is `-gradient . last direction`: where both point the same way the rate was too small.
"""

from __future__ import annotations

from typing import Any

import keras

from sslrec.learning.optim.common import dense, inner, mean_weight, ops, require_one_replica

RULES = ("additive", "multiplicative")


class HypergradientOptimizer(keras.optimizers.Optimizer):
    """What the two optimizers share: the rule that moves the rate before each step.

    Args:
        learning_rate: the initial rate; a number, since the optimizer changes it.
        hyper_rate: the rate of the rate. For `additive` it carries the unit of the squared gradient and has to be
            tuned (the paper: 1e-3 to 1e-8); for `multiplicative` it is the most that a step changes the rate by, as
            a share.
        rule: `additive`: `rate + hyper_rate * gradient . direction` (equation 8 of the paper); `multiplicative`:
            `rate * (1 + hyper_rate * cosine)` with the cosine of gradient and direction (its section 6).
        floor: the lowest rate.
        ceiling: the highest rate; None for none.
        kwargs: what every Keras optimizer takes.
    """

    def __init__(
        self, learning_rate: float, hyper_rate: float, rule: str, floor: float, ceiling: float | None, **kwargs: Any
    ) -> None:
        if rule not in RULES:
            raise ValueError(f"rule must be one of {', '.join(RULES)}, not {rule!r}")
        if not isinstance(learning_rate, (int, float)):
            kind = type(self).__name__
            raise TypeError(f"{kind} changes its learning rate itself; give it a number, not a schedule")
        super().__init__(float(learning_rate), **kwargs)
        self.hyper_rate, self.rule, self.floor, self.ceiling = hyper_rate, rule, floor, ceiling

    def build(self, variables: list[keras.Variable]) -> None:
        """Create the last direction of every weight."""
        require_one_replica(self)
        super().build(variables)
        self._directions = self.add_optimizer_variables(variables, "direction")

    def _apply_weight_decay(self, variables: list[Any]) -> None:
        """Nothing yet: the decay belongs after the rate's own step."""

    def _backend_update_step(self, grads: list[Any], trainable_variables: list[Any], learning_rate: Any) -> None:
        grads = [dense(gradient) for gradient in grads]
        directions = [self._directions[self._get_variable_index(variable)] for variable in trainable_variables]
        self._learning_rate.assign(self._next_rate(grads, directions))
        super()._apply_weight_decay(trainable_variables)
        super()._backend_update_step(grads, trainable_variables, self._learning_rate)

    def _next_rate(self, grads: list[Any], directions: list[Any]) -> Any:
        rate = ops.convert_to_tensor(self._learning_rate)
        agreement = _dot(grads, directions)
        if self.rule == "additive":
            rate = rate + self.hyper_rate * agreement
        else:
            lengths = ops.sqrt(_dot(grads, grads) * _dot(directions, directions))
            rate = rate * (1 + self.hyper_rate * agreement / ops.where(lengths > 0, lengths, 1.0))
        rate = ops.maximum(rate, self.floor)
        return rate if self.ceiling is None else ops.minimum(rate, self.ceiling)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Go against the direction, and keep it for the next step's hypergradient."""
        direction = self._directions[self._get_variable_index(variable)]
        self.assign(direction, self._direction(ops.cast(gradient, variable.dtype), variable))
        self.assign_sub(variable, ops.multiply(direction, ops.cast(learning_rate, variable.dtype)))

    def _direction(self, gradient: Any, variable: Any) -> Any:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        names = ("hyper_rate", "rule", "floor", "ceiling")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _dot(left: list[Any], right: list[Any]) -> Any:
    """The inner product over all weights, in float32."""
    return sum(inner(one, two) for one, two in zip(left, right, strict=True))


@keras.saving.register_keras_serializable("sslrec")
class HypergradientSGD(HypergradientOptimizer):
    """SGD-HD, and with `momentum` SGDN-HD (algorithms 4 and 5 of the paper; Nesterov's momentum).

    Args:
        learning_rate: the initial rate.
        momentum: of Nesterov's accelerated gradient; 0 for plain SGD.
        hyper_rate: see `HypergradientOptimizer`.
        rule: `additive` or `multiplicative`.
        floor: the lowest rate.
        ceiling: the highest rate; None for none.
        name: of the optimizer.
        kwargs: what every Keras optimizer takes.
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        *,
        momentum: float = 0.0,
        hyper_rate: float = 1e-3,
        rule: str = "additive",
        floor: float = 0.0,
        ceiling: float | None = None,
        name: str = "hypergradient_sgd",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, hyper_rate, rule, floor, ceiling, name=name, **kwargs)
        self.momentum = momentum

    def build(self, variables: list[keras.Variable]) -> None:
        """Create the velocities."""
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity") if self.momentum else []

    def _direction(self, gradient: Any, variable: Any) -> Any:
        if not self.momentum:
            return gradient
        velocity = self._velocities[self._get_variable_index(variable)]
        self.assign(velocity, ops.add(ops.multiply(velocity, self.momentum), gradient))
        return ops.add(gradient, ops.multiply(velocity, self.momentum))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "momentum": self.momentum}


@keras.saving.register_keras_serializable("sslrec")
class HypergradientAdam(HypergradientOptimizer):
    """Adam-HD (algorithm 6 of the paper).

    Args:
        learning_rate: the initial rate.
        beta_1: decay of the mean of the gradients.
        beta_2: decay of the mean of their squares.
        epsilon: added to the root of the corrected mean square.
        hyper_rate: see `HypergradientOptimizer`.
        rule: `additive` or `multiplicative`.
        floor: the lowest rate.
        ceiling: the highest rate; None for none.
        name: of the optimizer.
        kwargs: what every Keras optimizer takes.
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        *,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        hyper_rate: float = 1e-7,
        rule: str = "additive",
        floor: float = 0.0,
        ceiling: float | None = None,
        name: str = "hypergradient_adam",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, hyper_rate, rule, floor, ceiling, name=name, **kwargs)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, variables: list[keras.Variable]) -> None:
        """Create the means."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])

    def _direction(self, gradient: Any, variable: Any) -> Any:
        index, kind = self._get_variable_index(variable), variable.dtype
        momentum, velocity = self._momentums[index], self._velocities[index]
        self.assign_add(momentum, ops.multiply(ops.subtract(gradient, momentum), 1 - self.beta_1))
        self.assign_add(velocity, ops.multiply(ops.subtract(ops.square(gradient), velocity), 1 - self.beta_2))
        root = ops.cast(ops.sqrt(mean_weight(self.beta_2, self.iterations)), kind)
        scale = root / ops.cast(mean_weight(self.beta_1, self.iterations), kind)
        # epsilon stands beside the corrected root, as in the paper and in PyTorch; Keras's own Adam differs there.
        return ops.divide(ops.multiply(momentum, scale), ops.add(ops.sqrt(velocity), self.epsilon * root))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
