"""Views of product pictures."""

import numpy as np
import pytest
import tensorflow as tf

from sslrec.learning.augment_pictures import CLOSEUP, PictureAugmentation, augment_pictures

STILL = PictureAugmentation(1.0, 1.0, 0.0, (1.0, 1.0), 0.0, 0.0, 0.0)


def pictures(count: int = 6) -> tf.Tensor:
    """A white ground with a coloured box that tells left from right."""
    made = np.ones((count, 40, 30, 3), np.float32)
    made[:, 10:30, 5:20] = (0.8, 0.1, 0.2)
    made[:, 10:30, 5:9] = (0.0, 0.0, 0.6)
    return tf.constant(made)


def views(ranges: PictureAugmentation, seed: int = 0, count: int = 6) -> np.ndarray:
    return augment_pictures(pictures(count), tf.constant([seed, 1]), ranges).numpy()


def test_without_changes_a_view_is_the_picture_or_its_mirror_image():
    plain = pictures().numpy()
    found = views(STILL)
    same = [np.allclose(view, picture, atol=1e-4) for view, picture in zip(found, plain, strict=True)]
    mirrored = [np.allclose(view, picture[:, ::-1], atol=1e-4) for view, picture in zip(found, plain, strict=True)]
    assert all(one or other for one, other in zip(same, mirrored, strict=True))
    assert any(same)
    assert any(mirrored)


def test_equal_seeds_give_equal_views_and_others_do_not():
    usual = PictureAugmentation()
    np.testing.assert_array_equal(views(usual, 3), views(usual, 3))
    assert not np.allclose(views(usual, 3), views(usual, 4))
    assert not np.allclose(views(usual)[0], views(usual)[1])


def test_standing_back_shows_white_and_coming_close_shows_more_of_the_product():
    coloured = [(one.min(axis=-1) < 0.7).mean() for one in (pictures(60).numpy(), views(CLOSEUP, count=60))]
    assert coloured[1] > 1.5 * coloured[0]
    back = views(PictureAugmentation(2.0, 2.0, 0.0, (1.0, 1.0), 0.0, 0.0, 0.0), count=60)
    assert (back.min(axis=-1) < 0.7).mean() == pytest.approx(coloured[0] / 4, rel=0.15)
    # The whole picture is somewhere in the view, the rest is white.
    assert (back.min(axis=(1, 2, 3)) < 0.3).all()


def test_colours_stay_what_they_are():
    usual = views(PictureAugmentation(), count=60)
    product = usual[usual.min(axis=-1) < 0.6]
    assert ((product[:, 0] > product[:, 1] + 0.2) | (product[:, 2] > product[:, 1] + 0.2)).mean() > 0.95
    assert usual.min() >= 0
    assert usual.max() <= 1


def test_a_view_may_be_smaller_than_the_picture_and_shows_the_same():
    whole = PictureAugmentation(1.0, 1.0, 0.0, (0.4, 0.7), 0.0, 0.0, 0.0)
    full = augment_pictures(pictures(), tf.constant([0, 1]), whole)
    small = augment_pictures(pictures(), tf.constant([0, 1]), whole, tf.constant([20, 15]))
    assert small.shape == (6, 20, 15, 3)
    shrunk = tf.image.resize(full, (20, 15), antialias=True)
    off, mirrored = (float(tf.reduce_mean(tf.abs(small - other))) for other in (shrunk, shrunk[:, :, ::-1]))
    assert off < 0.5 * mirrored
