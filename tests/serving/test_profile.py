import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sslrec.evaluation.probes import unit_length
from sslrec.serving.profile import PIECE, TEMPERATURE, Profile, affinity, akin, attend

COSINES = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(-1, 1, width=32),
)


def slow_attend(similarities: np.ndarray, temperature: float) -> list[float]:
    found = []
    for row in similarities.tolist():
        weights = [np.exp(value / temperature) for value in row]
        found.append(sum(w * v for w, v in zip(weights, row, strict=True)) / sum(weights))
    return found


@settings(max_examples=50, deadline=None)
@given(COSINES, st.sampled_from([0.1, 1.0, 10.0]))
def test_attention_is_that_of_the_formula(similarities: np.ndarray, temperature: float):
    np.testing.assert_allclose(attend(similarities, temperature), slow_attend(similarities, temperature), atol=1e-4)


def test_sharp_attention_takes_the_nearest_and_blunt_the_mean():
    similarities = np.array([[0.9, 0.1, -0.4]], np.float32)
    assert attend(similarities, 0.001)[0] == pytest.approx(0.9)
    assert attend(similarities, 1000)[0] == pytest.approx(0.2, abs=1e-3)


def test_likes_of_two_kinds_bring_both_rather_than_what_lies_between():
    boot, mug = np.array([1, 0, 0], np.float32), np.array([0, 1, 0], np.float32)
    between = unit_length((boot + mug)[None])[0]
    found = affinity(np.stack([boot, mug, between]), np.stack([boot, mug]), np.zeros((0, 3), np.float32))
    assert found[0] == pytest.approx(found[1])
    assert found[0] > found[2]


def test_a_dislike_lowers_what_is_near_to_it():
    vectors = unit_length(np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32))
    nothing = vectors[:0]
    without, with_it = affinity(vectors, vectors[:1], nothing), affinity(vectors, vectors[:1], vectors[5:6])
    fall = without - with_it
    assert fall.argmax() == 5
    np.testing.assert_allclose(fall, vectors @ vectors[5], atol=1e-6)


@pytest.mark.parametrize(("likes", "dislikes"), [(1, 0), (0, 2), (5, 3)])
def test_the_affinity_of_a_large_catalogue_is_that_of_the_formula(likes: int, dislikes: int):
    vectors = unit_length(np.random.default_rng(0).normal(size=(2 * PIECE + 17, 8)).astype(np.float32))
    liked, disliked = vectors[:likes], vectors[100 : 100 + dislikes]
    found = affinity(vectors, liked, disliked)
    some = np.linspace(0, len(vectors) - 1, 300).astype(int)
    wanted = np.zeros(len(some))
    for group, sign in ((liked, 1), (disliked, -1)):
        if len(group):
            wanted += sign * np.array(slow_attend(vectors[some] @ group.T, TEMPERATURE))
    np.testing.assert_allclose(found[some], wanted, atol=1e-5)


def test_no_likes_and_no_dislikes_change_nothing():
    vectors = np.eye(4, dtype=np.float32)
    assert not affinity(vectors, vectors[:0], vectors[:0]).any()
    assert not Profile()
    assert Profile(dislikes=(1,))


def test_the_liked_product_that_explains_an_item_is_the_one_it_is_near_to():
    generator = np.random.default_rng(1)
    first, second = np.eye(8, dtype=np.float32)[:2]
    near = [unit_length((axis + generator.normal(0, 0.02, 8))[None])[0] for axis in (first, second)]
    others = unit_length(generator.normal(size=(60, 8)))
    vectors = np.stack([first, second, *near, *others]).astype(np.float32)
    far = int((vectors @ first + vectors @ second).argmin())
    # A liked product explains others, not itself.
    assert akin(vectors, vectors[[0, 1]], np.array([2, 3, far, 0])).tolist() == [0, 1, -1, -1]
