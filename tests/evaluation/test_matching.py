import numpy as np
import pytest

from sslrec.evaluation.matching import MatchProbability, fit_match_probability, match_pairs


def test_a_logistic_truth_is_found_again():
    random = np.random.default_rng(0)
    cosines = random.uniform(-1, 1, 50_000)
    truth = MatchProbability(9.0, -4.0)
    found = fit_match_probability(cosines, random.random(50_000) < truth(cosines))
    assert found.scale == pytest.approx(9.0, rel=0.03)
    assert found.offset == pytest.approx(-4.0, rel=0.03)
    assert MatchProbability(2.0, 0.0)(np.array([0.0])) == pytest.approx(0.5)


def test_each_query_meets_its_own_product_any_other_and_a_near_one():
    random = np.random.default_rng(1)
    items = random.normal(size=(200, 6)).astype(np.float32)
    items /= np.linalg.norm(items, axis=1, keepdims=True)
    groups = np.arange(200) // 2
    cosines, matches = match_pairs(items, items, groups, seed=0)
    assert cosines.shape == matches.shape == (600,)
    np.testing.assert_allclose(cosines[matches], 1, atol=1e-5)
    all_cosines = items @ items.T
    for row in range(200):
        allowed = np.sort(all_cosines[row][groups != groups[row]])
        assert np.isclose(allowed, cosines[200 + row], atol=1e-6).any()
        assert cosines[400 + row] >= allowed[-10] - 1e-6
    # Drawn at random, pairs are as near as any; the hard ones are nearer.
    assert cosines[400:].mean() > cosines[200:400].mean() + 0.3


def test_few_products_have_few_neighbours():
    items = np.eye(3, dtype=np.float32)
    cosines, _ = match_pairs(items, items, np.array([0, 0, 1]), seed=0)
    np.testing.assert_array_equal(cosines, [1, 1, 1, 0, 0, 0, 0, 0, 0])
