"""The trainings of `benchmarks.learning_rates`: three small tasks, trained from any rate under any policy.

Small batches, for it takes a thousand trainings: what is compared is policies, from the same weights and the same order
of the same examples, not how far a task gets.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing import get_context
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from sslrec.data import digits
from sslrec.data.digits import DigitData
from sslrec.learning.augment import augment_digits
from sslrec.learning.loop import Task, batches
from sslrec.learning.objectives.contrastive import nt_xent
from sslrec.learning.objectives.reconstruction import binary_cross_entropy
from sslrec.learning.optim.batch_norm import batch_norms, reestimate_batch_norm
from sslrec.learning.optim.common import dense
from sslrec.learning.optim.policies import make_policy
from sslrec.learning.optim.policy import Policy
from sslrec.learning.recipes import language
from sslrec.learning.tasks.autoencoder import AutoencoderTask, apply, to_float
from sslrec.learning.tasks.encoder import EncoderTask
from sslrec.learning.tasks.language import LanguageTask
from sslrec.runs.events import RunConfig

REESTIMATION_BATCHES = 10
MEASURED = 400
"""Validation digits that measure a cell: the order of the policies shows in far fewer."""
EPOCHS = 20
"""Parts of a step budget after which policies that wait for an epoch hear the mean loss: one of MNIST is longer."""
ROUNDS, ROUND = 5, 30
"""How often, and for how many steps, every policy in turn is timed."""


@dataclass(frozen=True)
class Bench:
    """A task of the benchmark.

    Attributes:
        make: builds the task, from the digits where it is about them; weights follow from Keras's seed.
        figure: the loss to compare, of the weights in place, lower is better.
        batch_size: examples per step.
        steps: the step budget.
    """

    make: Callable[[DigitData], Any]
    figure: Callable[[Any, DigitData], float]
    batch_size: int
    steps: int


class Cell(NamedTuple):
    """One training: of which task, on which digits, under which policy, from which rate, with which seed, how long."""

    task: str
    data: str
    policy: str
    rate: float
    seed: int
    steps: int


def validation_bce(task: AutoencoderTask, data: DigitData) -> float:
    """The pixelwise binary cross-entropy of the validation digits, above what a perfect copy costs."""
    images = to_float(data.x_validation[:MEASURED])
    exact = images.astype(np.float64)
    inside = np.clip(exact, 1e-12, 1 - 1e-12)
    floor = -np.mean(exact * np.log(inside) + (1 - exact) * np.log(1 - inside))
    reached = binary_cross_entropy(tf.constant(images), apply(task.model, images))
    return float(reached) - float(floor)


def validation_contrast(task: EncoderTask, data: DigitData) -> float:
    """NT-Xent of two views of the validation digits, in batches of 100 with fixed seeds."""
    images, losses = to_float(data.x_validation[:MEASURED]), []
    for start in range(0, len(images) - 99, 100):
        batch, seed = tf.constant(images[start : start + 100]), tf.constant([0, start])
        views = [augment_digits(batch, tf.random.fold_in(seed, index), task.augmentation) for index in (1, 2)]
        one, two = (task.model(view, training=False)[0] for view in views)
        losses.append(float(nt_xent(one, two, task.temperature)))
    return statistics.fmean(losses)


def masked_words() -> LanguageTask:
    """The tiny masked language model on the built-in catalogue's texts."""
    return language.build(RunConfig("language", "builtin", options={"size": "tiny"})).task


TASKS = {
    "autoencoder": Bench(lambda data: AutoencoderTask(data, code=32), validation_bce, 16, 150),
    "contrastive": Bench(lambda data: EncoderTask(data, clusters=(10,), clustering=0.0), validation_contrast, 24, 100),
    "language": Bench(lambda data: masked_words(), lambda task, data: task.validate()["validation_loss"], 4, 180),
}


