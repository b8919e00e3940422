"""A model with several inputs, made here: no shipped one is needed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest

from sslrec.learning.export import export_litert
from sslrec.litert import NamedLiteModel


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> NamedLiteModel:
    """`ids` (n, m) int32 and `weights` (n, m) float32 to their `product` and `total`."""
    path: Path = tmp_path_factory.mktemp("model") / "model.tflite"
    ids = keras.Input((None,), dtype="int32", name="ids")
    weights = keras.Input((None,), name="weights")
    product = keras.ops.multiply(keras.ops.cast(ids, "float32"), weights)
    export_litert(keras.Model([ids, weights], {"product": product, "total": keras.ops.sum(product, axis=1)}), path)
    return NamedLiteModel(path)


def test_inputs_and_outputs_go_by_their_names(model: NamedLiteModel):
    for rows, columns in ((1, 3), (2, 5), (1, 1)):
        ids = np.arange(rows * columns).reshape(rows, columns)
        found = model(weights=np.full(ids.shape, 0.5), ids=ids)
        np.testing.assert_allclose(found["product"], ids * 0.5)
        np.testing.assert_allclose(found["total"], (ids * 0.5).sum(axis=1))


def test_a_missing_or_unknown_input_is_named(model: NamedLiteModel):
    with pytest.raises(ValueError, match="the model takes ids, weights, and got ids"):
        model(ids=np.zeros((1, 1)))
    with pytest.raises(ValueError, match="and got ids, mask"):
        model(ids=np.zeros((1, 1)), mask=np.zeros((1, 1)))


def test_threads_take_turns(model: NamedLiteModel):
    def total(size: int) -> float:
        return float(model(ids=np.ones((1, size)), weights=np.ones((1, size)))["total"][0])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(total, [1 + index % 7 for index in range(100)])) == [1 + i % 7 for i in range(100)]
