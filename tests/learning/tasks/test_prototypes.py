import keras
import numpy as np

from sslrec.data.digits import DigitData
from sslrec.learning.loop import Schedule, fit
from sslrec.learning.tasks.prototypes import FeatureDecoderTask


def test_features_that_tell_the_class_are_decoded_to_the_classes_mean_digit(few_digits: DigitData):
    keras.utils.set_random_seed(0)
    features = np.eye(10, dtype=np.float32)[few_digits.y_fit]
    task = FeatureDecoderTask(few_digits, features, width=8)
    fit(task, Schedule(epochs=15, batch_size=20, learning_rate=5e-3), seed=0)
    pictures = task.decode(np.eye(10, dtype=np.float32))
    assert pictures.shape == (10, 28, 28)
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    means = np.stack([few_digits.x_fit[few_digits.y_fit == label].mean(axis=0) / 255 for label in range(10)])
    distances = ((pictures[:, None] - means[None]) ** 2).mean(axis=(2, 3))
    assert (distances.argmin(axis=1) == np.arange(10)).sum() >= 8
