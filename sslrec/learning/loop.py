"""The one training loop and its one step function.

A task brings a model, its examples and a loss; the loop brings order, the optimizer, the schedule and
the events. Everything random follows from the seed: the order of the examples from `(seed, epoch)`, the
augmentation of a step from `(seed, step)`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

Event = dict[str, Any]


class Task(Protocol):
    """What the loop needs of a task."""

    @property
    def model(self) -> keras.Model:
        """The model that holds every trainable weight."""
        ...

    @property
    def size(self) -> int:
        """Number of training examples."""
        ...

    def loss(self, indices: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Return the loss of the examples at `indices`, `(batch,)` int32, and further scalars to show."""
        ...

    def validate(self) -> dict[str, float]:
        """Measure the model on the validation part."""
        ...


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train.

    Attributes:
        epochs: passes over the examples.
        batch_size: examples per step.
        learning_rate: the peak rate of the cosine schedule with linear warm-up.
        warmup: share of all steps that the warm-up takes.
        weight_decay: decoupled weight decay (AdamW, Loshchilov and Hutter 2017, arXiv:1711.05101).
        average: momentum of the exponential moving average of the weights that evaluation and saving
            use; 0 switches it off (Polyak averaging).
        validate_every: epochs between validations; the last epoch always validates.
    """

    epochs: int
    batch_size: int = 256
    learning_rate: float = 1e-3
    warmup: float = 0.05
    weight_decay: float = 0.0
    average: float = 0.0
    validate_every: int = 1


def cosine_rate(step: int, total: int, peak: float, warmup: float) -> float:
    """Linear warm-up to `peak`, then half a cosine down to zero (Loshchilov and Hutter 2016)."""
    warm = max(1, int(total * warmup))
    if step < warm:
        return peak * (step + 1) / warm
    return 0.5 * peak * (1 + float(np.cos(np.pi * (step - warm) / max(1, total - warm))))


def batches(size: int, batch_size: int, seed: int, epoch: int) -> Iterator[np.ndarray]:
    """Yield the shuffled `(batch,)` int32 index arrays of one epoch; every batch is full.

    An epoch of fewer examples than one batch is a single batch of all of them.
    """
    order = np.random.default_rng((seed, epoch)).permutation(size).astype(np.int32)
    width = min(batch_size, size)
    for start in range(0, size - width + 1, width):
        yield order[start : start + width]


def fit(
    task: Task, schedule: Schedule, seed: int, on_event: Callable[[Event], None] = lambda event: None
) -> list[Event]:
    """Train `task.model` in place.

    Args:
        task: model, examples and loss.
        schedule: length and rates.
        seed: decides order and augmentation; weights are the task's own affair.
        on_event: called with `{"event": "step", "step", "loss", "learning_rate", ...}` after steps and
            with `{"event": "epoch", "epoch", "loss", "seconds", ...validation}` after epochs.

    Returns:
        The epoch events, oldest first.

    Raises:
        FloatingPointError: the loss became NaN or infinite; the message names the step.
    """
    optimizer = keras.optimizers.AdamW(
        schedule.learning_rate,
        weight_decay=schedule.weight_decay,
        use_ema=schedule.average > 0,
        ema_momentum=schedule.average or 0.99,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    variables = task.model.trainable_variables
    optimizer.build(variables)

    @tf.function(reduce_retracing=True)
    def train_step(indices: tf.Tensor, step_seed: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        with tf.GradientTape() as tape:
            loss, scalars = task.loss(indices, step_seed)
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss, scalars

    per_epoch = max(1, task.size // min(schedule.batch_size, task.size))
    total, step, history = per_epoch * schedule.epochs, 0, []
    for epoch in range(1, schedule.epochs + 1):
        began, losses = time.monotonic(), []
        for indices in batches(task.size, schedule.batch_size, seed, epoch):
            rate = cosine_rate(step, total, schedule.learning_rate, schedule.warmup)
            optimizer.learning_rate = rate
            loss, scalars = train_step(tf.constant(indices), tf.constant([seed, step], tf.int32))
            losses.append(float(loss))
            step += 1
            if not np.isfinite(losses[-1]):
                raise FloatingPointError(f"the loss is {losses[-1]} at step {step}; try a lower learning rate")
            shown = {name: float(value) for name, value in scalars.items()}
            on_event({"event": "step", "step": step, "of": total, "loss": losses[-1], "learning_rate": rate, **shown})
        event: Event = {
            "event": "epoch",
            "epoch": epoch,
            "loss": float(np.mean(losses)),
            "seconds": round(time.monotonic() - began, 2),
        }
        last = epoch == schedule.epochs
        if last and schedule.average:
            optimizer.finalize_variable_values(variables)
        if last or epoch % schedule.validate_every == 0:
            event.update(task.validate())
        history.append(event)
        on_event(event)
    return history


@contextmanager
def mixed_precision() -> Iterator[None]:
    """Build models in here to train them in bfloat16 with float32 weights: faster where the CPU or GPU knows it."""
    policy = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(policy)


def recalibrate(model: keras.Model, images: np.ndarray, batch_size: int = 500, view=lambda x, i: x) -> None:
    """Re-estimate every BatchNormalization's statistics with the present weights.

    Needed after weight averaging: the running statistics belong to the weights before it
    (Izmailov et al. 2018, arXiv:1803.05407, section 3.3).

    Args:
        model: changed in place.
        images: `(n, 28, 28, 1)` float32 in [0, 1].
        batch_size: images per forward pass.
        view: applied to every batch, with its number, for models trained on augmented views.
    """
    norms = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    for index in range(0, len(images) // batch_size):
        for norm in norms:
            norm.momentum = index / (index + 1)  # a running mean over all batches
        model(view(tf.constant(images[index * batch_size : (index + 1) * batch_size]), index), training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
