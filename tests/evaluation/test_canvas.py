import numpy as np
import pytest

from sslrec.data.digits import load
from sslrec.evaluation.canvas import place_on_canvas

DIGITS = load("digits").x_test[:60]


@pytest.fixture(scope="module")
def canvases() -> np.ndarray:
    return place_on_canvas(DIGITS, seed=3)


def extents(canvases: np.ndarray) -> list[int]:
    """Larger side of the ink on each canvas."""
    sides = []
    for canvas in canvases:
        rows, columns = np.nonzero(canvas > 25)
        sides.append(max(np.ptp(rows), np.ptp(columns)) + 1)
    return sides


def test_canvases_are_grey_and_hold_ink(canvases: np.ndarray):
    assert canvases.shape == (60, 56, 56)
    assert canvases.dtype == np.uint8
    assert canvases.max(axis=(1, 2)).min() > 100
    assert ((canvases > 20) & (canvases < 235)).any(axis=(1, 2)).all()


def test_the_seed_decides(canvases: np.ndarray):
    np.testing.assert_array_equal(place_on_canvas(DIGITS, seed=3), canvases)
    assert (place_on_canvas(DIGITS, seed=4) != canvases).any()


def test_sizes_run_from_half_to_one_and_a_half(canvases: np.ndarray):
    sides = np.array(extents(canvases))
    assert sides.min() < 13
    assert sides.max() > 26
    assert sides.max() <= 1.5 * 24


def test_digits_lie_anywhere_and_whole(canvases: np.ndarray):
    centres = np.array([[axis.mean() for axis in np.nonzero(canvas)] for canvas in canvases])
    assert centres.min() < 14
    assert centres.max() > 42
    ink = DIGITS.astype(float).sum(axis=(1, 2))
    # None loses a part beyond the edge: even the thinnest pen on the smallest digit leaves a share of the ink.
    assert (canvases.astype(float).sum(axis=(1, 2)) / ink).min() > 0.05


def test_pens_differ():
    same = np.repeat(DIGITS[:1], 40, axis=0)
    canvases = place_on_canvas(same, seed=0)
    thickness = [canvas.sum() / 255 / side**2 for canvas, side in zip(canvases, extents(canvases), strict=True)]
    assert max(thickness) > 1.5 * min(thickness)
