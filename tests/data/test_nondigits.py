import numpy as np
import pytest

from sslrec.data import digits, nondigits
from sslrec.data.nondigits import make_nondigits


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return digits.load("digits").x_train


def test_they_repeat_for_their_seed_and_come_in_mnists_shape(images: np.ndarray):
    made = make_nondigits(images, 25, seed=1)
    assert made.shape == (25, 28, 28)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(make_nondigits(images, 25, seed=1), made)
    assert not np.array_equal(make_nondigits(images, 25, seed=2), made)


def test_every_sign_can_be_drawn_and_fills_the_frame_of_a_digit(images: np.ndarray, monkeypatch):
    for name, strokes in nondigits.SIGNS.items():
        monkeypatch.setattr(nondigits, "SIGNS", {name: strokes})
        made = make_nondigits(images, 8, seed=4)[5:]  # the last three kinds are signs
        for picture in made:
            rows, columns = np.nonzero(picture > 40)
            assert 17 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 22, name


def test_none_is_blank_and_none_is_one_of_the_digits(images: np.ndarray):
    made = make_nondigits(images, 100, seed=3)
    assert (made.reshape(100, -1).max(axis=1) > 50).all()
    known = {image.tobytes() for image in images}
    assert sum(picture.tobytes() in known for picture in made) == 0
