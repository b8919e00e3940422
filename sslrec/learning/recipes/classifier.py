"""Train one digit classifier on a label budget, from the encoder or from scratch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from sslrec import artifacts
from sslrec.config import settings
from sslrec.data.digits import BUDGETS, DigitData, draw_labelled, load
from sslrec.errors import ArtifactError
from sslrec.learning.encoders.digit import build_classifier, build_digit_encoder
from sslrec.learning.export import as_float32, export_litert
from sslrec.learning.loop import Event, Schedule
from sslrec.learning.optim.batch_norm import reestimate_batch_norm
from sslrec.learning.precision import mixed_precision
from sslrec.learning.recipes.exhibits import exhibit, png, ten_digits
from sslrec.learning.tasks.autoencoder import to_float
from sslrec.learning.tasks.classifier import ClassifierTask, accuracy, one_hot
from sslrec.learning.tasks.semi_supervised import SemiSupervisedTask
from sslrec.runs.events import Item, RunConfig

FIRST_SHARE = 0.2
"""How much of an average of weights those after the first step may be at most. In the shortest of the shipped
trainings they are 0.12 of it, after 214 steps at 0.99; in 120 steps at 0.998 they would be 0.79: a model that has
hardly begun."""


@dataclass(frozen=True)
class Pretrained:
    """An encoder trained on the same data, with linear heads for every label budget.

    Attributes:
        encoder: the Keras model.
        heads: `weights_<budget>` `(draws, 256, 10)` and `bias_<budget>` `(draws, 10)`.
        sha256: of the encoder's file.
        built_on: the artefact's name with its digest.
    """

    encoder: Any
    heads: dict[str, np.ndarray]
    sha256: str
    built_on: dict[str, str]

    @classmethod
    def of(cls, data_name: str) -> Pretrained:
        """The shipped encoder for MNIST, for other data the one that the user trained.

        Raises:
            ArtifactError: there is none, or it is damaged.
        """
        name = "digit-encoder"
        if data_name == "mnist":
            source = artifacts.load(name)
        else:
            name = f"digit-encoder-{data_name}"
            command = f"python -m sslrec train encoder --data {data_name}"
            source = artifacts.load_folder(settings().home_dir / "models" / name, name, command)
        with np.load(source.file("heads.npz"), allow_pickle=False) as arrays:
            heads = dict(arrays)
        encoder = keras.saving.load_model(source.file("encoder.keras"))
        return cls(encoder, heads, source.manifest.files["encoder.keras"], {name: source.digest})

    def head(self, budget: str, draw: int) -> tuple[np.ndarray, np.ndarray]:
        """The head that was fitted on the labelled digits of `draw`; with every label there is but one."""
        which = min(draw, len(self.heads[f"bias_{budget}"]) - 1)
        return self.heads[f"weights_{budget}"][which], self.heads[f"bias_{budget}"][which]


def assemble(data: DigitData, budget: str, draw: int, pretrained: Pretrained | None) -> ClassifierTask:
    """Put the task of one classifier together.

    Its labelled digits are those of `draw`, which its head was fitted on: no other label may come in. One
    that starts from an encoder also learns from the unlabelled digits, where the budget leaves some.
    """
    per_class = BUDGETS[budget]
    chosen = np.arange(len(data.y_fit)) if per_class is None else draw_labelled(data.y_fit, per_class, draw)
    images, targets = data.x_fit[chosen], one_hot(data.y_fit[chosen])
    held_out = (data.x_validation, data.y_validation)
    with mixed_precision():
        if pretrained is None:
            return ClassifierTask(images, targets, held_out)
        head = pretrained.head(budget, draw)
        if per_class is None:
            return ClassifierTask(images, targets, held_out, pretrained=pretrained.encoder, head=head)
        return SemiSupervisedTask(images, targets, data.x_fit, held_out, pretrained.encoder, head)


def schedule_of(task: ClassifierTask, budget: str, epochs: int = 12) -> Schedule:
    """As many steps as the budget is worth; none was chosen on the test digits.

    Args:
        task: the task.
        budget: a key of `BUDGETS`.
        epochs: passes over the data where every digit has its label.
    """
    if BUDGETS[budget] is None:
        return Schedule(epochs, 128, 2e-3, weight_decay=1e-2, average=0.998, validate_every=4)
    if isinstance(task, SemiSupervisedTask):
        # Slow: the head came from label propagation and knows more than the labels.
        return Schedule(1, 256, 2e-4, weight_decay=1e-2, average=0.99)
    # About 800 steps of 64 digits.
    return Schedule(max(1, 800 // max(1, task.size // 64)), 64, 1e-3, weight_decay=1e-2, validate_every=10**6)


def without_short_average(schedule: Schedule, size: int) -> Schedule:
    """The schedule for so many examples, without its average where that would hardly have left its beginning."""
    first = schedule.average ** (schedule.steps_of(size) - 1)
    return schedule if first <= FIRST_SHARE else replace(schedule, average=0.0)


def finished_model(task: ClassifierTask, data: DigitData, budget: str) -> keras.Model:
    """The classifier in float32, with statistics of the digits as they are where it saw enough of them."""
    model = as_float32(lambda: build_classifier(build_digit_encoder()), task.model)
    if isinstance(task, SemiSupervisedTask) or BUDGETS[budget] is None:
        some = to_float(data.x_fit[:10_000])
        reestimate_batch_norm(model, (some[start : start + 500] for start in range(0, len(some), 500)))
    return model


def build(config: RunConfig, data: DigitData | None = None) -> ClassifierRecipe:
    """Put the task together.

    Args:
        config: `options` are `budget`, labels per class, and `start`, where the weights come from.
        data: the digits; by default those that the configuration names.

    Raises:
        ArtifactError: `start` is `pretrained` and there is no sound encoder of the same data.
    """
    data = data or load(config.data)
    budget, start = config.all_options["budget"], config.all_options["start"]
    pretrained = None
    if start != "scratch":
        try:
            pretrained = Pretrained.of(data.name)
        except ArtifactError:
            if start == "pretrained":
                raise
    task = assemble(data, budget, 0, pretrained)
    schedule = schedule_of(task, budget)
    epochs = config.epochs or schedule.epochs
    schedule = replace(
        schedule,
        epochs=epochs,
        batch_size=config.batch_size or schedule.batch_size,
        learning_rate=config.learning_rate or schedule.learning_rate,
        validate_every=max(1, epochs // 40),
        policy=config.policy,
    )
    schedule = without_short_average(schedule, task.size)
    return ClassifierRecipe(task, schedule, data, budget, pretrained.built_on if pretrained else {})


class ClassifierRecipe:
    """Classifies ten digits for the watchers; leaves `classifier.tflite`.

    Args:
        task: the task.
        schedule: its schedule.
        data: the digits.
        budget: a key of `BUDGETS`.
        built_on: the artefact that the weights come from, by name with its digest; empty from scratch.
    """

    def __init__(
        self, task: ClassifierTask, schedule: Schedule, data: DigitData, budget: str, built_on: dict[str, str]
    ) -> None:
        self.task = task
        self.built_on = built_on
        self.schedule = schedule
        self.source = (data.name, data.sha256)
        self._data = data
        self._budget = budget
        chosen = ten_digits(data)
        self._shown = tf.constant(to_float(data.x_validation[chosen]))
        self._labels = data.y_validation[chosen]
        self._inputs = [
            Item((png(image),), text=str(label))
            for image, label in zip(data.x_validation[chosen], self._labels, strict=True)
        ]

    def show(self, step: int, epoch: int) -> dict[str, Any]:
        """Class and probability of the same digits."""
        answers = tf.nn.softmax(self.task.model(self._shown, training=False)).numpy()
        outputs = [
            Item(text=str(answer.argmax()), value=float(answer.max()), right=bool(answer.argmax() == label))
            for answer, label in zip(answers, self._labels, strict=True)
        ]
        return exhibit(step, epoch, "classes", self._inputs, outputs)

    def export(self, folder: Path) -> None:
        """Leave `classifier.tflite`: images to logits."""
        export_litert(finished_model(self.task, self._data, self._budget), folder / "classifier.tflite")

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Measure on the test digits and export.

        Returns:
            `accuracy` on the test digits, and where the weights came from, `start`.
        """
        model = finished_model(self.task, self._data, self._budget)
        export_litert(model, folder / "classifier.tflite")
        return {
            "accuracy": accuracy(model, self._data.x_test, self._data.y_test),
            "labels": self.task.labelled,
            "start": "pretrained" if self.task.pretrained else "scratch",
        }
