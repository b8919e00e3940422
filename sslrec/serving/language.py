"""Everything that the language page and the command line say about a text: its pieces, its gaps, its vector."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from sslrec import artifacts
from sslrec.artifacts import Artifact
from sslrec.data.folding import is_visible
from sslrec.data.packing import chunks
from sslrec.data.tokens import Pieces, TextTokenizer, pad
from sslrec.errors import ArtifactError, TextError
from sslrec.evaluation.softmax import softmax
from sslrec.litert import NamedLiteModel
from sslrec.serving.language_reading import MASK, Filling, Gap, TextReading, as_gaps, plain_word, with_marks

NAME = "language"
OLDER_ROW = 64
"""Pieces of a row that models learned from whose manifest does not say it."""
PARTS = 16
"""Parts of a text that its vector is made of; what is beyond is left out."""


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
        ArtifactError: from the method that needs it, where the artefact is missing, damaged or of another task.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @cached_property
    def artifact(self) -> Artifact:
        """The artefact, checked."""
        if self._folder is None:
            return artifacts.load(NAME)
        if (self._folder / "config.json").is_file() and not (self._folder / "manifest.json").exists():
            command = f"python -m sslrec text hub {shlex.quote(str(self._folder))} --out NEW"
            raise ArtifactError("language_folder", folder=str(self._folder), command=command)
        name = self._folder.resolve().name  # `.` has none of its own
        if not self._folder.is_dir():
            raise ArtifactError("language_missing", folder=str(self._folder))
        artifact = artifacts.load_folder(self._folder, name)
        if (task := artifact.manifest.task) != NAME:
            raise ArtifactError("language_task", name=name, task=task)
        return artifact

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
        return min(self.artifact.manifest.config.get("row", OLDER_ROW), self.config["max_position_embeddings"])

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
        if not is_visible(text):
            raise TextError("text_empty")
        text = self._spelled(as_gaps(text))
        pieces = self.tokenizer.encode(text, parts * self.limit)
        # Each part has signs for start and end of its own, and ends with a word: so many times the limit is too much.
        read = sum(map(len, self._cut(pieces)[:parts]))
        return pieces if read == len(pieces.ids) - 2 else self.tokenizer.encode(text, read + 2)

    def spelling(self, word: str) -> tuple[str, ...]:
        """The pieces that a word of a text becomes; `[UNK]` alone where the vocabulary cannot spell it."""
        return self.tokenizer.encode(self._spelled(word)).tokens[1:-1]

    def _spelled(self, text: str) -> str:
        """A text of the same length in which no symbol makes the word unknown that it is attached to."""
        pieces, signs = self.tokenizer.encode(text), list(text)
        found = [*zip(pieces.tokens, pieces.spans, strict=True)]
        gaps = {place for token, span in found if token == MASK for place in span}
        for token, (start, end) in found:
            plain = plain_word(text[start:end]) if token == "[UNK]" else ""
            # A symbol that stands alone is unknown and stays; one on a gap stood at the word that is hidden there.
            if plain.strip() or (plain and {start, end} & gaps):
                signs[start:end] = plain
        return "".join(signs)

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
        written = with_marks(text, pieces.spans[1:-1])
        spans = [written[place - 1] for place in places]
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
