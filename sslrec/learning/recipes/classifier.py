"""Train the digit classifiers that the label-budget switch compares."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import product
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
from sslrec.learning.tasks.semi_supervised import SemiSupervisedTask

METHODS = ("finetuned", "scratch")
SEEDS = 5
"""Draws of the labelled digits; the page shows the first."""
FULL_SCRATCH_DRAWS = 1
"""With every label there is nothing to draw, and from scratch no head to compare: one run stands for all."""


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
    digits; below the full budget they also learn from the unlabelled ones (`SemiSupervisedTask`). Those
    from scratch see only the labelled digits, with the same augmentation.

    Leaves `<method>-<budget>-<seed>.tflite`. A finished classifier is kept under `SSLREC_HOME` until the
    whole run is done, so an interrupted run goes on where it stopped.

    Returns:
        `accuracy`: by method and budget the test accuracies with their mean.
    """
    source = _encoder_for(data)
    encoder: Any = keras.saving.load_model(source.file("encoder.keras"))
    with np.load(source.file("heads.npz"), allow_pickle=False) as arrays:
        heads = dict(arrays)
    origin = f"{source.manifest.files['encoder.keras'][:12]}-{data.sha256[:12]}-{epochs}-{seed}"
    kept = settings().home_dir / "partial" / f"classifiers-{origin}"
    kept.mkdir(parents=True, exist_ok=True)

    values: dict[str, dict[str, list[float]]] = {method: {budget: [] for budget in BUDGETS} for method in METHODS}
    for method, draw, budget in product(METHODS, range(seeds), BUDGETS):
        if method == "scratch" and BUDGETS[budget] is None and draw >= FULL_SCRATCH_DRAWS:
            continue
        stem = kept / f"{method}-{budget}-{draw}"
        model_file, value_file = stem.with_suffix(".tflite"), stem.with_suffix(".json")
        if not value_file.is_file():
            which = min(draw, len(heads[f"bias_{budget}"]) - 1)  # one head for all draws of every label
            head = (heads[f"weights_{budget}"][which], heads[f"bias_{budget}"][which])
            model = _train(data, method, budget, draw, seed + draw, epochs, on_event, encoder, head)
            export_litert(model, model_file)
            value_file.write_text(json.dumps(accuracy(model, data.x_test, data.y_test)))
        value = json.loads(value_file.read_text())
        values[method][budget].append(value)
        shutil.copy(model_file, folder)
        on_event({"event": "classifier", "method": method, "budget": budget, "draw": draw, "accuracy": value})
    measured = {
        method: {budget: {"mean": float(np.mean(found)), "seeds": found} for budget, found in by_budget.items()}
        for method, by_budget in values.items()
    }
    shutil.rmtree(kept)
    return {"accuracy": measured}


def _encoder_for(data: DigitData) -> artifacts.Artifact:
    """The encoder and heads of the same data: the shipped one for MNIST, else the one the user trained."""
    if data.name == "mnist":
        return artifacts.load("digit-encoder")
    name = f"digit-encoder-{data.name}"
    command = f"python -m sslrec train encoder --data {data.name}"
    return artifacts.load_folder(settings().home_dir / "models" / name, name, command)


def _train(
    data: DigitData,
    method: str,
    budget: str,
    draw: int,
    seed: int,
    epochs: int,
    on_event: Callable[[Event], None],
    encoder: keras.Model,
    head: tuple[np.ndarray, np.ndarray],
) -> keras.Model:
    """Train one classifier and return it in float32.

    Its labelled digits are those of `draw`, which its head was fitted on: no other label may come in.
    """
    per_class = BUDGETS[budget]
    chosen = np.arange(len(data.y_fit)) if per_class is None else draw_labelled(data.y_fit, per_class, draw)
    images, targets = data.x_fit[chosen], one_hot(data.y_fit[chosen])
    held_out = (data.x_validation, data.y_validation)
    keras.utils.set_random_seed(seed)  # the start is the same whichever classifiers an earlier run had finished
    with mixed_precision():
        if method == "scratch":
            task = ClassifierTask(images, targets, held_out)
        elif per_class is None:
            task = ClassifierTask(images, targets, held_out, pretrained=encoder, head=head)
        else:
            task = SemiSupervisedTask(images, targets, data.x_fit, held_out, encoder, head)
        fit(task, _schedule(method, budget, len(images), epochs), seed, on_event)
    model = as_float32(lambda: build_classifier(build_digit_encoder()), task.model)
    if isinstance(task, SemiSupervisedTask) or per_class is None:
        recalibrate(model, to_float(data.x_fit[:10_000]))
    return model


def _schedule(method: str, budget: str, size: int, epochs: int) -> Schedule:
    """As many steps as the budget is worth; none was chosen on the test digits."""
    if BUDGETS[budget] is None:
        return Schedule(epochs, 128, 2e-3, weight_decay=1e-2, average=0.998, validate_every=4)
    if method == "finetuned":
        # Slow: the head came from label propagation and knows more than the labels.
        return Schedule(1, 256, 2e-4, weight_decay=1e-2, average=0.99)
    # About 800 steps of 64 digits.
    return Schedule(max(1, 800 // max(1, size // 64)), 64, 1e-3, weight_decay=1e-2, validate_every=10**6)
