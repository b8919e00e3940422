"""Pretrain the digit encoder without labels, then read it with linear heads on label budgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.cluster import MiniBatchKMeans

from sslrec.data.digits import BUDGETS, DigitData, draw_labelled, load
from sslrec.evaluation.probes import fit_linear_probe, knn_accuracy, unit_length
from sslrec.evaluation.propagation import fit_propagated_probe, neighbour_graph
from sslrec.learning.encoders.digit import build_digit_encoder
from sslrec.learning.export import as_float32, export_litert
from sslrec.learning.loop import Event, Schedule, fit
from sslrec.learning.precision import mixed_precision
from sslrec.learning.recipes.exhibits import exhibit, png, ten_digits
from sslrec.learning.tasks.encoder import EncoderTask, features
from sslrec.learning.tasks.prototypes import FeatureDecoderTask
from sslrec.runs.events import Item, RunConfig

HEAD_SEEDS = 5
"""Draws of the labelled digits, each with a head of its own."""
ALL_LABELS_C = 0.3
"""Inverse strength of the L2 penalty of the head that sees every label."""
PROTOTYPES = 40
"""Clusters of the features."""
DECODER = Schedule(epochs=3, batch_size=256, learning_rate=2e-3, settled=500)
"""Of what draws the prototypes. Of the statistics before the first step 0.99 ** 500 is left once they count as settled,
less than 1 %; three epochs of MNIST are 642 steps."""
DECODER_STEPS = 100
"""Its fewest: three epochs of scikit-learn's digits are 15, after which it draws a worse digit than the mean of all."""
NEIGHBOURS, REFERENCES = 5, 1_000
"""Pictures that watchers see of each digit, and among how many these are the nearest."""


def build(config: RunConfig, data: DigitData | None = None) -> EncoderRecipe:
    """Put the task together.

    Args:
        config: this task has no options.
        data: the digits; by default those that the configuration names.
    """
    data = data or load(config.data)
    epochs = config.epochs or 14
    schedule = Schedule(
        epochs,
        config.batch_size or 512,
        config.learning_rate or 2e-3,
        weight_decay=1e-4,
        validate_every=1 if epochs <= 6 else 2,
        policy=config.policy,
    )
    with mixed_precision():
        task = EncoderTask(data)
    return EncoderRecipe(task, schedule, data, config.seed)


