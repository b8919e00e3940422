import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sslrec.evaluation.probes import unit_length
from sslrec.serving.index import BLOCK, FEW, VectorIndex, best, diversify, products, ranks

# Few different values, so that there are ties.
VALUES = arrays.arrays(np.float32, st.integers(1, 30), elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0]))


def vectors(n: int, dim: int = 8, seed: int = 0) -> np.ndarray:
    return unit_length(np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32))


@settings(max_examples=50, deadline=None)
@given(VALUES, st.integers(0, 40), st.data())
def test_the_best_are_those_of_a_full_sort(values: np.ndarray, k: int, data: st.DataObject):
    allowed = data.draw(arrays.arrays(bool, len(values)))
    exclude = data.draw(st.none() | st.integers(0, len(values) - 1))
    wanted = sorted(
        (row for row in range(len(values)) if allowed[row] and row != exclude), key=lambda row: (-values[row], row)
    )
    found = best(values, k, allowed, exclude)
    assert found.rows.tolist() == wanted[:k]
    assert found.cosines.tolist() == values[wanted[:k]].tolist()


@settings(max_examples=50, deadline=None)
@given(VALUES, st.data())
def test_a_rank_is_the_place_in_a_full_sort(values: np.ndarray, data: st.DataObject):
    allowed = data.draw(arrays.arrays(bool, len(values)))
    order = best(values, len(values), allowed).rows
    assert ranks(values, order, allowed).tolist() == list(range(1, len(order) + 1))


@settings(max_examples=100, deadline=None)
@given(VALUES, st.data())
def test_a_rank_counts_what_is_allowed_and_comes_before(values: np.ndarray, data: st.DataObject):
    allowed = data.draw(arrays.arrays(bool, len(values)))
    rows = data.draw(arrays.arrays(np.int64, st.integers(0, 8), elements=st.integers(0, len(values) - 1)))
    wanted = [
        1 + sum(bool(allowed[other]) and (-values[other], other) < (-values[row], row) for other in range(len(values)))
        for row in rows
    ]
    assert ranks(values, rows, allowed).tolist() == wanted


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1, 20])
@pytest.mark.parametrize("known", [1, BLOCK - 1, BLOCK, 5 * BLOCK + 7])
def test_products_are_those_of_each_pair(known: int, count: int):
    few, many = vectors(known), vectors(count + 1, seed=1)[:count]
    found = products(few, many)
    assert (found.dtype, found.shape) == (np.float32, (count, known))
    wanted = [[sum(float(a) * float(b) for a, b in zip(one, other, strict=True)) for other in few] for one in many]
    np.testing.assert_allclose(found, np.reshape(wanted, (count, known)), atol=1e-6)


def test_search_compares_every_vector():
    known = vectors(500)
    query = vectors(1, seed=1)[0]
    cosines = [float(np.dot(query, vector)) for vector in known]
    hits = VectorIndex(known).search(query, 10)
    assert hits.rows.tolist() == sorted(range(500), key=lambda row: -cosines[row])[:10]
    np.testing.assert_allclose(hits.cosines, sorted(cosines, reverse=True)[:10], rtol=1e-5)


def test_a_vector_finds_itself_unless_it_is_excluded():
    known = vectors(50)
    index = VectorIndex(known)
    assert index.search(known[7], 1).rows.tolist() == [7]
    assert 7 not in index.search(known[7], 50, exclude=7).rows
    assert len(index) == 50


def test_several_queries_at_once_are_as_one_by_one():
    known, queries = vectors(40), vectors(3, seed=2)
    found = VectorIndex(known).cosines(queries)
    for query, row in zip(queries, found, strict=True):
        np.testing.assert_allclose(row, known @ query, atol=1e-6)


@pytest.mark.parametrize("wrong", [np.zeros(4, np.float32), np.zeros((2, 4), np.float16)])
def test_only_a_float32_matrix_is_searched(wrong: np.ndarray):
    with pytest.raises(ValueError, match="must be"):
        VectorIndex(wrong)


def slow_mmr(known: np.ndarray, relevance: np.ndarray, k: int, diversity: float) -> list[int]:
    chosen: list[int] = []
    while len(chosen) < min(k, len(known)):
        rest = [row for row in range(len(known)) if row not in chosen]
        if not chosen:
            gains = {row: float(relevance[row]) for row in rest}
        else:
            gains = {
                row: (1 - diversity) * relevance[row]
                - diversity * max(float(known[row] @ known[other]) for other in chosen)
                for row in rest
            }
        chosen.append(max(rest, key=lambda row: gains[row]))
    return chosen


@pytest.mark.parametrize("diversity", [0.0, 0.3, 0.7, 1.0])
def test_diverse_choices_are_those_of_the_formula(diversity: float):
    known = vectors(30, seed=3)
    relevance = known @ vectors(1, seed=4)[0]
    assert diversify(known, relevance, 12, diversity).tolist() == slow_mmr(known, relevance, 12, diversity)


def test_without_diversity_the_order_is_by_relevance():
    known = vectors(20)
    relevance = known @ vectors(1, seed=5)[0]
    assert diversify(known, relevance, 20, 0.0).tolist() == np.argsort(-relevance).tolist()


def test_a_twin_of_the_first_choice_comes_late():
    known = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert diversify(known, np.array([0.9, 0.9, 0.5], np.float32), 3, 0.5).tolist() == [0, 2, 1]


def test_no_more_is_chosen_than_there_is():
    assert diversify(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 5, 0.5).tolist() == []
    assert sorted(diversify(vectors(3), np.ones(3, np.float32), 9, 0.5)) == [0, 1, 2]
