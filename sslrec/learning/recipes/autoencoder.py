"""Train an autoencoder and measure it beside PCA."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from sslrec.data.digits import DigitData
from sslrec.evaluation.reconstruction import pca_error, reconstruction_error
from sslrec.learning.export import export_litert, with_sigmoid
from sslrec.learning.loop import Event, Schedule, fit, recalibrate
from sslrec.learning.tasks.autoencoder import AutoencoderTask, apply, to_float


def run(
    data: DigitData,
    folder: Path,
    seed: int,
    on_event: Callable[[Event], None],
    *,
    code: int = 64,
    denoise: bool = False,
    epochs: int | None = None,
    batch_size: int = 128,
    learning_rate: float = 2e-3,
) -> dict[str, Any]:
    """Train, measure on the test digits, export.

    Leaves `encoder.tflite` and `decoder.tflite`; with `denoise`, one `denoiser.tflite`.

    Returns:
        The test digits' `bce`, `entropy_floor`, `excess`, `mse`, and `pca_mse` with as many components.
    """
    if epochs is None:
        epochs = 14 if denoise else 44
    task = AutoencoderTask(data, code, denoise)
    average = 0.999 if epochs * task.size > 20_000 * batch_size else 0.0
    fit(task, Schedule(epochs, batch_size, learning_rate, average=average, validate_every=5), seed, on_event)
    recalibrate(task.model, to_float(data.x_fit[:20_000]))
    model = task.model
    probabilities = tf.sigmoid(apply(model, tf.constant(to_float(data.x_test)))).numpy()[..., 0]
    metrics = reconstruction_error(data.x_test, probabilities)
    metrics["pca_mse"] = pca_error(data.x_fit, data.x_test, code)
    if denoise:
        image = keras.Input((28, 28, 1))
        whole = keras.Model(image, model.decoder(model.encoder(image)))
        export_litert(with_sigmoid(whole), folder / "denoiser.tflite")
    else:
        export_litert(model.encoder, folder / "encoder.tflite")
        export_litert(with_sigmoid(model.decoder), folder / "decoder.tflite")
    return metrics
