"""A catalogue ready to be searched: an index vector for every product, and what to filter by."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sslrec.data.catalogue import Catalogue
from sslrec.data.folding import fold_symbols
from sslrec.serving.index import VectorIndex

if TYPE_CHECKING:
    from sslrec.serving.recommender import Recommender

PRICE_STEPS = 40
"""Prices to choose from, at most; so many whole numbers are enough."""
BINS, CROWD = 50, 0.25
"""Of so many equal parts of the range, none may hold more than such a share of the prices that differ."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, eq=False)
class CatalogueIndex:
    """A catalogue with its vectors.

    Attributes:
        catalogue: the products.
        index: an index vector for each: the normalised mean of its title's and its picture's vectors, one of them
            where the other is missing, and zeros where neither can be used.
        recommender: what made the vectors, and the only one whose queries can be looked for among them.
        shown: `(n,)` bool, the products that may be recommended.
        prices: `(n,)` float64, NaN where there is none.
        categories: the names of the shown categories, sorted.
    """

    catalogue: Catalogue
    index: VectorIndex
    recommender: Recommender = field(repr=False)
    shown: np.ndarray = field(repr=False)
    prices: np.ndarray = field(repr=False)
    categories: tuple[str, ...]
    codes: np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.catalogue)

    @cached_property
    def price_range(self) -> tuple[float, float] | None:
        """The lowest and the highest price of what is shown, or None where nothing has one."""
        known = self._known_prices
        return (float(known.min()), float(known.max())) if len(known) else None

    @cached_property
    def price_steps(self) -> tuple[float, ...]:
        """Prices to choose from where whole numbers from the lowest to the highest tell the products badly apart.

        That is so where the range has few of them, or where a few dear products stretch it, so that many prices lie
        close together. The steps are sorted, the lowest and the highest price among them, and between any two of them
        lie about as many that differ; none where whole numbers do.
        """
        distinct = np.unique(self._known_prices)
        if len(distinct) < 2:
            return ()
        crowd = np.histogram(distinct, bins=BINS)[0].max()
        if distinct[-1] - distinct[0] >= PRICE_STEPS and crowd <= CROWD * len(distinct):
            return ()
        places = np.unique(np.linspace(0, len(distinct) - 1, PRICE_STEPS).round().astype(int))
        return tuple(distinct[places].tolist())

    @cached_property
    def _known_prices(self) -> np.ndarray:
        return self.prices[self.shown & ~np.isnan(self.prices)]

    @cached_property
    def title_words(self) -> frozenset[str]:
        """Every word of a title; see `words_of`."""
        return frozenset(word for title in self.catalogue.titles for word in words_of(title))

    def allowed(
        self,
        category: str | Collection[str] | None = None,
        price: tuple[float | None, float | None] = (None, None),
        exclude: Collection[int] = (),
    ) -> np.ndarray:
        """Which products some filters leave, `(n,)` bool.

        Args:
            category: one or several names; None, or none of them, for all.
            price: the lowest and the highest price, each None for any. A product without a price passes only where
                both are.
            exclude: rows that are not wanted.
        """
        left = self.shown.copy()
        names = (category,) if isinstance(category, str) else tuple(category or ())
        if names:
            left &= np.isin(self.codes, [self.categories.index(name) for name in names if name in self.categories])
        low, high = price
        if low is not None:
            left &= self.prices >= low
        if high is not None:
            left &= self.prices <= high
        left[list(exclude)] = False
        return left


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared: small letters and digits, without what stands between them."""
    return _WORD.findall(fold_symbols(text).lower())


def index_catalogue(catalogue: Catalogue, vectors: np.ndarray, recommender: Recommender) -> CatalogueIndex:
    """Put a catalogue and its `(n, dim)` float32 index vectors together, with the recommender that made them."""
    shown = catalogue.shown & (np.einsum("nd,nd->n", vectors, vectors) > 0.5)
    names, given = catalogue.category_codes
    categories = tuple(sorted({names[code] for code in np.unique(given[shown]) if code >= 0} - {""}))
    places = {name: place for place, name in enumerate(categories)}
    codes = np.array([*(places.get(name, -1) for name in names), -1], np.int32)[given]
    return CatalogueIndex(catalogue, VectorIndex(vectors), recommender, shown, catalogue.prices, categories, codes)
