"""The digit models with some of them replaced by those of training runs: for one visitor, beside the shared reader."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from sslrec import artifacts
from sslrec.artifacts import Artifact
from sslrec.litert import LiteModel
from sslrec.serving.digits import DigitReader, Prototype, nearest_prototypes

PARTS = ("autoencoder", "denoiser", "reader")
"""What can be replaced on the digits page: what rebuilds a digit, what repairs it, and what reads its class."""
OTHERS = {"language": "language", "multimodal": "recommender", "fusion": "recommender"}
"""The models of the other pages, by the task that trains them."""


CLOTHES = "fashion_mnist"
"""The data set of the digit tasks whose ten classes are no digits."""


def part_of(task: str, options: Mapping[str, object], data: str) -> str | None:
    """Which of the app's models a run's model can take the place of; None for a model that no page shows.

    Args:
        task: the run's task.
        options: its settings.
        data: what it learned from: who can tell ten kinds of clothes apart reads no digit.
    """
    if task == "autoencoder":
        return "denoiser" if options.get("denoise") else "autoencoder"
    if task in ("classifier", "encoder"):
        return None if data == CLOTHES else "reader"
    return OTHERS.get(task)


class TrainedReader(DigitReader):
    """A reader whose parts come from runs where there is one, and from the shipped models where there is none.

    Novelty stays the shipped models' affair: its scale was fitted to their errors. So do the twelve compared
    classifiers, which a single run has no counterpart for.

    Args:
        shipped: the reader of the shipped models.
        folders: by part, an artefact that a run has left.

    Raises:
        ArtifactError: an artefact is missing or damaged.
    """

    def __init__(self, shipped: DigitReader, folders: Mapping[str, Path]) -> None:
        super().__init__()
        self._shipped = shipped
        self._found = {part: artifacts.load_folder(folder, folder.name) for part, folder in folders.items()}
        # At once, for a run's folder may be tidied away while its model is in use.
        for part in self._found:
            getattr(self, f"_{part}")
        self._heads  # noqa: B018

    @cached_property
    def _autoencoder(self) -> tuple[LiteModel, LiteModel]:
        found = self._found.get("autoencoder")
        if found is None:
            return self._shipped._autoencoder
        return LiteModel(found.file("encoder.tflite")), LiteModel(found.file("decoder.tflite"))

    @cached_property
    def _denoiser(self) -> LiteModel:
        found = self._found.get("denoiser")
        return self._shipped._denoiser if found is None else LiteModel(found.file("denoiser.tflite"))

    @cached_property
    def _reader(self) -> LiteModel | None:
        """What gives logits or, with heads, features."""
        found = self._found.get("reader")
        if found is None:
            return None
        return LiteModel(found.file("classifier.tflite" if self._heads is None else "encoder.tflite"))

    @cached_property
    def _heads(self) -> dict[str, np.ndarray] | None:
        """The linear heads and prototypes of an encoder; None for a classifier."""
        found: Artifact | None = self._found.get("reader")
        if found is None or "heads.npz" not in found.manifest.files:
            return None
        with np.load(found.file("heads.npz"), allow_pickle=False) as arrays:
            return dict(arrays)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """By the run's classifier, or by the head for all labels on the run's encoder."""
        if self._reader is None:
            return self._shipped.logits(images)
        answers = self._reader.in_batches(images[..., None])
        return answers if self._heads is None else answers @ self._heads["weights_all"][0] + self._heads["bias_all"][0]

    def novelty(self, images: np.ndarray, reconstructions: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        """By the shipped models, whatever the others say."""
        shipped = self._shipped
        return shipped.novelty(images, shipped.autoencoder(64)(images), shipped.classify(images))

    def compared(self, method: str, budget: str, seed: int = 0):
        """The shipped classifiers."""
        return self._shipped.compared(method, budget, seed)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Of the shipped encoder."""
        return self._shipped.features(images)

    def seeds(self, method: str, budget: str) -> int:
        """Of the shipped classifiers."""
        return self._shipped.seeds(method, budget)

    def accuracies(self) -> dict[str, dict[str, float]]:
        """Of the shipped classifiers."""
        return self._shipped.accuracies()

    def prototypes(self, image: np.ndarray, count: int = 5) -> list[Prototype]:
        """Of the run's encoder where there is one."""
        if self._heads is None or self._reader is None:
            return self._shipped.prototypes(image, count)
        return nearest_prototypes(self._heads, self._reader.in_batches(image[None, ..., None])[0], count)
