"""What there is to say about some products of a ranking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.index import ranks
from sslrec.serving.recommendation import FUSED, Query, Ranked

if TYPE_CHECKING:
    from sslrec.serving.multimodal import MultimodalModels


def rank_rows(
    models: MultimodalModels,
    index: CatalogueIndex,
    query: Query,
    cosines: Mapping[str, np.ndarray],
    allowed: np.ndarray,
    rows: np.ndarray,
    offset: int,
) -> tuple[Ranked, ...]:
    """Describe the products in `(m,)` rows, the first of which is at place `offset + 1`.

    Args:
        models: for its calibration.
        index: the catalogue.
        query: the query as the models see it.
        cosines: `(n,)` float32 by ranking.
        allowed: `(n,)` bool, what the filters leave.
        rows: the products in question, in their order.
        offset: how many come before them.
    """
    vectors = index.index.vectors[rows]
    scores = {name: models.score(cosines[name][rows], name) for name in query.alone}
    places = {name: ranks(cosines[name], rows, allowed) for name in cosines}
    parts = {name: vectors @ part for name, part in query.parts.items()}
    fused = query_score(models, cosines[FUSED][rows], query.vectors, query.trust) if query.vectors else None
    falls = {}
    for name, rest in query.without.items():
        others = [other for other in query.alone if other != name]
        falls[name] = fused - query_score(models, vectors @ rest, others, query.trust)
    titles, ids = index.catalogue.table.column("title"), index.catalogue.table.column("item_id")

    def of(figures: Mapping[str, np.ndarray], place: int) -> dict[str, float]:
        return {name: float(values[place]) for name, values in figures.items()}

    return tuple(
        Ranked(
            row=int(row),
            item_id=ids[int(row)].as_py(),
            title=titles[int(row)].as_py(),
            score=None if fused is None else float(fused[place]),
            text_score=of(scores, place).get("text"),
            image_score=of(scores, place).get("image"),
            cosine=float(cosines[FUSED][row]),
            contributions=of(parts, place),
            falls=of(falls, place),
            place=offset + place + 1,
            rank=int(places[FUSED][place]),
            ranks={name: int(places[name][place]) for name in query.alone},
        )
        for place, row in enumerate(rows)
    )


def query_score(models: MultimodalModels, cosines: np.ndarray, names: Collection[str], trust: float) -> np.ndarray:
    """Probabilities of a query's cosines, calibrated for its modality, or for all of them as they are trusted.

    Args:
        models: for their calibration.
        cosines: of the query with products, any shape.
        names: the modalities that the query consists of, one at least.
        trust: the query's.
    """
    return models.score(cosines, FUSED, trust) if len(names) > 1 else models.score(cosines, next(iter(names)))
