import math

import pytest

from sslrec.evaluation.significance import mean_interval, share_interval


def test_mean_interval_by_hand():
    # Five values: mean 3, standard deviation sqrt(2.5); Student's t for 4 degrees of freedom is 2.776.
    half = 2.776445 * math.sqrt(2.5 / 5)
    assert mean_interval([1, 2, 3, 4, 5]) == pytest.approx({"mean": 3, "low": 3 - half, "high": 3 + half}, rel=1e-6)


def test_one_value_has_no_width():
    assert mean_interval([0.7]) == {"mean": 0.7, "low": 0.7, "high": 0.7}


@pytest.mark.parametrize(("hits", "total"), [(9_750, 10_000), (0, 20), (20, 20), (1, 3)])
def test_share_interval_is_wilsons(hits: int, total: int):
    z, share = 1.959964, hits / total
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    expected = {"mean": share, "low": centre - half, "high": centre + half}
    assert share_interval(hits, total) == pytest.approx(expected, abs=1e-6)


def test_more_confidence_is_wider():
    assert share_interval(90, 100, 0.99)["low"] < share_interval(90, 100)["low"]
    assert mean_interval([1, 2], 0.99)["high"] > mean_interval([1, 2])["high"]
