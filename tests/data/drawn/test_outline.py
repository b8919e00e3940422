import numpy as np
import pytest

from sslrec.data.drawn.outline import closed, curve, flipped, mirrored, oval, ribbon, sided, slab, spot, turned


def test_a_curve_runs_through_its_points():
    points = curve("0,0 10,5 20,0! 30,20")
    for place in ((0, 0), (10, 5), (20, 0), (30, 20)):
        assert np.linalg.norm(points - place, axis=1).min() < 1e-9
    assert points[0].tolist() == [0, 0]
    assert points[-1].tolist() == [30, 20]


def test_corners_keep_straight_lines_straight():
    square = closed("0,0! 10,0! 10,10! 0,10!")
    assert square.tolist() == [[0, 0], [10, 0], [10, 10], [0, 10]]


def test_a_closed_curve_without_corners_is_smooth_all_round():
    points = closed("0,-10 10,0 0,10 -10,0")
    steps = np.diff(np.concatenate([points, points[:1]]), axis=0)
    angles = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    assert np.abs(np.diff(angles)).max() < 0.35
    assert np.linalg.norm(points, axis=1) == pytest.approx(9.4, abs=0.7)


def test_mirrored_outlines_are_symmetric_about_the_middle():
    points = mirrored("80,10 100,30! 90,60 80,70")
    other = flipped(points)
    assert all(np.linalg.norm(points - place, axis=1).min() < 1e-6 for place in other)
    assert sided(points, 1) is points
    assert spot(100, 5, -1) == (60, 5)


def test_ovals_slabs_and_turns_have_their_measures():
    assert np.ptp(oval(50, 60, 10, 4), axis=0) == pytest.approx([20, 8], abs=0.1)
    assert np.ptp(oval(50, 60, 10, 4, 90), axis=0) == pytest.approx([8, 20], abs=0.1)
    assert np.ptp(slab(1, 2, 11, 22, 3), axis=0) == pytest.approx([10, 20])
    assert turned(np.array([[1.0, 0.0]]), 90, (0, 0))[0] == pytest.approx([0, 1])


def test_a_ribbon_is_as_wide_as_it_should_be():
    band = ribbon(curve("0,0 100,0"), (2, 6))
    assert abs(band[0, 1] - band[-1, 1]) == pytest.approx(2)
    assert np.ptp(band[:, 1]) == pytest.approx(6)
