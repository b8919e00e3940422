"""Charts of the language page: arrays in, options out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sslrec.ui.charts import COUNTER, SIGNAL
from sslrec.ui.language import t

MOST = 48
"""Pieces that the map of attention shows; more would be too small to read."""
SCALE = ((0.0, "rgba(221, 90, 38, 0.03)"), (0.35, "rgba(221, 90, 38, 0.38)"), (1.0, "rgb(221, 90, 38)"))
"""From nothing to the strongest attention; the ground shows through, so that it reads in the light and in the dark."""


def attention_window(count: int, gap: int | None) -> slice:
    """Which of the pieces the map shows, `MOST` at most: those around a gap, or the first ones.

    Args:
        count: of the pieces that could be shown.
        gap: number of the first gap's piece among them; None where there is no gap.
    """
    start = 0 if gap is None else max(0, min(gap - MOST // 2, count - MOST))
    return slice(start, min(start + MOST, count))


def chosen_attention(attention: np.ndarray, layer: int, head: int | None, signs: bool, window: slice) -> np.ndarray:
    """The part of the attention that the map shows.

    Args:
        attention: `(layers, heads, n, n)`.
        layer: from 0.
        head: from 0; None for the mean over the heads.
        signs: whether `[CLS]` and `[SEP]` are shown too. Without them the rest of each row is scaled to sum to 1.
        window: the pieces that are shown, of those that could be.

    Returns:
        `(m, m)`.
    """
    found = attention[layer].mean(axis=0) if head is None else attention[layer, head]
    if not signs:
        found = found[1:-1, 1:-1]
        found = found / np.maximum(found.sum(axis=1, keepdims=True), 1e-9)
    return found[window, window]


def attention_map(attention: np.ndarray, tokens: Sequence[str]) -> dict[str, Any]:
    """Traces and layout of a heat map, as Plotly wants them.

    Args:
        attention: `(n, n)`; the row's piece looks at the column's.
        tokens: the pieces.
    """
    places = list(range(len(tokens)))
    axis = {"tickmode": "array", "tickvals": places, "ticktext": list(tokens), "showgrid": False, "zeroline": False}
    trace = {
        "type": "heatmap",
        "z": np.round(attention * 100, 1).tolist(),
        "colorscale": [list(stop) for stop in SCALE],
        "zmin": 0,
        "zmax": float(attention.max(initial=0.01)) * 100,
        "xgap": 1,
        "ygap": 1,
        "customdata": [[[row, column] for column in tokens] for row in tokens],
        "hovertemplate": "%{customdata[0]} → %{customdata[1]}: %{z} %<extra></extra>",
        "colorbar": {"thickness": 12, "outlinewidth": 0, "ticksuffix": " %"},
    }
    height = 170 + max(190, min(26 * len(tokens), 720))
    layout = {
        "height": height,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": {**axis, "side": "top", "tickangle": -50, "title": {"text": t("attention.columns")}},
        "yaxis": {**axis, "autorange": "reversed", "title": {"text": t("attention.rows")}},
    }
    return {"data": [trace], "layout": layout}


def history_chart(history: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """The pretraining curve: loss of training and of the held-out lines at the end of each epoch.

    Args:
        history: `epoch`, `loss` and, where it was measured, `validation_loss`.
    """
    lines = (("loss", "chart.loss_train", SIGNAL), ("validation_loss", "chart.loss_validation", COUNTER))
    series = [
        {
            "type": "line",
            "name": t(text),
            "data": [[one["epoch"], round(one[key], 4)] for one in history if one.get(key) is not None],
            "itemStyle": {"color": colour},
            "lineStyle": {"width": 2.5},
            "symbolSize": 6,
        }
        for key, text, colour in lines
    ]
    return {
        "animation": False,
        "grid": {"left": 44, "right": 12, "top": 34, "bottom": 34},
        "legend": {"top": 0, "left": 0},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "value", "minInterval": 1, "min": "dataMin", "max": "dataMax", "name": ""},
        "yAxis": {"type": "value", "scale": True},
        "series": series,
    }
