"""Keras to LiteRT: the files that serving loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from keras import layers

WEIGHTS: dict[str, dict[str, Any]] = {
    "float32": {},
    "float16": {
        "optimizations": [tf.lite.Optimize.DEFAULT],
        "target_spec": {"supported_types": [tf.float16]},
    },
    "int8": {"optimizations": [tf.lite.Optimize.DEFAULT]},
}
"""How a file may store weights: with 4 bytes, 2 bytes, or 1 byte each with a scale for each channel.

With float16 the arithmetic stays float32; with int8 (dynamic range quantisation) large matrix products are integer
ones, faster and a little less exact.
"""


def export_litert(model: keras.Model, path: Path, weights: str = "float16") -> None:
    """Write a model as `.tflite` that takes any batch size.

    Args:
        model: float32 or int32 inputs, float32 outputs.
        path: ends in `.tflite`.
        weights: one of `WEIGHTS`.
    """
    model.export(str(path), format="litert", verbose=False, **WEIGHTS[weights])


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
