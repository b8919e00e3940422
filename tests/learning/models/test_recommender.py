"""Towers and fusion head, in small."""

from pathlib import Path

import numpy as np
import pytest

from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.export import export_litert
from sslrec.learning.models.recommender import (
    FusionHead,
    TwoTowers,
    build_fusion,
    build_image_tower,
    build_text_tower,
)
from sslrec.litert import NamedLiteModel

CONFIG = TextConfig(50, dim=16, n_layers=1, n_heads=2, hidden_dim=32, dropout=0.0, attention_dropout=0.0)
RANDOM = np.random.default_rng(0)


def unit(*shape: int) -> np.ndarray:
    vectors = RANDOM.normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def shake(head: FusionHead) -> None:
    """Give an untrained head gates and shifts that depend on what it sees."""
    head.set_weights([RANDOM.normal(size=value.shape) * 0.2 for value in head.get_weights()])


@pytest.fixture(scope="module")
def towers() -> TwoTowers:
    return TwoTowers(CONFIG, dim=8, stages=(4, 8))


def test_both_towers_give_unit_vectors_and_padding_changes_nothing(towers: TwoTowers):
    ids = np.array([[2, 7, 9, 3]], np.int32)
    padded = np.array([[2, 7, 9, 3, 0, 0]], np.int32)
    vector = np.asarray(towers.encode_text(ids, np.ones_like(ids)))
    np.testing.assert_allclose(towers.encode_text(padded, (padded > 0).astype(np.int32)), vector, atol=1e-5)
    pictures = np.asarray(towers.encode_pictures(RANDOM.random((3, 80, 60, 3)).astype(np.float32)))
    np.testing.assert_allclose(np.linalg.norm(np.concatenate([vector, pictures]), axis=1), 1, atol=1e-5)


def test_what_the_app_runs_says_the_same(towers: TwoTowers, tmp_path: Path):
    export_litert(build_text_tower(towers), tmp_path / "text.tflite", weights="float32")
    export_litert(build_image_tower(towers), tmp_path / "image.tflite", weights="float32")
    ids = np.array([[2, 7, 9, 3, 0], [2, 8, 3, 0, 0]], np.int32)
    mask = (ids > 0).astype(np.int32)
    text = NamedLiteModel(tmp_path / "text.tflite")
    np.testing.assert_allclose(
        text(token_ids=ids, attention_mask=mask)["vector"], towers.encode_text(ids, mask), atol=1e-5
    )
    pictures = RANDOM.random((2, 80, 60, 3)).astype(np.float32)
    image = NamedLiteModel(tmp_path / "image.tflite")
    np.testing.assert_allclose(image(image=pictures)["vector"], towers.encode_pictures(pictures), atol=1e-4)


@pytest.mark.parametrize("modalities", [2, 3])
def test_an_untrained_head_gives_the_mean_of_what_is_there(modalities: int):
    head = FusionHead(modalities, dim=8, width=16)
    vectors = unit(4, modalities, 8)
    present = np.ones((4, modalities), np.float32)
    present[1, 0] = present[2, 1] = 0
    parts, gates = (np.asarray(value) for value in head(vectors, present, 0 * present))
    mean = (vectors * present[..., None]).sum(axis=1)
    np.testing.assert_allclose(parts.sum(axis=1), mean / np.linalg.norm(mean, axis=1, keepdims=True), atol=1e-5)
    np.testing.assert_allclose(gates, present / present.sum(axis=1, keepdims=True), atol=1e-6)


def test_what_is_absent_may_hold_anything_and_trust_moves_the_gates():
    head = FusionHead(2, dim=8, width=16)
    shake(head)
    one, other = unit(1, 2, 8), unit(1, 2, 8)
    other[:, 0] = one[:, 0]
    alone = np.array([[1.0, 0.0]], np.float32)
    np.testing.assert_allclose(head(one, alone, 0 * alone)[0], head(other, alone, 0 * alone)[0], atol=1e-6)
    assert not np.asarray(head(one, alone, 0 * alone)[0])[0, 1].any()
    both = np.ones((1, 2), np.float32)
    gates = [float(head(one, both, np.array([[bias, 0.0]], np.float32))[1][0, 0]) for bias in (-4.0, 0.0, 4.0)]
    assert gates[0] < gates[1] < gates[2]
    assert np.linalg.norm(np.asarray(head(one, both, 0 * both)[0]).sum(axis=1)) == pytest.approx(1, abs=1e-5)


def test_the_exported_head_says_the_same(tmp_path: Path):
    head = FusionHead(2, dim=8, width=16)
    shake(head)
    export_litert(build_fusion(head), tmp_path / "fusion.tflite", weights="float32")
    vectors, present = unit(3, 2, 8), np.array([[1, 1], [1, 0], [0, 1]], np.float32)
    bias = np.array([[0.5, 0], [0, 0], [0, 2]], np.float32)
    served = NamedLiteModel(tmp_path / "fusion.tflite")(vectors=vectors, present=present, bias=bias)
    parts, gates = head(vectors, present, bias)
    np.testing.assert_allclose(served["parts"], parts, atol=1e-5)
    np.testing.assert_allclose(served["gates"], gates, atol=1e-6)
