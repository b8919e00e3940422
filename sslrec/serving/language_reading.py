"""A text as the language model has read it: its gaps with their fillings, its words, what a filling makes of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from sslrec.data.folding import fold_symbols
from sslrec.data.tokens import CONTINUES, Pieces, readable

MASK = "[MASK]"
"""How a gap is written; `[mask]` and two or more underscores count too, also as a Chinese keyboard writes them."""
_WORD_MASK = r"[\[［【][mｍ][aａ][sｓ][kｋ][\]］】]"
_GAP = re.compile(rf"{_WORD_MASK}|[_＿]{{2,}}", re.IGNORECASE)
_SIGN = re.compile(rf"{_WORD_MASK}|[_＿]{{2,6}}|.", re.IGNORECASE | re.DOTALL)
"""A gap or a character; a line of underscores takes no more room than `[MASK]`s."""


@dataclass(frozen=True)
class Filling:
    """A guess for a gap.

    Attributes:
        token: the piece; `##` in front of it means that it goes on with the word before the gap.
        probability: among the pieces that fit there, 0 to 1: special ones never do, and parts of words only where
            the gap touches letters or another gap.
    """

    token: str
    probability: float


@dataclass(frozen=True)
class Gap:
    """One gap of a text with its likeliest fillings.

    Attributes:
        place: number of its piece in the text's pieces.
        start: where its sign starts in the text.
        end: where its sign ends, with the marks on it.
        fillings: the likeliest first.
    """

    place: int
    start: int
    end: int
    fillings: tuple[Filling, ...]


@dataclass(frozen=True)
class Word:
    """A word of a text, or a sign of punctuation.

    Attributes:
        text: as it is written, with the marks on it; `[MASK]` for a gap.
        start: where it starts in the text.
        end: where it ends.
        gap: whether it is a gap.
    """

    text: str
    start: int
    end: int
    gap: bool


@dataclass(frozen=True)
class TextReading:
    """What the model makes of one text.

    Attributes:
        text: as it was read, each gap written as `[MASK]`.
        pieces: what the model saw of it; `pieces.dropped` counts what was too much.
        gaps: from the first to the last; empty where the text has none.
        attention: `(layers, heads, n, n)` float32; how much each of the `n` pieces looks at each, rows sum to 1.
        vector: `(dim,)` float32, the text's vector.
        milliseconds: time of the whole answer.
    """

    text: str
    pieces: Pieces
    gaps: tuple[Gap, ...]
    attention: np.ndarray
    vector: np.ndarray
    milliseconds: float

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of the text, gaps and punctuation included, as far as the model read it."""
        found: dict[int, Word] = {}
        gaps = {gap.start for gap in self.gaps}
        spans = with_marks(self.text, self.pieces.spans[1:-1])
        for word, (start, end) in zip(self.pieces.words[1:-1], spans, strict=True):
            if word is not None:
                first = found[word].start if word in found else start
                found[word] = Word(self.text[first:end], first, end, first in gaps)
        return tuple(found.values())

    @property
    def filled(self) -> str:
        """The text with the likeliest filling in each gap."""
        return fill_in(self.text, self.gaps, [gap.fillings[0].token for gap in self.gaps])


def as_gaps(text: str) -> str:
    """Write every gap of a text as `[MASK]`, and what is no character as `?`."""
    return _GAP.sub(MASK, readable(text))


def plain_word(word: str) -> str:
    """A word that a vocabulary cannot spell as it is to try it again: without symbols, its letters plain.

    BERT leaves symbols beyond ASCII in words, and one of them makes the whole word unknown: "Nike®", "navy🎽".

    Args:
        word: as it is written.

    Returns:
        A word of the same length, so that places in it are places in the other; blanks where nothing is left of it.
    """
    return fold_symbols("".join(map(_plain_letter, word)))


def _plain_letter(character: str) -> str:
    """A full-width, bold or circled letter as everybody writes it, where that is one character too."""
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def beginning(text: str, most: int) -> str:
    """The first characters of a text, a gap counting as one of them: no word is shorter that a gap hides.

    Args:
        text: any.
        most: how many characters.
    """
    return "".join(found[0] for found in islice(_SIGN.finditer(text), most))


def with_marks(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Let each part of a text end with the marks on its last character, which are in no piece of it.

    BERT's normaliser takes off combining marks, such as an accent that is a character of its own, and what only says
    how its neighbours are written, such as a zero-width joiner.

    Args:
        text: the text.
        spans: where each part starts and ends, from the first to the last.

    Returns:
        The parts, none reaching into the next.
    """
    found = []
    for (start, end), until in zip(spans, [*(start for start, _ in spans[1:]), len(text)], strict=False):
        while end < until and unicodedata.category(text[end]).startswith(("M", "Cf")):
            end += 1
        found.append((start, end))
    return found


def fill_in(text: str, gaps: Sequence[Gap], tokens: Sequence[str]) -> str:
    """Put a piece in each gap; one that goes on with a word joins the word before.

    Args:
        text: where the gaps are.
        gaps: from the first to the last.
        tokens: one for each gap.
    """
    parts = (part for pair in around_gaps(text, gaps, tokens) for part in pair)
    return "".join([*parts, text[gaps[-1].end if gaps else 0 :]])


def around_gaps(text: str, gaps: Sequence[Gap], tokens: Sequence[str]) -> list[tuple[str, str]]:
    """For each gap the text since the one before, and what its piece puts there; see `fill_in`."""
    found, at = [], 0
    for gap, token in zip(gaps, tokens, strict=True):
        before = text[at : gap.start]
        found.append((before.rstrip() if token.startswith(CONTINUES) else before, token.removeprefix(CONTINUES)))
        at = gap.end
    return found
