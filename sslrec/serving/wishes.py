"""Reading what a visitor typed: which words the text model knows, and what to say about the others."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from sslrec.data.folding import fold_symbols
from sslrec.data.tokens import CONTINUES, Pieces, TextTokenizer
from sslrec.serving.recommendation import Note
from sslrec.serving.unweighed import find_unweighed

MAX_CHARACTERS = 10_000
"""Of a longer text only the beginning is looked at."""
NAMES, NAME_CHARACTERS = 8, 40
"""A note names so many unknown words at most, and of a longer one only its beginning."""
SCRAP, SHORT = 2, 4
"""Letters at random fall into pieces of no more letters than this on the average; words of so many letters do, too."""
WITHIN, ALONE = frozenset("-'’./&+%:"), frozenset("&+%")
"""Signs that are read between letters, and by themselves, as in products' names. All others, such as brackets, are
between words: names have hardly any of them, and an exclamation mark must not change what is found."""
_WORD = re.compile(r"\S+")
_LATIN = 0x24F  # the last letter of Latin Extended-B


@dataclass(frozen=True)
class Wish:
    """A text as the model gets it.

    Attributes:
        text: the text, without blanks at its ends.
        ids: `(n,)` int32 pieces with `[CLS]` and `[SEP]`, those of unknown words left out, as well as what is wished
            away and what it may cost (`find_unweighed`); None where no word is left, so that the text is no query.
        words: the known words with their places in the text: start and end.
        notes: what the visitor should know.
        telling: those of the known words whose pieces show that they are no letters at random: see `_telling`.
    """

    text: str
    ids: np.ndarray | None
    words: tuple[tuple[int, int], ...]
    notes: tuple[Note, ...]
    telling: tuple[tuple[int, int], ...] = ()


def read_wish(text: str, tokenizer: TextTokenizer, limit: int) -> Wish:
    """Read a text of any length in any language.

    Args:
        text: what was typed; blank text is no wish, and nothing to note either.
        tokenizer: the text model's.
        limit: pieces at most, with `[CLS]` and `[SEP]`.
    """
    text = text.strip()
    # Of the same length: places in it are places in what was typed.
    beginning = text[:MAX_CHARACTERS]
    unweighed = find_unweighed(beginning)
    folded = _plain(fold_symbols(_blanked(beginning, (*unweighed.negated, *unweighed.prices))))
    notes = [
        Note(code, _names(text, spans))
        for code, spans in (("text_negated", unweighed.negated), ("text_price", unweighed.prices))
        if spans
    ]
    pieces = tokenizer.encode(folded)
    known, unknown = _words(folded, pieces, tokenizer)
    if not known:
        if not unknown:
            # Blank, or nothing but punctuation and what was left out.
            return Wish(text, None, (), tuple(notes or ([Note("text_unknown", (_short(text),))] if text else [])))
        is_foreign = any(_is_foreign(folded[start:end]) for start, end in unknown)
        code = "text_not_english" if is_foreign else "text_unknown"
        return Wish(text, None, (), (Note(code, _names(text, unknown)), *notes))
    ids = pieces.ids[_says_something(pieces, unknown, tokenizer)]
    if unknown:
        notes.append(Note("text_words_unknown", _names(text, unknown)))
    if len(ids) > limit or len(text) > MAX_CHARACTERS:
        notes.append(Note("text_cut"))
        ids = np.append(ids[: limit - 1], tokenizer.end_id).astype(np.int32) if len(ids) > limit else ids
    return Wish(text, ids, known, tuple(notes), _telling(known, pieces))


def without_word(text: str, span: tuple[int, int]) -> str:
    """A text less the word at a place."""
    return f"{text[: span[0]]} {text[span[1] :]}"


def _blanked(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """A text of the same length with blanks at some places."""
    for start, end in spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _plain(text: str) -> str:
    """A text of the same length without the signs that tell nothing of a product; typed `[MASK]` is a word, too."""
    shown = f" {text} "
    return "".join(
        sign if sign.isalnum() or not (sign.isprintable() and sign.isascii()) or _is_read(sign, before, after) else " "
        for before, sign, after in zip(shown, text, shown[2:], strict=False)
    )


def _is_read(sign: str, before: str, after: str) -> bool:
    if before.isalnum() and after.isalnum():
        return sign in WITHIN
    return sign in ALONE


def _names(text: str, unknown: tuple[tuple[int, int], ...]) -> tuple[str, ...]:
    """What a note quotes of unknown words: each once."""
    return tuple(dict.fromkeys(_short(text[start:end]) for start, end in unknown))[:NAMES]


def _short(name: str) -> str:
    """A name as it is quoted: Chinese has no blanks, so that a paragraph of it is one word."""
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…"


def _words(
    text: str, pieces: Pieces, tokenizer: TextTokenizer
) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """The places of known and of unknown words; punctuation is neither.

    A word is what stands between blanks, such as "T-shirt", and known where any part of it is.
    """
    parts: dict[int, list[int]] = {}
    for place, part in enumerate(pieces.words):
        if part is not None:
            parts.setdefault(part, []).append(place)
    good = np.zeros(len(text), bool)
    for places in parts.values():
        tokens = [pieces.tokens[place] for place in places]
        strange = any(pieces.ids[place] == tokenizer.unknown_id for place in places) or _is_spelled_out(tokens)
        good[pieces.spans[places[0]][0] : pieces.spans[places[-1]][1]] = not strange
    known: list[tuple[int, int]] = []
    unknown: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        letters = [place for place in range(*match.span()) if text[place].isalnum()]
        if letters:
            span = (letters[0], letters[-1] + 1)
            (known if good[letters].any() else unknown).append(span)
    return tuple(known), tuple(unknown)


def _says_something(pieces: Pieces, unknown: tuple[tuple[int, int], ...], tokenizer: TextTokenizer) -> np.ndarray:
    """`(n,)` bool: the pieces that are left where unknown words are left out, whether `[UNK]` or spelled out."""
    left = pieces.ids != tokenizer.unknown_id
    strange = np.zeros(1 + max(end for _, end in pieces.spans), bool)
    for start, end in unknown:
        strange[start:end] = True
    # `[CLS]` and `[SEP]` have a place in the text too, and are no part of it.
    inside = [word is not None and strange[span[0]] for word, span in zip(pieces.words, pieces.spans, strict=True)]
    return left & ~np.array(inside)


def _is_spelled_out(tokens: list[str]) -> bool:
    """Whether a word falls into single letters, three at least: the vocabulary has no part of it."""
    letters = [token.removeprefix(CONTINUES) for token in tokens]
    return len(letters) >= 3 and all(len(letter) == 1 and letter.isalpha() for letter in letters)


def _telling(known: tuple[tuple[int, int], ...], pieces: Pieces) -> tuple[tuple[int, int], ...]:
    """The words that are more than letters at random, of which the vocabulary has scraps such as "as", "##df", "##gh".

    Most words that it lacks, even misspelled ones, fall into longer pieces, save short ones and those with digits, read
    one by one.
    """
    parts: dict[int, tuple[int, list[str]]] = {}
    for part, token, (start, _) in zip(pieces.words, pieces.tokens, pieces.spans, strict=True):
        if part is not None:
            parts.setdefault(part, (start, []))[1].append(token.removeprefix(CONTINUES))
    starts, telling = [start for start, _ in known], set()
    for start, tokens in parts.values():
        word, place = "".join(tokens), bisect_right(starts, start) - 1
        is_whole = len(tokens) == 1 or len(word) <= SHORT
        tells = word.isalnum() and (is_whole or not word.isalpha() or len(word) > SCRAP * len(tokens))
        if tells and place >= 0 and start < known[place][1]:
            telling.add(place)
    return tuple(known[place] for place in sorted(telling))


def _is_foreign(word: str) -> bool:
    return any(character.isalpha() and ord(character) > _LATIN for character in word)
