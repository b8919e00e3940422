import math
from collections import Counter

import numpy as np
import pytest

from sslrec.evaluation.language import (
    count_neighbours,
    log_softmax,
    pseudo_perplexity,
    target_ranks,
    top_k_accuracy,
)

SPECIAL = np.array([True] * 5 + [False] * 7)
START, END, MASK = 2, 3, 4


def test_ranks_by_hand():
    scores = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]])
    np.testing.assert_array_equal(target_ranks(scores, np.array([1, 1, 2])), [0, 1, 2])
    assert top_k_accuracy(scores, np.array([1, 1, 2]), 1) == pytest.approx(1 / 3)
    assert top_k_accuracy(scores, np.array([1, 1, 2]), 2) == pytest.approx(2 / 3)


def test_the_same_score_for_every_piece_is_no_knowledge():
    scores, targets = np.zeros((100, 100)), np.arange(100)
    assert top_k_accuracy(scores, targets, 5) == 0
    assert top_k_accuracy(scores, targets, 50) == 1  # in the middle


def test_log_softmax_equals_the_textbook_formula_and_survives_large_logits():
    logits = np.array([[1.0, 2.0, -3.0], [1000.0, 0.0, 0.0]])
    expected = [math.log(math.exp(value) / sum(map(math.exp, logits[0]))) for value in logits[0]]
    np.testing.assert_allclose(log_softmax(logits)[0], expected)
    assert np.isfinite(log_softmax(logits)).all()


def test_pseudo_perplexity_of_even_guesses_is_their_number():
    assert pseudo_perplexity(np.log(np.full(7, 1 / 40))) == pytest.approx(40)
    assert pseudo_perplexity(np.log([1 / 2, 1 / 8])) == pytest.approx(4)


def texts_of(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(7))
    return [np.array([START, *(5 + rng.choice(7, rng.integers(0, 9), p=weights)), END]) for _ in range(30)]


def slow_trigram(texts: list[np.ndarray], left: int, right: int) -> list[float]:
    """The formulas of `NeighbourCounts`, one piece after the other."""
    pieces, after, before, middles = Counter(), Counter(), Counter(), Counter()
    for text in texts:
        for a, b, c in zip(text[:-2], text[1:-1], text[2:], strict=True):
            pieces[b] += 1
            after[a, b] += 1
            before[c, b] += 1
            middles[a, c, b] += 1
    words = range(5, 12)
    total = sum(pieces[w] + 1 for w in words)
    one = {w: (pieces[w] + 1) / total for w in words}

    def backed_off(counts: dict[int, int], fallback: dict[int, float]) -> dict[int, float]:
        seen, kinds = sum(counts.values()), sum(count > 0 for count in counts.values())
        if not seen:
            return fallback
        return {w: (counts[w] + kinds * fallback[w]) / (seen + kinds) for w in words}

    from_left = backed_off({w: after[left, w] for w in words}, one)
    from_right = backed_off({w: before[right, w] for w in words}, one)
    product = {w: from_left[w] * from_right[w] / one[w] for w in words}
    pairs = {w: product[w] / sum(product.values()) for w in words}
    best = backed_off({w: middles[left, right, w] for w in words}, pairs)
    return [best.get(w, 0.0) for w in range(12)]


@pytest.mark.parametrize("seed", range(3))
def test_the_trigram_baseline_equals_a_slow_loop_over_the_pieces(seed: int):
    texts = texts_of(seed)
    counts = count_neighbours(texts, SPECIAL)
    rng = np.random.default_rng(seed)
    left, right = rng.integers(5, 12, 20), rng.integers(5, 12, 20)
    left[:3], right[2:5] = (START, MASK, MASK), (END, MASK, MASK)
    found = counts.trigram(left, right)
    expected = [slow_trigram(texts, a, b) for a, b in zip(left, right, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_without_neighbours_the_baseline_is_how_frequent_a_piece_is():
    counts = count_neighbours([np.array([START, 5, 5, 6, END])], SPECIAL)
    expected = np.array([0] * 5 + [3, 2, 1, 1, 1, 1, 1]) / 10
    np.testing.assert_allclose(counts.unigram(2), [expected, expected])
    np.testing.assert_allclose(counts.trigram(np.array([MASK]), np.array([MASK])), [expected])


def test_a_gap_between_known_neighbours_is_filled_as_before():
    counts = count_neighbours([np.array([START, 7, 8, 9, END])] * 50, SPECIAL)
    assert counts.trigram(np.array([7]), np.array([9]))[0].argmax() == 8
    assert counts.trigram(np.array([7]), np.array([9]))[0, 8] > 0.9


def test_special_pieces_are_never_guessed():
    counts = count_neighbours([np.array([START, 7, 1, 9, END])], SPECIAL)
    assert counts.trigram(np.array([7]), np.array([9]))[0, :5].sum() == 0


def test_no_text_at_all_leaves_even_guesses():
    counts = count_neighbours([np.array([START, END])], SPECIAL)
    np.testing.assert_allclose(counts.trigram(np.array([5]), np.array([6]))[0, 5:], 1 / 7)
