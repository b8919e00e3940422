"""What the optimizers of this folder share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

ops: Any = keras.ops
"""`keras.ops`; a type checker reads an optional result into many of its functions."""


def require_one_replica(optimizer: keras.optimizers.Optimizer) -> None:
    """Refuse `tf.distribute` with several replicas: these rules need sums over all weights of the whole gradient.

    Raises:
        NotImplementedError: the optimizer was made under a strategy with more than one replica.
    """
    strategy = getattr(optimizer, "_distribution_strategy", None)
    if strategy is not None and strategy.num_replicas_in_sync > 1:
        kind = type(optimizer).__name__
        raise NotImplementedError(f"{kind} works on one replica; under a distribution strategy use Adam")


def copy_at_first_step(iterations: Any, copies: Sequence[Any], variables: Sequence[Any]) -> None:
    """Take the weights as they are when training begins into `copies`.

    Not when the optimizer is built: weights are often loaded between that and the first step.
    """

    def take() -> None:
        for copy, variable in zip(copies, variables, strict=True):
            copy.assign(variable)

    ops.cond(ops.equal(iterations, 0), take, lambda: None)


def mean_weight(beta: float, iterations: Any) -> Any:
    """`1 - beta^(iterations + 1)`, the sum of the weights of a decaying mean, float32.

    Through `expm1`: in float32 the plain formula loses four of seven digits at the first steps.
    """
    if beta == 0:
        return ops.convert_to_tensor(1.0)
    return -ops.expm1(ops.cast(ops.add(iterations, 1), "float32") * math.log(beta))


def inner(left: Any, right: Any) -> Any:
    """The inner product of two tensors of one shape, float32; `ops.vdot` takes 2.4 times as long on a CPU."""
    return ops.cast(ops.sum(ops.square(left) if left is right else ops.multiply(left, right)), "float32")


def dense(gradient: Any) -> Any:
    """A gradient as one tensor, or None as it is.

    TensorFlow gives that of an embedding as a row for every piece that was looked up, a piece of many places more than
    once. Squared before they are summed, as Keras's Adam does, a hundred equal rows make a mean square of a hundredth,
    and a step ten times as long as that of any other weight.
    """
    return tf.convert_to_tensor(gradient) if isinstance(gradient, tf.IndexedSlices) else gradient
