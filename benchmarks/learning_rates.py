"""How much the final loss depends on the initial learning rate, policy by policy.

Every policy trains every task from rates between 1e-5 and 1, one per half decade, with equal step budgets and the same
initial weights and data order for each seed. Finished cells are kept, so an interrupted run goes on where it stopped.
In full it takes many hours: see the options. Prints a table per task, writes the figures and a picture of the curves.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.sensitivity_plot import draw
from benchmarks.support import ROOT, Cells, report
from sslrec.config import settings
from sslrec.data import digits
from sslrec.data.digits import DigitData
from sslrec.learning.augment import augment_digits
from sslrec.learning.loop import Task, batches
from sslrec.learning.objectives.contrastive import nt_xent
from sslrec.learning.objectives.reconstruction import binary_cross_entropy
from sslrec.learning.optim.batch_norm import batch_norms, reestimate_batch_norm
from sslrec.learning.optim.policies import POLICIES, make_policy
from sslrec.learning.optim.policy import Policy
from sslrec.learning.recipes import language
from sslrec.learning.tasks.autoencoder import AutoencoderTask, apply, to_float
from sslrec.learning.tasks.encoder import EncoderTask
from sslrec.learning.tasks.language import LanguageTask
from sslrec.runs.events import RunConfig

RATES = tuple(float(f"{rate:.3g}") for rate in 10 ** np.arange(-5, 0.1, 0.5))
TUNED = ("constant", "cosine")
"""Best rate and better of the two: the reference that a policy is measured against."""
LOSS_TARGET, TIME_TARGET = 1.05, 1.10
"""From any rate, the final loss as a share of the reference's; and the time of a step as a share of constant Adam's."""
REESTIMATION_BATCHES = 10
MEASURED = 1000
"""Validation digits that measure a cell: the order of the policies shows in far fewer."""
RATELESS = ("auto", "prodigy")
"""Policies that estimate their rate from below every one of `RATES`: one training stands for all of them."""


@dataclass(frozen=True)
class Bench:
    """A task of the benchmark.

    Attributes:
        make: builds the task, from the digits where it is about them; weights follow from Keras's seed.
        figure: the loss to compare, of the weights in place, lower is better.
        batch_size: examples per step.
        steps: the step budget in full.
    """

    make: Callable[[DigitData], Any]
    figure: Callable[[Any, DigitData], float]
    batch_size: int
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
    "autoencoder": Bench(lambda data: AutoencoderTask(data, code=32), validation_bce, 32, 2000),
    "contrastive": Bench(lambda data: EncoderTask(data, clusters=(10,), clustering=0.0), validation_contrast, 64, 1000),
    "language": Bench(lambda data: masked_words(), lambda task, data: task.validate()["validation_loss"], 8, 1500),
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

    def _made(self, seed: int) -> Task:
        keras.utils.set_random_seed(seed)
        task = self._bench.make(self._data)
        self._starts[seed] = [variable.numpy() for variable in task.model.variables]
        return task

    def _traced(self, name: str) -> tuple[Policy, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]]:
        if name not in self._policies:
            task, variables = self._task, self._task.model.trainable_variables
            policy = make_policy(name, RATES[0])
            policy.optimizer.build(variables)

            @tf.function(reduce_retracing=True)
            def train_step(indices: tf.Tensor, step_seed: tf.Tensor) -> tf.Tensor:
                with tf.GradientTape() as tape:
                    loss, _ = task.loss(indices, step_seed)
                policy.optimizer.apply(tape.gradient(loss, variables), variables)
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

    def train(self, name: str, rate: float, seed: int, steps: int) -> dict[str, Any]:
        """Train one cell.

        Returns:
            `loss`: the final figure, None if the training met a loss that is no number; `seconds`: the median of a
            step.
        """
        task, bench = self._task, self._bench
        policy, train_step = self._traced(name)
        self._begin(policy, name, rate, seed)
        seconds, losses = [], []
        per_epoch = max(1, task.size // min(bench.batch_size, task.size))
        epochs = range(math.ceil(steps / per_epoch))
        order = (indices for epoch in epochs for indices in batches(task.size, bench.batch_size, seed, epoch))
        for step, indices in enumerate(islice(order, steps)):
            began = time.perf_counter()
            policy.before_step(step, steps)
            loss = float(train_step(tf.constant(indices), tf.constant([seed, step], tf.int32)))
            if not math.isfinite(loss):
                return {"loss": None, "seconds": None}
            policy.after_step(loss)
            seconds.append(time.perf_counter() - began)
            losses.append(loss)
            if (step + 1) % per_epoch == 0:
                policy.after_epoch(statistics.fmean(losses[-per_epoch:]))
        with policy.evaluation_weights(task.model.trainable_variables):
            if batch_norms(task.model):
                some = islice(batches(task.size, bench.batch_size, seed, 0), REESTIMATION_BATCHES)
                last = tf.constant([seed, 0])
                reestimate_batch_norm(task.model, some, lambda batch: task.loss(tf.constant(batch), last))
            final = bench.figure(task, self._data)
        return {"loss": final if math.isfinite(final) else None, "seconds": statistics.median(seconds[5:] or seconds)}


def summary(curves: dict[str, dict[float, float]], seconds: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Compare the policies of one task.

    Args:
        curves: by policy and rate the mean final loss, infinite where a seed diverged.
        seconds: by policy the time of a step.

    Returns:
        By policy `best`, `worst` (None: diverged), `area`: the mean over the rates of how far the loss lies above the
        reference as a share of it, at most 1; `within`: from how many of the rates the loss is within the target;
        `time`: of a step, relative to constant Adam's.
    """
    tuned = [min(curve.values()) for name, curve in curves.items() if name in TUNED]
    reference = min(tuned) if tuned else min(min(curve.values()) for curve in curves.values())
    result = {}
    for name, curve in curves.items():
        above = [min(loss / reference - 1, 1.0) if math.isfinite(loss) else 1.0 for loss in curve.values()]
        worst = max(curve.values())
        result[name] = {
            "best": min(curve.values()) if math.isfinite(min(curve.values())) else None,
            "worst": worst if math.isfinite(worst) else None,
            "area": statistics.fmean(above),
            "within": sum(loss <= LOSS_TARGET * reference for loss in curve.values()),
            "rates": len(curve),
            "time": seconds[name] / seconds["constant"] if "constant" in seconds else None,
        }
    return result


