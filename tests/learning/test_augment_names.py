from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf

from sslrec.data.tokens import TextTokenizer, pad, train_tokenizer
from sslrec.learning.augment_names import NameViews

NAMES = ["Puma Men Blue Striped Shirt", "Red Mug", "Boots", "Nike Women Red Running Shoes Made For The Summer", "Red"]
PIECES = 9


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return train_tokenizer(NAMES * 3, 60)  # so few pieces that most words are cut into several


@pytest.fixture(scope="module")
def views(tokenizer: TextTokenizer) -> NameViews:
    return NameViews(tokenizer, PIECES)


def padded(tokenizer: TextTokenizer, names: list[str]) -> np.ndarray:
    return pad([tokenizer.encode(name).ids for name in names], tokenizer.pad_id)[0]


def pieces(tokenizer: TextTokenizer, row: np.ndarray) -> list[int]:
    return [number for number in row.tolist() if number != tokenizer.pad_id]


def test_half_a_name_is_left_out_at_random_and_never_all_of_it(tokenizer: TextTokenizer, views: NameViews):
    ids = np.repeat(padded(tokenizer, ["Red Mug Boots"]), 400, axis=0)
    short = views.shortened(tf.constant(ids), tf.constant([1, 2])).numpy()
    assert short.shape == (400, PIECES)
    assert (short[:, 0] == tokenizer.start_id).all()
    lengths = (short != tokenizer.pad_id).sum(axis=1)
    whole = int((ids[0] != tokenizer.pad_id).sum())
    assert 0.4 < (lengths == min(whole, PIECES)).mean() < 0.8
    assert lengths.min() >= 3  # a word between the ends
    for row in short[:50]:
        order = iter(ids[0])
        assert all(number in order for number in pieces(tokenizer, row))


def test_a_word_or_two_of_a_name_are_left_whole_and_in_their_order(tokenizer: TextTokenizer, views: NameViews):
    name = "Red Mug Boots"
    words = name.split()
    singles = [tokenizer.encode(word).ids.tolist() for word in words]
    pairs = [tokenizer.encode(f"{one} {other}").ids.tolist() for one, other in pairwise(words)]
    pairs.append(tokenizer.encode("Red Boots").ids.tolist())
    ids = tf.constant(np.repeat(padded(tokenizer, [name]), 300, axis=0))
    found = [
        tuple(pieces(tokenizer, row)) for row in NameViews(tokenizer, 40).few_words(ids, tf.constant([0, 5])).numpy()
    ]
    assert set(found) == {tuple(one) for one in singles + pairs}
    single = np.mean([list(one) in singles for one in found])
    assert 0.4 < single < 0.6


def test_a_name_of_one_word_stays_whole_and_no_view_is_too_long(tokenizer: TextTokenizer, views: NameViews):
    ids = padded(tokenizer, NAMES)
    for seed in range(20):
        few = views.few_words(tf.constant(ids), tf.constant([0, seed], tf.int32)).numpy()
        assert few.shape[1] <= PIECES
        assert pieces(tokenizer, few[4]) == tokenizer.encode("Red").ids.tolist()


def test_the_same_seed_draws_the_same_words(tokenizer: TextTokenizer, views: NameViews):
    ids = tf.constant(np.repeat(padded(tokenizer, NAMES), 9, axis=0))
    for draw in (views.shortened, views.few_words):
        first, again, other = (draw(ids, tf.constant([0, seed], tf.int32)).numpy() for seed in (1, 1, 2))
        assert first.tolist() == again.tolist()
        assert first.tolist() != other.tolist()


def test_what_is_said_is_true_of_the_names_that_have_all_its_pieces(tokenizer: TextTokenizer, views: NameViews):
    said = ["red", "red mug", "boots", "mug red", "blue", "shoes red"]
    found = views.true_of(tf.constant(padded(tokenizer, said)), tf.constant(padded(tokenizer, NAMES))).numpy()
    slow = [
        [set(tokenizer.encode(one).ids.tolist()) <= set(tokenizer.encode(name).ids.tolist()) for name in NAMES]
        for one in said
    ]
    assert found.tolist() == slow
    assert found[0].tolist()[:2] == [False, True]
