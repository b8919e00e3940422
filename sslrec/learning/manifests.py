"""What the artefact of a training says of where it comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from sslrec.artifacts import Manifest
from sslrec.learning.loop import Training
from sslrec.learning.recipes import Prepared
from sslrec.runs.events import Event
from sslrec.runs.store import RunRecord

HISTORY = 50
"""Epochs whose figures go into the manifest."""


def make_manifest(
    record: RunRecord, prepared: Prepared, training: Training, metrics: dict[str, Any], versions: dict[str, str]
) -> Manifest:
    """The manifest of a training's weights as they are; its files are not filled in yet.

    Args:
        record: of the run.
        prepared: its recipe.
        training: what has been trained.
        metrics: measured of the weights, by name.
        versions: of the packages, by name.
    """
    config, schedule = record.config, prepared.recipe.schedule
    data, digest = prepared.origin["source"]
    settings = {"policy": schedule.policy, "learning_rate": schedule.learning_rate, "epochs": schedule.epochs}
    return Manifest(
        name=record.name,
        task=config.task,
        data=data,
        data_sha256=digest,
        command=config.command,
        seed=config.seed,
        versions=versions,
        metrics=metrics,
        config={
            **config.options,
            **settings,
            "batch_size": schedule.batch_size,
            **getattr(prepared.recipe, "settings", {}),
        },
        history=_history(training.history),
        built_on=prepared.origin["built_on"],
    )


def _history(epochs: list[Event]) -> list[dict[str, float]]:
    """The figures of at most `HISTORY` epochs, evenly chosen, the first and the last among them."""
    chosen = sorted({round(place) for place in np.linspace(0, len(epochs) - 1, min(HISTORY, len(epochs)))})
    figures = [
        {key: value for key, value in epochs[place].items() if key not in ("event", "seconds")} for place in chosen
    ]
    return [{k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in one.items()} for one in figures]
