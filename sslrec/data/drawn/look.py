"""What a drawing needs to know of one product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sslrec.data.drawn.cloth import Cloth
from sslrec.data.drawn.colours import darker, lighter, thread
from sslrec.data.drawn.sheet import Colour, Sheet, Texture


@dataclass(frozen=True)
class Look:
    """One product's looks, and nothing that only its text says.

    Attributes:
        cloth: the main cloth, with the pattern.
        accent: a second colour, for trims, linings, soles.
        details: the choices of its kind, such as `{"neck": "V-neck"}`.
        metal: the colour of buckles, zips and frames.
    """

    cloth: Cloth
    accent: Colour
    details: Mapping[str, str]
    metal: Colour = (0.78, 0.77, 0.75)

    @property
    def base(self) -> Colour:
        """The colour that the product is named for."""
        return self.cloth.base

    @property
    def dark(self) -> Colour:
        """The base in its own shadow, for the inside of a neck or a cuff."""
        return darker(self.base, 0.32)

    @property
    def light(self) -> Colour:
        """The base in the light."""
        return lighter(self.base, 0.3)

    @property
    def thread(self) -> Colour:
        """What it is stitched with."""
        return thread(self.base)

    def has(self, choice: str) -> bool:
        """Whether one of the details is this."""
        return choice in self.details.values()


Drawing = Callable[[Sheet, Look], None]
"""A function that draws one kind of product."""


def ribs(pitch: float = 2.6, depth: float = 0.08) -> Texture:
    """Vertical ribs, as at cuffs and on knitwear."""
    import numpy as np

    return lambda x, y: 1 + depth * np.cos(x * (6.2832 / pitch)) + 0 * y


def courses(pitch: float = 2.6, depth: float = 0.07) -> Texture:
    """Horizontal ribs."""
    import numpy as np

    return lambda x, y: 1 + depth * np.cos(y * (6.2832 / pitch)) + 0 * x
