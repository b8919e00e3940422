from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from sslrec.data.digits import DigitData
from sslrec.learning.encoders.digit import build_classifier, build_digit_encoder
from sslrec.learning.export import as_float32, export_litert, with_sigmoid
from sslrec.learning.models.autoencoder import build_decoder, build_encoder
from sslrec.litert import LiteModel


@pytest.fixture(scope="module")
def images(few_digits: DigitData) -> np.ndarray:
    return few_digits.x_test[:30, ..., None].astype(np.float32) / 255


@pytest.fixture(scope="module")
def classifier(images: np.ndarray) -> keras.Model:
    """A classifier with random weights and, so that BatchNormalization has something to do, real statistics."""
    keras.utils.set_random_seed(0)
    model = build_classifier(build_digit_encoder())
    for _ in range(20):
        model(tf.constant(images), training=True)
    return model


@pytest.fixture(scope="module")
def exported(classifier: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The classifier's file by the kind of its weights."""
    folder = tmp_path_factory.mktemp("exported")
    files = {weights: folder / f"{weights}.tflite" for weights in ("float32", "float16", "int8")}
    for weights, path in files.items():
        export_litert(classifier, path, weights)
    return files


@pytest.mark.parametrize(("weights", "tolerance"), [("float32", 1e-4), ("float16", 1e-2), ("int8", 0.1)])
def test_the_exported_classifier_agrees_with_keras(
    classifier: keras.Model, exported: dict[str, Path], images: np.ndarray, weights: str, tolerance: float
):
    lite = LiteModel(exported[weights])
    expected = classifier(images, training=False).numpy()
    np.testing.assert_allclose(lite(images), expected, atol=tolerance)
    np.testing.assert_allclose(lite(images[:1]), expected[:1], atol=tolerance)  # any batch size
    np.testing.assert_allclose(lite.in_batches(images, 7), expected, atol=tolerance)


def test_fewer_bytes_for_each_weight_make_smaller_files(exported: dict[str, Path]):
    sizes = [exported[weights].stat().st_size for weights in ("float32", "float16", "int8")]
    assert sizes[1] < 0.6 * sizes[0]
    assert sizes[2] < 0.7 * sizes[1]


def test_the_exported_autoencoder_agrees_with_keras(images: np.ndarray, tmp_path: Path):
    keras.utils.set_random_seed(1)
    encoder, decoder = build_encoder(16), with_sigmoid(build_decoder(16))
    export_litert(encoder, tmp_path / "encoder.tflite", weights="float32")
    export_litert(decoder, tmp_path / "decoder.tflite", weights="float32")
    codes = encoder(images, training=False)
    np.testing.assert_allclose(LiteModel(tmp_path / "encoder.tflite")(images), codes, atol=1e-4)
    pictures = decoder(codes, training=False).numpy()
    np.testing.assert_allclose(LiteModel(tmp_path / "decoder.tflite")(codes.numpy()), pictures, atol=1e-4)
    assert pictures.min() >= 0
    assert pictures.max() <= 1


def test_with_sigmoid_is_the_sigmoid_of_the_logits():
    decoder = build_decoder(4)
    codes = tf.random.stateless_normal((3, 4), (0, 1))
    np.testing.assert_allclose(with_sigmoid(decoder)(codes), tf.sigmoid(decoder(codes)), atol=1e-6)


def test_as_float32_keeps_the_weights_and_restores_the_policy(images: np.ndarray):
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        mixed = build_encoder(8)
        model = as_float32(lambda: build_encoder(8), mixed)
        assert keras.mixed_precision.global_policy().name == "mixed_bfloat16"
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    for expected, weight in zip(mixed.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    np.testing.assert_allclose(model(images), mixed(images), atol=0.05)
