"""Recipes: build a task, show what it learns, measure and export it. One file a task."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from sslrec.learning.loop import Event, Schedule, Task
from sslrec.runs.events import RunConfig


class Recipe(Protocol):
    """What a run needs of a task's recipe; a recipe's module makes one with `build(config)`.

    One that starts from other artefacts has `built_on` too: their digests by name, for the manifest. One that
    has `settings` tells there what else whoever uses the model must know.
    """

    @property
    def task(self) -> Task:
        """Model, examples and loss."""
        ...

    @property
    def schedule(self) -> Schedule:
        """The task's own schedule with what the configuration asks for."""
        ...

    @property
    def source(self) -> tuple[str, str]:
        """Name of the data set, and the SHA-256 of its file."""
        ...

    def show(self, step: int, epoch: int) -> dict[str, Any]:
        """What the model makes of the same few examples, as `Exhibit.to_json`."""
        ...

    def export(self, folder: Path) -> None:
        """Write the LiteRT files of the weights in place."""
        ...

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Measure the weights in place on the test part and write all files; returns the figures."""
        ...


class Prepared:
    """A recipe with the random state that its weights have left behind.

    Args:
        config: what to train.
    """

    def __init__(self, config: RunConfig) -> None:
        keras.utils.set_random_seed(config.seed)
        self.recipe: Recipe = import_module(config.spec.recipe).build(config)
        self._random = (random.getstate(), np.random.get_state())

    @property
    def origin(self) -> dict[str, Any]:
        """What the recipe learns from and builds on, with hashes; JSON-able."""
        return {"source": list(self.recipe.source), "built_on": getattr(self.recipe, "built_on", {})}

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """The recipe's `finish`, whose random weights do not depend on what else this process did in between."""
        random.setstate(self._random[0])
        np.random.set_state(self._random[1])
        return self.recipe.finish(folder, on_event)
