from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sslrec.data.packing import chunks, pack

CONTINUES = np.array([False] * 10 + [True] * 10)
START, END, PAD = 2, 3, 0


def packed_of(lines: list[list[int]], length: int, seed: int = 0):
    return pack([np.array(line, int) for line in lines], length, START, END, PAD, CONTINUES, seed)


def texts_in(packed) -> list[list[int]]:
    """The packed texts, read one piece after the other."""
    found = []
    for ids, texts in zip(packed.token_ids, packed.texts, strict=True):
        for number in range(1, texts.max() + 1):
            found.append(ids[texts == number].tolist())
    return found


def test_a_long_text_is_cut_between_words():
    ids = np.array([5, 6, 15, 16, 7, 8])
    assert [part.tolist() for part in chunks(ids, 3, CONTINUES)] == [[5], [6, 15, 16], [7, 8]]


def test_a_word_longer_than_a_row_is_cut_within():
    ids = np.array([5, 15, 16, 17, 18])
    assert [part.tolist() for part in chunks(ids, 2, CONTINUES)] == [[5, 15], [16, 17], [18]]


def test_an_empty_text_has_no_parts():
    assert chunks(np.array([], int), 3, CONTINUES) == []


def test_two_short_texts_share_a_row():
    packed = packed_of([[5, 6], [7]], 8)
    assert packed.token_ids.shape == (1, 8)
    assert sorted(texts_in(packed)) == [[2, 5, 6, 3], [2, 7, 3]]
    assert packed.texts[0, -1] == 0
    assert packed.token_ids[0, -1] == PAD
    assert (packed.texts > 0).sum() == 7
    np.testing.assert_array_equal(packed.positions[0][packed.texts[0] == 2], range((packed.texts[0] == 2).sum()))


@given(st.lists(st.lists(st.integers(5, 19), max_size=30), max_size=20), st.integers(3, 16), st.integers(0, 3))
def test_no_piece_is_lost_or_made_up(lines: list[list[int]], length: int, seed: int):
    packed = packed_of(lines, length, seed)
    assert packed.token_ids.shape[1] == length
    parts = [part.tolist() for line in lines for part in chunks(np.array(line, int), length - 2, CONTINUES)]
    assert [*chain(*parts)] == [*chain(*lines)]
    assert sorted(texts_in(packed)) == sorted([START, *part, END] for part in parts)
    assert (packed.token_ids[packed.texts == 0] == PAD).all()


def test_rows_are_nearly_full():
    rng = np.random.default_rng(0)
    lines = [rng.integers(5, 10, rng.integers(3, 40)).tolist() for _ in range(500)]
    assert (packed_of(lines, 64).texts > 0).mean() > 0.95


def test_the_seed_decides_the_order():
    lines = [[5 + n % 5] * (n % 7 + 1) for n in range(40)]
    np.testing.assert_array_equal(packed_of(lines, 16, 1).token_ids, packed_of(lines, 16, 1).token_ids)
    assert not np.array_equal(packed_of(lines, 16, 1).token_ids, packed_of(lines, 16, 2).token_ids)
