import keras
import numpy as np
import pytest
import tensorflow as tf

from sslrec.data.digits import DigitData
from sslrec.learning.augment import augment_digits, damage_digits
from sslrec.learning.encoders.digit import FEATURES, build_digit_encoder
from sslrec.learning.objectives.clustering import mutual_information_loss
from sslrec.learning.objectives.contrastive import nt_xent
from sslrec.learning.objectives.reconstruction import binary_cross_entropy
from sslrec.learning.tasks import encoder as encoder_task
from sslrec.learning.tasks.autoencoder import AutoencoderTask, apply, to_float
from sslrec.learning.tasks.classifier import ClassifierTask, accuracy, one_hot
from sslrec.learning.tasks.encoder import EncoderTask, features

SEED = tf.constant([0, 1], tf.int32)


def test_to_float_brings_ink_to_one():
    images = np.array([[[0, 255], [51, 102]]], np.uint8)
    np.testing.assert_allclose(to_float(images)[..., 0], [[[0, 1], [0.2, 0.4]]])


def test_apply_in_batches_equals_one_call():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    inputs = tf.random.stateless_normal((7, 3), (0, 0))
    np.testing.assert_allclose(apply(model, inputs, batch_size=3), model(inputs), atol=1e-6)


def test_one_hot():
    np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])


def test_the_encoder_learns_from_the_sum_of_both_objectives_on_two_views(few_digits: DigitData):
    task = EncoderTask(few_digits, clusters=(10, 6), temperature=0.5, clustering=0.7)
    indices = tf.range(20)
    total, parts = task.loss(indices, SEED)
    images = tf.constant(to_float(few_digits.x_fit[:20]))
    views = [augment_digits(images, tf.random.fold_in(SEED, salt), task.augmentation) for salt in (100, 200)]
    projections, assignments = task.model(tf.concat(views, axis=0), training=True)
    contrastive = nt_xent(projections[:20], projections[20:], 0.5)
    clustering = np.mean([mutual_information_loss(soft[:20], soft[20:]) for soft in assignments])
    assert float(parts["contrastive"]) == pytest.approx(float(contrastive), rel=1e-4)
    assert float(parts["clustering"]) == pytest.approx(float(clustering), rel=1e-4)
    assert float(total) == pytest.approx(float(contrastive) + 0.7 * float(clustering), rel=1e-4)


def test_the_encoder_measures_neighbours_and_a_probe(few_digits: DigitData):
    task = EncoderTask(few_digits, clusters=(10,))
    assert features(task.model.encoder, few_digits.x_test).shape == (100, FEATURES)
    figures = task.validate()
    assert task.validate() == figures
    figures.pop("validation_loss")
    assert set(figures) == {"knn_accuracy", "probe_accuracy_10_per_class"}
    assert all(0.3 < figure <= 1 for figure in figures.values())  # even random features beat chance (0.1)


def test_the_encoder_measures_the_loss_of_fixed_views(few_digits: DigitData, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(encoder_task, "PAIRS", 20)
    task = EncoderTask(few_digits, clusters=(10,), temperature=0.5)
    images, losses = to_float(few_digits.x_validation), []
    for part in range(2):
        one, two = (
            task.model(augment_digits(images[20 * part :][:20], tf.random.fold_in((0, part), salt), task.augmentation))
            for salt in (100, 200)
        )
        clustering = mutual_information_loss(one[1][0], two[1][0])
        losses.append(float(nt_xent(one[0], two[0], 0.5)) + float(clustering))
    assert task.validate()["validation_loss"] == pytest.approx(np.mean(losses), rel=1e-3)


def test_a_fine_tuned_classifier_starts_from_the_encoder_and_head_it_is_given(few_digits: DigitData):
    encoder = build_digit_encoder()
    rng = np.random.default_rng(0)
    head = rng.normal(size=(FEATURES, 10)).astype(np.float32), rng.normal(size=10).astype(np.float32)
    held_out = few_digits.x_test, few_digits.y_test
    task = ClassifierTask(few_digits.x_fit, one_hot(few_digits.y_fit), held_out, pretrained=encoder, head=head)
    images = tf.constant(to_float(few_digits.x_test))
    expected = encoder(images, training=False) @ head[0] + head[1]
    np.testing.assert_allclose(task.model(images, training=False), expected, rtol=1e-3, atol=1e-3)
    hits = np.argmax(expected, axis=1) == few_digits.y_test
    assert accuracy(task.model, *held_out) == pytest.approx(hits.mean())
    losses = -np.log(np.exp(expected)[np.arange(len(hits)), few_digits.y_test] / np.exp(expected).sum(axis=1))
    assert task.validate() == {
        "validation_loss": pytest.approx(losses.mean(), rel=1e-3),
        "validation_accuracy": pytest.approx(hits.mean()),
    }


def test_smoothed_labels_leave_a_floor_under_the_loss(few_digits: DigitData):
    held_out = few_digits.x_test, few_digits.y_test
    task = ClassifierTask(few_digits.x_fit, one_hot(few_digits.y_fit), held_out, smoothing=0.2)
    head = task.model.get_layer("logits")
    head.set_weights([np.zeros_like(weight) for weight in head.get_weights()])
    loss, scalars = task.loss(tf.range(10), SEED)
    assert float(loss) == pytest.approx(np.log(10), rel=1e-5)  # even logits against targets that sum to one
    assert 0 <= float(scalars["accuracy"]) <= 1


def test_the_autoencoder_is_asked_for_the_whole_digit_when_it_denoises(few_digits: DigitData):
    keras.utils.set_random_seed(0)
    task = AutoencoderTask(few_digits, code=4, denoise=True)
    images = tf.constant(to_float(few_digits.x_fit[:50]))
    damaged = damage_digits(images, SEED)
    expected = binary_cross_entropy(images, task.model(damaged, training=True))
    assert float(task.loss(tf.range(50), SEED)[0]) == pytest.approx(float(expected), rel=1e-6)
    wrong = binary_cross_entropy(damaged, task.model(damaged, training=True))
    assert abs(float(wrong) - float(expected)) > 1e-4


@pytest.mark.parametrize("denoise", [False, True])
def test_the_autoencoders_validation_repeats(few_digits: DigitData, denoise: bool):
    task = AutoencoderTask(few_digits, code=4, denoise=denoise)
    assert set(task.validate()) == {"validation_loss"}
    assert task.validate() == task.validate()
