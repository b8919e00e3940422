import tensorflow as tf

from sslrec.learning.encoders.digit import FEATURES, build_classifier, build_digit_encoder


def test_digits_become_features_and_logits():
    encoder = build_digit_encoder()
    images = tf.zeros((2, 28, 28, 1))
    assert encoder(images).shape == (2, FEATURES)
    assert build_classifier(encoder)(images).shape == (2, 10)


def test_the_encoder_stays_small_enough_for_a_page():
    assert build_digit_encoder().count_params() < 300_000


def test_the_classifier_shares_the_encoders_weights():
    encoder = build_digit_encoder()
    classifier = build_classifier(encoder, classes=3)
    weights = {id(variable) for variable in classifier.trainable_variables}
    assert {id(variable) for variable in encoder.trainable_variables} < weights
    assert len(classifier.trainable_variables) == len(encoder.trainable_variables) + 2
