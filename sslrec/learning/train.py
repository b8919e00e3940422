"""What `python -m sslrec train` does: a task from data to a finished, measured artefact."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import keras

from sslrec import artifacts
from sslrec.data import digits
from sslrec.learning.loop import Event
from sslrec.learning.recipes import autoencoder, classifier, encoder

RECIPES: dict[str, Callable[..., dict[str, Any]]] = {
    "autoencoder": autoencoder.run,
    "encoder": encoder.run,
    "classifier": classifier.run,
}
"""For each task what trains, measures and exports it: `(data, folder, seed, on_event, **options)` to metrics."""

PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "numpy", "scikit-learn", "ai-edge-litert")


def train(
    task: str,
    *,
    data: str,
    out: Path,
    command: str,
    seed: int = 0,
    options: dict[str, Any] | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
) -> artifacts.Manifest:
    """Train a task and leave an artefact in `out`.

    The files are made in a folder beside `out` and moved there at the end, so an interrupted run leaves
    an older artefact as it was.

    Args:
        task: a key of `RECIPES`.
        data: a data set's name.
        out: the artefact's folder; its name becomes the artefact's. An artefact that is there is replaced.
        command: what the user typed, for the manifest.
        seed: decides weights, order and augmentation.
        options: keyword arguments of the recipe, such as `{"code": 32}`.
        on_event: called with the loop's events, and at last with `{"event": "finished", "metrics"}`.

    Returns:
        The manifest that was written.

    Raises:
        DataError: the data set is unknown or missing.
        ArtifactError: the task builds on an artefact that is missing or damaged, or `out` holds other files.
    """
    options = dict(options or {})
    artifacts.require_replaceable(out)
    loaded = digits.load(data)
    keras.utils.set_random_seed(seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        folder = Path(scratch) / out.name
        folder.mkdir()
        metrics = RECIPES[task](loaded, folder, seed, on_event, **options)
        manifest = artifacts.Manifest(
            name=out.name,
            task=task,
            data=loaded.name,
            data_sha256=loaded.sha256,
            command=command,
            seed=seed,
            versions=_versions(),
            metrics=metrics,
            config=options,
        )
        saved = artifacts.save(folder, manifest)
        if out.exists():
            shutil.rmtree(out)
        folder.replace(out)
    on_event({"event": "finished", "out": str(out), "metrics": metrics})
    return saved.manifest


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
