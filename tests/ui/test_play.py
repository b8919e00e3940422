"""Damage to a digit, and the walk between two."""

import numpy as np
import pytest

from sslrec.ui.play import SIDES, add_noise, hide, walk

FULL = np.ones((10, 10), np.float32)


@pytest.mark.parametrize(
    ("side", "gone"),
    [
        ("left", np.s_[:, :4]),
        ("right", np.s_[:, 6:]),
        ("top", np.s_[:4]),
        ("bottom", np.s_[6:]),
        ("middle", np.s_[3:7, 3:7]),
    ],
)
def test_hiding_blanks_just_that_part(side, gone):
    expected = FULL.copy()
    expected[gone] = 0
    np.testing.assert_array_equal(hide(FULL, side, 0.4), expected)


@pytest.mark.parametrize("side", SIDES)
def test_hiding_leaves_the_original_alone(side):
    before = FULL.copy()
    hide(before, side, 0.7)
    np.testing.assert_array_equal(before, FULL)


def test_noise_is_repeatable_grows_with_its_strength_and_stays_in_range():
    image = np.full((28, 28), 0.5, np.float32)
    weak, strong = add_noise(image, 0.1, 3), add_noise(image, 0.6, 3)
    np.testing.assert_array_equal(weak, add_noise(image, 0.1, 3))
    assert not np.array_equal(weak, add_noise(image, 0.1, 4))
    assert np.abs(weak - image).mean() < np.abs(strong - image).mean()
    assert strong.min() >= 0
    assert strong.max() <= 1
    assert strong.dtype == np.float32


class Mirror:
    """A model whose code is the picture itself."""

    def encode(self, images):
        return images.reshape(len(images), -1)

    def decode(self, codes):
        return codes.reshape(-1, 28, 28)


def test_a_walk_goes_from_one_digit_to_the_other_in_even_steps():
    start, end = np.zeros((28, 28), np.float32), np.ones((28, 28), np.float32)
    way = walk(Mirror(), start, end, 5)
    np.testing.assert_allclose(way[:, 0, 0], [0, 0.25, 0.5, 0.75, 1])
