import keras
import numpy as np
import pytest

from sslrec.learning.optim.batch_norm import reestimate_batch_norm


def normed(**options) -> tuple[keras.Model, keras.layers.BatchNormalization]:
    norm = keras.layers.BatchNormalization(**options)
    return keras.Sequential([keras.Input((6, 6, 2)), norm]), norm


def test_the_statistics_are_the_mean_over_batches_of_the_exact_ones():
    parts = np.random.default_rng(0).normal(3, 2, size=(4, 10, 6, 6, 2)).astype(np.float32)
    model, norm = normed(momentum=0.9)
    assert reestimate_batch_norm(model, iter(parts)) == 4
    np.testing.assert_allclose(norm.moving_mean, parts.mean(axis=(0, 1, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(norm.moving_variance, parts.var(axis=(1, 2, 3)).mean(axis=0), rtol=1e-4)
    assert norm.momentum == 0.9


def test_layers_within_models_within_models_count_and_later_ones_see_the_earlier():
    inner = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(), keras.layers.Dense(2)])
    inputs = keras.Input((3,))
    outer = keras.Model(inputs, keras.layers.BatchNormalization()(inner(inputs)))
    batch = np.random.default_rng(1).normal(5, 4, size=(50, 3)).astype(np.float32)
    reestimate_batch_norm(outer, [batch])
    normalised = (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + 1e-3)
    hidden = normalised @ inner.layers[1].kernel.numpy()
    np.testing.assert_allclose(outer.layers[-1].moving_mean, hidden.mean(axis=0), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(outer.layers[-1].moving_variance, hidden.var(axis=0), rtol=1e-3)


def test_a_way_of_running_the_model_can_be_given():
    model, norm = normed()
    reestimate_batch_norm(model, [0, 1], lambda value: model(np.full((2, 6, 6, 2), value, np.float32), training=True))
    np.testing.assert_allclose(norm.moving_mean, [0.5, 0.5])


def test_frozen_layers_keep_their_statistics_and_models_without_any_cost_nothing():
    model, norm = normed()
    norm.trainable = False
    assert reestimate_batch_norm(model, [np.ones((2, 6, 6, 2), np.float32)]) == 0
    np.testing.assert_array_equal(norm.moving_mean, [0, 0])


def test_no_batches_are_an_error_and_an_error_leaves_the_momentum():
    model, norm = normed(momentum=0.8)
    with pytest.raises(ValueError, match="there are no batches to estimate the statistics from"):
        reestimate_batch_norm(model, [])
    with pytest.raises(ZeroDivisionError):
        reestimate_batch_norm(model, [1], lambda batch: batch / 0)
    assert norm.momentum == 0.8