class EncoderRecipe:
    """Shows the nearest neighbours of ten digits; leaves the encoder with its heads and prototypes.

    Args:
        task: the task.
        schedule: its schedule.
        data: the digits; labels train nothing before `finish`.
        seed: decides the prototypes.
        prototypes: number of clusters.
    """

    def __init__(
        self, task: EncoderTask, schedule: Schedule, data: DigitData, seed: int, prototypes: int = PROTOTYPES
    ) -> None:
        self.task = task
        self.schedule = schedule
        self.source = (data.name, data.sha256)
        self._data = data
        self._seed = seed
        self._prototypes = prototypes
        self._shown = ten_digits(data)
        self._inputs = [Item((png(data.x_validation[i]),), text=str(data.y_validation[i])) for i in self._shown]

    def show(self, step: int, epoch: int) -> dict[str, Any]:
        """The nearest of `REFERENCES` training digits to each of the same ten, nearest first."""
        data, encoder = self._data, self.task.model.encoder
        references = unit_length(features(encoder, data.x_fit[:REFERENCES]))
        likeness = unit_length(features(encoder, data.x_validation[self._shown])) @ references.T
        outputs = []
        for row, wanted in zip(likeness, data.y_validation[self._shown], strict=True):
            nearest = np.argsort(-row)[:NEIGHBOURS]
            labels = data.y_fit[nearest]
            outputs.append(
                Item(
                    tuple(png(data.x_fit[i]) for i in nearest),
                    text=" ".join(map(str, labels)),
                    value=float((labels == wanted).mean()),
                    right=bool(labels[0] == wanted),
                )
            )
        return exhibit(step, epoch, "neighbours", self._inputs, outputs)

    def export(self, folder: Path) -> None:
        """Leave `encoder.tflite` and `encoder.keras` (for fine-tuning)."""
        self._export(folder)

    def _export(self, folder: Path) -> keras.Model:
        encoder = as_float32(build_digit_encoder, self.task.model.encoder)
        export_litert(encoder, folder / "encoder.tflite")
        encoder.save(folder / "encoder.keras")
        return encoder

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Export, fit heads and prototypes, measure.

        Leaves what `export` does and `heads.npz`: for each budget `weights_<budget>` `(draws, 256, 10)` and
        `bias_<budget>` `(draws, 10)`, and the cluster centres `prototype_features` `(n, 256)` (unit length),
        `prototype_images` `(n, 28, 28)` uint8, `prototype_share` `(n,)`.

        Returns:
            Test accuracies: `knn_accuracy`, and by budget `accuracy` with its mean and the value of each draw.
        """
        data, encoder = self._data, self._export(folder)
        train, test = features(encoder, data.x_fit), features(encoder, data.x_test)
        arrays, accuracies = fit_heads(train, data.y_fit, test, data.y_test)
        arrays.update(fit_prototypes(train, data, self._prototypes, self._seed))
        np.savez_compressed(folder / "heads.npz", allow_pickle=False, **arrays)
        return {
            "knn_accuracy": knn_accuracy(train, data.y_fit, test, data.y_test),
            "accuracy": {
                budget: {"mean": float(np.mean(values)), "seeds": values} for budget, values in accuracies.items()
            },
            "batch_size": self.schedule.batch_size,
        }


def fit_heads(
    train: np.ndarray, labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, list[float]]]:
    """Fit a linear head for every budget and draw.

    Returns:
        The heads as arrays and their test accuracies.
    """
    arrays: dict[str, np.ndarray] = {}
    accuracies: dict[str, list[float]] = {}
    graph = neighbour_graph(train)
    for budget, per_class in BUDGETS.items():
        if per_class is None:
            # Every label and a convex problem: each seed would give the same head.
            heads = [fit_linear_probe(train, labels, regularisation=ALL_LABELS_C)]
        else:
            draws = [draw_labelled(labels, per_class, seed) for seed in range(HEAD_SEEDS)]
            heads = [fit_propagated_probe(train, graph, chosen, labels[chosen]) for chosen in draws]
        arrays[f"weights_{budget}"] = np.stack([head.weights for head in heads])
        arrays[f"bias_{budget}"] = np.stack([head.bias for head in heads])
        accuracies[budget] = [head.accuracy(test, test_labels) for head in heads]
    return arrays, accuracies


def fit_prototypes(train: np.ndarray, data: DigitData, count: int, seed: int) -> dict[str, np.ndarray]:
    """Cluster the features and decode each cluster's centre; no label is read.

    Args:
        train: `(n, d)` float32 features of the images that are fitted on.
        data: the digits.
        count: number of clusters.
        seed: decides the clusters' start and the decoder's order.
    """
    unit = unit_length(train)
    kmeans = MiniBatchKMeans(count, batch_size=4096, random_state=seed)
    clusters = kmeans.set_params(n_init=10).fit_predict(unit)
    decoder = FeatureDecoderTask(data, train)
    per_epoch = DECODER.steps_of(decoder.size) // DECODER.epochs
    fit(decoder, replace(DECODER, epochs=max(DECODER.epochs, ceil(DECODER_STEPS / per_epoch))), seed)
    means = np.stack([train[clusters == index].mean(axis=0) for index in range(count)])
    return {
        "prototype_features": unit_length(means),
        "prototype_images": np.round(decoder.decode(means) * 255).astype(np.uint8),
        "prototype_share": np.bincount(clusters, minlength=count) / len(clusters),
    }