class Trainer:
    """A task that all policies train from the same weights, one cell after the other.

    Tracing a step takes longer than a few hundred steps of these models; so each policy's is traced once, and a cell
    begins with the values that a new model and a new optimizer would have.

    Args:
        bench: the task.
        data: the digits, for tasks that are about them.
    """

    def __init__(self, bench: Bench, data: DigitData) -> None:
        self._bench, self._data = bench, data
        self._starts: dict[int, list[np.ndarray]] = {}
        self._policies: dict[str, tuple[Policy, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]] = {}
        self._task: Task = self._made(0)
        # Traced while BatchNormalization follows each batch, and used for that alone.
        self._pass = tf.function(
            lambda indices: self._task.loss(indices, tf.constant([0, -1], tf.int32))[0], autograph=False
        )

    def _made(self, seed: int) -> Task:
        keras.utils.set_random_seed(seed)
        task = self._bench.make(self._data)
        self._starts[seed] = [variable.numpy() for variable in task.model.variables]
        return task

    def _traced(self, name: str, rate: float) -> tuple[Policy, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]:
        if name not in self._policies:
            task, variables = self._task, self._task.model.trainable_variables
            policy = make_policy(name, rate)
            policy.optimizer.build(variables)

            @tf.function(reduce_retracing=True, autograph=False)
            def train_step(indices: tf.Tensor, step_seed: tf.Tensor) -> tf.Tensor:
                with tf.GradientTape() as tape:
                    loss, _ = task.loss(indices, step_seed)
                policy.optimizer.apply([dense(one) for one in tape.gradient(loss, variables)], variables)
                return loss

            self._policies[name] = policy, train_step
        return self._policies[name]

    def _begin(self, policy: Policy, name: str, rate: float, seed: int) -> None:
        if seed not in self._starts:
            self._made(seed)
        for variable, value in zip(self._task.model.variables, self._starts[seed], strict=True):
            variable.assign(value)
        fresh = make_policy(name, rate)
        fresh.optimizer.build(self._task.model.trainable_variables)
        for variable, other in zip(policy.optimizer.variables, fresh.optimizer.variables, strict=True):
            variable.assign(other)
        policy.learning_rate = fresh.learning_rate
        policy.restore(fresh.state())

    def train(self, name: str, rate: float, seed: int, steps: int) -> list[float] | None:
        """Train a cell; the weights to measure are in place afterwards.

        Returns:
            The seconds of each step; None if the training met a loss that is no number.
        """
        task = self._task
        policy, train_step = self._traced(name, rate)
        self._begin(policy, name, rate, seed)
        seconds, losses = [], []
        epoch = max(1, steps // EPOCHS)
        for step, indices in enumerate(islice(self._order(seed), steps)):
            began = time.perf_counter()
            policy.before_step(step, steps)
            loss = float(train_step(tf.constant(indices), tf.constant([seed, step], tf.int32)))
            if not math.isfinite(loss):
                return None
            policy.after_step(loss)
            seconds.append(time.perf_counter() - began)
            losses.append(loss)
            if (step + 1) % epoch == 0:
                policy.after_epoch(statistics.fmean(losses[-epoch:]))
        policy.keep_evaluation_weights(task.model.trainable_variables)
        if batch_norms(task.model):
            some = islice(batches(task.size, self._bench.batch_size, seed, 0), REESTIMATION_BATCHES)
            reestimate_batch_norm(task.model, map(tf.constant, some), self._pass)
        return seconds

    def _order(self, seed: int) -> Iterator[np.ndarray]:
        epoch = 0
        while True:
            yield from batches(self._task.size, self._bench.batch_size, seed, epoch)
            epoch += 1

    def loss(self, cell: Cell) -> float | None:
        """The final loss of a cell, None where it is no number."""
        if self.train(cell.policy, cell.rate, cell.seed, cell.steps) is None:
            return None
        final = self._bench.figure(self._task, self._data)
        return final if math.isfinite(final) else None


@cache
def trainer_of(task: str, data: str) -> Trainer:
    """This process's trainer of a task."""
    return Trainer(TASKS[task], digits.load(data))


def _one_thread() -> None:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def _loss(cell: Cell) -> float | None:
    return trainer_of(cell.task, cell.data).loss(cell)


def train_all(cells: Iterable[Cell], processes: int) -> Iterator[tuple[Cell, float | None]]:
    """Train cells in processes of one thread each, which get more done than one process with as many threads.

    Yields:
        Each cell as it is done, and its final loss.
    """
    with ProcessPoolExecutor(processes, get_context("spawn"), _one_thread) as pool:
        running = {pool.submit(_loss, cell): cell for cell in cells}
        for done in as_completed(running):
            yield running[done], done.result()


def step_seconds(task: str, data: str, policies: Iterable[str]) -> dict[str, float]:
    """The time of a step under each policy, in this process, in turn: what the machine does beside it hits them all."""
    trainer, names = trainer_of(task, data), tuple(policies)
    found: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(ROUNDS + 1):
        for name in names:
            seconds = trainer.train(name, 1e-3, 0, ROUND) or []
            if turn:  # the first has the tracing in it
                found[name] += seconds[3:]
    return {name: statistics.median(seconds) for name, seconds in found.items() if seconds}
