"""One small problem with gradients worked out by hand, for Keras, NumPy and PyTorch alike."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def traced_apply(
    optimizer: keras.optimizers.Optimizer, variables: list[keras.Variable]
) -> Callable[[list[np.ndarray]], None]:
    """The optimizer's step as a training makes it: traced once, the steps cost little."""
    step = tf.function(lambda *gradients: optimizer.apply(gradients, variables), autograph=False)
    return lambda gradients: step(*map(tf.constant, gradients))


class LeastSquares:
    """`mean((inputs @ kernel + bias - targets)^2)` with badly scaled inputs, a new batch every step."""

    def __init__(self, seed: int = 0, steps: int = 36) -> None:
        rng = np.random.default_rng(seed)
        scales = np.array([1.0, 3.0, 0.2, 1.5, 0.7], np.float32)
        self.inputs = rng.normal(size=(steps, 16, 5)).astype(np.float32) * scales
        truth = rng.normal(size=(5, 3)).astype(np.float32)
        noise = rng.normal(size=(steps, 16, 3)).astype(np.float32)
        self.targets = (self.inputs @ truth + 0.5 + 0.1 * noise).astype(np.float32)
        self.start = [rng.normal(size=(5, 3)).astype(np.float32), np.zeros(3, np.float32)]

    def gradients(self, step: int, weights: list[np.ndarray]) -> list[np.ndarray]:
        """The gradients of kernel and bias at `weights` for the batch of `step`."""
        inputs, kind = self.inputs[step], weights[0].dtype
        error = 2 * (inputs @ weights[0] + weights[1] - self.targets[step]) / self.targets[step].size
        return [(inputs.T @ error).astype(kind), error.sum(axis=0).astype(kind)]

    def loss(self, step: int, weights: list[np.ndarray]) -> float:
        """The loss at `weights` for the batch of `step`."""
        return float(np.mean((self.inputs[step] @ weights[0] + weights[1] - self.targets[step]) ** 2))

    def variables(self) -> list[keras.Variable]:
        """Kernel and bias at the start."""
        return [keras.Variable(value, name=name) for value, name in zip(self.start, ["kernel", "bias"], strict=True)]

    def trajectory(self, optimizer: keras.optimizers.Optimizer, rates=None) -> list[list[np.ndarray]]:
        """The weights after each step of a Keras optimizer, whose rate is set before each where `rates` are given."""
        variables = self.variables()
        optimizer.build(variables)
        apply = traced_apply(optimizer, variables)
        weights = []
        for step in range(len(self.inputs)):
            if rates is not None:
                optimizer.learning_rate = rates[step]
            gradients = self.gradients(step, [variable.numpy() for variable in variables])
            apply(gradients)
            weights.append([np.array(variable.numpy()) for variable in variables])
        return weights