def cells_of_table(name: str, row: dict[str, Any]) -> list[str]:
    """One policy's line as it shall be printed."""
    losses = ["diverged" if row[kind] is None else f"{row[kind]:.4f}" for kind in ("best", "worst")]
    spent = "" if row["time"] is None else f"{row['time']:.2f}"
    kept = row["within"] == row["rates"] and (row["time"] or 0) <= TIME_TARGET
    return [
        name,
        *losses,
        f"{row['area']:.3f}",
        f"{row['within']} of {row['rates']}",
        spent,
        "kept" if kept else "missed",
    ]


def main() -> None:
    """Train what is missing, print and keep."""
    parser = argparse.ArgumentParser(description="final loss by initial learning rate and policy")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=list(POLICIES))
    parser.add_argument("--rates", nargs="+", type=float, default=list(RATES))
    parser.add_argument("--seeds", type=int, default=5, help="seeds per cell (default: 5)")
    parser.add_argument("--steps", type=int, help="step budget instead of each task's own")
    parser.add_argument("--data", choices=("mnist", "digits"), default="mnist")
    parser.add_argument("--cells", type=Path, default=settings().home_dir / "partial" / "learning_rates.json")
    parser.add_argument("--name", default="learning_rates", help="of the result files in assets/results")
    options = parser.parse_args()

    data, cells = digits.load(options.data), Cells(options.cells)
    columns = ["task, policy", "best", "worst", "area above tuned Adam", "rates within 5 %", "time of a step", "target"]
    rows: list[list[str]] = []
    figures: dict[str, Any] = {"loss_target": LOSS_TARGET, "time_target": TIME_TARGET, "tasks": {}}
    for task_name in options.tasks:
        bench = TASKS[task_name]
        steps = options.steps or bench.steps
        trainer = Trainer(bench, data)
        curves: dict[str, dict[float, float]] = {}
        times: dict[str, float] = {}
        # Seeds and rates outside, policies inside: the times of one comparison lie close together.
        found: dict[tuple[str, float], list[dict[str, Any]]] = {}
        for seed, (rate, policy) in product(range(options.seeds), product(options.rates, options.policies)):
            start = "any" if policy in RATELESS else f"{rate:g}"
            key = f"{task_name}/{options.data}/{steps}/{policy}/{start}/{seed}"
            work = (policy, rate, seed, steps)
            cell = cells.get(key, lambda work=work, trainer=trainer: trainer.train(*work))
            print(f"{key}: {cell['loss']}", flush=True)
            found.setdefault((policy, rate), []).append(cell)
        for policy in options.policies:
            losses = {rate: [cell["loss"] for cell in found[policy, rate]] for rate in options.rates}
            curves[policy] = {
                rate: math.inf if None in values else statistics.fmean(values) for rate, values in losses.items()
            }
            spent = [cell["seconds"] for rate in options.rates for cell in found[policy, rate] if cell["seconds"]]
            times[policy] = statistics.median(spent) if spent else math.nan
        compared = summary(curves, times)
        rows += [cells_of_table(f"{task_name}, {name}", row) for name, row in compared.items()]
        shown = {
            name: {f"{rate:g}": loss if math.isfinite(loss) else None for rate, loss in curve.items()}
            for name, curve in curves.items()
        }
        settings_used = {"data": options.data, "steps": steps, "seeds": options.seeds, "batch_size": bench.batch_size}
        seconds = {name: round(value, 5) for name, value in times.items() if math.isfinite(value)}
        figures["tasks"][task_name] = {**settings_used, "curves": shown, "policies": compared, "seconds": seconds}
        picture = ROOT / "assets" / "results" / f"{options.name}_{task_name}.svg"
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(draw(curves, f"{task_name}: final loss by initial rate"), "utf-8")
    report(options.name, columns, rows, figures)


if __name__ == "__main__":
    main()
