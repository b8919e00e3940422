"""The palette: colours by name, with the colours that go well with each."""

from __future__ import annotations

from dataclasses import dataclass

from sslrec.data.drawn.cloth import mixed
from sslrec.data.drawn.sheet import Colour


@dataclass(frozen=True)
class Hue:
    """A named colour.

    Attributes:
        name: its English name.
        chinese: its Chinese name.
        rgb: the colour, each channel in [0, 1].
        mates: names of colours that stripes, dots and blocks may take beside it.
    """

    name: str
    chinese: str
    rgb: Colour
    mates: tuple[str, ...]


def _hue(name: str, chinese: str, code: str, mates: str) -> Hue:
    red, green, blue = (int(code[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return Hue(name, chinese, (red, green, blue), tuple(mates.split(", ")))


HUES = {
    hue.name: hue
    for hue in (
        _hue("white", "白色", "f4f3ef", "navy, red, black, green, sky blue"),
        _hue("cream", "米白色", "efe3c8", "brown, navy, burgundy, olive"),
        _hue("beige", "米色", "d3b994", "white, brown, navy, black"),
        _hue("grey", "灰色", "9a9da3", "white, charcoal, mustard, navy"),
        _hue("charcoal", "炭灰色", "484b52", "white, grey, orange, sky blue"),
        _hue("black", "黑色", "232327", "white, grey, red, beige"),
        _hue("navy", "藏青色", "22335c", "white, red, cream, sky blue"),
        _hue("blue", "蓝色", "2f66c0", "white, navy, orange, cream"),
        _hue("sky blue", "天蓝色", "8fc1e6", "white, navy, cream, coral"),
        _hue("teal", "蓝绿色", "1b8086", "cream, mustard, white, navy"),
        _hue("mint", "薄荷绿", "a5d9bf", "white, teal, coral, navy"),
        _hue("green", "绿色", "2e8b4e", "white, cream, navy, mustard"),
        _hue("olive", "橄榄绿", "6f7440", "cream, black, orange, beige"),
        _hue("mustard", "芥末黄", "dba528", "white, navy, brown, charcoal"),
        _hue("yellow", "黄色", "f5d64a", "white, navy, grey, orange"),
        _hue("orange", "橙色", "e9782a", "cream, navy, white, brown"),
        _hue("coral", "珊瑚色", "f0806f", "cream, white, navy, mint"),
        _hue("red", "红色", "c9262f", "white, navy, cream, black"),
        _hue("burgundy", "酒红色", "74202f", "cream, pink, beige, navy"),
        _hue("pink", "粉色", "eda3b7", "white, burgundy, cream, red"),
        _hue("lilac", "丁香紫", "b9a1d8", "white, purple, cream, mint"),
        _hue("purple", "紫色", "6c3f94", "lilac, cream, mustard, white"),
        _hue("brown", "棕色", "75482c", "cream, beige, mustard, sky blue"),
        _hue("tan", "棕褐色", "b9814c", "cream, brown, navy, white"),
    )
}
"""The palette by name."""
SHADES = ("pale", "true", "deep")
"""How light a product's colour is; pictures show it, no text says it."""


def shaded(colour: Colour, shade: str) -> Colour:
    """A colour in one of `SHADES`, without becoming another colour."""
    if shade == "pale":
        return mixed(colour, (1.0, 1.0, 1.0), 0.16)
    if shade == "deep":
        red, green, blue = (channel**1.12 * 0.88 for channel in colour)
        return red, green, blue
    return colour


def darker(colour: Colour, share: float = 0.3) -> Colour:
    """A colour in its own shadow."""
    return mixed(colour, (0.03, 0.03, 0.07), share)


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    """A colour in the light."""
    return mixed(colour, (1.0, 0.995, 0.98), share)


def brightness(colour: Colour) -> float:
    """Luma (BT.601) in [0, 1]."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def thread(colour: Colour) -> Colour:
    """A thread that shows on a cloth without shouting."""
    return lighter(colour, 0.5) if brightness(colour) < 0.55 else darker(colour, 0.38)
