"""All figures of the digit models, measured from the shipped artefacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from sklearn.metrics import roc_auc_score

from sslrec.data.digits import BUDGETS, DigitData
from sslrec.data.images import prepare_digit
from sslrec.evaluation.canvas import place_on_canvas
from sslrec.evaluation.reconstruction import pca_error, reconstruction_error
from sslrec.evaluation.significance import mean_interval, share_interval

MODELS = ("autoencoder-64", "autoencoder-32", "denoiser-64", "digit-encoder", "digit-classifiers", "digit-novelty")
"""The artefacts that are measured."""
CANVAS_SEED = 0
DAMAGE_SEED = 0

Model = Callable[[np.ndarray], np.ndarray]


class DigitModels(Protocol):
    """The models under test, as `sslrec.serving.digits.DigitReader` offers them.

    Images are `(n, 28, 28)` float32 in [0, 1].
    """

    def autoencoder(self, code: int) -> Model:
        """Images to reconstructions, by a code of 64 or 32 numbers."""
        ...

    def restore_all(self, images: np.ndarray) -> np.ndarray:
        """Damaged images to whole ones."""
        ...

    def compared(self, method: str, budget: str, seed: int) -> Model:
        """Images to `(n, 10)` logits, by one of the compared classifiers."""
        ...

    def seeds(self, method: str, budget: str) -> int:
        """How many seeds of a compared classifier there are."""
        ...

    def classify(self, images: np.ndarray) -> np.ndarray:
        """Images to `(n, 10)` class probabilities."""
        ...

    def novelty(self, images: np.ndarray, reconstructions: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        """`(n,)` scores in [0, 1]."""
        ...


def evaluate(
    models: DigitModels,
    digits: DigitData,
    others: DigitData,
    progress: Callable[[str], None] = lambda part: None,
) -> dict[str, Any]:
    """Measure reconstruction, label budgets, canvas robustness and novelty.

    Args:
        models: the artefacts under test.
        digits: MNIST.
        others: Fashion-MNIST, the not-a-digit set.
        progress: called with the name of each part as it begins.

    Returns:
        Figures by part; accuracies are shares of 1 with 95 % intervals.
    """
    test = digits.x_test.astype(np.float32) / 255
    results: dict[str, Any] = {
        "data": {part.name: {"sha256": part.sha256, "test_images": len(part.x_test)} for part in (digits, others)}
    }
    progress("reconstruction")
    results["reconstruction"] = {
        str(code): {
            **reconstruction_error(digits.x_test, models.autoencoder(code)(test)),
            "pca_mse": pca_error(digits.x_fit, digits.x_test, code),
        }
        for code in (64, 32)
    }
    progress("restoration")
    results["restoration"] = _restoration(models, digits.x_test)
    for method in ("frozen", "finetuned", "scratch"):
        progress(method)
        results.setdefault("label_budgets", {})[method] = {
            budget: _seeds(models, method, budget, test, digits.y_test) for budget in BUDGETS
        }
    progress("canvas")
    canvases = place_on_canvas(digits.x_test, CANVAS_SEED)
    results["canvas"] = _canvas(models, canvases, digits.y_test)
    progress("novelty")
    results["novelty"] = _novelty(models, test, others.x_test.astype(np.float32) / 255)
    return results


def _seeds(models: DigitModels, method: str, budget: str, test: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    values = [
        float((models.compared(method, budget, seed)(test).argmax(axis=1) == labels).mean())
        for seed in range(models.seeds(method, budget))
    ]
    return {**mean_interval(values), "seeds": values}


def _restoration(models: DigitModels, images: np.ndarray) -> dict[str, Any]:
    """Rebuild damaged digits: two 8x8 patches blanked and noise of standard deviation 0.2 added."""
    rng = np.random.default_rng(DAMAGE_SEED)
    damaged = images.astype(np.float32) / 255
    for index in range(len(damaged)):
        for top, left in rng.integers(4, 17, (2, 2)):
            damaged[index, top : top + 8, left : left + 8] = 0
    damaged = np.clip(damaged + rng.normal(0, 0.2, damaged.shape), 0, 1).astype(np.float32)
    return {
        "damaged_mse": reconstruction_error(images, damaged)["mse"],
        "denoiser": reconstruction_error(images, models.restore_all(damaged)),
        "autoencoder": reconstruction_error(images, models.autoencoder(64)(damaged)),
    }


def _canvas(models: DigitModels, canvases: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    from PIL import Image

    prepared = np.stack([prepare_digit(Image.fromarray(canvas), "canvas") for canvas in canvases])
    hits = models.classify(prepared).argmax(axis=1) == labels
    return {**share_interval(int(hits.sum()), len(hits)), "seed": CANVAS_SEED}


def _novelty(models: DigitModels, digits: np.ndarray, others: np.ndarray) -> dict[str, Any]:
    scores = [
        models.novelty(images, models.autoencoder(64)(images), models.classify(images)) for images in (digits, others)
    ]
    truth = np.concatenate([np.zeros(len(digits)), np.ones(len(others))])
    return {
        "auroc": float(roc_auc_score(truth, np.concatenate(scores))),
        "digits_turned_away": float((scores[0] > 0.5).mean()),
        "others_let_in": float((scores[1] <= 0.5).mean()),
    }
