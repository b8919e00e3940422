import keras
import numpy as np
import pytest

from sslrec.errors import ArtifactError
from sslrec.learning.models.compact import load_compact, save_compact


def _model(units: int = 64) -> keras.Model:
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(160, 3)(image)
    x = keras.layers.BatchNormalization()(x)
    return keras.Model(image, keras.layers.Dense(units)(keras.layers.GlobalMaxPooling2D()(x)))


@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_outputs_stay_alike(tmp_path, scale):
    keras.utils.set_random_seed(0)
    model, again = _model(), _model()
    model.set_weights([scale * weights + 0.01 * scale for weights in model.get_weights()])
    save_compact(model, tmp_path / "weights.npz")
    load_compact(again, tmp_path / "weights.npz")
    pictures = np.random.default_rng(0).normal(size=(16, 8, 8, 3)).astype(np.float32)
    before, after = (np.asarray(one(pictures)) for one in (model, again))
    cosine = (before * after).sum(axis=1) / np.linalg.norm(before, axis=1) / np.linalg.norm(after, axis=1)
    assert cosine.min() > 0.9995
    assert (tmp_path / "weights.npz").stat().st_size < sum(weights.nbytes for weights in model.get_weights()) / 3


def test_channels_of_zeros_stay_zeros(tmp_path):
    model, again = _model(), _model()
    model.set_weights([0 * weights for weights in model.get_weights()])
    save_compact(model, tmp_path / "weights.npz")
    load_compact(again, tmp_path / "weights.npz")
    assert all(not weights.any() for weights in again.get_weights())


@pytest.mark.parametrize("content", ["other", "noise", "nothing"])
def test_what_does_not_fit_is_refused_by_name(tmp_path, content):
    path = tmp_path / "recommender" / "weights.npz"
    path.parent.mkdir()
    if content == "other":
        save_compact(_model(65), path)
    elif content == "noise":
        path.write_bytes(b"noise")
    with pytest.raises(ArtifactError, match=r"recommender.*weights\.npz|weights\.npz.*recommender"):
        load_compact(_model(), path)
