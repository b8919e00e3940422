import numpy as np
import pytest
import tensorflow as tf

from sslrec.data.digits import DigitData
from sslrec.learning.augment import augment_digits
from sslrec.learning.encoders.digit import FEATURES, build_digit_encoder
from sslrec.learning.tasks.autoencoder import to_float
from sslrec.learning.tasks.classifier import one_hot
from sslrec.learning.tasks.semi_supervised import STRONG, WEAK, SemiSupervisedTask

SEED = tf.constant([0, 1], tf.int32)


def build(digits: DigitData, scale: float, threshold: float) -> SemiSupervisedTask:
    rng = np.random.default_rng(0)
    head = (scale * rng.normal(size=(FEATURES, 10)).astype(np.float32), np.zeros(10, np.float32))
    labelled = digits.x_fit[:20], one_hot(digits.y_fit[:20])
    held_out = digits.x_test, digits.y_test
    return SemiSupervisedTask(*labelled, digits.x_fit, held_out, build_digit_encoder(), head, threshold, 8)


def test_an_epoch_passes_over_the_unlabelled_digits(few_digits: DigitData):
    assert build(few_digits, 1.0, 0.95).size == len(few_digits.x_fit)


def test_nothing_is_believed_from_a_model_that_is_not_sure(few_digits: DigitData):
    task = build(few_digits, 0.0, 0.95)  # even logits
    loss, scalars = task.loss(tf.range(16), SEED)
    assert float(scalars["believed"]) == 0
    assert float(scalars["consistency"]) == 0
    assert float(loss) == pytest.approx(np.log(10), rel=1e-4)  # what is left is the labelled digits' cross-entropy


def test_consistency_equals_a_slow_loop_over_the_believed_answers(few_digits: DigitData):
    task = build(few_digits, 0.2, 0.5)
    _, scalars = task.loss(tf.range(16), SEED)
    labelled = tf.constant(to_float(few_digits.x_fit[:20]))
    chosen = tf.random.stateless_uniform((8,), tf.random.fold_in(SEED, 300), 0, 20, tf.int32)
    images = tf.constant(to_float(few_digits.x_fit[:16]))
    views = [
        augment_digits(tf.gather(labelled, chosen), tf.random.fold_in(SEED, 100), task.augmentation),
        augment_digits(images, tf.random.fold_in(SEED, 200), WEAK),
        augment_digits(images, tf.random.fold_in(SEED, 400), STRONG),
    ]
    logits = task.model(tf.concat(views, axis=0), training=True).numpy().astype(np.float64)
    losses, believed = [], 0
    for weak, strong in zip(logits[8:24], logits[24:], strict=True):
        answer = np.exp(weak - weak.max()) / np.exp(weak - weak.max()).sum()
        if answer.max() >= 0.5:
            believed += 1
            losses.append(np.log(np.exp(strong - strong.max()).sum()) + strong.max() - strong[answer.argmax()])
    assert 0 < believed < 16
    assert float(scalars["believed"]) == pytest.approx(believed / 16)
    assert float(scalars["consistency"]) == pytest.approx(np.sum(losses) / 16, rel=1e-3)
