"""What the recommender answers: typed results, and how machines get them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

FUSED = "fused"
"""The ranking by all modalities together, beside `text` and `image`."""


@dataclass(frozen=True)
class Note:
    """Something the visitor should know about how the query was read.

    Attributes:
        code: `text_unknown` (no word of it is known, so it was left out), `text_not_english` (the same, and it is in
            another script), `text_words_unknown` (some words are not known), `text_cut` (its end was left out),
            `text_negated` and `text_price` (what is wished away, and what it may cost, was left out),
            `text_spelling` (words that no product's name has, each with the nearest that one has).
        words: the words concerned; for `text_cut` what was left out is not repeated.
    """

    code: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why an item is where it is.

    Attributes:
        kind: `like` (near to a liked product), `word` (the query's word that speaks most for it) or `picture` (the
            query's picture speaks for it, and no word does).
        value: the liked product's title, or the word; empty for a picture.
        row: the liked product's row, else None.
        strength: for a word how much the score falls without it, for a liked product the cosine with it, for the
            picture its part of the cosine.
    """

    kind: str
    value: str
    row: int | None
    strength: float


@dataclass(frozen=True)
class Ranked:
    """One product of a ranking.

    Attributes:
        row: its row in the catalogue.
        item_id: its id.
        title: its title; may be empty.
        score: 0 to 1, how probably the product is what was asked for, by all modalities present; None where only a
            profile was asked, which has no calibrated score.
        text_score: the same by the text alone; None where there is no text.
        image_score: the same by the picture alone; None where there is none.
        cosine: of the query and the product, which the score comes from; with a profile alone the affinity.
        contributions: each present modality's exact part of `cosine`: they sum to it.
        falls: by how much `score` falls when a modality is left out; negative where it rises. Empty where there is
            one modality only.
        place: its place, from 1, in the order that was asked for, with diversity and profile.
        rank: its rank, from 1, by the fused score alone.
        ranks: its rank by each present modality alone.
    """

    row: int
    item_id: str
    title: str
    score: float | None
    text_score: float | None
    image_score: float | None
    cosine: float
    contributions: Mapping[str, float]
    falls: Mapping[str, float]
    place: int
    rank: int
    ranks: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Query:
    """A query as the models see it.

    Attributes:
        text: the text that was read, or None where there is none that counts.
        vectors: `(dim,)` float32 of length 1 by modality, those present only, as the encoders give them.
        trust: -1 for the text to 1 for the picture, 0 for the learned balance.
        gates: how much each present modality counts: they sum to 1. Empty with a profile alone.
        parts: `(dim,)` float32 by modality: what each puts into the fused query, which is their sum, of length 1.
        alone: `(dim,)` float32 of length 1 by modality: the query of that modality alone.
        without: `(dim,)` float32 of length 1 by modality: the query that leaves it out, where others are left.
    """

    text: str | None
    vectors: Mapping[str, np.ndarray]
    trust: float
    gates: Mapping[str, float]
    parts: Mapping[str, np.ndarray]
    alone: Mapping[str, np.ndarray]
    without: Mapping[str, np.ndarray]

    @property
    def fused(self) -> np.ndarray | None:
        """`(dim,)` float32 of length 1, the fused query; None with a profile alone."""
        return sum(self.parts.values()) if self.parts else None  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Answer:
    """A ranked result.

    Attributes:
        items: the asked page of it.
        total: how many products the filters leave.
        query: what was asked, as the models see it.
        notes: what the visitor should know.
        milliseconds: time of the whole answer.
        cosines: `(n,)` float32 by ranking: `fused` and each modality present.
        allowed: `(n,)` bool, the products that the filters leave.
    """

    items: tuple[Ranked, ...]
    total: int
    query: Query
    notes: tuple[Note, ...]
    milliseconds: float
    cosines: Mapping[str, np.ndarray] = field(repr=False)
    allowed: np.ndarray = field(repr=False)

    @property
    def gates(self) -> Mapping[str, float]:
        """How much each present modality counts: they sum to 1."""
        return self.query.gates


def recommend_answer(answer: Answer) -> list[dict[str, Any]]:
    """A ranked result as the CLI and the API give it to machines.

    Returns:
        For each item `item_id`, `title`, `score`, `text_score`, `image_score` (0 to 1; None where that modality is
        missing) and `contributions`, each present modality's part of the cosine.
    """

    def short(value: float | None) -> float | None:
        return None if value is None else round(value, 6)

    return [
        {
            "item_id": item.item_id,
            "title": item.title,
            "score": short(item.score),
            "text_score": short(item.text_score),
            "image_score": short(item.image_score),
            "contributions": {name: round(value, 6) for name, value in item.contributions.items()},
        }
        for item in answer.items
    ]
