import math

import numpy as np
import pytest
import tensorflow as tf

from sslrec.learning.objectives.masked import Masking, mask_words, masked_cross_entropy, word_numbers

MASKING = Masking(mask_id=4, vocab_size=40)
SEED = tf.constant([3, 7], tf.int32)


def rows(seed: int, batch: int, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random rows: ids, which continue a word (20 to 39), which may be hidden (not below 5)."""
    ids = np.random.default_rng(seed).integers(0, 40, (batch, length)).astype(np.int32)
    return ids, ids >= 20, ids >= 5


def slow_words(continues: np.ndarray, maskable: np.ndarray) -> list[list[int]]:
    """The places of each word's pieces in one row."""
    words: list[list[int]] = []
    for place in range(len(continues)):
        follows = place > 0 and continues[place] and maskable[place] and maskable[place - 1]
        if follows:
            words[-1].append(place)
        else:
            words.append([place])
    return words


def slow_mask_words(ids, continues, maskable, masking: Masking, seed: tf.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """One piece after the other, with the same random numbers."""
    word_draws, kinds = (
        tf.random.stateless_uniform(ids.shape, tf.random.fold_in(seed, salt)).numpy() for salt in (1, 2)
    )
    others = tf.random.stateless_uniform(ids.shape, tf.random.fold_in(seed, 3), 5, 40, tf.int32).numpy()
    shown, chosen = ids.copy(), np.zeros(ids.shape, bool)
    for row in range(len(ids)):
        for number, word in enumerate(slow_words(continues[row], maskable[row])):
            if not maskable[row, word[0]] or word_draws[row, number] >= masking.rate:
                continue
            for place in word:
                chosen[row, place] = True
                if kinds[row, place] < masking.mask:
                    shown[row, place] = masking.mask_id
                elif kinds[row, place] < masking.mask + masking.random:
                    shown[row, place] = others[row, place]
    return shown, chosen


def masked(ids, continues, maskable, masking: Masking = MASKING, seed: tf.Tensor = SEED):
    shown, chosen = mask_words(tf.constant(ids), tf.constant(continues), tf.constant(maskable), seed, masking)
    return shown.numpy(), chosen.numpy()


@pytest.mark.parametrize("seed", range(5))
def test_equals_a_slow_loop_over_the_pieces(seed: int):
    parts = rows(seed, 6, 11)
    for masking in (MASKING, Masking(4, 40, rate=0.5, mask=0.4, random=0.4)):
        step = tf.constant([0, seed], tf.int32)
        expected_shown, expected_chosen = slow_mask_words(*parts, masking, step)
        shown, chosen = masked(*parts, masking, step)
        np.testing.assert_array_equal(chosen, expected_chosen)
        np.testing.assert_array_equal(shown, expected_shown)


def test_words_by_hand():
    #            [CLS] shoe ##lace red [SEP] ##s (cut within a word) blue
    continues = tf.constant([[False, False, True, False, False, True, False]])
    maskable = tf.constant([[False, True, True, True, False, True, True]])
    np.testing.assert_array_equal(word_numbers(continues, maskable), [[0, 1, 1, 2, 3, 4, 5]])


def test_the_shares_are_those_that_were_asked_for():
    ids = np.full((400, 200), 7, np.int32)
    ids[:, 1::2] = 25  # every word has two pieces
    ids[:, -20:] = 0
    shown, chosen = masked(ids, ids >= 20, ids >= 5)
    pieces = ids >= 5
    # 36,000 words: a standard error of 0.0019.
    assert chosen[pieces].mean() == pytest.approx(0.15, abs=0.008)
    kinds = shown[chosen]
    unchanged = kinds == ids[chosen]
    assert (kinds == 4).mean() == pytest.approx(0.8, abs=0.015)
    assert unchanged.mean() == pytest.approx(0.1 + 0.1 / 35, abs=0.012)
    others = kinds[(kinds != 4) & ~unchanged]
    assert others.min() == 5
    assert others.max() == 39
    assert len(np.unique(others)) == 35  # any piece but a special one


def test_a_word_is_hidden_as_a_whole_or_not_at_all():
    ids, continues, maskable = rows(1, 200, 30)
    _, chosen = masked(ids, continues, maskable)
    for row in range(len(ids)):
        for word in slow_words(continues[row], maskable[row]):
            assert len({bool(chosen[row, place]) for place in word}) == 1


def test_special_pieces_and_padding_are_never_hidden():
    ids, continues, maskable = rows(2, 100, 30)
    shown, chosen = masked(ids, continues, maskable, Masking(4, 40, rate=1.0))
    np.testing.assert_array_equal(chosen, maskable)
    np.testing.assert_array_equal(shown[~maskable], ids[~maskable])


def test_what_is_not_chosen_stays():
    ids, continues, maskable = rows(3, 100, 30)
    shown, chosen = masked(ids, continues, maskable)
    np.testing.assert_array_equal(shown[~chosen], ids[~chosen])


def test_other_seeds_hide_other_words():
    parts = rows(4, 10, 30)
    again = masked(*parts)[1]
    np.testing.assert_array_equal(masked(*parts)[1], again)
    assert not np.array_equal(masked(*parts, seed=tf.constant([3, 8], tf.int32))[1], again)


def test_the_loss_is_the_mean_of_the_negative_log_probabilities():
    logits = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]], np.float32)
    expected = -np.mean(
        [math.log(math.exp(2) / sum(map(math.exp, logits[0]))), math.log(math.exp(0) / sum(map(math.exp, logits[1])))]
    )
    assert float(masked_cross_entropy(tf.constant([1, 0]), tf.constant(logits))) == pytest.approx(expected, rel=1e-6)


def test_nothing_hidden_costs_nothing():
    assert float(masked_cross_entropy(tf.zeros((0,), tf.int32), tf.zeros((0, 3)))) == 0
