"""Pretrain the digit encoder without labels, then read it with linear heads on label budgets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from sslrec.data.digits import BUDGETS, DigitData, draw_labelled
from sslrec.evaluation.probes import fit_linear_probe, knn_accuracy, unit_length
from sslrec.evaluation.propagation import fit_propagated_probe, neighbour_graph
from sslrec.learning.encoders.digit import build_digit_encoder
from sslrec.learning.export import as_float32, export_litert
from sslrec.learning.loop import Event, Schedule, fit, mixed_precision
from sslrec.learning.tasks.encoder import EncoderTask, features
from sslrec.learning.tasks.prototypes import FeatureDecoderTask

HEAD_SEEDS = 5
"""Draws of the labelled digits, each with a head of its own."""
ALL_LABELS_C = 0.3
"""Inverse strength of the L2 penalty of the head that sees every label."""


def run(
    data: DigitData,
    folder: Path,
    seed: int,
    on_event: Callable[[Event], None],
    *,
    epochs: int = 14,
    batch_size: int = 512,
    learning_rate: float = 2e-3,
    prototypes: int = 40,
) -> dict[str, Any]:
    """Pretrain, fit heads and prototypes, export.

    Leaves `encoder.tflite`, `encoder.keras` (for fine-tuning) and `heads.npz`: for each budget
    `weights_<budget>` `(draws, 256, 10)` and `bias_<budget>` `(draws, 10)`, and the cluster centres
    `prototype_features` `(n, 256)` (unit length), `prototype_images` `(n, 28, 28)` uint8, `prototype_share` `(n,)`.

    Returns:
        Test accuracies: `knn_accuracy`, and by budget `accuracy` with its mean and the value of each draw.
    """
    with mixed_precision():
        task = EncoderTask(data)
        schedule = Schedule(epochs, batch_size, learning_rate, weight_decay=1e-4, validate_every=2)
        fit(task, schedule, seed, on_event)
    metrics = finish(task, data, folder, seed, on_event, prototypes)
    return {**metrics, "batch_size": batch_size}


def finish(
    task: EncoderTask,
    data: DigitData,
    folder: Path,
    seed: int,
    on_event: Callable[[Event], None],
    prototypes: int,
) -> dict[str, Any]:
    """Export a pretrained encoder with its heads and prototypes; see `run`."""
    encoder = as_float32(build_digit_encoder, task.model.encoder)
    export_litert(encoder, folder / "encoder.tflite")
    encoder.save(folder / "encoder.keras")

    train, test = features(encoder, data.x_fit), features(encoder, data.x_test)
    arrays, accuracies = fit_heads(train, data.y_fit, test, data.y_test)
    arrays.update(fit_prototypes(train, data, prototypes, seed, on_event))
    np.savez_compressed(folder / "heads.npz", allow_pickle=False, **arrays)
    return {
        "knn_accuracy": knn_accuracy(train, data.y_fit, test, data.y_test),
        "accuracy": {
            budget: {"mean": float(np.mean(values)), "seeds": values} for budget, values in accuracies.items()
        },
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


def fit_prototypes(
    train: np.ndarray, data: DigitData, count: int, seed: int, on_event: Callable[[Event], None]
) -> dict[str, np.ndarray]:
    """Cluster the features and decode each cluster's centre; no label is read.

    Args:
        train: `(n, d)` float32 features of the images that are fitted on.
        data: the digits.
        count: number of clusters.
        seed: decides the clusters' start and the decoder's order.
        on_event: called with the loop's events.
    """
    unit = unit_length(train)
    kmeans = MiniBatchKMeans(count, batch_size=4096, random_state=seed)
    clusters = kmeans.set_params(n_init=10).fit_predict(unit)
    decoder = FeatureDecoderTask(data, train)
    fit(decoder, Schedule(epochs=3, batch_size=256, learning_rate=2e-3), seed, on_event)
    means = np.stack([train[clusters == index].mean(axis=0) for index in range(count)])
    return {
        "prototype_features": unit_length(means),
        "prototype_images": np.round(decoder.decode(means) * 255).astype(np.uint8),
        "prototype_share": np.bincount(clusters, minlength=count) / len(clusters),
    }
