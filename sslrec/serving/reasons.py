"""Why products are where they are: the liked product they resemble, the word or the picture that speaks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sslrec.serving.catalogues import CatalogueIndex, words_of
from sslrec.serving.profile import AKIN, Profile, akin
from sslrec.serving.ranking import query_score
from sslrec.serving.recommendation import Answer, Query, Ranked, Reason
from sslrec.serving.wishes import without_word

if TYPE_CHECKING:
    from sslrec.serving.multimodal import MultimodalModels

FEW = 12
"""Among so many of the best by the text or the picture alone, these speak for a product in the smallest catalogue."""
WORDS = 16
"""Of a longer text only so many words are tried."""
_COMMON = (
    "a about all also am an and any are as at be been but by can could do does for from had has have he her hers him"
    " his i if in into is it its just looking me mine my need no nor not of on or our please she should show so some"
    " something that the their them then there these they this those to too under up us very want was we were what when"
    " which who with without would you your"
)
COMMON = frozenset(_COMMON.split())
"""Words that are in most wishes and products' names, and say nothing of either."""


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
    # What is far by the text is not there for the text's sake, nor for the picture's what is far by that.
    far = max(FEW, (1 - AKIN) * answer.total)
    if len(rows) and answer.query.text:
        for item, reason in zip(
            answer.items, _words(models, index, answer.query, answer.items, vectors[rows]), strict=True
        ):
            # Of a text that speaks against a product, some word does so least; that is no reason.
            if reason is not None and item.contributions["text"] > 0 and item.ranks["text"] <= far:
                found[item.row].append(reason)
    for item in answer.items:
        part = item.contributions.get("image", 0.0)
        if part > 0 and item.ranks["image"] <= far and "word" not in [reason.kind for reason in found[item.row]]:
            found[item.row].append(Reason("picture", "", None, part))
    return {row: tuple(reasons) for row, reasons in found.items()}


def _words(
    models: MultimodalModels,
    index: CatalogueIndex,
    query: Query,
    items: Sequence[Ranked],
    vectors: np.ndarray,
) -> list[Reason | None]:
    """For each item, with its `(m, dim)` index vectors, the telling word without which the score falls most, if any."""
    text = query.text or ""
    wish = models.read(text)
    asked = [span for span in wish.words[:WORDS] if text[slice(*span)].casefold() not in COMMON]
    spans = [span for span in asked if not index.title_words.isdisjoint(words_of(text[slice(*span)]))]
    if not spans and (len(asked) > 1 or models.reads_descriptions):
        # In no name: of some words together one may be the reason, a single one finds whatever is least far.
        spans = [span for span in asked if span in wish.telling]
    if not spans:
        return [None] * len(items)
    titles = [frozenset(words_of(item.title)) for item in items]
    if len(wish.words) == 1:
        word = text[slice(*spans[0])]
        found = zip(_bear(index, titles, word), _only_word(word, query, items, vectors), strict=True)
        return [reason if bears else None for bears, reason in found]
    # As the query itself is read: pieces that stand for nothing known are left out.
    rest = {span: ids for span in spans if (ids := models.read(without_word(text, span)).ids) is not None}
    words = [text[slice(*span)] for span in rest]
    batch = {name: np.repeat(vector[None], len(rest), axis=0) for name, vector in query.vectors.items()}
    batch["text"] = models.encode_ids(list(rest.values()))
    queries = models.fuse(batch, query.trust)[0].sum(axis=1)
    whole, less = vectors @ query.fused, queries @ vectors.T
    # The fall of the cosine picks the word: of saturated scores all falls are 0.
    falls = whole - less
    scores = [query_score(models, cosines, query.vectors, query.trust) for cosines in (whole, less)]
    lost = scores[0] - scores[1]
    named = np.array([_bear(index, titles, word) for word in words])
    picks = np.where(named, falls, -np.inf).argmax(axis=0)
    return [
        Reason("word", words[word], None, float(lost[word, place]))
        if named[word, place] and falls[word, place] > 0
        else None
        for place, word in enumerate(picks)
    ]


def _bear(index: CatalogueIndex, titles: Sequence[frozenset[str]], word: str) -> list[bool]:
    """Which titles' products may be said to match a word: where the catalogue's names use it, those that have it."""
    parts = index.title_words.intersection(words_of(word))
    return [not parts or not parts.isdisjoint(title) for title in titles]


def _only_word(word: str, query: Query, items: Sequence[Ranked], vectors: np.ndarray) -> list[Reason | None]:
    """The word where it is the only one: alone it speaks for whatever was found by it, beside a picture as others do.

    What is left without it is the picture.
    """
    if "text" not in query.without:
        return [Reason("word", word, None, 0.0)] * len(items)
    falls = vectors @ query.fused - vectors @ query.without["text"]
    return [
        Reason("word", word, None, item.falls["text"]) if fall > 0 else None
        for item, fall in zip(items, falls, strict=True)
    ]
