"""A wish's words as a catalogue's names spell them: their number, and what a misspelled one may mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from sslrec.data.tokens import TextTokenizer

NEAREST = 0.8
"""How alike a word and the one that it may mean are, as difflib's ratio."""
TRIED, SHORTEST = 4, 4
"""So many words of a text are compared with all of a catalogue's; shorter ones are like too many."""
_WORD = re.compile(r"(?<![^\W_])[A-Za-z]{3,}(?![^\W_])")


def as_titled(text: str, words: Collection[str]) -> str:
    """A text in which nouns that no name has are in the number that names have: the model tells "mug" from "mugs".

    Args:
        text: of any length.
        words: those of a catalogue's names, in small letters.
    """

    def titled(match: re.Match[str]) -> str:
        small = match.group().lower()
        return next((form for form in _numbers(small) if form in words), match.group())

    return _WORD.sub(lambda match: match.group() if match.group().lower() in words else titled(match), text)


def misspelled(text: str, words: Collection[str], tokenizer: TextTokenizer) -> tuple[str, ...]:
    """Words that are spelled like one of a catalogue's names, each with that one: "snekers (sneakers?)".

    Args:
        text: what was asked for.
        words: those of a catalogue's names, in small letters.
        tokenizer: of the text model; a word that it has as a whole is spelled right.
    """
    asked = dict.fromkeys(match.group().lower() for match in _WORD.finditer(text))
    # One piece besides `[CLS]` and `[SEP]` is a word of the vocabulary.
    strange = [
        word for word in asked if len(word) >= SHORTEST and word not in words and len(tokenizer.encode(word).ids) > 3
    ]
    found = ((word, get_close_matches(word, words, 1, NEAREST)) for word in strange[:TRIED])
    return tuple(f"{word} ({near[0]}?)" for word, near in found if near)


def _numbers(word: str) -> Iterator[str]:
    """A noun's other number, as English forms it by rule."""
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]
        return
    yield word + "s"
    yield word + "es"
    if word.endswith("y"):
        yield word[:-1] + "ies"
