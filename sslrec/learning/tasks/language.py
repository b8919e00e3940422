"""The language task: guess the hidden words of texts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import tensorflow as tf

from sslrec.data.packing import ROW, Packed, pack
from sslrec.data.text import Corpus
from sslrec.data.tokens import TextTokenizer, check_ids
from sslrec.learning.encoders.text import TextConfig, reseed_dropout
from sslrec.learning.models.language import MaskedLanguageModel
from sslrec.learning.objectives.masked import Masking, mask_words, masked_cross_entropy

VALIDATION_ROWS = 128
"""Rows of each corpus's held-out part that `validate` measures."""
VALIDATION_BATCH = 32
ATTEMPTS = 100
"""Ways to choose what is hidden of a held-out part that are tried until one hides a word."""


class LanguageTask:
    """Masked language modelling on a mix of corpora.

    An epoch draws `weight` times as many rows from a corpus as it has, evenly spread over it: with 2 each row
    comes twice, with 0.5 another half of them in each epoch.

    Args:
        corpora: what to read; the held-out parts validate.
        tokenizer: turns lines into pieces.
        config: size of the model; its vocabulary must be the tokenizer's.
        length: pieces of a row.
        weights: by corpus name; 1 where it is not named.
        model: a model to go on with; by default a new one.
        rate: the chance of each word to be hidden.
    """

    def __init__(
        self,
        corpora: Sequence[Corpus],
        tokenizer: TextTokenizer,
        config: TextConfig,
        length: int = ROW,
        weights: Mapping[str, float] | None = None,
        model: MaskedLanguageModel | None = None,
        rate: float = 0.15,
    ) -> None:
        check_ids(np.array([tokenizer.vocab_size - 1]), config.vocab_size)
        self.model = model or MaskedLanguageModel(config)
        self.corpora = tuple(corpora)
        self.masking = Masking(
            tokenizer.mask_id, tokenizer.vocab_size, first_id=max(tokenizer.special_ids) + 1, rate=rate
        )
        self._all_masked = replace(self.masking, mask=1.0, random=0.0)
        self._special = tf.constant(tokenizer.special)
        self._continues = tf.constant(tokenizer.continues)

        def packed(lines) -> Packed:
            ids = (tokenizer.start_id, tokenizer.end_id, tokenizer.pad_id)
            return pack(tokenizer.encode_lines(lines), length, *ids, tokenizer.continues, seed=0)

        train = [packed(corpus.train()) for corpus in corpora]
        self.rows = {corpus.name: len(part.token_ids) for corpus, part in zip(corpora, train, strict=True)}
        self._rows = _on_device(_joined(train))
        self._held_out = {corpus.name: _first(packed(corpus.held_out()), VALIDATION_ROWS) for corpus in corpora}
        self._hiding = {name: self._seed_that_hides(rows) for name, rows in self._held_out.items()}
        counts = np.array([self.rows[corpus.name] for corpus in corpora])
        share = np.array([(weights or {}).get(corpus.name, 1.0) for corpus in corpora])
        slots = np.where(counts * share > 0, np.maximum(1, np.round(counts * share)), 0).astype(int)
        self.size = int(slots.sum())
        self._slot_ends = tf.constant(np.cumsum(slots), tf.int32)
        self._slots = tf.constant(slots, tf.int64)
        self._counts = tf.constant(counts, tf.int64)
        self._first_rows = tf.constant(np.cumsum(counts) - counts, tf.int32)
        self._measure = tf.function(self._measure_rows, reduce_retracing=True)

    def draw_rows(self, indices: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Which rows the places of an epoch stand for.

        Args:
            indices: `(batch,)` int32 below `size`.
            seed: `(2,)` int32.

        Returns:
            `(batch,)` int32 row numbers; the rows of the corpora follow each other.
        """
        corpus = tf.searchsorted(self._slot_ends, indices, side="right")
        slots, count = tf.gather(self._slots, corpus), tf.gather(self._counts, corpus)
        slot = tf.cast(indices - tf.gather(self._slot_ends, corpus), tf.int64) + slots
        # Each slot stands for as many neighbouring rows as there are more rows than slots, and draws one of them.
        low, high = slot * count // slots, (slot + 1) * count // slots
        draws = tf.random.stateless_uniform(tf.shape(indices), tf.random.fold_in(seed, 10), dtype=tf.float64)
        row = low + tf.cast(draws * tf.cast(high - low, tf.float64), tf.int64)
        return tf.gather(self._first_rows, corpus) + tf.cast(row, tf.int32)

    def loss(self, indices, seed):
        rows = [tf.gather(part, self.draw_rows(indices, seed)) for part in self._rows]
        reseed_dropout(self.model, seed)
        targets, logits = self._guess(rows, seed, self.masking, training=True)
        hits = tf.cast(tf.argmax(logits, axis=-1, output_type=tf.int32) == targets, tf.float32)
        accuracy = tf.math.divide_no_nan(tf.reduce_sum(hits), tf.cast(tf.size(hits), tf.float32))
        return masked_cross_entropy(targets, logits), {"accuracy": accuracy}

    def _guess(
        self, rows: Sequence[tf.Tensor], seed: tf.Tensor, masking: Masking, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Hide words; return their `(n,)` ids and the `(n, vocab_size)` logits, which are made there alone."""
        token_ids, texts, positions = rows
        shown, chosen = self._mask(token_ids, texts, seed, masking)
        same_text = (texts[:, :, None] == texts[:, None, :]) & (texts[:, None, :] > 0)
        states, _ = self.model.encoder(shown, same_text, positions, training=training)
        at = tf.where(chosen)
        return tf.gather_nd(token_ids, at), self.model.logits(tf.gather_nd(states[-1], at))

    def _mask(
        self, token_ids: tf.Tensor, texts: tf.Tensor, seed: tf.Tensor, masking: Masking
    ) -> tuple[tf.Tensor, tf.Tensor]:
        maskable = (texts > 0) & ~tf.gather(self._special, token_ids)
        return mask_words(token_ids, tf.gather(self._continues, token_ids), maskable, seed, masking)

    def validate(self) -> dict[str, float]:
        """Cross-entropy and accuracies of hidden words of each corpus's held-out part, all of them as `[MASK]`.

        The same words are hidden each time. `validation_loss` and so on are the means over the corpora that have a word
        to hide: without any they are missing, and the figures of a corpus without one are NaN.
        """
        names = ("loss", "top_1", "top_5")
        by_corpus = {name: self._measure_corpus(name) for name in self._held_out}
        measured = [values for values in by_corpus.values() if values]
        means = np.mean(measured, axis=0).tolist() if measured else []
        figures = {f"validation_{kind}": mean for kind, mean in zip(names, means, strict=False)}
        for corpus, values in by_corpus.items():
            values = values or [math.nan] * len(names)
            figures |= {f"validation_{kind}_{corpus}": value for kind, value in zip(names, values, strict=True)}
        return figures

    def _measure_corpus(self, name: str) -> list[float]:
        """The means over the hidden words; empty where there are none."""
        total = np.zeros(4)
        for rows, seed in self._batches(self._held_out[name], self._hiding[name]):
            total += self._measure(*rows, seed).numpy()
        return [float(value) for value in total[:3] / total[3]] if total[3] else []

    def _batches(self, packed: Packed, seed: int) -> Iterator[tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]]:
        """The rows of a held-out part in batches, each with the seed of what is hidden of it."""
        for start in range(0, len(packed.token_ids), VALIDATION_BATCH):
            rows = _on_device(_first(packed, start + VALIDATION_BATCH), start)
            yield rows, tf.constant([seed, start], tf.int32)

    def _hide(self, packed: Packed, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Batch by batch the `(batch, length)` pieces, what is shown of them, and which are hidden."""
        for (token_ids, texts, _), batch_seed in self._batches(packed, seed):
            shown, chosen = self._mask(token_ids, texts, batch_seed, self._all_masked)
            yield token_ids.numpy(), shown.numpy(), chosen.numpy()

    def _seed_that_hides(self, packed: Packed) -> int:
        """The first one that hides a word at least: of a short text's few held-out words chance may choose none."""
        hides = (any(chosen.any() for _, _, chosen in self._hide(packed, seed)) for seed in range(ATTEMPTS))
        return next((seed for seed, one in enumerate(hides) if one), 0)

    def hidden_words(self, corpus: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What `validate` hides of a corpus, for others to guess.

        Returns:
            `(n,)` int32 each: the piece shown before each hidden one, the one shown after it, and the hidden one.
        """
        parts = [(np.zeros(0, np.int32),) * 3]  # a held-out part without pieces has no batch
        for token_ids, shown, chosen in self._hide(self._held_out[corpus], self._hiding[corpus]):
            rows, places = np.nonzero(chosen)
            parts.append((shown[rows, places - 1], shown[rows, places + 1], token_ids[rows, places]))
        left, right, target = (np.concatenate(part) for part in zip(*parts, strict=True))
        return left, right, target

    def _measure_rows(self, token_ids, texts, positions, seed) -> tf.Tensor:
        """Sums over the hidden pieces: loss, hits in the first place and in the first five, and how many."""
        targets, logits = self._guess((token_ids, texts, positions), seed, self._all_masked, training=False)
        of_target = tf.gather(logits, targets, batch_dims=1)
        rank = tf.reduce_sum(tf.cast(logits > of_target[:, None], tf.int32), axis=1)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
        sums = (losses, rank < 1, rank < 5, tf.ones_like(losses))
        return tf.stack([tf.reduce_sum(tf.cast(values, tf.float32)) for values in sums])


def _joined(parts: Sequence[Packed]) -> Packed:
    return Packed(
        np.concatenate([part.token_ids for part in parts]),
        np.concatenate([part.texts for part in parts]),
        np.concatenate([part.positions for part in parts]),
    )


def _first(packed: Packed, rows: int) -> Packed:
    return Packed(packed.token_ids[:rows], packed.texts[:rows], packed.positions[:rows])


def _on_device(packed: Packed, start: int = 0) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    parts = (packed.token_ids, packed.texts, packed.positions)
    token_ids, texts, positions = (tf.constant(part[start:]) for part in parts)
    return token_ids, texts, positions
