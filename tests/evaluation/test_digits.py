from dataclasses import dataclass, replace

import numpy as np
import pytest

from sslrec.data.digits import DigitData, load
from sslrec.evaluation.digits import Model, evaluate


@dataclass
class KnownModels:
    """Models whose figures are known: each right on a set share of the test digits."""

    digits: DigitData

    def autoencoder(self, code: int) -> Model:
        return lambda images: images if code == 64 else np.full_like(images, 0.5)

    def restore_all(self, images: np.ndarray) -> np.ndarray:
        return self.digits.x_test.astype(np.float32) / 255

    def compared(self, method: str, budget: str, seed: int) -> Model:
        right = {"scratch": 40, "frozen": 60, "finetuned": 80}[method] + seed
        return lambda images: self._answers(right)

    def seeds(self, method: str, budget: str) -> int:
        return 1 if (method, budget) == ("frozen", "all") else 3

    def classify(self, images: np.ndarray) -> np.ndarray:
        return self._answers(90)

    def novelty(self, images: np.ndarray, reconstructions: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        assert probabilities.shape == (len(images), 10)
        np.testing.assert_array_equal(reconstructions, images)
        return (images.mean(axis=(1, 2)) > 0.4).astype(float)

    def _answers(self, right: int) -> np.ndarray:
        labels = self.digits.y_test.astype(int)
        answers = np.where(np.arange(len(labels)) < right, labels, (labels + 1) % 10)
        return np.eye(10)[answers]


@pytest.fixture(scope="module")
def results():
    digits = load("digits")
    digits = replace(digits, x_test=digits.x_test[:100], y_test=digits.y_test[:100])
    others = replace(digits, name="others", x_test=np.full((100, 28, 28), 200, np.uint8))
    parts: list[str] = []
    figures = evaluate(KnownModels(digits), digits, others, parts.append)
    assert parts[0] == "reconstruction"
    return figures


def test_reconstruction_is_measured_beside_pca(results):
    found = results["reconstruction"]
    assert found["64"]["mse"] == pytest.approx(0, abs=1e-12)
    assert found["64"]["excess"] == pytest.approx(0, abs=1e-6)
    assert found["32"]["bce"] == pytest.approx(np.log(2), rel=1e-6)
    assert 0 < found["64"]["pca_mse"] < found["32"]["pca_mse"]


def test_restoration_compares_the_denoiser_with_the_plain_autoencoder(results):
    found = results["restoration"]
    assert found["denoiser"]["mse"] == pytest.approx(0, abs=1e-12)
    assert found["autoencoder"]["mse"] == pytest.approx(found["damaged_mse"])
    assert found["damaged_mse"] > 0.01


def test_label_budgets_are_means_over_the_seeds_there_are(results):
    found = results["label_budgets"]
    assert set(found) == {"scratch", "frozen", "finetuned"}
    assert found["finetuned"]["1"]["seeds"] == pytest.approx([0.80, 0.81, 0.82])
    assert found["finetuned"]["1"]["mean"] == pytest.approx(0.81)
    assert found["scratch"]["all"]["low"] < 0.41 < found["scratch"]["all"]["high"]
    assert found["frozen"]["all"]["seeds"] == [0.6]


def test_canvas_and_novelty(results):
    assert results["canvas"]["mean"] == pytest.approx(0.9)
    assert results["canvas"]["low"] < 0.9 < results["canvas"]["high"]
    assert results["novelty"] == {"auroc": 1.0, "digits_turned_away": 0.0, "others_let_in": 0.0}


def test_the_data_used_is_named_with_its_hash(results):
    assert results["data"]["others"]["test_images"] == 100
    assert len(results["data"]["digits"]["sha256"]) == 64
