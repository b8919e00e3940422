"""Drawing on the canvas of a page as a person does, with the mouse of a headless browser."""

from __future__ import annotations

import math

from playwright.sync_api import Page

PAUSE = 20
"""Milliseconds between two moves of the mouse."""


def curve(turn: float) -> list[tuple[float, float]]:
    """A wavy line across the canvas, in shares of its side.

    Args:
        turn: angle of the line, in radians; strokes of different angles make different digits.
    """
    points = []
    for step in range(13):
        along, aside = step / 12 * 0.6 - 0.3, 0.12 * math.sin(step / 2)
        points.append(
            (
                0.5 + along * math.cos(turn) - aside * math.sin(turn),
                0.5 + along * math.sin(turn) + aside * math.cos(turn),
            )
        )
    return points


def draw_stroke(page: Page, turn: float) -> None:
    """Draw one stroke, which takes about a quarter of a second."""
    canvas = page.locator("canvas[role=application]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    if box is None:
        raise RuntimeError("the page shows no canvas")
    first, *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in curve(turn)]
    page.mouse.move(*first)
    page.mouse.down()
    for x, y in others:
        page.wait_for_timeout(PAUSE)
        page.mouse.move(x, y)
    page.mouse.up()


def clear(page: Page) -> None:
    """Empty the canvas, where anything is drawn."""
    button = page.locator("button.clear")
    if button.is_enabled():
        button.click()
