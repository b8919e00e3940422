"""Train the digit classifiers that the label-budget switch compares."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from sslrec import artifacts
from sslrec.config import settings
from sslrec.data.digits import BUDGETS, DigitData, draw_labelled
from sslrec.learning.encoders.digit import build_classifier, build_digit_encoder
from sslrec.learning.export import as_float32, export_litert
from sslrec.learning.loop import Event, Schedule, fit, mixed_precision, recalibrate
from sslrec.learning.tasks.autoencoder import to_float
from sslrec.learning.tasks.classifier import ClassifierTask, accuracy, one_hot

SEEDS = 5
"""Draws of the labelled digits; the page shows the first."""


def run(
    data: DigitData,
    folder: Path,
    seed: int,
    on_event: Callable[[Event], None],
    *,
    epochs: int = 12,
    seeds: int = SEEDS,
) -> dict[str, Any]:
    """Train `scratch` and `finetuned` classifiers for every label budget and seed.

    Fine-tuned ones start from the `digit-encoder` artefact and its linear head for the same labelled
    digits. Below the full budget they train on every digit, with the true label where it was drawn and
    the head's answer elsewhere (self-training; Lee 2013, "Pseudo-Label"). Those from scratch see only
    the labelled digits, with the same augmentation.

    Leaves `<method>-<budget>-<seed>.tflite`. A finished classifier is kept under `SSLREC_HOME` until the
    whole run is done, so an interrupted run goes on where it stopped.

    Returns:
        `accuracy`: by method and budget the test accuracies with their mean.
    """
    source = artifacts.load("digit-encoder")
    encoder: Any = keras.saving.load_model(source.file("encoder.keras"))
    with np.load(source.file("heads.npz"), allow_pickle=False) as arrays:
        heads = dict(arrays)
    kept = settings().home_dir / "partial" / f"classifiers-{source.manifest.files['encoder.keras'][:12]}-{epochs}"
    kept.mkdir(parents=True, exist_ok=True)

    measured: dict[str, dict[str, Any]] = {"finetuned": {}, "scratch": {}}
    for method, by_budget in measured.items():
        for budget in BUDGETS:
            values = []
            for draw in range(seeds):
                stem = kept / f"{method}-{budget}-{draw}"
                if not stem.with_suffix(".json").is_file():
                    which = min(draw, len(heads[f"bias_{budget}"]) - 1)  # one head for all draws of every label
                    head = (heads[f"weights_{budget}"][which], heads[f"bias_{budget}"][which])
                    model = _train(data, budget, draw, seed, epochs, on_event, encoder, head, method == "finetuned")
                    export_litert(model, stem.with_suffix(".tflite"))
                    value = accuracy(model, data.x_test, data.y_test)
                    stem.with_suffix(".json").write_text(json.dumps(value))
                values.append(json.loads(stem.with_suffix(".json").read_text()))
                on_event(
                    {"event": "classifier", "method": method, "budget": budget, "draw": draw, "accuracy": values[-1]}
                )
                target = folder / stem.with_suffix(".tflite").name
                target.write_bytes(stem.with_suffix(".tflite").read_bytes())
            by_budget[budget] = {"mean": float(np.mean(values)), "seeds": values}
    return {"accuracy": measured}


def _train(
    data: DigitData,
    budget: str,
    draw: int,
    seed: int,
    epochs: int,
    on_event: Callable[[Event], None],
    encoder: keras.Model,
    head: tuple[np.ndarray, np.ndarray],
    pretrained: bool,
) -> keras.Model:
    """Train one classifier and return it in float32."""
    images, labels = data.x_fit, data.y_fit
    targets = one_hot(labels)
    per_class = BUDGETS[budget]
    schedule = Schedule(epochs, 256, 2e-3, weight_decay=1e-2, average=0.995, validate_every=4)
    if per_class is not None:
        chosen = draw_labelled(labels, per_class, draw)
        if pretrained:
            guesses = _predict(encoder, head, images)
            guesses[chosen] = targets[chosen]
            targets = guesses
            schedule = Schedule(4, 256, 1e-3, weight_decay=1e-2, average=0.99, validate_every=4)
        else:
            images, targets = images[chosen], targets[chosen]
            schedule = Schedule(_scratch_epochs(len(chosen)), 64, 1e-3, weight_decay=1e-2, validate_every=10**6)
    with mixed_precision():
        task = ClassifierTask(
            images,
            targets,
            (data.x_validation, data.y_validation),
            pretrained=encoder if pretrained else None,
            head=head if pretrained else None,
        )
        fit(task, schedule, seed * 1000 + draw, on_event)
    model = as_float32(lambda: build_classifier(build_digit_encoder()), task.model)
    if len(images) >= 10_000:
        recalibrate(model, to_float(images[:10_000]))
    return model


def _scratch_epochs(size: int) -> int:
    """Epochs that make about 800 steps of 64 digits."""
    return max(1, 800 // max(1, size // 64))


def _predict(encoder: keras.Model, head: tuple[np.ndarray, np.ndarray], images: np.ndarray) -> np.ndarray:
    """The frozen encoder's and its head's answers as one-hot `(n, 10)` float32."""
    parts = []
    for start in range(0, len(images), 1000):
        features = encoder(to_float(images[start : start + 1000]), training=False)
        parts.append((np.asarray(features) @ head[0] + head[1]).argmax(axis=1))
    return one_hot(np.concatenate(parts))
