"""Curves of final loss over initial learning rate, both on log scales, as an SVG."""

from __future__ import annotations

import math
from html import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 420, 70, 40, 190, 50
COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#edae49", "#6a4c93", "#00798c", "#8d5524", "#5c677d", "#c2185b")


def draw(curves: dict[str, dict[float, float]], title: str) -> str:
    """Draw the curves.

    Args:
        curves: by name and rate the loss, above 0; infinite losses are crosses at the upper edge.
        title: stands above.

    Returns:
        The SVG's text.
    """
    rates = sorted({rate for curve in curves.values() for rate in curve})
    finite = [loss for curve in curves.values() for loss in curve.values() if 0 < loss < math.inf]
    low, high = math.log10(min(finite, default=1.0)), math.log10(max(finite, default=10.0))
    # Losses far beyond the useful would press everything else flat.
    high = min(high, low + 1.5) if high > low else low + 1

    def x(rate: float) -> float:
        first, last = math.log10(rates[0]), math.log10(rates[-1])
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(rate) - first) / ((last - first) or 1)

    def y(loss: float) -> float:
        place = high if loss == math.inf else min(math.log10(max(loss, 1e-30)), high)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (place - low) / (high - low)

    box = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
    ]
    for rate in rates:
        label = f'<text x="{x(rate):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{rate:.2g}</text>'
        parts += [_line(x(rate), TOP, x(rate), HEIGHT - BOTTOM), label]
    for index in range(5):
        loss = 10 ** (low + (high - low) * index / 4)
        parts += [
            _line(LEFT, y(loss), WIDTH - RIGHT, y(loss)),
            f'<text x="{LEFT - 8}" y="{y(loss) + 4:.1f}" text-anchor="end">{loss:.3g}</text>',
        ]
    for index, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[index % len(COLOURS)]
        points = [(x(rate), y(curve[rate]), curve[rate] == math.inf) for rate in rates if rate in curve]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down, _ in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for across, down, lost in points:
            mark = f'<text x="{across:.1f}" y="{down + 4:.1f}" text-anchor="middle" fill="{colour}">x</text>'
            dot = f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>'
            parts.append(mark if lost else dot)
        parts.append(
            f'<text x="{WIDTH - RIGHT + 14}" y="{TOP + 14 + 20 * index}" fill="{colour}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'
