"""Train an autoencoder and measure it beside PCA."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, islice
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from sslrec.data.digits import DigitData, load
from sslrec.evaluation.reconstruction import pca_error, reconstruction_error
from sslrec.learning.augment import damage_digits
from sslrec.learning.export import export_litert, with_sigmoid
from sslrec.learning.loop import Event, Schedule, batches
from sslrec.learning.optim.batch_norm import reestimate_batch_norm
from sslrec.learning.recipes.exhibits import exhibit, png, ten_digits, to_uint8
from sslrec.learning.tasks.autoencoder import AutoencoderTask, apply, to_float
from sslrec.runs.events import Item, RunConfig

REESTIMATION_BATCHES = 160
"""Batches that the finished weights get their BatchNormalization statistics from."""


def build(config: RunConfig, data: DigitData | None = None) -> AutoencoderRecipe:
    """Put the task together.

    Args:
        config: `options` are `code`, the length of the code, and `denoise`.
        data: the digits; by default those that the configuration names.
    """
    data = data or load(config.data)
    code, denoise = config.all_options["code"], config.all_options["denoise"]
    epochs, batch_size = config.epochs, config.batch_size or 128
    if epochs is None:
        epochs = 14 if denoise else 44 if code < 64 else 32  # a shorter code takes longer
    task = AutoencoderTask(data, code, denoise)
    average = 0.999 if epochs * task.size > 20_000 * batch_size else 0.0
    schedule = Schedule(epochs, batch_size, config.learning_rate or 2e-3, average=average, policy=config.policy)
    return AutoencoderRecipe(task, schedule, data)


class AutoencoderRecipe:
    """Rebuilds ten digits for the watchers; leaves encoder and decoder, with `denoise` one denoiser.

    Args:
        task: the task.
        schedule: its schedule.
        data: the digits.
    """

    def __init__(self, task: AutoencoderTask, schedule: Schedule, data: DigitData) -> None:
        self.task = task
        self.schedule = schedule
        self.source = (data.name, data.sha256)
        self._data = data
        shown = tf.constant(to_float(data.x_validation[ten_digits(data)]))
        self._shown = damage_digits(shown, tf.constant([0, 2])) if task.denoise else shown
        self._inputs = [Item((png(to_uint8(image)),)) for image in self._shown[..., 0].numpy()]

    def show(self, step: int, epoch: int) -> dict[str, Any]:
        """The same digits rebuilt."""
        rebuilt = tf.sigmoid(self.task.model(self._shown, training=False))[..., 0].numpy()
        return exhibit(step, epoch, "reconstruction", self._inputs, [Item((png(to_uint8(one)),)) for one in rebuilt])

    def export(self, folder: Path) -> None:
        """Leave `encoder.tflite` and `decoder.tflite`; with `denoise`, one `denoiser.tflite`.

        The denoiser's weights are a byte each: its pictures' mean squared error grows by 0.14 %.
        """
        model = self.task.model
        if self.task.denoise:
            image = keras.Input((28, 28, 1))
            whole = keras.Model(image, model.decoder(model.encoder(image)))
            export_litert(with_sigmoid(whole), folder / "denoiser.tflite", "int8")
        else:
            export_litert(model.encoder, folder / "encoder.tflite")
            export_litert(with_sigmoid(model.decoder), folder / "decoder.tflite")

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Measure on the test digits and export.

        Returns:
            The test digits' `bce`, `entropy_floor`, `excess`, `mse`, and `pca_mse` with as many components.
        """
        data, model = self._data, self.task.model
        self._reestimate()
        probabilities = tf.sigmoid(apply(model, tf.constant(to_float(data.x_test)))).numpy()[..., 0]
        metrics = reconstruction_error(data.x_test, probabilities)
        metrics["pca_mse"] = pca_error(data.x_fit, data.x_test, model.code)
        self.export(folder)
        return metrics

    def _reestimate(self) -> None:
        """Give BatchNormalization the statistics of what it was trained on, changed digits too.

        With those of whole digits alone the excess over the entropy floor was a sixth higher.
        """
        seeds = count()
        some = islice(batches(self.task.size, self.schedule.batch_size, 0, 0), REESTIMATION_BATCHES)
        reestimate_batch_norm(
            self.task.model,
            map(tf.constant, some),
            lambda batch: self.task.loss(batch, tf.constant([0, next(seeds)], tf.int32)),
        )
