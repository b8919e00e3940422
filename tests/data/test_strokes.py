import numpy as np
import pytest

from sslrec.data.strokes import stroke_width, widened


def bar(width: int) -> np.ndarray:
    image = np.zeros((60, 200), np.float32)
    image[20 : 20 + width, 5:195] = 1
    return image


@pytest.mark.parametrize("width", [3, 5, 8, 12])
def test_the_width_of_a_bar_is_measured(width: int):
    assert stroke_width(bar(width)) == pytest.approx(width, rel=0.1)


@pytest.mark.parametrize(("change", "width"), [(4, 12), (2, 10), (0, 8), (-2, 6), (-4, 4), (0.9, 8)])
def test_widening_changes_the_width_by_so_many_pixels(change: float, width: int):
    changed = widened(bar(8), change)
    assert int((changed[:, 100] > 0).sum()) == width


def test_a_point_grows_round():
    image = np.zeros((21, 21), np.uint8)
    image[10, 10] = 255
    grown = widened(image, 8) > 0
    assert grown[10].sum() == 9
    assert not grown[6, 6]
    np.testing.assert_array_equal(grown, grown.T)


def test_nothing_grows_from_nothing():
    assert widened(np.zeros((9, 9), np.float32), 6).max() == 0
    assert stroke_width(np.zeros((9, 9), np.float32)) == 0
