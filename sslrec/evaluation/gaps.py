"""All figures of filling gaps, measured on the held-out lines of each corpus through the model that serves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from sslrec.data.packing import ROW, chunks
from sslrec.data.text import Corpus
from sslrec.data.tokens import TextTokenizer
from sslrec.evaluation.language import (
    NeighbourCounts,
    count_neighbours,
    log_softmax,
    pseudo_perplexity,
    target_ranks,
)
from sslrec.evaluation.significance import share_interval

SCORED = 60
"""Parts of a corpus's held-out lines of which each piece is hidden alone, for the pseudo-perplexity."""
RATE = 0.15
BATCH = 16
SEED = 0
LATENCY_PIECES = 32

Scores = Callable[[np.ndarray, np.ndarray], np.ndarray]


class GapModel(Protocol):
    """The model under test, as `sslrec.serving.language.LanguageReader` offers it."""

    @property
    def tokenizer(self) -> TextTokenizer:
        """The one that it was trained with."""
        ...

    def logits(self, ids: Sequence[np.ndarray], places: np.ndarray) -> np.ndarray:
        """`(n_i,)` ids of each text and `(texts, count)` places to `(texts, count, vocab_size)`."""
        ...


def evaluate(
    model: GapModel, corpora: Sequence[Corpus], progress: Callable[[str], None] = lambda part: None
) -> dict[str, Any]:
    """Measure accuracy, pseudo-perplexity and latency.

    Args:
        model: the served one.
        corpora: their training parts teach the baselines, their held-out parts are measured on.
        progress: called with the name of each part as it begins.

    Returns:
        Figures by corpus, of all its held-out lines, long ones in parts of as many pieces as the model learned from:
        accuracies as shares of 1 with 95 % intervals, which count hidden pieces as if those of a line had nothing to do
        with each other; perplexities; and `times_trigram`, the model's first guesses right over the trigram's.
    """
    tokenizer = model.tokenizer
    progress("baselines")
    texts = (
        np.array([tokenizer.start_id, *ids, tokenizer.end_id])
        for corpus in corpora
        for ids in tokenizer.encode_lines(corpus.train())
    )
    counts = count_neighbours(texts, tokenizer.special)
    found = {}
    for corpus in corpora:
        progress(corpus.name)
        found[corpus.name] = _measure(model, counts, _held_out(corpus, tokenizer))
    progress("latency")
    return {"corpora": found, "latency": latency(model), "rate": RATE, "seed": SEED}


def hide_words(
    ids: np.ndarray, continues: np.ndarray, special: np.ndarray, rng: np.random.Generator, rate: float = RATE
) -> np.ndarray:
    """Choose whole words of a line to hide: each with the chance `rate`, one at least where there is any.

    Args:
        ids: `(n,)` pieces with `[CLS]` and `[SEP]`.
        continues: `(vocab_size,)` bool, pieces that go on with a word.
        special: `(vocab_size,)` bool, pieces that are never hidden.
        rng: draws.
        rate: see above.

    Returns:
        Places of the hidden pieces, ascending.
    """
    starts = [place for place, piece in enumerate(ids) if not special[piece] and not continues[piece]]
    if not starts:
        return np.zeros(0, int)
    chosen = [start for start in starts if rng.random() < rate] or [starts[rng.integers(len(starts))]]
    hidden = []
    for start in chosen:
        hidden.append(start)
        while hidden[-1] + 1 < len(ids) and continues[ids[hidden[-1] + 1]]:
            hidden.append(hidden[-1] + 1)
    return np.array(hidden)


def first_guesses(model: GapModel, lines: Sequence[str]) -> float:
    """Share of hidden pieces that a model guesses at once.

    Args:
        model: the model under test.
        lines: of which some words are hidden, the same ones each time.
    """
    tokenizer, rng = model.tokenizer, np.random.default_rng(SEED)
    continues, special = tokenizer.continues, tokenizer.special
    hidden = []
    for line in lines:
        ids = tokenizer.encode(line, ROW).ids
        places = hide_words(ids, continues, special, rng)
        if len(places):
            hidden.append((ids, places))
    ranks = [target_ranks(logits, target) for logits, target, _, _ in _guesses(model, hidden)]
    return float((np.concatenate(ranks) == 0).mean()) if ranks else 0.0


