import math

import numpy as np
import pytest

from sslrec.evaluation.significance import mean_interval, percentile_interval, resampled_means, share_interval


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


def test_resampled_means_spread_as_the_standard_error_says():
    values = np.random.default_rng(0).normal(3, 2, (1, 400))
    means = resampled_means(values, 4000)
    assert means.shape == (1, 4000)
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / 20, rel=0.05)


def test_systems_are_resampled_together():
    easy = np.random.default_rng(1).random(200)
    means = resampled_means(np.stack([easy, easy + 0.01]), 500)
    np.testing.assert_allclose(means[1] - means[0], 0.01)
    np.testing.assert_array_equal(means, resampled_means(np.stack([easy, easy + 0.01]), 500))


def test_an_interval_of_resampled_figures_holds_the_middle():
    found = percentile_interval(0.5, np.linspace(0, 1, 1001), 0.9)
    assert found == {"mean": 0.5, "low": pytest.approx(0.05), "high": pytest.approx(0.95)}
