"""A line plot as inline SVG: for a report that has to show its curves without a script and without a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 760, 64, 14, 26, 30
"""Of the drawing, in its own units."""


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: in the legend; empty for none.
        points: `(x, y)` in the order of x.
        colour: a CSS colour.
        width: of the stroke.
    """

    name: str
    points: Sequence[Sequence[float]]
    colour: str
    width: float = 2.0


def linear_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers between two values, about `count` of them."""
    span = high - low or abs(high) or 1.0
    raw = span / count
    power = 10 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw)
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten between two positive values; without two of them, the values themselves."""
    powers = [10.0**e for e in range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)]
    return powers if len(powers) > 1 else sorted({low, high})


def line_plot(title: str, lines: Sequence[Line], height: int, log: bool = False) -> str:
    """Draw curves into one frame.

    Args:
        title: what it shows, for those who do not see it.
        lines: the curves; points that are not finite (or not positive, on a logarithmic axis) are left out.
        height: of the drawing.
        log: a logarithmic y axis.

    Returns:
        An `<svg>` element; empty where there is no point to draw.
    """
    sound = [(line, [(float(x), float(y)) for x, y in line.points if _drawable(y, log)]) for line in lines]
    places = [point for _, points in sound for point in points]
    if not places:
        return ""
    right = max(x for x, _ in places) or 1.0
    low, high = min(y for _, y in places), max(y for _, y in places)
    if low == high:
        low, high = (low / 2, high * 2) if log else (low - 0.5, high + 0.5)
    scale = math.log10 if log else float
    bottom = height - BOTTOM

    def across(x: float) -> float:
        return LEFT + x / right * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        return bottom - (scale(y) - scale(low)) / (scale(high) - scale(low)) * (bottom - TOP)

    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{down(y):.1f}" y2="{down(y):.1f}" stroke="#ddd6c8"/>'
        f'<text x="{LEFT - 8}" y="{down(y) + 4:.1f}" text-anchor="end">{y:.3g}</text>'
        for y in (log_ticks(low, high) if log else linear_ticks(low, high))
    ) + "".join(
        f'<text x="{across(x):.1f}" y="{bottom + 18}" text-anchor="middle">{x:.4g}</text>'
        for x in linear_ticks(0, right, 6)
    )
    curves = "".join(
        f'<polyline fill="none" stroke="{line.colour}" stroke-width="{line.width}" points="'
        + " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in points)
        + '"/>'
        for line, points in sound
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" '
        f'font-family="system-ui,sans-serif" font-size="12" fill="#625d56">{grid}{curves}{_legend(lines)}</svg>'
    )


def _drawable(y: float, log: bool) -> bool:
    return math.isfinite(y) and (y > 0 or not log)


def _legend(lines: Sequence[Line]) -> str:
    named = [line for line in lines if line.name]
    marks, x = [], LEFT
    for line in named:
        marks.append(
            f'<line x1="{x}" x2="{x + 18}" y1="10" y2="10" stroke="{line.colour}" stroke-width="3"/>'
            f'<text x="{x + 24}" y="14">{escape(line.name)}</text>'
        )
        # A Chinese sign is about as wide as two Latin letters.
        x += 44 + sum(13 if ord(sign) > 0x2E80 else 7 for sign in line.name)
    return "".join(marks)
