"""Live charts of trainings: views in, ECharts options out; with several runs, a colour each.

Every message carries all points, twice a second, so curves are thinned out to what a screen shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sslrec.runs.view import RunView
from sslrec.ui.charts import COUNTER, QUIET, SIGNAL
from sslrec.ui.language import t
from sslrec.ui.training_words import change_sentence, monitored, policy_name, rate_text

COLOURS = (SIGNAL, COUNTER, "#a97b12", "#7f5fc4", "#5d8f1f", "#6b7686", "#c23a6b", "#2f6fd0")
"""Of the runs that share a chart."""
DASHES = ("solid", "dashed", "dotted", [8, 3, 2, 3])
"""Of the runs that share a chart, for those who do not tell the colours apart."""
DECADES = 3
"""Of a logarithmic axis at most."""
POINTS = 240
"""Points of a curve on the screen at most."""


def thinned(steps: np.ndarray, values: np.ndarray) -> list[list[float]]:
    """Points to draw: finite ones, and where there are too many the mean of each stretch, the last one kept.

    Args:
        steps: `(n,)`, ascending.
        values: `(n,)`.
    """
    sound = np.isfinite(values)
    steps, values = steps[sound], values[sound]
    width = -(-len(steps) // POINTS)
    if width > 1:
        cut = len(steps) // width * width
        means = values[:cut].reshape(-1, width).mean(axis=1)
        places = steps[:cut].reshape(-1, width)[:, -1]
        steps, values = np.append(places, steps[-1]), np.append(means, values[-1])
    return [[int(step), float(f"{value:.5g}")] for step, value in zip(steps, values, strict=True)]


def loss_chart(views: Sequence[RunView]) -> dict[str, Any]:
    """Training and validation loss over steps; of several runs only the one that is compared."""
    if len(views) > 1:
        series = [
            _line(policy_name(view.config), _pairs(monitored(view)), colour, dash=dash)
            for view, colour, dash in _styled(views)
        ]
        return _chart(series, total=max(view.total for view in views))
    view = views[0]
    raw = thinned(view.curves.steps, view.curves.loss)
    means = _pairs([(one.step, one.loss) for one in view.epochs])
    validation = _pairs([(one.step, one.validation_loss) for one in view.epochs if one.validation_loss is not None])
    series = [_line(t("chart.loss_step"), raw, QUIET, width=1, opacity=0.55)]
    if len(means) > 1:
        series.append(_line(t("chart.loss_train"), means, SIGNAL))
    if validation:
        series.append(_line(t("chart.loss_validation"), validation, COUNTER, dots=len(validation) <= 24))
    return _chart(series, total=view.total)


def rate_chart(views: Sequence[RunView]) -> dict[str, Any]:
    """Learning rates over steps on a logarithmic axis, with a mark wherever something acted outside the schedule."""
    series: list[dict[str, Any]] = []
    for view, colour, dash in _styled(views):
        points = [pair for pair in thinned(view.curves.steps, view.curves.learning_rate) if pair[1] > 0]
        series.append(_line(policy_name(view.config), points, colour, dash=dash))
        marks = [
            {"value": [change.step, change.after], "name": change_sentence(change)}
            for change in view.changes
            if change.after > 0
        ]
        if marks:
            series.append(
                {
                    "type": "scatter",
                    "name": policy_name(view.config),
                    "data": marks,
                    "symbol": "diamond",
                    "symbolSize": 11,
                    "itemStyle": {"color": colour, "borderColor": "#ffffff", "borderWidth": 1},
                    "z": 5,
                }
            )
    chart = _chart(series, total=max(view.total for view in views), legend=len(views) > 1)
    chart["yAxis"] |= _log_axis(series)
    chart["tooltip"] = {"trigger": "item", "formatter": "{b}", "confine": True, "extraCssText": "white-space: normal"}
    return chart


def pace_chart(views: Sequence[RunView]) -> dict[str, Any]:
    """Examples per second over steps."""
    return _small(views, "examples_per_second")


def gradient_chart(views: Sequence[RunView]) -> dict[str, Any]:
    """Gradient norm over steps, on a logarithmic axis."""
    chart = _small(views, "gradient_norm")
    for one in chart["series"]:
        one["data"] = [pair for pair in one["data"] if pair[1] > 0]
    chart["yAxis"] |= _log_axis(chart["series"])
    return chart


def _small(views: Sequence[RunView], column: str) -> dict[str, Any]:
    series = [
        _line(policy_name(view.config), thinned(view.curves.steps, getattr(view.curves, column)), colour, 1.5)
        for view, colour, _ in _styled(views)
    ]
    return _chart(series, total=max(view.total for view in views), legend=False)


def _log_axis(series: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A logarithmic axis over whole decades; a schedule's way to zero is cut off after `DECADES`."""
    found = [pair[1] for one in series if one["type"] == "line" for pair in one["data"]]
    axis = {"type": "log", "axisLabel": {"formatter": "{value}", "fontSize": 11}}
    if not found:
        return axis
    top = math.ceil(math.log10(max(found)) - 1e-9)
    bottom = max(math.floor(math.log10(min(found)) + 1e-9), top - DECADES)
    return {**axis, "min": 10.0 ** min(bottom, top - 1), "max": 10.0**top}


