"""Keras to LiteRT: the files that serving loads."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf
from keras import layers


def export_litert(model: keras.Model, path: Path, half: bool = True) -> None:
    """Write a model as `.tflite` that takes any batch size.

    Args:
        model: one float32 input, one float32 output.
        path: ends in `.tflite`.
        half: store the weights as float16 (half the size); the arithmetic stays float32.
    """
    options = {}
    if half:
        options = {
            "optimizations": [tf.lite.Optimize.DEFAULT],
            "target_spec": {"supported_types": [tf.float16]},
        }
    model.export(str(path), format="litert", verbose=False, **options)


def with_sigmoid(model: keras.Model) -> keras.Model:
    """The same model with a sigmoid after its logits."""
    return keras.Model(model.input, layers.Activation("sigmoid", dtype="float32")(model.output))


def as_float32(build, trained: keras.Model) -> keras.Model:
    """Rebuild a model under the float32 policy with the weights of one trained in mixed precision.

    Args:
        build: makes the same architecture.
        trained: the model whose weights are taken.
    """
    policy = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("float32")
    try:
        model = build()
    finally:
        keras.mixed_precision.set_global_policy(policy)
    model.set_weights(trained.get_weights())
    return model
