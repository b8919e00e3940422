import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import rankdata
from sklearn.metrics import ndcg_score

from sslrec.evaluation.ranking import (
    expected_calibration_error,
    first_ranks,
    hit_at_k,
    ndcg_at_k,
    precision_at_k,
    reciprocal_rank,
    reciprocal_rank_fusion,
    top_relevance,
)

SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=12)


def slow_order(scores: list[float], relevant: list[bool]) -> list[int]:
    """Items best first; of equal ones the irrelevant first."""
    return sorted(range(len(scores)), key=lambda item: (-scores[item], relevant[item]))


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(SHAPES)
    # Few values, so that there are ties.
    scores = draw(arrays.arrays(np.float32, shape, elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0])))
    return scores, draw(arrays.arrays(bool, shape))


@settings(max_examples=60, deadline=None)
@given(rankings(), st.integers(1, 15))
def test_the_figures_are_those_of_a_slow_look_at_the_ranking(given_: tuple[np.ndarray, np.ndarray], k: int):
    scores, relevant = given_
    figures = [measure(scores, relevant, k) for measure in (precision_at_k, ndcg_at_k, hit_at_k)]
    ranks, reciprocal = first_ranks(scores, relevant), reciprocal_rank(scores, relevant)
    for query, (values, right) in enumerate(zip(scores.tolist(), relevant.tolist(), strict=True)):
        order = slow_order(values, right)
        found = [right[item] for item in order]
        first = next((place + 1 for place, hit in enumerate(found) if hit), math.inf)
        gain = sum(1 / math.log2(place + 2) for place, hit in enumerate(found[:k]) if hit)
        perfect = sum(1 / math.log2(place + 2) for place in range(min(k, sum(right))))
        assert figures[0][query] == pytest.approx(sum(found[:k]) / k)
        assert figures[1][query] == pytest.approx(gain / perfect if perfect else 0)
        assert figures[2][query] == (first <= k)
        assert ranks[query] == first
        assert reciprocal[query] == pytest.approx(1 / first)


def test_ndcg_is_scikit_learn_s():
    random = np.random.default_rng(0)
    scores, relevant = random.random((30, 40)), random.random((30, 40)) < 0.2
    relevant[:, 0] = True
    for k in (1, 5, 10, 40):
        assert ndcg_at_k(scores, relevant, k).mean() == pytest.approx(ndcg_score(relevant, scores, k=k))


def test_a_constant_score_earns_nothing_by_luck():
    relevant = np.array([[True, False, False, False]])
    assert first_ranks(np.zeros((1, 4)), relevant) == [4]
    assert hit_at_k(np.zeros((1, 4)), relevant, 3) == [0]
    assert not top_relevance(np.zeros((1, 4)), relevant, 3).any()


def test_an_item_left_out_is_never_found():
    scores, relevant = np.array([[1.0, -np.inf, -np.inf]]), np.array([[False, True, True]])
    assert first_ranks(scores, relevant) == [np.inf]
    assert hit_at_k(scores, relevant, 3) == [0]


def slow_calibration_error(probabilities: np.ndarray, outcomes: np.ndarray, bins: int) -> float:
    total = 0.0
    for place in range(bins):
        inside = [
            (p, o)
            for p, o in zip(probabilities, outcomes, strict=True)
            if place / bins <= p < (place + 1) / bins or (place == bins - 1 and p == 1)
        ]
        if inside:
            total += abs(sum(p for p, _ in inside) - sum(o for _, o in inside))
    return total / len(probabilities)


def test_calibration_error_is_that_of_the_bins():
    random = np.random.default_rng(1)
    probabilities = np.append(random.random(500), [0.0, 1.0])
    outcomes = random.random(502) < probabilities**2
    for bins in (1, 4, 16):
        found = expected_calibration_error(probabilities, outcomes, bins)
        assert found == pytest.approx(slow_calibration_error(probabilities, outcomes, bins))


def test_honest_probabilities_have_a_small_error_and_boasts_a_large_one():
    random = np.random.default_rng(2)
    probabilities = random.random(20_000)
    assert expected_calibration_error(probabilities, random.random(20_000) < probabilities) < 0.02
    assert expected_calibration_error(np.full(1000, 0.99), random.random(1000) < 0.5) == pytest.approx(0.49, abs=0.05)


def test_rank_fusion_is_that_of_the_formula():
    first, second = np.array([[0.9, 0.5, 0.1]]), np.array([[10.0, 30.0, 20.0]])
    wanted = [1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 63 + 1 / 62]
    np.testing.assert_allclose(reciprocal_rank_fusion([first, second])[0], wanted)


def test_rank_fusion_ranks_as_scipy_does():
    rankings = np.random.default_rng(3).integers(0, 6, (2, 7, 30)).astype(float)
    wanted = sum(1 / (60 + rankdata(-scores, axis=1)) for scores in rankings)
    np.testing.assert_allclose(reciprocal_rank_fusion(rankings), wanted, rtol=1e-6)


def test_rank_fusion_shares_ranks_among_equals_and_leaves_out_what_a_system_does():
    fused = reciprocal_rank_fusion([np.array([[1.0, 0.0, 0.0, -np.inf]]), np.array([[1.0, 0.0, 0.0, 5.0]])])
    assert fused[0, 1] == fused[0, 2]
    assert fused[0, 3] == -np.inf
