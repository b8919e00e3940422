import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from sslrec.data.digits import DigitData
from sslrec.learning.augment import GENTLE, DigitAugmentation, augment_digits, bilinear_sample, damage_digits

STILL = DigitAugmentation(rotation=0, scale=0, shear=0, shift=0, elastic=0, stroke=0, erase=0)
SEED = tf.constant([3, 7], tf.int32)


@pytest.fixture(scope="module")
def images(few_digits: DigitData) -> tf.Tensor:
    return tf.constant(few_digits.x_train[:200, ..., None].astype(np.float32) / 255)


def test_bilinear_sample_agrees_with_scipy_inside_and_outside_the_picture():
    rng = np.random.default_rng(0)
    pictures = rng.uniform(size=(3, 9, 9)).astype(np.float32)
    x, y = rng.uniform(-4, 12, size=(2, 3, 9, 9)).astype(np.float32)
    sampled = bilinear_sample(tf.constant(pictures), tf.constant(x), tf.constant(y)).numpy()
    for picture, columns, rows, result in zip(pictures, x, y, sampled, strict=True):
        expected = ndimage.map_coordinates(picture, [rows, columns], order=1, mode="grid-constant", cval=0.0)
        # The far border keeps a thousandth of the edge pixel, so that no index leaves the padded picture.
        np.testing.assert_allclose(result, expected, atol=1.1e-3)


def test_without_ranges_a_view_is_the_digit_itself(images: tf.Tensor):
    np.testing.assert_allclose(augment_digits(images, SEED, STILL), images, atol=1e-6)


@pytest.mark.parametrize("ranges", [DigitAugmentation(), GENTLE], ids=["default", "gentle"])
def test_equal_seeds_give_equal_views_and_others_differ(images: tf.Tensor, ranges: DigitAugmentation):
    view = augment_digits(images, SEED, ranges).numpy()
    np.testing.assert_array_equal(augment_digits(images, SEED, ranges), view)
    other = augment_digits(images, tf.constant([3, 8], tf.int32), ranges).numpy()
    changed = np.abs(other - view).max(axis=(1, 2, 3))
    assert (changed > 0.1).all()


@pytest.mark.parametrize("seed", range(3))
def test_views_keep_shape_and_range(images: tf.Tensor, seed: int):
    view = augment_digits(images, tf.constant([seed, 0], tf.int32), DigitAugmentation()).numpy()
    assert view.shape == images.shape
    assert view.dtype == np.float32
    assert np.isfinite(view).all()
    assert view.min() >= 0
    assert view.max() <= 1


def test_shift_moves_the_ink_by_at_most_the_range():
    dot = np.zeros((500, 28, 28, 1), np.float32)
    dot[:, 14, 10] = 1
    moved = augment_digits(tf.constant(dot), SEED, DigitAugmentation(0, 0, 0, 2.5, 0, 0, 0)).numpy()[..., 0]
    rows, columns = np.mgrid[:28, :28]
    ink = moved.sum(axis=(1, 2))
    down = (moved * rows).sum(axis=(1, 2)) / ink - 14
    right = (moved * columns).sum(axis=(1, 2)) / ink - 10
    for move in (down, right):
        assert np.abs(move).max() <= 2.5 + 1e-3
        assert move.min() < -2
        assert move.max() > 2


def test_stroke_both_thickens_and_thins(images: tf.Tensor):
    view = augment_digits(images, SEED, DigitAugmentation(0, 0, 0, 0, 0, 0.8, 0)).numpy()
    change = view - images.numpy()
    thicker, thinner = (change >= 0).all(axis=(1, 2, 3)), (change <= 0).all(axis=(1, 2, 3))
    assert (thicker | thinner).all()
    assert 0.3 < thicker.mean() < 0.7


def test_erasing_blanks_one_rectangle_of_at_most_ten_pixels():
    full = tf.ones((100, 28, 28, 1))
    view = augment_digits(full, SEED, DigitAugmentation(0, 0, 0, 0, 0, 0, 1.0)).numpy()[..., 0]
    for picture in view:
        rows, columns = np.nonzero(picture == 0)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert height * width == len(rows)
        assert 4 <= height <= 10
        assert 4 <= width <= 10


def test_erasing_happens_with_its_probability():
    view = augment_digits(tf.ones((2000, 28, 28, 1)), SEED, DigitAugmentation(0, 0, 0, 0, 0, 0, 0.3)).numpy()
    assert (view == 0).any(axis=(1, 2, 3)).mean() == pytest.approx(0.3, abs=0.04)


def test_damage_repeats_stays_in_range_and_leaves_some_digits_whole(images: tf.Tensor):
    damaged = damage_digits(images, SEED).numpy()
    np.testing.assert_array_equal(damage_digits(images, SEED), damaged)
    assert damaged.min() >= 0
    assert damaged.max() <= 1
    whole = (damaged == images.numpy()).all(axis=(1, 2, 3)).mean()
    assert 0.1 < whole < 0.4  # a tenth by intent; of the others, some patches fall on blank ground
