"""Why products are where they are: the liked product they resemble, the word that speaks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.profile import Profile, akin
from sslrec.serving.ranking import calibration_of
from sslrec.serving.recommendation import Answer, Query, Reason
from sslrec.serving.wishes import without_word

if TYPE_CHECKING:
    from sslrec.serving.multimodal import MultimodalModels

WORDS = 16
"""Of a longer text only so many words are tried."""


def explain(
    models: MultimodalModels, index: CatalogueIndex, answer: Answer, profile: Profile
) -> dict[int, tuple[Reason, ...]]:
    """The reasons for the products of an answer's page, by row; see `Recommender.reasons`."""
    rows = np.array([item.row for item in answer.items], np.int64)
    found: dict[int, list[Reason]] = {int(row): [] for row in rows}
    vectors = index.index.vectors
    if len(rows) and profile.likes:
        liked = vectors[list(profile.likes)]
        for row, place in zip(rows, akin(vectors, liked, rows), strict=True):
            if place >= 0:
                like = profile.likes[int(place)]
                title = index.catalogue.table.column("title")[like].as_py()
                found[int(row)].append(Reason("like", title, like, float(vectors[row] @ vectors[like])))
    if len(rows) and answer.query.text:
        for row, reason in zip(rows, _words(models, answer.query, vectors[rows]), strict=True):
            if reason is not None:
                found[int(row)].append(reason)
    return {row: tuple(reasons) for row, reasons in found.items()}


def _words(models: MultimodalModels, query: Query, vectors: np.ndarray) -> list[Reason | None]:
    """For each of `(m, dim)` index vectors the word without which the score falls most, if it falls at all."""
    text = query.text or ""
    spans = models.read(text).words[:WORDS]
    rest = [without_word(text, span) for span in spans]
    if len(spans) < 2:
        # The only word speaks for whatever was found by it.
        return [Reason("word", text[slice(*spans[0])], None, 0.0) if spans else None] * len(vectors)
    batch = {name: np.repeat(vector[None], len(rest), axis=0) for name, vector in query.vectors.items()}
    batch["text"] = models.encode_texts(rest)
    queries = models.fuse(batch, query.trust)[0].sum(axis=1)
    ranking = calibration_of(query)
    # The fall of the cosine picks the word: of saturated scores all falls are 0.
    falls = vectors @ query.fused - queries @ vectors.T
    scores = models.score(vectors @ query.fused, ranking) - models.score(queries @ vectors.T, ranking)
    picks = falls.argmax(axis=0)
    return [
        Reason("word", text[slice(*spans[word])], None, float(scores[word, place])) if falls[word, place] > 0 else None
        for place, word in enumerate(picks)
    ]
