"""What the fusion head's recipe leaves, on vectors drawn at random."""

import json
from pathlib import Path

import numpy as np
import pytest

from sslrec.evaluation.matching import match_pairs
from sslrec.learning.models.recommender import FusionHead
from sslrec.learning.recipes import fusion
from sslrec.learning.tasks.fusion import FusionData

DIM = 8


def data(count: int) -> FusionData:
    """Products with a name each; a half name and a close-up are near their whole ones."""
    random = np.random.default_rng(0)
    whole = random.normal(size=(count, 1, DIM))
    texts, pictures = (
        np.concatenate([whole, whole + 0.3 * random.normal(size=(count, 1, DIM))], axis=1) for _ in range(2)
    )
    texts, pictures = (part / np.linalg.norm(part, axis=-1, keepdims=True) for part in (texts, pictures))
    texts, pictures, groups = texts.astype(np.float32), pictures.astype(np.float32), np.arange(count, dtype=np.int32)
    return FusionData(texts, pictures, groups, texts, texts, np.stack([groups, groups], axis=1))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The groups of the products that were compared with each other, in the order in which they were."""
    found = []

    def noted(queries: np.ndarray, items: np.ndarray, groups: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
        assert len(queries) == len(items) == len(groups)
        found.append(groups)
        return match_pairs(queries, items, groups, seed)

    monkeypatch.setattr(fusion, "match_pairs", noted)
    return found


def test_of_many_products_some_that_the_seed_draws_are_compared(
    compared: list[np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert fusion.CALIBRATED == 2_000
    monkeypatch.setattr(fusion, "CALIBRATED", 50)
    for seed in (0, 0, 1):
        fusion.leave_head(tmp_path, FusionHead(dim=DIM), data(200), seed)
    first, again, other = compared[::3]
    assert len(set(first)) == len(first) == 50
    assert first.max() >= 100
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)
    lines = json.loads((tmp_path / "recommender.json").read_text("utf-8"))["calibration"]
    assert all(line["scale"] > 0 for line in lines.values())


def test_of_few_products_all_are_compared_as_they_come(compared: list[np.ndarray], tmp_path: Path):
    fusion.leave_head(tmp_path, FusionHead(dim=DIM), data(60), 3)
    for groups in compared:
        np.testing.assert_array_equal(groups, np.arange(60))
