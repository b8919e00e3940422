"""What the text model reads of a catalogue's titles: it knows English, and a number alone is no word."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from sslrec.data.folding import fold_symbols
from sslrec.data.markup import plain_text
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.multimodal import MultimodalModels
from sslrec.ui.weakly import KeptWith

_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")  # not the letter of "T恤"
_LATIN = 0x24F  # the last letter of Latin Extended-B


def holds_word(text: str, reads: Callable[[str], bool]) -> bool:
    """Whether a text holds a word that the model reads; numbers and single letters are none."""
    return any(reads(word) for word in _WORD.findall(fold_symbols(text)))


def is_read(text: str, models: MultimodalModels) -> bool:
    """Whether the model reads all of a text, and a word is in it."""
    is_foreign = any(sign.isalpha() and ord(sign) > _LATIN for sign in fold_symbols(text))
    left_over = any(note.code == "text_words_unknown" for note in models.read(text).notes)
    return not is_foreign and not left_over and holds_word(text, models.reads)


@KeptWith
def wordless(index: CatalogueIndex) -> tuple[int, int]:
    """How many titles hold no word that the model reads, and how many there are; an empty one is none.

    Where the model reads descriptions, a title counts only if its description holds no such word either.
    """
    catalogue, models = index.catalogue, index.recommender
    described = models.reads_descriptions
    said = catalogue.wordings(np.arange(len(index))) if described else map(plain_text, catalogue.titles)
    known: dict[str, bool] = {}

    def reads(word: str) -> bool:
        # Titles have most of their words in common.
        if word not in known:
            known[word] = models.reads(word)
        return known[word]

    found = [holds_word(text, reads) for text in said if text.strip()]
    return found.count(False), len(found)
