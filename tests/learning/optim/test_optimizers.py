"""What every optimizer of this folder has to bear: fit, mixed precision, saving and loading."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from sslrec.learning.optim.auto import RecoverableAdam
from sslrec.learning.optim.hypergradient import HypergradientAdam, HypergradientSGD
from sslrec.learning.optim.prodigy import Prodigy
from sslrec.learning.optim.schedule_free import ScheduleFreeAdamW

MAKERS = {
    "prodigy": lambda: Prodigy(d0=1e-3, safeguard_warmup=True, use_bias_correction=True, weight_decay=0.01),
    "prodigy sliced": lambda: Prodigy(d0=1e-3, slice_p=3, growth_rate=1.5),
    "schedule-free": lambda: ScheduleFreeAdamW(0.01, warmup_steps=3, weight_decay=0.01, weight_power=1.0),
    "hypergradient adam": lambda: HypergradientAdam(0.01, rule="multiplicative", hyper_rate=0.02),
    "hypergradient sgd": lambda: HypergradientSGD(0.01, momentum=0.9, ceiling=0.5),
    "plain hypergradient sgd": lambda: HypergradientSGD(0.01),
    "recoverable": lambda: RecoverableAdam(0.01),
}


def compiled(optimizer, **options) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, dtype="float32")]
    )
    model.compile(optimizer=optimizer, loss="mse", **options)
    return model


def examples() -> tuple[np.ndarray, np.ndarray]:
    inputs = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    return inputs, inputs.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("name", MAKERS)
def test_fit_learns_and_a_saved_model_goes_on_the_same_way(name: str, tmp_path):
    model = compiled(MAKERS[name]())
    settings = {"batch_size": 16, "shuffle": False, "verbose": 0}
    losses = model.fit(*examples(), epochs=4, **settings).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "model.keras")
    loaded: Any = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is type(model.optimizer)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    model.fit(*examples(), epochs=2, **settings)
    loaded.fit(*examples(), epochs=2, **settings)
    for one, two in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", MAKERS)
def test_a_configuration_makes_the_same_optimizer(name: str):
    optimizer = MAKERS[name]()
    config = keras.optimizers.serialize(optimizer)
    assert keras.optimizers.deserialize(config).get_config() == optimizer.get_config()


@pytest.mark.parametrize("name", MAKERS)
def test_mixed_precision(name: str):
    kind = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        # As the loop trains; what XLA makes of the optimizers, the test above sees, and it takes a second each time.
        model = compiled(MAKERS[name](), jit_compile=False)
        losses = model.fit(*examples(), batch_size=16, epochs=4, verbose=0).history["loss"]
    finally:
        keras.mixed_precision.set_global_policy(kind)
    assert losses[-1] < losses[0]
    assert all(np.isfinite(variable.numpy()).all() for variable in model.trainable_variables)
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "recoverable"])  # Keras's own Adam otherwise
def test_an_embedding_learns_from_the_sum_of_a_pieces_gradients(name: str):
    """TensorFlow hands them over one by one, and none for a piece that does not occur."""
    tables = []
    for change in (lambda gradient: gradient, tf.convert_to_tensor):
        keras.utils.set_random_seed(0)
        layer, optimizer = keras.layers.Embedding(6, 2), MAKERS[name]()
        layer.build()
        table: Any = layer.embeddings
        for pieces in ([1, 1, 1, 2], [3, 3, 2, 2], [1, 4, 4, 4]):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.square(layer(tf.constant(pieces)) - [[1.0, 2.0]]))
            (gradient,) = tape.gradient(loss, [table.value])
            assert isinstance(gradient, tf.IndexedSlices)
            optimizer.apply([change(gradient)], [table])
        tables.append(table.numpy())
    np.testing.assert_allclose(*tables, rtol=1e-6)


def test_plain_hypergradient_sgd_leaves_the_pieces_that_do_not_occur():
    layer, optimizer = keras.layers.Embedding(4, 2), HypergradientSGD(0.1)
    layer.build()
    table: Any = layer.embeddings
    before = table.numpy()
    for piece in (1, 2):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(tf.constant([piece])))
        optimizer.apply(tape.gradient(loss, [table.value]), [table])
    np.testing.assert_allclose(
        before - table.numpy(), 0.1 * np.array([[0], [1], [1], [0]]).repeat(2, 1), rtol=0.02, atol=1e-7
    )