def latency(model: GapModel, repeats: int = 100) -> dict[str, float]:
    """Milliseconds of one fill-in of `LATENCY_PIECES` pieces with one gap: the median and the 95th percentile."""
    tokenizer, times = model.tokenizer, []
    rng = np.random.default_rng(SEED)
    for _ in range(repeats):
        ids = rng.integers(max(tokenizer.special_ids) + 1, tokenizer.vocab_size, LATENCY_PIECES).astype(np.int32)
        ids[0], ids[-1], ids[5] = tokenizer.start_id, tokenizer.end_id, tokenizer.mask_id
        began = time.perf_counter()
        model.logits([ids], np.array([[5]]))
        times.append((time.perf_counter() - began) * 1000)
    median, late = np.percentile(times, [50, 95])
    return {"pieces": LATENCY_PIECES, "median_ms": float(median), "p95_ms": float(late)}


def _held_out(corpus: Corpus, tokenizer: TextTokenizer) -> list[np.ndarray]:
    """The `(n_i,)` ids of the held-out lines, whole or in parts, in an order drawn at random: openings are formulas."""
    parts = [
        np.array([tokenizer.start_id, *part, tokenizer.end_id], np.int32)
        for ids in tokenizer.encode_lines(corpus.held_out())
        for part in chunks(ids, ROW - 2, tokenizer.continues)
        if len(part) > 1
    ]
    return [parts[row] for row in np.random.default_rng(SEED).permutation(len(parts))]


def _measure(model: GapModel, counts: NeighbourCounts, lines: Sequence[np.ndarray]) -> dict[str, Any]:
    tokenizer, rng = model.tokenizer, np.random.default_rng(SEED)
    continues, special = tokenizer.continues, tokenizer.special
    hidden = [(ids, hide_words(ids, continues, special, rng)) for ids in lines]
    hidden = [(ids, places) for ids, places in hidden if len(places)]
    ranks: dict[str, list[np.ndarray]] = {"model": [], "trigram": [], "unigram": []}
    for logits, target, left, right in _guesses(model, hidden):
        ranks["model"].append(target_ranks(logits, target))
        ranks["trigram"].append(target_ranks(counts.trigram(left, right), target))
        ranks["unigram"].append(target_ranks(counts.unigram(len(target)), target))
    figures: dict[str, Any] = {"parts": len(hidden)}
    for who, parts in ranks.items():
        all_ranks = np.concatenate(parts) if parts else np.zeros(0, int)
        figures["hidden"] = len(all_ranks)
        figures[who] = {f"top_{k}": share_interval(int((all_ranks < k).sum()), len(all_ranks)) for k in (1, 5)}
    alone = [(ids, np.array([place])) for ids in lines[:SCORED] for place in np.flatnonzero(~special[ids])]
    nats: dict[str, list[np.ndarray]] = {"model": [], "trigram": [], "unigram": []}
    for logits, target, left, right in _guesses(model, alone):
        rows = np.arange(len(target))
        nats["model"].append(log_softmax(logits.astype(np.float64))[rows, target])
        nats["trigram"].append(np.log(counts.trigram(left, right)[rows, target]))
        nats["unigram"].append(np.log(counts.unigram(len(target))[rows, target]))
    for who, parts in nats.items():
        figures[who]["pseudo_perplexity"] = pseudo_perplexity(np.concatenate(parts)) if parts else None
    first, second = (figures[who]["top_1"]["mean"] for who in ("model", "trigram"))
    figures["times_trigram"] = first / second if second else None
    return figures


def _guesses(
    model: GapModel, hidden: Sequence[tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Logits at hidden places, the right pieces, and the pieces shown on their left and right; batch by batch."""
    mask_id = model.tokenizer.mask_id
    # Lines of like length go together, so that little padding is computed.
    order = sorted(hidden, key=lambda one: len(one[0]))
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        shown = [ids.copy() for ids, _ in rows]
        for ids, (_, places) in zip(shown, rows, strict=True):
            ids[places] = mask_id
        at = np.zeros((len(rows), max(len(places) for _, places in rows)), np.int32)
        for row, (_, places) in enumerate(rows):
            at[row, : len(places)] = places
        logits = model.logits(shown, at)
        yield (
            np.concatenate([logits[row, : len(places)] for row, (_, places) in enumerate(rows)]),
            np.concatenate([ids[places] for ids, places in rows]),
            np.concatenate([ids[places - 1] for ids, (_, places) in zip(shown, rows, strict=True)]),
            np.concatenate([ids[places + 1] for ids, (_, places) in zip(shown, rows, strict=True)]),
        )
