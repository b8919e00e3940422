from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from sslrec.errors import TextError
from sslrec.learning import precision
from sslrec.learning.encoders.text import (
    TextConfig,
    TextEncoder,
    count_weights,
    masked_mean,
    reseed_dropout,
)

CONFIG = TextConfig(50, 12, 16, 2, 4, 24, dropout=0.2, attention_dropout=0.2)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    keras.utils.set_random_seed(0)
    encoder = TextEncoder(CONFIG)
    encoder(np.zeros((1, 2), np.int32))
    rng = np.random.default_rng(0)
    # Larger weights than at the start, so that attention is not even.
    for variable in encoder.trainable_variables:
        variable.assign_add(rng.normal(0, 0.3, variable.shape))
    return encoder


def slow_attention(block, states: np.ndarray, visible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Attention of one text, `(length, dim)`, with loops over heads and pieces."""
    kernel, bias = (np.asarray(weight, np.float64) for weight in block.attention.qkv.get_weights())
    query, key, value = np.split(states @ kernel + bias, 3, axis=1)
    length, width = len(states), CONFIG.dim // CONFIG.n_heads
    context, weights = np.zeros((length, CONFIG.dim)), np.zeros((CONFIG.n_heads, length, length))
    for head in range(CONFIG.n_heads):
        part = slice(head * width, (head + 1) * width)
        for i in range(length):
            scores = np.array([query[i, part] @ key[j, part] / np.sqrt(width) for j in range(length)])
            scores = np.exp(scores - scores.max()) * visible
            weights[head, i] = scores / scores.sum()
            context[i, part] = sum(weights[head, i, j] * value[j, part] for j in range(length))
    out_kernel, out_bias = (np.asarray(weight, np.float64) for weight in block.attention.out.get_weights())
    return context @ out_kernel + out_bias, weights


def test_attention_equals_a_slow_loop_over_heads_and_pieces(encoder: TextEncoder):
    states, attentions = encoder(np.array([[2, 9, 8, 3, 0]]), np.array([[1, 1, 1, 1, 0]]))
    given = np.asarray(states[0][0], np.float64)
    expected, weights = slow_attention(encoder.blocks[0], given, np.array([1, 1, 1, 1, 0]))
    np.testing.assert_allclose(attentions[0][0], weights, atol=1e-5)
    bias = tf.constant([0, 0, 0, 0, -1e9], shape=(1, 1, 1, 5))
    found, _ = encoder.blocks[0].attention(states[0], bias)
    np.testing.assert_allclose(found[0], expected, atol=1e-4)


def test_shapes_and_names_of_what_comes_out(encoder: TextEncoder):
    states, attentions = encoder(np.zeros((3, 7), np.int32))
    assert [tuple(state.shape) for state in states] == [(3, 7, 16)] * 3
    assert [tuple(weights.shape) for weights in attentions] == [(3, 4, 7, 7)] * 2
    np.testing.assert_allclose(tf.reduce_sum(attentions[1], axis=-1), 1, rtol=1e-5)


def test_padding_changes_nothing(encoder: TextEncoder):
    short = encoder(np.array([[2, 9, 3]]))[0][-1]
    padded = encoder(np.array([[2, 9, 3, 0, 0]]), np.array([[1, 1, 1, 0, 0]]))[0][-1]
    np.testing.assert_allclose(padded[:, :3], short, atol=1e-5)


def test_two_texts_in_a_row_are_read_as_each_alone(encoder: TextEncoder):
    first, second = [2, 9, 8, 3], [2, 7, 3]
    texts = np.array([[1, 1, 1, 1, 2, 2, 2]])
    packed, attentions = encoder(
        np.array([first + second]), texts[:, :, None] == texts[:, None, :], np.array([[0, 1, 2, 3, 0, 1, 2]])
    )
    np.testing.assert_allclose(packed[-1][:, :4], encoder(np.array([first]))[0][-1], atol=1e-5)
    np.testing.assert_allclose(packed[-1][:, 4:], encoder(np.array([second]))[0][-1], atol=1e-5)
    assert np.asarray(attentions[0])[0, :, :4, 4:].max() == 0


@pytest.mark.parametrize("number", [-1, 50])
def test_ids_beyond_the_vocabulary_are_refused(encoder: TextEncoder, number: int):
    with pytest.raises(TextError, match=f"Piece number {number} is not one of the 50"):
        encoder(np.array([[2, number]]))


def test_a_text_longer_than_the_positions_is_refused(encoder: TextEncoder):
    with pytest.raises(TextError, match="13 pieces, more than the 12"):
        encoder(np.zeros((1, 13), np.int32))


def test_heads_share_the_width_evenly():
    with pytest.raises(ValueError, match="16 is not a multiple of the 3"):
        replace(CONFIG, n_heads=3)


def test_the_number_of_weights_is_that_of_the_paper():
    # DistilBERT base has 66.4 million without its language head; counted by hand from the same formula.
    dim, hidden = CONFIG.dim, CONFIG.hidden_dim
    block = 4 * (dim * dim + dim) + dim * hidden + hidden + hidden * dim + dim + 4 * dim
    encoder = TextEncoder(CONFIG)
    encoder(np.zeros((1, 2), np.int32))
    assert count_weights(encoder) == (50 + 12) * dim + 2 * dim + 2 * block


def test_the_sentence_vector_leaves_padding_out():
    states = tf.constant([[[1.0, 2.0], [3.0, 6.0], [100.0, 100.0]]])
    np.testing.assert_allclose(masked_mean(states, np.array([[1, 1, 0]])), [[2, 4]])
    np.testing.assert_allclose(masked_mean(states, np.array([[0, 0, 0]])), [[0, 0]])


def test_dropout_follows_from_the_seed_alone(encoder: TextEncoder):
    ids = np.array([[2, 9, 8, 3]])

    def run(seed: list[int]) -> np.ndarray:
        reseed_dropout(encoder, tf.constant(seed, tf.int32))
        return encoder(ids, training=True)[0][-1].numpy()

    first = run([0, 5])
    assert not np.allclose(first, run([0, 6]))
    np.testing.assert_array_equal(run([0, 5]), first)
    assert not np.allclose(first, encoder(ids)[0][-1])


def test_mixed_precision_stays_close(encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(precision, "computes_bfloat16", lambda: True)
    with precision.mixed_precision():
        mixed = TextEncoder(CONFIG)
        ids, mask = np.array([[2, 9, 8, 3, 0]]), np.array([[1, 1, 1, 1, 0]])
        mixed(ids)
    mixed.set_weights(encoder.get_weights())
    states, attentions = mixed(ids, mask)
    assert states[-1].dtype == tf.bfloat16
    expected_states, expected_attentions = encoder(ids, mask)
    np.testing.assert_allclose(tf.cast(states[-1], tf.float32), expected_states[-1], atol=0.1)
    np.testing.assert_allclose(attentions[-1], expected_attentions[-1], atol=0.05)
    assert np.asarray(attentions[0])[..., 4].max() == 0
