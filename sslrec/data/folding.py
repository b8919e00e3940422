"""Characters that a recommender's text has and its tokenizer cannot read, brought to those that it can."""

from __future__ import annotations

import unicodedata

_FULL_WIDTH = range(0xFF01, 0xFF5F)
"""ASCII as a Chinese or Japanese keyboard writes it."""
_TO_ASCII = 0xFF01 - ord("!")
_INVISIBLE = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x200B, 0x200D, 0x20E3))
"""Variation selectors, the zero-width blank and joiner, and the frame that makes a digit a key."""
_UNINKED = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that leave the paper white: fillers of Hangul, and Braille without a dot."""


def is_visible(text: str) -> bool:
    """Whether anybody sees a text: of marks, joiners and blanks of no width alone the tokenizer leaves no piece."""
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _UNINKED for sign in text)


def fold_symbols(text: str) -> str:
    """A text as the recommender's tokenizer is to get it: words without the symbols that are attached to them.

    BERT splits words at punctuation and at ASCII's symbols alone. Any other stays a part of the word, and the whole
    word becomes `[UNK]`, such as that of "sneakers™" or "dress👗".

    Args:
        text: any.

    Returns:
        A text of the same length, so that places in it are places in the other: symbols beyond ASCII and what belongs
        to emoji are blanks, and full-width ASCII is plain.
    """
    return text if text.isascii() else "".join(map(_fold, text))


def _fold(character: str) -> str:
    number = ord(character)
    if number in _FULL_WIDTH:
        return chr(number - _TO_ASCII)
    is_symbol = number > 0x7F and unicodedata.category(character).startswith("S")
    return " " if is_symbol or number in _INVISIBLE else character
