import numpy as np
import pytest

from sslrec.data.tokens import Pieces
from sslrec.serving.language_reading import TextReading, as_gaps, beginning, plain_word, with_marks


@pytest.mark.parametrize(
    ("text", "spans", "ends"),
    [
        ("cafe\u0301 is", [(0, 4), (6, 8)], [5, 8]),
        ("नमस्ते दुनिया", [(0, 5), (7, 13)], [6, 13]),  # the last sign of the first is a combining vowel
        ("a\u200d\ufe0f-", [(0, 1), (3, 4)], [3, 4]),
        ("x \u0301 y", [(0, 1), (4, 5)], [1, 5]),
        ("e\u0301\u0302", [(0, 1), (1, 2)], [1, 3]),  # the next part starts with a mark: not beyond its start
        ("", [], []),
    ],
)
def test_a_part_of_a_text_ends_with_the_marks_on_it(text: str, spans: list[tuple[int, int]], ends: list[int]):
    assert with_marks(text, spans) == [(start, end) for (start, _), end in zip(spans, ends, strict=True)]


def test_a_word_of_a_text_ends_with_the_marks_on_it():
    spans = ((0, 0), (0, 2), (2, 4), (6, 8), (0, 0))
    pieces = Pieces(
        np.arange(5, dtype=np.int32), ("[CLS]", "ca", "##fe", "is", "[SEP]"), (None, 0, 0, 1, None), spans, 0
    )
    reading = TextReading("cafe\u0301 is", pieces, (), np.zeros((1, 1, 5, 5), np.float32), np.zeros(4, np.float32), 1.0)
    assert [(word.text, word.start, word.end) for word in reading.words] == [("cafe\u0301", 0, 5), ("is", 6, 8)]


def test_a_gap_counts_as_one_character():
    text = "a [MASK] b [mask]__c"
    assert [beginning(text, most) for most in (0, 1, 3, 4, 7, 8, 99)] == [
        "",
        "a",
        "a [MASK]",
        "a [MASK] ",
        "a [MASK] b [mask]",
        "a [MASK] b [mask]__",
        text,
    ]
    assert beginning("a\nb", 2) == "a\n"


@pytest.mark.parametrize(
    "gap", ["[mask]", "【MASK】", "［MASK］", "［ＭＡＳＫ］", "【ｍａｓｋ】", "__", "＿＿", "＿_＿＿"]
)
def test_a_gap_may_be_written_as_a_chinese_keyboard_does(gap: str):
    assert as_gaps(f"red{gap} shoe") == "red[MASK] shoe"
    assert beginning(f"{gap}{gap[:0]} shoe", 2) == f"{gap} "


@pytest.mark.parametrize("text", ["【MASKS】", "(MASK)", "＿", "MASK"])
def test_anything_else_is_no_gap(text: str):
    assert as_gaps(text) == text


@pytest.mark.parametrize(
    ("word", "plain"),
    [("Nike®", "Nike "), ("navy🎽", "navy "), ("ＮＩＫＥ", "NIKE"), ("𝐍𝐢𝐤𝐞", "Nike"), ("Ⓝike™", "Nike "), ("👟", " ")],
)
def test_a_word_without_its_symbols_has_the_same_places(word: str, plain: str):
    assert plain_word(word) == plain


def test_no_gap_takes_more_room_than_six_characters():
    assert len(beginning("_" * 1000, 10)) == 60
