"""The weights of one moment of a training as an artefact inside its run's folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sslrec import artifacts
from sslrec.learning.loop import Training
from sslrec.learning.recipes import Recipe
from sslrec.runs.events import Event

FOLDER = "snapshots"
SNAPSHOTS = 8
"""Snapshots of a run that are kept: the latest."""


def take_snapshot(
    folder: Path, training: Training, recipe: Recipe, manifest: Callable[[dict[str, Any]], artifacts.Manifest]
) -> Event:
    """Measure and export the weights in place; the training is afterwards what it was.

    Args:
        folder: the run's.
        training: whose weights.
        recipe: exports them.
        manifest: makes the manifest of figures.

    Returns:
        The event that tells of it.
    """
    name = f"step-{training.step}"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".snapshot-") as scratch:
        made = Path(scratch) / name
        made.mkdir()
        with training.evaluation():
            figures = recipe.task.validate()
            recipe.export(made)
        artifacts.save(made, manifest({"step": training.step, **figures}))
        place = folder / FOLDER / name
        place.parent.mkdir(exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        made.replace(place)
    # A training that went on from an earlier step has left void ones of later steps: the new one stays all the same.
    others = sorted(set(place.parent.iterdir()) - {place}, key=lambda path: int(path.name.removeprefix("step-")))
    for path in others[: max(0, len(others) + 1 - SNAPSHOTS)]:
        shutil.rmtree(path)
    return {"event": "snapshot", "step": training.step, "folder": f"{FOLDER}/{name}", "metrics": figures}
