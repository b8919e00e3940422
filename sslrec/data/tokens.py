"""WordPiece tokenizers: training one, and turning text into pieces and ids.

BERT's way (Devlin et al. 2018, arXiv:1810.04805): lower case without accents, words split at blanks and
punctuation, each word into the longest pieces that the vocabulary has; later pieces of a word start with `##`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import WordPieceTrainer

from sslrec.errors import TextError

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""The special pieces of a trained tokenizer, which have the ids 0 to 4."""
VOCAB_SIZE = 8192
ALPHABET_SIZE = 100
"""Characters at most that a trained vocabulary spells words with; words with others become `[UNK]`."""
CONTINUES = "##"
NORMALIZER = BertNormalizer(lowercase=True)
SPLITTER = BertPreTokenizer()


@dataclass(frozen=True)
class Pieces:
    """A text as the model reads it, with `[CLS]` in front and `[SEP]` at the end.

    Attributes:
        ids: `(n,)` int32.
        tokens: the pieces themselves.
        words: for each piece the number of its word in the text, None for `[CLS]` and `[SEP]`.
        spans: for each piece where its characters start and end in the text.
        dropped: how many pieces the length limit cut off the end.
        splits_word: whether it cut inside a word, of which the last pieces are a part alone.
    """

    ids: np.ndarray
    tokens: tuple[str, ...]
    words: tuple[int | None, ...]
    spans: tuple[tuple[int, int], ...]
    dropped: int
    splits_word: bool = False

    @property
    def unknown(self) -> int:
        """How many pieces stand for words that the vocabulary cannot spell, such as emoji or Chinese."""
        return self.tokens.count("[UNK]")


class TextTokenizer:
    """A WordPiece tokenizer with BERT's special pieces.

    Args:
        tokenizer: of the library `tokenizers`.

    Raises:
        TextError: a special piece is missing.
    """

    def __init__(self, tokenizer: Tokenizer, path: str = "memory") -> None:
        self._tokenizer = tokenizer
        ids = [tokenizer.token_to_id(piece) for piece in SPECIAL]
        missing = [piece for piece, number in zip(SPECIAL, ids, strict=True) if number is None]
        if missing:
            raise TextError("tokenizer_damaged", path=path, reason=f"no {', '.join(missing)}")
        self.pad_id, self.unknown_id, self.start_id, self.end_id, self.mask_id = (int(n) for n in ids if n is not None)
        self.special_ids = frozenset((self.pad_id, self.unknown_id, self.start_id, self.end_id, self.mask_id))

    @classmethod
    def load(cls, path: Path) -> TextTokenizer:
        """Read a `tokenizer.json`.

        Raises:
            TextError: the file is missing or damaged.
        """
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain exceptions
            raise TextError("tokenizer_damaged", path=str(path), reason=str(error)) from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return cls(tokenizer, str(path))

    @property
    def vocab_size(self) -> int:
        """Number of pieces; ids run from 0 to one less."""
        return self._tokenizer.get_vocab_size()

    @property
    def continues(self) -> np.ndarray:
        """`(vocab_size,)` bool: which pieces go on with the word of the piece before."""
        return np.array([self.token(number).startswith(CONTINUES) for number in range(self.vocab_size)])

    @property
    def special(self) -> np.ndarray:
        """`(vocab_size,)` bool: which pieces are special."""
        return np.isin(np.arange(self.vocab_size), list(self.special_ids))

    def token(self, number: int) -> str:
        """The piece of an id."""
        piece = self._tokenizer.id_to_token(number)
        if piece is None:
            raise TextError("token_ids", id=number, limit=self.vocab_size)
        return piece

    def encode(self, text: str, limit: int | None = None) -> Pieces:
        """Turn a text into pieces; `[MASK]` in it is the gap.

        Args:
            text: any; characters without a piece become `[UNK]`.
            limit: at most so many pieces with `[CLS]` and `[SEP]`; the end of a longer text is cut off.
        """
        encoding = self._tokenizer.encode(readable(text))
        dropped = max(0, len(encoding.ids) - (limit or len(encoding.ids)))
        splits_word = False
        if dropped:
            kept = len(encoding.ids) - 1 - dropped
            splits_word = kept > 1 and encoding.word_ids[kept - 1] == encoding.word_ids[kept]
            encoding.truncate(kept)
        end = (len(text), len(text))
        tail = ([self.end_id], ["[SEP]"], [None], [end]) if dropped else ([], [], [], [])
        return Pieces(
            np.array([*encoding.ids, *tail[0]], np.int32),
            (*encoding.tokens, *tail[1]),
            (*encoding.word_ids, *tail[2]),
            (*encoding.offsets, *tail[3]),
            dropped,
            splits_word,
        )

    def encode_lines(self, lines: Iterable[str], batch: int = 1000) -> Iterable[np.ndarray]:
        """Yield the `(n,)` int32 ids of each line, without `[CLS]` and `[SEP]`."""
        waiting: list[str] = []
        for line in lines:
            waiting.append(line)
            if len(waiting) == batch:
                yield from self._encode_batch(waiting)
                waiting = []
        yield from self._encode_batch(waiting)

    def _encode_batch(self, lines: list[str]) -> list[np.ndarray]:
        encodings = self._tokenizer.encode_batch_fast([*map(readable, lines)], add_special_tokens=False)
        return [np.array(encoding.ids, np.int32) for encoding in encodings]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of some ids, special pieces left out."""
        return self._tokenizer.decode([int(number) for number in ids])

    def save(self, folder: Path, max_length: int = 512) -> None:
        """Write `tokenizer.json` and what `transformers.AutoTokenizer` needs to load it.

        Args:
            folder: is made where it is missing.
            max_length: the model's longest sequence, in pieces.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._tokenizer.save(str(folder / "tokenizer.json"))
        names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": max_length, **names}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")


