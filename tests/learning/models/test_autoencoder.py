import pytest
import tensorflow as tf

from sslrec.learning.models.autoencoder import Autoencoder, build_decoder, build_encoder


@pytest.mark.parametrize("code", [32, 64])
def test_the_code_is_the_only_thing_between_picture_and_picture(code: int):
    images = tf.zeros((2, 28, 28, 1))
    codes = build_encoder(code)(images)
    assert codes.shape == (2, code)
    assert build_decoder(code)(codes).shape == (2, 28, 28, 1)


def test_the_autoencoder_is_its_decoder_after_its_encoder():
    model = Autoencoder(8)
    images = tf.random.stateless_uniform((3, 28, 28, 1), (0, 1))
    logits = model(images)
    assert tf.reduce_max(tf.abs(logits - model.decoder(model.encoder(images)))) < 1e-5
    assert model.encoder(images).shape == (3, model.code)