def _styled(views: Sequence[RunView]) -> list[tuple[RunView, str, Any]]:
    return [(view, COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)]) for i, view in enumerate(views)]


def _pairs(points: Sequence[tuple[int, float | None]]) -> list[list[float]]:
    steps, values = np.array([p[0] for p in points], np.int64), np.array([p[1] for p in points], np.float64)
    return thinned(steps, values)


def _line(
    name: str,
    data: list[list[float]],
    colour: str,
    width: float = 2.5,
    opacity: float = 1.0,
    dash: Any = "solid",
    dots: bool = False,
) -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "data": data,
        "showSymbol": dots or len(data) < 2,
        "symbolSize": 6,
        "lineStyle": {"width": width, "opacity": opacity, "type": dash},
        "itemStyle": {"color": colour, "opacity": opacity},
        "emphasis": {"disabled": True},
    }


def _chart(series: list[dict[str, Any]], total: int, legend: bool = True) -> dict[str, Any]:
    labels = {"fontSize": 11, "hideOverlap": True}
    return {
        "animation": False,
        "grid": {"left": 8, "right": 18, "top": 34 if legend else 14, "bottom": 8, "containLabel": True},
        "legend": {"show": legend, "top": 0, "left": 0, "itemWidth": 18, "itemHeight": 8, "type": "scroll"},
        "xAxis": {
            "type": "value",
            "min": 0,
            # An axis that grew with the curve would move under the eye.
            "max": max(1, total),
            "axisLabel": {**labels, "showMaxLabel": True},
            "splitLine": {"show": False},
        },
        "yAxis": {"type": "value", "scale": True, "splitNumber": 4, "axisLabel": labels},
        "tooltip": {"trigger": "axis", "confine": True},
        "series": series,
    }


def spoken(views: Sequence[RunView]) -> str:
    """What the loss chart shows, for those who do not see it."""
    parts = [
        t("chart.spoken", policy=policy_name(view.config), first=f"{points[0][1]:.4g}", last=f"{points[-1][1]:.4g}")
        for view in views
        if (points := monitored(view))
    ]
    return " ".join([t("chart.loss_alt"), *parts])


def spoken_rate(views: Sequence[RunView]) -> str:
    """What the chart of the learning rate shows, for those who do not see it."""
    now = [
        f"{policy_name(view.config)}: {rate_text(float(view.curves.learning_rate[-1]))}"
        for view in views
        if len(view.curves.steps)
    ]
    return " ".join([t("chart.rate_alt"), *now])
