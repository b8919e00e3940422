"""Towers rebuilt from the files that the app runs."""

from pathlib import Path

import keras
import numpy as np
import pytest

from sslrec import artifacts
from sslrec.artifacts import Artifact, Manifest
from sslrec.errors import ArtifactError
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.export import export_litert
from sslrec.learning.models.from_litert import load_head, load_towers
from sslrec.learning.models.recommender import FusionHead, TwoTowers, build_fusion, build_image_tower, build_text_tower

SIZE = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.random((6, 80, 60, 3)).astype(np.float32)
IDS = RANDOM.integers(3, 60, (6, 7)).astype(np.int32)
MASK = np.array([[1] * count + [0] * (7 - count) for count in (7, 6, 5, 4, 3, 2)], np.int32)


@pytest.fixture(scope="module")
def towers() -> TwoTowers:
    """Towers with statistics and scales as after a training."""
    keras.utils.set_random_seed(0)
    made = TwoTowers(TextConfig(60, **SIZE, dropout=0.0, attention_dropout=0.0), dim=8, stages=(8, 12))
    made.set_weights([weights + 0.05 * RANDOM.normal(size=weights.shape) for weights in made.get_weights()])
    for layer in made.image_encoder.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            bounds = ((0.5, 2), (-1, 1), (-1, 1), (0.2, 3))
            layer.set_weights([RANDOM.uniform(*pair, layer.gamma.shape) for pair in bounds])
    return made


@pytest.fixture(scope="module", params=["int8", "float32"])
def recommender(
    towers: TwoTowers, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Artifact:
    folder: Path = tmp_path_factory.mktemp("assets") / "recommender"
    folder.mkdir()
    export_litert(build_text_tower(towers), folder / "text.tflite", request.param)
    export_litert(build_image_tower(towers), folder / "image.tflite", request.param)
    return artifacts.save(folder, Manifest("recommender", "multimodal", "shop", "0", "train it", 0, {}, {}))


def test_rebuilt_towers_make_the_same_vectors(towers: TwoTowers, recommender: Artifact):
    again = load_towers(recommender, {"other": {**SIZE, "dim": 8}, "tiny": SIZE})
    for one, other in (
        (towers.encode_text(IDS, MASK), again.encode_text(IDS, MASK)),
        (towers.encode_pictures(PICTURES), again.encode_pictures(PICTURES)),
    ):
        assert np.sum(np.asarray(one) * np.asarray(other), axis=1).min() > 0.999


@pytest.mark.parametrize("recommender", ["int8"], indirect=True)
def test_rebuilt_towers_learn_with_dropout_and_with_their_normalisations_as_they_are(recommender: Artifact):
    again = load_towers(recommender, {"tiny": SIZE}, dropout=0.3)
    assert not np.allclose(again.encode_text(IDS, MASK, training=True), again.encode_text(IDS, MASK))
    # A training step does not change what a picture gives: there is no batch to take statistics of.
    np.testing.assert_allclose(
        again.encode_pictures(PICTURES, training=True), again.encode_pictures(PICTURES), rtol=1e-5, atol=1e-5
    )
    names = [weight.path for weight in again.trainable_weights]
    assert any("down1_conv" in name for name in names)
    assert not any("norm" in name and "image_encoder" in name for name in names)


@pytest.mark.parametrize("modalities", [2, 3])
def test_a_rebuilt_head_says_the_same(tmp_path: Path, modalities: int):
    head = FusionHead(modalities, dim=8, width=16)
    head.set_weights([weights + 0.2 * RANDOM.normal(size=weights.shape) for weights in head.get_weights()])
    export_litert(build_fusion(head), tmp_path / "fusion.tflite")
    made = artifacts.save(tmp_path, Manifest("recommender", "multimodal", "shop", "0", "train it", 0, {}, {}))
    vectors = RANDOM.normal(size=(5, modalities, 8)).astype(np.float32)
    present = RANDOM.integers(0, 2, (5, modalities)).astype(np.float32)
    present[:, 0] = 1
    again = load_head(made)
    for one, other in zip(head(vectors, present, 0 * present), again(vectors, present, 0 * present), strict=True):
        np.testing.assert_allclose(one, other, atol=0.01)


@pytest.mark.parametrize("recommender", ["int8"], indirect=True)
def test_other_towers_are_refused_by_name(recommender: Artifact):
    with pytest.raises(ArtifactError):
        load_towers(recommender, {"other": {**SIZE, "dim": 8}})
    with pytest.raises(ArtifactError, match=r"recommender.*text\.tflite|text\.tflite.*recommender"):
        load_towers(recommender, {"deeper": {**SIZE, "n_layers": 3}})
