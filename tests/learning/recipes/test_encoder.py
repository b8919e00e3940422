from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from sslrec.data.digits import BUDGETS, DigitData
from sslrec.learning.loop import Schedule
from sslrec.learning.recipes import encoder
from sslrec.learning.recipes.encoder import fit_heads, fit_prototypes


@pytest.fixture(scope="module")
def clusters() -> tuple[np.ndarray, np.ndarray]:
    """Features of ten well separated classes."""
    rng = np.random.default_rng(0)
    labels = np.arange(2000) % 10
    return (8 * np.eye(10)[labels] + rng.normal(size=(2000, 10))).astype(np.float32), labels


def test_every_budget_gets_its_heads_and_their_accuracies(clusters: tuple[np.ndarray, np.ndarray]):
    features, labels = clusters
    arrays, accuracies = fit_heads(features[:1500], labels[:1500], features[1500:], labels[1500:])
    assert set(accuracies) == set(BUDGETS)
    for budget, values in accuracies.items():
        draws = 1 if budget == "all" else encoder.HEAD_SEEDS
        assert arrays[f"weights_{budget}"].shape == (draws, 10, 10)
        assert arrays[f"bias_{budget}"].shape == (draws, 10)
        logits = features[1500:] @ arrays[f"weights_{budget}"][-1] + arrays[f"bias_{budget}"][-1]
        assert values[-1] == pytest.approx((logits.argmax(axis=1) == labels[1500:]).mean())
        assert min(values) > 0.95


def test_prototypes_are_the_clusters_mean_features_with_their_shares_and_look_like_them(few_digits: DigitData):
    few_digits = replace(few_digits, x_train=few_digits.x_train[:200], y_train=few_digits.y_train[:200])
    features = np.eye(10, dtype=np.float32)[few_digits.y_fit] + 0.01
    keras.utils.set_random_seed(0)
    found = fit_prototypes(features, few_digits, count=10, seed=0)
    centres = found["prototype_features"]
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, rtol=1e-5)
    assert sorted(centres.argmax(axis=1).tolist()) == list(range(10))
    shares = np.bincount(few_digits.y_fit) / len(few_digits.y_fit)
    np.testing.assert_allclose(found["prototype_share"], shares[centres.argmax(axis=1)])
    assert found["prototype_images"].shape == (10, 28, 28)
    assert found["prototype_images"].dtype == np.uint8
    labels, every = centres.argmax(axis=1), few_digits.x_fit.astype(float)
    means = np.stack([every[few_digits.y_fit == label].mean(axis=0) for label in labels])
    off = ((found["prototype_images"] - means) ** 2).mean(axis=(1, 2))
    assert (off < 0.5 * ((every.mean(axis=0) - means) ** 2).mean(axis=(1, 2))).all()


def test_of_mnist_three_epochs_draw_the_prototypes_as_when_the_shipped_ones_were_made(
    few_digits: DigitData, monkeypatch: pytest.MonkeyPatch
):
    asked: list[tuple[Schedule, int]] = []
    monkeypatch.setattr(encoder, "fit", lambda task, schedule, seed: asked.append((schedule, task.size)))
    features = np.eye(10, dtype=np.float32)[few_digits.y_fit]
    for size in (360, 55_000):
        decoder = SimpleNamespace(size=size, decode=lambda means: np.zeros((len(means), 28, 28)))
        monkeypatch.setattr(encoder, "FeatureDecoderTask", lambda data, train, decoder=decoder: decoder)
        fit_prototypes(features, few_digits, count=10, seed=0)
    (few, _), (shipped, size) = asked
    assert few.steps_of(360) == 100
    assert (shipped.steps_of(size), shipped.batch_size, shipped.learning_rate) == (642, 256, 2e-3)
    assert shipped.settled < 642  # its statistics are the running ones
