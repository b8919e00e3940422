"""Chart options: arrays in, ECharts dictionaries out.

ECharts keeps its DOM node while the data changes, which is what a chart that follows a drawing needs.
Colours are named once here, in tones that read on the light and on the dark ground.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sslrec.ui.digit_parts import percent

SIGNAL, QUIET, COUNTER = "#dd5a26", "#9a958b", "#1f93ad"
"""Colours of what is meant, of the rest, and of the opposite."""


def probability_chart(probabilities: np.ndarray) -> dict[str, Any]:
    """Bars of the class probabilities `(10,)`, in per cent; the largest one stands out."""
    best = int(probabilities.argmax())
    bars = [
        {
            "value": min(round(float(value) * 100, 1), 99.9) if value < 1 else 100.0,
            "itemStyle": {"color": SIGNAL if digit == best else QUIET},
            "label": {"show": bool(value >= 0.005), "formatter": percent(float(value), 0)},
        }
        for digit, value in enumerate(probabilities)
    ]
    return {
        "animation": False,
        "grid": {"left": 4, "right": 4, "top": 24, "bottom": 24},
        "xAxis": {
            "type": "category",
            "data": [str(digit) for digit in range(10)],
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 13, "interval": 0},
        },
        "yAxis": {"type": "value", "min": 0, "max": 100, "show": False},
        "tooltip": {"trigger": "item", "formatter": "{b}: {c} %"},
        "series": [
            {
                "type": "bar",
                "data": bars,
                "barWidth": "62%",
                "barMinHeight": 2,
                "showBackground": True,
                "backgroundStyle": {"color": "rgba(128, 124, 116, 0.12)", "borderRadius": [4, 4, 0, 0]},
                "itemStyle": {"borderRadius": [4, 4, 0, 0]},
                "label": {"position": "top", "fontSize": 12},
            }
        ],
    }


def code_chart(code: np.ndarray) -> dict[str, Any]:
    """Bars of a code `(d,)`: one number each, warm above zero and cold below."""
    bars = [
        {"value": round(float(value), 3), "itemStyle": {"color": SIGNAL if value > 0 else COUNTER}} for value in code
    ]
    top = round(max(1.0, float(np.abs(code).max())), 2)
    return {
        "animation": False,
        "grid": {"left": 4, "right": 4, "top": 8, "bottom": 8},
        "xAxis": {
            "type": "category",
            "data": [str(index + 1) for index in range(len(code))],
            "axisLabel": {"show": False},
            "axisTick": {"show": False},
            "axisLine": {"show": False},
        },
        "yAxis": {"type": "value", "min": -top, "max": top, "show": False},
        "tooltip": {"trigger": "item", "formatter": "#{b}: {c}"},
        "series": [{"type": "bar", "data": bars, "barWidth": "70%", "barMinHeight": 1}],
    }
