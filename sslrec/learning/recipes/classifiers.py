"""Train all the digit classifiers that the label-budget switch compares."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import keras
import numpy as np

from sslrec.config import settings
from sslrec.data.digits import BUDGETS, DigitData
from sslrec.learning.export import export_litert
from sslrec.learning.loop import Event, fit
from sslrec.learning.recipes.classifier import (
    Pretrained,
    assemble,
    finished_model,
    schedule_of,
    without_short_average,
)
from sslrec.learning.tasks.classifier import accuracy

METHODS = ("finetuned", "scratch")
EPOCHS = 12
SEEDS = 5
"""Draws of the labelled digits; the page shows the first."""
FULL_SCRATCH_DRAWS = 1
"""With every label there is nothing to draw, and from scratch no head to compare: one run stands for all."""


def built_on(data: DigitData) -> dict[str, str]:
    """The encoder that `run` fine-tunes, by its artefact's name with its digest.

    Raises:
        ArtifactError: there is none, or it is damaged.
    """
    return Pretrained.of(data.name).built_on


def run(
    data: DigitData,
    folder: Path,
    seed: int,
    on_event: Callable[[Event], None],
    *,
    epochs: int = EPOCHS,
    seeds: int = SEEDS,
) -> dict[str, Any]:
    """Train `scratch` and `finetuned` classifiers for every label budget and seed.

    Fine-tuned ones start from the `digit-encoder` artefact and its linear head for the same labelled
    digits; below the full budget they also learn from the unlabelled ones (`SemiSupervisedTask`). Those
    from scratch see only the labelled digits, with the same augmentation.

    Leaves `<method>-<budget>-<seed>.tflite`. A finished classifier is kept under `SSLREC_HOME` until `forget` is
    called, so an interrupted run goes on where it stopped.

    Returns:
        `accuracy`: by method and budget the test accuracies with their mean.
    """
    pretrained = Pretrained.of(data.name)
    kept = _kept(pretrained, data, epochs, seed)
    kept.mkdir(parents=True, exist_ok=True)

    values: dict[str, dict[str, list[float]]] = {method: {budget: [] for budget in BUDGETS} for method in METHODS}
    for method, draw, budget in product(METHODS, range(seeds), BUDGETS):
        if method == "scratch" and BUDGETS[budget] is None and draw >= FULL_SCRATCH_DRAWS:
            continue
        stem = kept / f"{method}-{budget}-{draw}"
        model_file, value_file = stem.with_suffix(".tflite"), stem.with_suffix(".json")
        if not value_file.is_file():
            start = pretrained if method == "finetuned" else None
            model = _train(data, budget, draw, seed + draw, epochs, on_event, start)
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
    return {"accuracy": measured}


def forget(data: DigitData, seed: int, *, epochs: int = EPOCHS, seeds: int = SEEDS) -> None:
    """Remove what `run` has kept with the same arguments: its classifiers lie in a safe place."""
    shutil.rmtree(_kept(Pretrained.of(data.name), data, epochs, seed), ignore_errors=True)


def _kept(pretrained: Pretrained, data: DigitData, epochs: int, seed: int) -> Path:
    origin = f"{pretrained.sha256[:12]}-{data.sha256[:12]}-{epochs}-{seed}"
    return settings().home_dir / "partial" / f"classifiers-{origin}"


def _train(
    data: DigitData,
    budget: str,
    draw: int,
    seed: int,
    epochs: int,
    on_event: Callable[[Event], None],
    pretrained: Pretrained | None,
) -> keras.Model:
    """Train one classifier and return it in float32."""
    keras.utils.set_random_seed(seed)  # the start is the same whichever classifiers an earlier run had finished
    task = assemble(data, budget, draw, pretrained)
    schedule = without_short_average(schedule_of(task, budget, epochs), task.size)
    # No statistics of the changed digits that it trained on: `finished_model` gives it those that it is to have.
    fit(task, replace(schedule, settled=0), seed, on_event)
    return finished_model(task, data, budget)
