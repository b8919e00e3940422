"""A catalogue in two dimensions: the two directions in which its vectors differ most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from sslrec.serving.catalogues import CatalogueIndex
from sslrec.ui.language import t
from sslrec.ui.recommend_examples import title_at
from sslrec.ui.recommend_results import value_name
from sslrec.ui.weakly import KeptWith

POINTS = 5_000
"""Products on the map, at most: a larger catalogue shows a sample."""
PIECE = 1024
"""Products looked at together."""
LONGEST = 80
"""Characters of a title or category on the map."""
GROUPS = 10
"""Categories with a colour of their own; the rest shares one."""
COLOURS = (
    "#dd5a26", "#1f93ad", "#c99a2e", "#6f9a2c", "#9a5bd0", "#d6568f", "#4a7bd0", "#2fa37c", "#a8684a", "#7a8699",
    "#b5b0a6",
)  # fmt: skip
"""Read on the light and on the dark ground; the last is for the rest."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Two directions through a catalogue's vectors.

    Attributes:
        middle: `(dim,)` float32, the mean vector.
        axes: `(dim, 2)` float32 of length 1.
        share: how much of the vectors' variance the plane holds, 0 to 1.
        rows: `(m,)` int64, the products on the map.
        places: `(m, 2)` float32, where they lie.
    """

    middle: np.ndarray
    axes: np.ndarray
    share: float
    rows: np.ndarray
    places: np.ndarray

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """`(k, dim)` vectors to `(k, 2)` places."""
        return _projected(vectors, self.middle, self.axes)


def _projected(vectors: np.ndarray, middle: np.ndarray, axes: np.ndarray) -> np.ndarray:
    return (vectors - middle) @ axes


@KeptWith
def plane_of(index: CatalogueIndex) -> Plane:
    """The plane of a catalogue's first two principal components, computed once while the catalogue is there.

    The covariance is dim x dim, so its eigenvectors cost no more for 44,000 products than for a thousand.
    """
    rows = np.flatnonzero(index.shown)
    vectors = index.index.vectors
    middle, spread = np.zeros(vectors.shape[1]), np.zeros((vectors.shape[1], vectors.shape[1]))
    # Piece by piece, each let go before the next: the vectors lie in a file, and a copy of all takes their size.
    for start in range(0, len(rows), PIECE):
        piece = vectors[rows[start : start + PIECE]]
        middle += piece.sum(axis=0, dtype=np.float64) / len(rows)
        spread += piece.T @ piece / np.float64(len(rows))
    values, axes = np.linalg.eigh(spread - np.outer(middle, middle))
    first = axes[:, [-1, -2]]
    # An eigenvector's sign means nothing; one rule keeps the map the same everywhere.
    first = first * np.where(first[np.abs(first).argmax(axis=0), [0, 1]] < 0, -1, 1)
    share = float(values[-2:].sum() / max(values.sum(), 1e-12))
    if len(rows) > POINTS:
        rows = rows[np.linspace(0, len(rows) - 1, POINTS).astype(np.int64)]
    centre, axes = middle.astype(np.float32), first.astype(np.float32)
    return Plane(centre, axes, share, rows, _projected(vectors[rows], centre, axes))


def map_figure(index: CatalogueIndex, query: np.ndarray | None, found: Sequence[int]) -> dict[str, Any]:
    """The map as a Plotly figure.

    Args:
        index: the catalogue.
        query: `(dim,)` float32 of length 1, marked by a star; None where nothing was asked.
        found: rows of the best products, ringed.
    """
    plane = plane_of(index)
    codes = index.codes[plane.rows]
    counts = np.bincount(codes[codes >= 0], minlength=len(index.categories))
    largest = [int(code) for code in np.argsort(-counts, kind="stable")[:GROUPS] if counts[code]]
    traces = []
    for place, code in enumerate(largest):
        traces.append(_points(index, plane, codes == code, value_name(index.categories[code]), COLOURS[place]))
    rest = ~np.isin(codes, largest)
    if rest.any():
        traces.append(_points(index, plane, rest, t("map.others"), COLOURS[-1]))
    if len(found):
        places = plane.place(index.index.vectors[list(found)])
        names = [title_at(index.catalogue, int(row)) for row in found]
        ring = {"symbol": "circle-open", "size": 13, "color": "#b93b12", "line": {"width": 2}}
        traces.append(_marks(places, names, t("map.found"), ring))
    if query is not None:
        star = {"symbol": "star", "size": 20, "color": "#b93b12", "line": {"width": 1.5, "color": "#ffffff"}}
        traces.append(_marks(plane.place(query[None]), [t("map.query")], t("map.query"), star))
    axis = {"showgrid": False, "zeroline": False, "showticklabels": False, "title": {"text": ""}}
    layout = {
        "height": 560,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": axis,
        "yaxis": {**axis, "scaleanchor": "x"},
        "legend": {"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"},
        "hovermode": "closest",
    }
    return {"data": traces, "layout": layout}


def _plain(text: str) -> str:
    """Somebody's text where Plotly would take some HTML for markup."""
    return escape(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…", quote=False)


def _points(index: CatalogueIndex, plane: Plane, chosen: np.ndarray, name: str, colour: str) -> dict[str, Any]:
    rows = plane.rows[chosen]
    return {
        "type": "scattergl",
        "mode": "markers",
        "name": _plain(name),
        "x": plane.places[chosen, 0].round(4),
        "y": plane.places[chosen, 1].round(4),
        "text": [_plain(title_at(index.catalogue, int(row))) for row in rows],
        "hovertemplate": f"%{{text}}<br>{_plain(name).replace('%', '&#37;')}<extra></extra>",
        "marker": {"size": 6, "color": colour, "opacity": 0.7},
    }


def _marks(places: np.ndarray, names: Sequence[str], name: str, marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scattergl",
        "mode": "markers",
        "name": name,
        "x": places[:, 0],
        "y": places[:, 1],
        "text": [_plain(one) for one in names],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": marker,
    }
