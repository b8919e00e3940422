import numpy as np
import pytest

from sslrec.data.digits import BUDGETS, DigitData
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


def test_prototypes_are_the_clusters_mean_features_with_their_shares(few_digits: DigitData):
    features = np.eye(10, dtype=np.float32)[few_digits.y_fit] + 0.01
    found = fit_prototypes(features, few_digits, count=10, seed=0)
    centres = found["prototype_features"]
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, rtol=1e-5)
    assert sorted(centres.argmax(axis=1).tolist()) == list(range(10))
    shares = np.bincount(few_digits.y_fit) / len(few_digits.y_fit)
    np.testing.assert_allclose(found["prototype_share"], shares[centres.argmax(axis=1)])
    assert found["prototype_images"].shape == (10, 28, 28)
    assert found["prototype_images"].dtype == np.uint8
