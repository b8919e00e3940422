from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from sslrec.errors import TextError
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.export import export_litert
from sslrec.learning.models.language import MaskedLanguageModel, build_fill_in

CONFIG = TextConfig(60, 16, 16, 2, 2, 24)


@pytest.fixture(scope="module")
def model() -> MaskedLanguageModel:
    keras.utils.set_random_seed(0)
    model = MaskedLanguageModel(CONFIG)
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign_add(rng.normal(0, 0.2, variable.shape))
    return model


@pytest.fixture(scope="module")
def exported(model: MaskedLanguageModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("language") / "fill-in.tflite"
    export_litert(build_fill_in(model), path, weights="float32")
    return path


def inputs(batch: int, length: int, gaps: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(length)
    lengths = rng.integers(1, length + 1, batch)
    return {
        "token_ids": rng.integers(0, CONFIG.vocab_size, (batch, length)).astype(np.int32),
        "attention_mask": (np.arange(length) < lengths[:, None]).astype(np.int32),
        "gaps": rng.integers(0, length, (batch, gaps)).astype(np.int32),
    }


def test_what_the_page_needs_is_what_the_encoder_and_the_head_say(model: MaskedLanguageModel):
    given = inputs(3, 9, 2)
    found = build_fill_in(model)([given["token_ids"], given["attention_mask"], given["gaps"]])
    states, attentions = model.encoder(given["token_ids"], given["attention_mask"])
    logits = np.asarray(model(given["token_ids"], given["attention_mask"]))
    np.testing.assert_allclose(found["logits"], np.take_along_axis(logits, given["gaps"][..., None], 1), atol=1e-5)
    np.testing.assert_allclose(found["attention"], np.stack(attentions, 1), atol=1e-6)
    np.testing.assert_allclose(found["hidden"], states[-1], atol=1e-5)
    for row, mask in enumerate(given["attention_mask"]):
        mean = np.asarray(states[-1])[row, : mask.sum()].mean(axis=0)
        np.testing.assert_allclose(found["sentence"][row], mean, atol=1e-5)


@pytest.mark.parametrize(("batch", "length", "gaps"), [(1, 3, 1), (1, 16, 4), (5, 7, 2)])
def test_the_exported_model_takes_any_batch_length_and_number_of_gaps(
    model: MaskedLanguageModel, exported: Path, batch: int, length: int, gaps: int
):
    given = inputs(batch, length, gaps)
    found = Interpreter(model_path=str(exported)).get_signature_runner("serving_default")(**given)
    expected = build_fill_in(model)([given["token_ids"], given["attention_mask"], given["gaps"]])
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4)


def test_the_output_weights_are_the_input_embeddings(model: MaskedLanguageModel):
    assert sum(variable.shape == (60, 16) for variable in model.trainable_variables) == 1
    states = tf.random.stateless_normal((3, 16), (0, 0))
    hidden = model.head.norm(keras.ops.gelu(model.head.transform(states), approximate=False))
    expected = np.asarray(hidden) @ np.asarray(model.encoder.word_embeddings.embeddings).T + np.asarray(model.head.bias)
    np.testing.assert_allclose(model.logits(states), expected, atol=1e-4)


def test_ids_beyond_the_vocabulary_are_refused(model: MaskedLanguageModel):
    with pytest.raises(TextError, match="Piece number 60 is not one of the 60"):
        model(np.array([[2, 60]]))
