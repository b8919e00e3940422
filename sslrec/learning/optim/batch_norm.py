"""Statistics of BatchNormalization for weights that no training step has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

from sslrec.learning.optim.common import ops


def batch_norms(model: keras.Model) -> list[Any]:
    """The layers of `model` that have statistics of their own and keep them up to date in training."""
    layers = model._flatten_layers()
    return [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable]


def reestimate_batch_norm(
    model: keras.Model, batches: Iterable[Any], forward: Callable[[Any], Any] | None = None
) -> int:
    """Re-estimate every BatchNormalization's mean and variance with the present weights.

    Needed after weight averaging: the running statistics belong to the weights before it
    (Izmailov et al. 2018, arXiv:1803.05407, section 3.3). A model without such layers costs nothing.

    Args:
        model: changed in place.
        batches: inputs of the model, such as `(batch, 28, 28, 1)` arrays; each counts alike.
        forward: runs the model in training mode on one batch; `model(batch, training=True)` by default.

    Returns:
        The number of batches that were read.

    Raises:
        ValueError: there are such layers, but no batch.
    """
    norms = batch_norms(model)
    if not norms:
        return 0
    count = 0
    means: list[Any] = [0.0] * len(norms)
    variances: list[Any] = [0.0] * len(norms)
    run = forward or (lambda batch: model(batch, training=True))
    with _following_each_batch(norms):
        for batch in batches:
            run(batch)
            count += 1
            for index, norm in enumerate(norms):
                means[index] += (ops.convert_to_numpy(norm.moving_mean) - means[index]) / count
                variances[index] += (ops.convert_to_numpy(norm.moving_variance) - variances[index]) / count
    if not count:
        raise ValueError("there are no batches to estimate the statistics from")
    for norm, mean, variance in zip(norms, means, variances, strict=True):
        norm.moving_mean.assign(mean)
        norm.moving_variance.assign(variance)
    return count


@contextmanager
def _following_each_batch(norms: list[Any]) -> Iterator[None]:
    """Within, the running statistics are those of the last batch alone."""
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
