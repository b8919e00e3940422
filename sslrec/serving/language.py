"""Everything that the language page and the command line say about a text: its pieces, its gaps, its vector."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from sslrec import artifacts
from sslrec.artifacts import Artifact
from sslrec.data.packing import ROW, chunks
from sslrec.data.tokens import CONTINUES, Pieces, TextTokenizer, pad, readable
from sslrec.errors import TextError
from sslrec.evaluation.softmax import softmax
from sslrec.litert import NamedLiteModel

NAME = "language"
MASK = "[MASK]"
"""How a gap is written; `[mask]` and two or more underscores count too."""
PARTS = 16
"""Parts of a text that its vector is made of; what is beyond is left out."""
_GAP = re.compile(r"\[mask\]|_{2,}", re.IGNORECASE)


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
        end: where its sign ends.
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
        text: as it is written; `[MASK]` for a gap.
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
        for word, (start, end) in zip(self.pieces.words, self.pieces.spans, strict=True):
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


def similarity(vectors: np.ndarray) -> np.ndarray:
    """Cosines of `(n, dim)` vectors with each other, `(n, n)` float32; 0 where a vector is 0."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return unit @ unit.T


class LanguageReader:
    """The masked language model of a folder, loaded when first needed and shared by all visitors.

    Args:
        folder: an artefact of the task `language`; by default the shipped one.

    Raises:
        ArtifactError: from the method that needs it, where the artefact is missing or damaged.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @cached_property
    def artifact(self) -> Artifact:
        """The artefact, checked."""
        if self._folder is None:
            return artifacts.load(NAME)
        return artifacts.load_folder(self._folder, self._folder.name, artifacts.SHIPPED[NAME])

    @property
    def tokenizer(self) -> TextTokenizer:
        """The one that the model was trained with."""
        return self._tokenizer

    @cached_property
    def _tokenizer(self) -> TextTokenizer:
        return TextTokenizer.load(self.artifact.file("tokenizer.json"))

    @cached_property
    def config(self) -> dict[str, int]:
        """The model's size, by Hugging Face's names: `dim`, `n_layers`, `n_heads`, `max_position_embeddings`..."""
        raw = json.loads(self.artifact.file("config.json").read_text("utf-8"))
        return {name: value for name, value in raw.items() if type(value) is int}

    @property
    def limit(self) -> int:
        """Pieces at most, with `[CLS]` and `[SEP]`: those of a training row, where there are as many positions."""
        return min(self.artifact.manifest.config.get("row", ROW), self.config["max_position_embeddings"])

    @cached_property
    def _model(self) -> NamedLiteModel:
        return NamedLiteModel(self.artifact.file("fill-in.tflite"))

    @cached_property
    def _special(self) -> np.ndarray:
        return self.tokenizer.special

    @cached_property
    def _continues(self) -> np.ndarray:
        return self.tokenizer.continues

    def warm_up(self) -> None:
        """Load what the first answer needs, so that no visitor waits for it."""
        self.read(MASK)

    def encode(self, text: str, parts: int = 1) -> Pieces:
        """A text's pieces, cut to what the model reads at once, or in so many parts.

        Raises:
            TextError: the text is blank.
        """
        if not text.strip():
            raise TextError("text_empty")
        text = as_gaps(text)
        pieces = self.tokenizer.encode(text, parts * self.limit)
        # Each part has signs for start and end of its own, and ends with a word: so many times the limit is too much.
        read = sum(map(len, self._cut(pieces)[:parts]))
        return pieces if read == len(pieces.ids) - 2 else self.tokenizer.encode(text, read + 2)

    def _cut(self, pieces: Pieces) -> list[np.ndarray]:
        return chunks(pieces.ids[1:-1], self.limit - 2, self._continues)

    def parts(self, text: str) -> list[np.ndarray]:
        """A text's pieces, those of a long one in parts that the model reads one by one, `PARTS` of them at most.

        Returns:
            `(n_i,)` int32 each, with `[CLS]` and `[SEP]`.

        Raises:
            TextError: the text is blank.
        """
        pieces = self.encode(text, PARTS)
        first, last = pieces.ids[0], pieces.ids[-1]
        return [np.array([first, *part, last], np.int32) for part in self._cut(pieces) or [()]]

    def read(self, text: str, top: int = 10) -> TextReading:
        """Fill the gaps of a text, and look at how it is read.

        Args:
            text: any; a gap is written `[MASK]`. One without gaps is read all the same. What is longer than the
                model's limit is cut off, and counted in `pieces.dropped`.
            top: fillings for each gap.

        Raises:
            TextError: the text is blank.
        """
        began = time.perf_counter()
        pieces, text = self.encode(text), as_gaps(text)
        places = np.flatnonzero(pieces.ids == self.tokenizer.mask_id)
        # The model wants one gap at least.
        found = self._run([pieces.ids], places[None] if len(places) else np.zeros((1, 1), np.int32))
        spans = [pieces.spans[place] for place in places]
        # A gap of its own wants a word's beginning; one that touches letters may go on with them.
        own = [start == 0 or not (text[start - 1].isalnum() or text[start - 1] == "]") for start, _ in spans]
        fillings = [self._best(row, top, one) for row, one in zip(found["logits"][0], own, strict=False)]
        gaps = tuple(Gap(int(place), *span, best) for place, span, best in zip(places, spans, fillings, strict=True))
        elapsed = (time.perf_counter() - began) * 1000
        return TextReading(text, pieces, gaps, found["attention"][0], found["sentence"][0], elapsed)

    def logits(self, ids: Sequence[np.ndarray], places: np.ndarray) -> np.ndarray:
        """What the model says at some places of several texts, for measuring.

        Args:
            ids: `(n_i,)` integers each, at most `limit` of them, with `[CLS]` and `[SEP]`.
            places: `(texts, count)` integers, numbers of pieces.

        Returns:
            `(texts, count, vocab_size)` float32.
        """
        return self._run(ids, places)["logits"]

    def embed(self, texts: Sequence[str], batch_size: int = 16) -> np.ndarray:
        """Vectors of texts: the mean of the last block's states over a text's pieces.

        Args:
            texts: any; see `parts`.
            batch_size: how many parts go through the model at once.

        Returns:
            `(n, dim)` float32.

        Raises:
            TextError: a text is blank.
        """
        found = [(row, part) for row, text in enumerate(texts) for part in self.parts(text)]
        found.sort(key=lambda one: len(one[1]))  # so that little padding is computed
        vectors = np.zeros((len(texts), self.config["dim"]), np.float32)
        pieces = np.zeros((len(texts), 1), np.float32)
        for start in range(0, len(found), batch_size):
            rows, ids = zip(*found[start : start + batch_size], strict=True)
            counts = np.array([[len(part)] for part in ids], np.float32)
            np.add.at(vectors, list(rows), counts * self._run(ids, np.zeros((len(ids), 1), np.int32))["sentence"])
            np.add.at(pieces, list(rows), counts)
        return vectors / pieces

    def _run(self, ids: Sequence[np.ndarray], places: np.ndarray) -> dict[str, np.ndarray]:
        token_ids, attention_mask = pad(ids, self.tokenizer.pad_id)
        return self._model(token_ids=token_ids, attention_mask=attention_mask, gaps=places)

    def _best(self, logits: np.ndarray, top: int, own: bool) -> tuple[Filling, ...]:
        """The likeliest pieces of `(vocab_size,)` logits.

        Args:
            logits: of a gap.
            top: how many.
            own: whether the gap stands alone, and no piece that goes on with a word fits.
        """
        row = np.where(self._special | (self._continues & own), -np.inf, logits.astype(np.float64))
        shares = softmax(row)
        best = np.argsort(-shares, kind="stable")[:top]
        return tuple(Filling(self.tokenizer.token(int(piece)), float(shares[piece])) for piece in best)


@cache
def shared_language() -> LanguageReader:
    """The one reader of this process."""
    return LanguageReader()
