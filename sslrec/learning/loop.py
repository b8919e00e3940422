"""The one training loop and its one step function.

A task brings a model, its examples and a loss; a policy the optimizer and the learning rate; the loop
brings order, events and checkpoints. Everything random follows from the seed: the order of the examples
from `(seed, epoch)`, the augmentation of a step from `(seed, step)`. So a training that goes on from a
checkpoint in a new process makes the same steps as one that was never interrupted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from sslrec.learning.divergence import DivergenceGuard
from sslrec.learning.optim.batch_norm import batch_norms, reestimate_batch_norm
from sslrec.learning.optim.common import dense
from sslrec.learning.optim.policies import make_policy
from sslrec.learning.optim.policy import Change, Policy
from sslrec.runs.events import Event
from sslrec.runs.tasks import RATED_POLICY

REESTIMATION_BATCHES = 8
"""Batches that BatchNormalization gets its statistics from for a measurement while a training goes on."""
SETTLED_STEPS = 1000
"""Steps after which running statistics, a mean over some hundred steps, have caught up with the weights."""

MOMENTS = 45
"""Moments of a training that are shown, beside the first few and the last: each is some kilobytes of pictures."""
FIRST_MOMENTS = 4
"""Validations from the beginning that are all shown, as a model changes most there."""


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
        """Measure the model on the validation part; `validation_loss` is what a policy watches, if it is there."""
        ...


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train.

    Attributes:
        epochs: passes over the examples.
        batch_size: examples per step.
        learning_rate: the initial rate, the peak of the cosine schedule.
        warmup: share of all steps that a linear warm-up takes, where the policy has one.
        weight_decay: decoupled weight decay (AdamW, Loshchilov and Hutter 2017, arXiv:1711.05101).
        average: momentum of the exponential moving average of the weights that evaluation and saving
            use; 0 switches it off (Polyak averaging).
        validate_every: epochs between validations; the last epoch always validates.
        policy: what decides the rate, a name of `sslrec.learning.optim.policies`.
        settled: steps after which BatchNormalization's running statistics fit the weights and what is measured;
            before them a measurement takes statistics of its own.
        options: of the policy, see `make_policy`.
    """

    epochs: int
    batch_size: int = 256
    learning_rate: float = 1e-3
    warmup: float = 0.05
    weight_decay: float = 0.0
    average: float = 0.0
    validate_every: int = 1
    policy: str = RATED_POLICY
    settled: int = SETTLED_STEPS
    options: Mapping[str, Any] = field(default_factory=dict)

    def steps_of(self, size: int) -> int:
        """How many steps a training on so many examples has."""
        return max(1, size // min(self.batch_size, size)) * self.epochs

    def make_policy(self) -> Policy:
        """The policy with its optimizer."""
        return make_policy(
            self.policy,
            self.learning_rate,
            weight_decay=self.weight_decay,
            average=self.average,
            warmup=self.warmup,
            **self.options,
        )


def batches(size: int, batch_size: int, seed: int, epoch: int) -> Iterator[np.ndarray]:
    """Yield the shuffled `(batch,)` int32 index arrays of one epoch; every batch is full.

    An epoch of fewer examples than one batch is a single batch of all of them.
    """
    order = np.random.default_rng((seed, epoch)).permutation(size).astype(np.int32)
    width = min(batch_size, size)
    for start in range(0, size - width + 1, width):
        yield order[start : start + width]


class Training:
    """One training, a step at a time.

    Args:
        task: model, examples and loss; its model is trained in place.
        schedule: length and rates.
        seed: decides order and augmentation; weights are the task's own affair.
        show: called after a validation with `(step, epoch)`; what it returns becomes an `exhibit` event.

    Attributes:
        policy: what decides the rate, with the optimizer.
        per_epoch: steps of an epoch.
        total: steps of the whole training; `step` of them are made.
        losses: of the running epoch, which has taken `seconds` so far.
        batches: what is left of the running epoch; None before its first step.
        history: the epoch events, oldest first.
    """

    def __init__(
        self, task: Task, schedule: Schedule, seed: int, show: Callable[[int, int], Mapping[str, Any]] | None = None
    ) -> None:
        self.task = task
        self.schedule = schedule
        self.seed = seed
        self.policy = schedule.make_policy()
        self.total = schedule.steps_of(task.size)
        self.per_epoch = self.total // schedule.epochs
        self.step = 0
        self.history: list[Event] = []
        self.guard = DivergenceGuard(self.total)
        self._show = show
        self.losses: list[float] = []
        self.seconds = 0.0
        self._made, self._pace = 0, 0.0
        self.batches: Iterator[np.ndarray] | None = None
        self._variables = task.model.trainable_variables
        self.policy.optimizer.build(self._variables)
        self._names: list[str] = []
        # Losses hold no branch or loop on tensors: AutoGraph would only lengthen the tracing.
        self._train_step = tf.function(self._step_once, reduce_retracing=True, autograph=False)
        # Traced while BatchNormalization follows each batch, and used for that alone.
        self._pass = tf.function(
            lambda indices: task.loss(indices, tf.constant([seed, -1], tf.int32))[0], autograph=False
        )

    @property
    def done(self) -> bool:
        """Whether every step was made."""
        return self.step >= self.total

    def _step_once(self, indices: tf.Tensor, step_seed: tf.Tensor) -> tf.Tensor:
        """The step function: one update; returns loss, gradient norm and the task's scalars as one tensor."""
        with tf.GradientTape() as tape:
            loss, scalars = self.task.loss(indices, step_seed)
        gradients = [dense(gradient) for gradient in tape.gradient(loss, self._variables)]
        self.policy.optimizer.apply(gradients, self._variables)
        self._names = list(scalars)
        norm = tf.linalg.global_norm(gradients)
        # One tensor, so that a step waits for one transfer.
        return tf.stack([tf.cast(value, tf.float32) for value in (loss, norm, *scalars.values())])

    def advance(self) -> list[Event]:
        """Make one step, and after the last of an epoch the epoch's end.

        Returns:
            The events, oldest first; see `sslrec.runs.events`.

        Raises:
            DivergenceError: the loss became NaN or infinite, or stays far above its start.
        """
        began = time.perf_counter()
        if self.batches is None:
            epoch, done = self.step // self.per_epoch + 1, self.step % self.per_epoch
            self.batches = islice(batches(self.task.size, self.schedule.batch_size, self.seed, epoch), done, None)
        indices = next(self.batches)
        self.policy.before_step(self.step, self.total)
        rate = self.policy.rate
        loss, norm, *scalars = (
            self._train_step(tf.constant(indices), tf.constant([self.seed, self.step], tf.int32)).numpy().tolist()
        )
        self.step += 1
        change = self.policy.after_step(loss)
        self.guard.watch(self.step, loss)
        self.losses.append(loss)
        events = self._changes(change)
        taken = time.perf_counter() - began
        self.seconds += taken
        self._made += 1
        # The first steps of a process build the graph; a run that goes on begins with such ones too.
        self._pace = taken if self._made < 4 else 0.9 * self._pace + 0.1 * taken
        step = {
            "event": "step",
            "step": self.step,
            "of": self.total,
            "epoch": (self.step - 1) // self.per_epoch + 1,
            "loss": loss,
            "learning_rate": rate,
            "gradient_norm": norm,
            "examples_per_second": round(len(indices) / self._pace, 1),
            **dict(zip(self._names, scalars, strict=True)),
        }
        ends = self.step % self.per_epoch == 0
        return [step, *events, *(self._end_epoch() if ends else [])]

    def _end_epoch(self) -> list[Event]:
        began, epoch = time.perf_counter(), self.step // self.per_epoch
        event: Event = {"event": "epoch", "step": self.step, "epoch": epoch, "loss": float(np.mean(self.losses))}
        shown: list[Event] = []
        validates = self.done or epoch % self.schedule.validate_every == 0
        if validates:
            with self.evaluation():
                figures = self.task.validate()
                shown = self.exhibit() if self.done or self._is_moment(epoch) else []
        else:
            figures = {}
        event.update({"seconds": round(self.seconds + time.perf_counter() - began, 2), **figures})
        self.history.append(event)
        # Not the training's loss in between: a policy would compare it with the validation's, which is another thing.
        change = self.policy.after_epoch(event.get("validation_loss", event["loss"])) if validates else None
        changes = self._changes(change)
        self.batches, self.losses, self.seconds = None, [], 0.0
        return [event, *shown, *changes]

    def _is_moment(self, epoch: int) -> bool:
        """Whether the end of an epoch is one of the moments that are shown: the first few, then evenly spread ones."""
        every = self.schedule.validate_every
        turn, stride = epoch // every, math.ceil(self.schedule.epochs / every / MOMENTS)
        return turn <= FIRST_MOMENTS or turn % stride == 0

    def exhibit(self) -> list[Event]:
        """What there is to show of the weights in place."""
        return (
            [] if self._show is None else [{"event": "exhibit", **self._show(self.step, self.step // self.per_epoch)}]
        )

    def set_rate(self, rate: float) -> list[Event]:
        """Set the learning rate by hand, from the next step on."""
        return self._changes(self.policy.set_rate(rate))

    def _changes(self, change: Change | None) -> list[Event]:
        if change is None:
            return []
        return [{"event": "learning_rate", "step": self.step, **vars(change)}]

    @contextmanager
    def evaluation(self) -> Iterator[None]:
        """Put the weights to measure and to save in place; afterwards everything is bit for bit what it was.

        Where they are averages, or the running statistics of BatchNormalization still lag behind the weights,
        these get statistics of their own.
        """
        model = self.task.model
        kept = [variable.numpy() for variable in model.non_trainable_variables]
        try:
            with self.policy.evaluation_weights(self._variables) as averaged:
                self._settle(averaged)
                yield
        finally:
            for variable, value in zip(model.non_trainable_variables, kept, strict=True):
                variable.assign(value)

    def _settle(self, averaged: bool) -> None:
        """Give BatchNormalization the statistics of the weights in place, where its running ones are not."""
        if not (averaged or self.step < self.schedule.settled) or not batch_norms(self.task.model):
            return
        some = islice(batches(self.task.size, self.schedule.batch_size, self.seed, 0), REESTIMATION_BATCHES)
        reestimate_batch_norm(self.task.model, map(tf.constant, some), self._pass)

    def keep_evaluation_weights(self) -> None:
        """Leave the weights to measure and to save in the model, with their statistics: the training is over."""
        self._settle(self.policy.keep_evaluation_weights(self._variables))


def fit(
    task: Task, schedule: Schedule, seed: int, on_event: Callable[[Event], None] = lambda event: None
) -> list[Event]:
    """Train `task.model` in place, from the first step to the last, and leave the weights to use in it.

    Args:
        task: model, examples and loss.
        schedule: length and rates.
        seed: decides order and augmentation; weights are the task's own affair.
        on_event: called with every event; see `Training.advance`.

    Returns:
        The epoch events, oldest first.

    Raises:
        DivergenceError: the loss became NaN or infinite, or stays far above its start; the message names the step.
    """
    training = Training(task, schedule, seed)
    while not training.done:
        for event in training.advance():
            on_event(event)
    training.keep_evaluation_weights()
    return training.history
