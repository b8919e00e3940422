"""What frozen picture vectors know about the kind of product, beside features that nobody trained."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sslrec.evaluation.baselines import colour_histogram, in_parts, random_encoder, raw_pixels, same_width
from sslrec.evaluation.probes import fit_linear_probe, knn_accuracy
from sslrec.evaluation.significance import share_interval

WIDTH = 128
"""Numbers that each linear probe reads, so that none has more to learn from."""
NEIGHBOURS = 5


def probe_pictures(
    encode: Callable[[np.ndarray], np.ndarray],
    train: np.ndarray,
    test: np.ndarray,
    train_labels: Sequence[str],
    test_labels: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """Fit linear and nearest-neighbour probes of a label on four kinds of picture features.

    Args:
        encode: the encoder under test, `(n, h, w, 3)` uint8 to `(n, dim)` float32.
        train: `(n, h, w, 3)` uint8, pictures to fit on.
        test: `(m, h, w, 3)` uint8, pictures to measure on.
        train_labels: their labels, `n`.
        test_labels: their labels, `m`; one that the others lack counts as an error.
        seed: of the random encoder and of the decompositions.

    Returns:
        For each kind of features its accuracies `linear` and `knn` with Wilson's intervals.
    """
    names = sorted(set(train_labels))
    places = {name: place for place, name in enumerate(names)}
    wanted = np.array([places[name] for name in train_labels])
    right = np.array([places.get(name, -1) for name in test_labels])
    kinds: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "encoder": encode,
        "random_encoder": lambda pictures: in_parts(random_encoder(seed), pictures),
        "colour_histogram": lambda pictures: in_parts(colour_histogram, pictures),
        "raw_pixels": lambda pictures: in_parts(raw_pixels, pictures),
    }
    results: dict[str, Any] = {"classes": len(names), "train": len(train), "test": len(test), "seed": seed}
    for kind, features in kinds.items():
        seen, unseen = features(train), features(test)
        nearest = knn_accuracy(seen, wanted, unseen, right, min(NEIGHBOURS, len(seen)))
        seen, unseen = same_width(seen, unseen, WIDTH, seed)
        with warnings.catch_warnings():
            # A probe that has not quite settled after its iterations is measured as it is.
            warnings.simplefilter("ignore", ConvergenceWarning)
            linear = fit_linear_probe(seen, wanted, 0.1).accuracy(unseen, right)
        accuracies = {"linear": linear, "knn": nearest}
        results[kind] = {
            name: share_interval(round(share * len(right)), len(right)) for name, share in accuracies.items()
        }
    return results
