"""The drawing canvas: what the browser sends, checked, and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image, ImageDraw, ImageOps
from streamlit.components.v2 import component

from sslrec.ui.language import t

SIDE = 280
"""Side of the canvas in its own units, in which strokes are measured."""
GROUND = SIDE // 7
"""What a picture of a drawing has around the canvas, on each side."""
MAX_STROKES = 400
MAX_NUMBERS = 12_000
"""What a visitor's drawing may hold; more is no drawing of a digit."""

INK = 64
"""A stroke's first number is its width plus this many times the number of its ink."""

Stroke = tuple[int, ...]
"""Width and ink, then x and y of each point, in units of `SIDE`."""
Ink = tuple[str, str]
"""A colour such as `#c62828`, and what it is called."""

_HERE = Path(__file__).parent
_component = component(
    "sslrec.canvas",
    html=(_HERE / "canvas.html").read_text("utf-8"),
    css=(_HERE / "canvas.css").read_text("utf-8"),
    js=(_HERE / "canvas.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Drawing:
    """What a visitor has drawn.

    Strokes rather than pixels come from the browser: they are smaller, they can be drawn again after a
    page switch, and the picture made of them is the same on every screen.

    Attributes:
        strokes: in the order they were drawn.
        in_progress: whether the pen is still down, so that another drawing follows at once.
    """

    strokes: tuple[Stroke, ...] = ()
    in_progress: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing is drawn."""
        return not self.strokes

    def to_picture(self) -> Image.Image:
        """Draw the strokes: light ink on a dark ground, `SIDE` x `SIDE` with `GROUND` around it, mode `L`.

        The ground goes on, so that ink along the edges is no reason to take it for another one.
        """
        picture = Image.new("L", (SIDE, SIDE))
        pen = ImageDraw.Draw(picture)
        for width, *numbers in self.strokes:
            _draw(pen, numbers, width, 255)
        return ImageOps.expand(picture, GROUND)

    def to_colours(self, inks: Sequence[Ink]) -> Image.Image:
        """Draw the strokes in their inks on white, `SIDE` x `SIDE`, mode `RGB`.

        Args:
            inks: those that the canvas offered.
        """
        picture = Image.new("RGB", (SIDE, SIDE), "white")
        pen = ImageDraw.Draw(picture)
        for first, *numbers in self.strokes:
            ink, width = divmod(first, INK)
            _draw(pen, numbers, width, inks[ink][0])
        return picture


def _draw(pen: ImageDraw.ImageDraw, numbers: Sequence[int], width: int, fill: int | str) -> None:
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    pen.line(points, fill=fill, width=width)
    radius = width / 2
    # Round joints and ends, as the browser draws them.
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def drawing_from(payload: object, inks: int = 0) -> Drawing:
    """Check what a browser sent.

    Args:
        payload: should be a dictionary with `drawing`, true or false, and `strokes`, a list of strokes, each a
            list `[width, x0, y0, x1, y1, ...]` of whole numbers.
        inks: how many the canvas offered; with some, the first number says which, too.

    Returns:
        The drawing; a blank one where the payload is anything else.
    """
    if not isinstance(payload, Mapping):
        return Drawing()
    sent = payload.get("strokes")
    if not isinstance(sent, list) or len(sent) > MAX_STROKES:
        return Drawing()
    strokes = []
    numbers = 0
    for stroke in sent:
        if not isinstance(stroke, list) or len(stroke) < 3 or len(stroke) % 2 == 0:
            return Drawing()
        numbers += len(stroke)
        if numbers > MAX_NUMBERS or not all(type(number) is int and 0 <= number <= SIDE for number in stroke[1:]):
            return Drawing()
        first, highest = stroke[0], INK * inks - 1 if inks else SIDE
        if type(first) is not int or not 0 < first <= highest or (inks and first % INK == 0):
            return Drawing()
        strokes.append(tuple(stroke))
    return Drawing(tuple(strokes), payload.get("drawing") is True)


def drawing_canvas(key: str, inks: Sequence[Ink] = (), invitation: str = "", label: str = "") -> Drawing:
    """Show the canvas and return what is drawn on it so far.

    The drawing is kept in the session beside the component's own state, which Streamlit drops when the
    visitor goes to another page.

    Args:
        key: the component's key in the session.
        inks: colours to choose from, on a white ground; without any, one ink on the page's ground.
        invitation: what stands on an empty canvas; by default the words for a digit.
        label: the canvas for those who do not see it; by default the words for a digit.
    """
    drawing = _kept_drawing(key, len(inks))
    texts = {
        name: t(f"canvas.{name}")
        for name in ("brush", "clear", "invitation", "keys", "label", "pen_down", "pen_up", "undo")
    }
    texts |= {name: text for name, text in (("invitation", invitation), ("label", label)) if text}
    _component(
        key=key,
        # Tuples, for a list or dictionary in here makes Streamlit ask pandas whether it is a table: 70 MB.
        data={"strokes": drawing.strokes if drawing else (), "texts": tuple(texts.items()), "inks": tuple(inks)},
        on_drawing_change=lambda: None,
    )
    # A browser whose session was lost tells the new one what is drawn; Streamlit knows whose that is only now.
    return drawing or _kept_drawing(key, len(inks)) or Drawing()


def _kept_drawing(key: str, inks: int) -> Drawing | None:
    """What a browser has sent last, else what the session keeps; None in a session that knows of no drawing."""
    state = st.session_state.get(key)
    sent: Any = state.get("drawing") if isinstance(state, Mapping) else None
    if sent is not None:
        st.session_state[f"{key}.kept"] = drawing_from(sent, inks)
    return st.session_state.get(f"{key}.kept")