def readable(text: str) -> str:
    """A text of the same length with `?` for what is no character: a command line's bytes that are not UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def train_tokenizer(lines: Iterable[str], vocab_size: int = VOCAB_SIZE) -> TextTokenizer:
    """Learn a WordPiece vocabulary; the same lines give the same one.

    Args:
        lines: the text to learn from.
        vocab_size: pieces at most; fewer where the text is short.

    Returns:
        A tokenizer whose special pieces have the ids of their order in `SPECIAL`.
    """
    words = _count_words(lines)
    alphabet = _alphabet(words)
    learner = Tokenizer(WordPiece(unk_token="[UNK]"))
    learner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = WordPieceTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        limit_alphabet=len(alphabet),
        initial_alphabet=alphabet,
        # The trainer numbers letters inside words as it meets them, in an order that differs from run to run and
        # breaks ties between pieces; named as special, they come in ours.
        special_tokens=[*SPECIAL, *(CONTINUES + letter for letter in alphabet)],
        show_progress=False,
    )
    learner.train_from_iterator((" ".join([word] * count) for word, count in words), trainer)
    tokenizer = Tokenizer(WordPiece(learner.get_vocab(with_added_tokens=True), unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.normalizer = NORMALIZER
    tokenizer.pre_tokenizer = SPLITTER
    tokenizer.decoder = decoders.WordPiece()
    start, end = SPECIAL.index("[CLS]"), SPECIAL.index("[SEP]")
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", start), ("[SEP]", end)]
    )
    return TextTokenizer(tokenizer)


def _count_words(lines: Iterable[str]) -> list[tuple[str, int]]:
    """The normalised words of a text with their counts, sorted."""
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(word for word, _ in SPLITTER.pre_tokenize_str(NORMALIZER.normalize_str(line)))
    return sorted(counts.items())


def _alphabet(words: list[tuple[str, int]]) -> list[str]:
    """The most frequent characters, sorted; rarer ones would take the place of useful pieces, each of them twice."""
    letters: Counter[str] = Counter()
    for word, count in words:
        for letter in word:
            letters[letter] += count
    frequent = sorted(letters, key=lambda letter: (-letters[letter], letter))
    return sorted(frequent[:ALPHABET_SIZE])


def check_ids(ids: np.ndarray, vocab_size: int) -> None:
    """Refuse ids that the vocabulary does not have.

    Args:
        ids: integers of any shape.
        vocab_size: the number of pieces.

    Raises:
        TextError: an id is negative or not below `vocab_size`; the message names it.
    """
    wrong = (ids < 0) | (ids >= vocab_size)
    if wrong.any():
        raise TextError("token_ids", id=int(ids[wrong][0]), limit=vocab_size)


def pad(rows: Iterable[np.ndarray], pad_id: int) -> tuple[np.ndarray, np.ndarray]:
    """Bring rows of ids to one length.

    Args:
        rows: `(n_i,)` integers each; at least one row.
        pad_id: fills the end of the shorter ones.

    Returns:
        `token_ids` and `attention_mask`, `(rows, longest)` int32; the mask is 1 for pieces and 0 for padding.
    """
    rows = list(rows)
    longest = max(len(row) for row in rows)
    token_ids = np.full((len(rows), longest), pad_id, np.int32)
    attention_mask = np.zeros((len(rows), longest), np.int32)
    for index, row in enumerate(rows):
        token_ids[index, : len(row)] = row
        attention_mask[index, : len(row)] = 1
    return token_ids, attention_mask
