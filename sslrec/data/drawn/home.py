"""Things for the home: mugs, lamps, cushions and vases."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.cloth import Gradient
from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look
from sslrec.data.drawn.outline import closed, curve, mirrored, oval, ribbon, slab
from sslrec.data.drawn.sheet import Colour, Fold, Sheet, Texture

_WOOD: Colour = (0.72, 0.5, 0.3)


def _round(middle: float, half: float, depth: float = 0.42) -> Texture:
    """The light on an upright cylinder: bright left of its middle, dark at its sides."""

    def light(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        across = ((x - middle) / half).clip(-1, 1)
        return 1.1 - depth * np.abs(across + 0.32) ** 1.8 + 0.1 * np.exp(-(((across - 0.93) / 0.1) ** 2)) + 0 * y

    return light


def mug(sheet: Sheet, look: Look) -> None:
    """A mug: straight, rounded, or an enamel one with a rim."""
    sheet.ground(40, 120, 150)
    handle = (
        curve("112,72 134,66 143,86 136,112 108,124")
        if not look.has("round")
        else curve("116,78 138,74 144,92 136,110 116,116")
    )
    sheet.part(ribbon(handle, (9, 8, 8, 9)), look.base, puff=4, relief=0.75, gloss=0.6, edge=0.32)
    sides = {
        "straight": "118,58! 118,100 117,136 112,148! 80,153",
        "round": "112,58! 120,78 122,102 116,132 104,148! 80,152",
        "tapered": "120,58! 116,100 108,140 104,149! 80,153",
    }[look.details["shape"]]
    top = 32.0 if look.has("round") else 38.0 if look.has("straight") else 40.0
    body = sheet.part(mirrored(f"80,58! {sides}"), look.cloth, puff=3, relief=0.2, edge=0.2, texture=_round(80, 40))
    if look.has("contrast trim"):
        sheet.part(closed("30,132! 80,138 130,132! 130,156! 30,156!"), look.accent, puff=2, relief=0, edge=0, clip=body, texture=_round(80, 40))  # fmt: skip
    sheet.shine(curve("56,74 55,100 58,130"), (1, 6, 1), 0.5, body, 1.6)
    sheet.part(oval(80, 58, top, 10), lighter(look.base, 0.3), puff=2, relief=0.5, edge=0.15)
    inside = sheet.part(oval(80, 58.4, top - 2.6, 8.2), Gradient(((50, (0.99, 0.98, 0.96)), (70, (0.8, 0.78, 0.75))), vertical=True), puff=4, relief=-0.5, edge=0.4)  # fmt: skip
    drink: Colour = (0.29, 0.17, 0.1)
    sheet.part(oval(80, 62.5, top - 6, 5.8), drink, puff=3, relief=0.3, edge=0.4, clip=inside)
    sheet.shine(curve("62,61 74,59.5 84,60"), (0.4, 1.6, 0.4), 0.5, inside, 0.5)
    if look.has("steaming"):
        for x in (70, 84):
            sheet.line(curve(f"{x},46 {x - 5},36 {x + 4},26 {x - 1},14"), (0.8, 0.82, 0.85), (1, 4, 1), 0.5, 1.6)


def lamp(sheet: Sheet, look: Look) -> None:
    """A table lamp: turned base, ball base or tripod."""
    base = look.details["base"]
    sheet.ground(48, 112, 189)
    sheet.line(curve("80,88 80,112"), look.metal, 3.2)
    if base == "tripod":
        for text in ("80,110 68,150 52,188", "80,110 92,150 108,188", "80,110 81,150 82,184"):
            sheet.part(ribbon(curve(text), (5, 4.4, 3.6)), _WOOD, puff=2, relief=0.7, edge=0.35)
        sheet.part(oval(80, 111, 9, 4.4), look.metal, puff=2, relief=0.8, drop=0.3)
    else:
        outline = {
            "ball": "86,106! 86,112 102,122 110,142 104,164 90,176 88,181! 104,184 106,190! 80,191!",
            "turned": "85,104! 87,112 98,120 94,128 88,134 103,148 106,166 92,178 104,184 107,190! 80,191!",
        }[base]
        body = sheet.part(mirrored("80,104! " + outline), look.accent, puff=8, relief=0.5, gloss=0.6, edge=0.3, texture=_round(80, 28, 0.5))  # fmt: skip
        sheet.shine(curve("68,130 65,146 68,162"), (0.6, 4.6, 0.6), 0.6, body, 1.2)
        for y in (180, 108):
            sheet.line(curve(f"64,{y} 96,{y}"), look.metal, 2, 0.8, 0.1, body)
    glow = {"drum": "80,30! 116,30! 126,100! 80,104!", "cone": "80,28! 98,28! 128,100! 80,105!"}[
        look.details["lampshade"]
    ]

    def lit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 0.86 + 0.36 * np.exp(-(((x - 78) / 30) ** 2) - ((y - 74) / 34) ** 2)

    shade = sheet.part(mirrored(glow), look.cloth, puff=4, relief=0.25, edge=0.25, texture=lit, drop=0.4)
    sheet.line(curve("30,99 60,102.8 80,103.6 100,102.8 130,99"), darker(look.base, 0.3), 2, 0.8, 0.1, shade)
    top = 36 if look.has("drum") else 18
    rim = 30.5 if look.has("drum") else 28.5
    sheet.part(oval(80, rim, top, 3.6), lighter(look.base, 0.35), puff=1.5, relief=0.4, edge=0.2)
    sheet.part(oval(80, rim + 0.5, top - 1.6, 2.4), (1.0, 0.93, 0.75), puff=1.5, relief=-0.2, edge=0.3)


def cushion(sheet: Sheet, look: Look) -> None:
    """A cushion: square, or long, with piping, tassels or buttons."""
    low = look.has("oblong")
    top, bottom = (62.0, 138.0) if low else (30.0, 170.0)
    middle = (top + bottom) / 2
    outline = closed(f"10,{top - 2}! 44,{top + 6} 80,{top + 7} 116,{top + 6} 150,{top - 2}! 144,{middle - 30} 143,{middle} 144,{middle + 30} 150,{bottom + 2}! 116,{bottom - 5} 80,{bottom - 6} 44,{bottom - 5} 10,{bottom + 2}! 16,{middle + 30} 17,{middle} 16,{middle - 30}")  # fmt: skip
    if look.has("tasselled"):
        for x, y in ((12, top), (148, top), (12, bottom), (148, bottom)):
            for _ in range(9):
                end = np.array(
                    [
                        [x, y],
                        [
                            x + (x - 80) / 9 + float(sheet.rng.normal(0, 2)),
                            y + (y - middle) / 9 + float(sheet.rng.normal(2, 2)),
                        ],
                    ]
                )
                sheet.line(end, darker(look.accent, float(sheet.rng.uniform(0, 0.3))), (2.0, 1.2))
            sheet.part(oval(x, y, 3, 3), look.accent, puff=2, relief=0.7)
    folds = [Fold(curve(text), 7, depth) for text, depth in (
        (f"16,{top + 4} 34,{top + 18} 48,{top + 40}", 0.6), (f"144,{top + 4} 124,{top + 20} 112,{top + 38}", -0.6),
        (f"16,{bottom - 4} 36,{bottom - 18} 48,{bottom - 30}", -0.6), (f"144,{bottom - 4} 124,{bottom - 18} 114,{bottom - 34}", 0.6))]  # fmt: skip
    body = sheet.part(outline, look.cloth, puff=34, relief=0.55, folds=folds, crumple=0.04, grain=(9, 9), edge=0.28,
                      texture=lambda x, y: 1 + 0.02 * np.sin(x * 3.9) * np.sin(y * 4.1))  # fmt: skip
    if look.has("piped"):
        ring = np.concatenate([outline, outline[:2]])
        sheet.part(ribbon(ring, 3.4), look.accent, puff=1.6, relief=0.7, edge=0.3, drop=0.25)
    if look.has("buttoned"):
        for x in (80,) if not low else (52, 108):
            sheet.shade(oval(x, middle + 1.5, 8, 8), 7, 0.25, body)
            sheet.part(oval(x, middle, 5, 5), look.accent, puff=3, relief=0.7, edge=0.35, drop=0.4)


def vase(sheet: Sheet, look: Look) -> None:
    """A ceramic vase, some with a few stems in it."""
    shape = look.details["shape"]
    sheet.ground(50, 110, 187)
    neck = {"bottle": 9.0, "amphora": 17.0, "cylinder": 27.0}[shape]
    top = {"bottle": 92.0, "amphora": 96.0, "cylinder": 98.0}[shape]
    if look.has("with stems"):
        _stems(sheet, look, top)
    outline = {
        "bottle": f"80,{top}! {80 + neck},{top}! 88,112 91,124 112,140 116,160 108,182 102,187! 80,189",
        "amphora": f"80,{top}! {80 + neck},{top}! 94,106 94,114 118,132 118,154 104,178 100,187! 80,189",
        "cylinder": f"80,{top}! {80 + neck},{top}! 108,130 109,160 107,184 103,187! 80,189",
    }[shape]
    body = sheet.part(
        mirrored(outline), look.cloth, puff=6, relief=0.35, gloss=0.4, edge=0.25, texture=_round(80, 38, 0.5)
    )
    sheet.shine(curve("60,140 58,154 62,172"), (0.6, 5, 0.6), 0.5, body, 1.4)
    sheet.part(oval(80, top, neck, neck * 0.24), lighter(look.base, 0.3), puff=1.5, relief=0.5, edge=0.2)
    sheet.part(oval(80, top + 0.3, neck - 1.8, neck * 0.24 - 1), darker(look.base, 0.6), puff=2, relief=0, edge=0.3)
    if look.has("with stems"):
        for x in (-0.4, 0.0, 0.45):
            sheet.line(
                curve(f"{80 + x * neck},{top - 6} {80 + x * neck * 0.8},{top + neck * 0.2}"),
                (0.36, 0.45, 0.26),
                1.3,
                1,
                0,
                None,
            )


def _stems(sheet: Sheet, look: Look, top: float) -> None:
    stalk: Colour = (0.36, 0.45, 0.26)
    for text in (
        "80,{t} 74,60 56,34",
        "80,{t} 80,54 82,24",
        "80,{t} 88,62 106,38",
        "80,{t} 78,70 66,58",
        "80,{t} 84,72 98,66",
    ):
        path = curve(text.format(t=top))
        sheet.line(path, darker(stalk, 0.1), (1.7, 0.9))
        for share in (0.45, 0.62, 0.78):
            x, y = path[int(share * (len(path) - 1))]
            for turn in (-1, 1):
                leaf = closed(f"{x},{y}! {x + turn * 5},{y - 6} {x + turn * 11},{y - 8}! {x + turn * 6},{y - 1}")
                sheet.part(leaf, lighter(stalk, float(sheet.rng.uniform(0, 0.25))), puff=1.5, relief=0.5, edge=0.25)
        x, y = path[-1]
        for number in range(6):
            petal = oval(x + 4.2 * np.cos(number * 1.047), y + 4.2 * np.sin(number * 1.047), 3.6, 2.6, number * 60)
            sheet.part(petal, lighter(look.accent, 0.3), puff=1.6, relief=0.5, edge=0.25)
        sheet.part(oval(x, y, 2.3, 2.3), (0.95, 0.75, 0.25), puff=1.2, relief=0.6)


def bottle(sheet: Sheet, look: Look) -> None:
    """A steel water bottle, with a screw cap or a loop."""
    sheet.ground(54, 106, 190)
    body = sheet.part(mirrored("80,52! 92,52! 94,60 106,72 108,84! 108,176 104,188! 80,190"), look.cloth, puff=3, relief=0.25,
                      edge=0.22, texture=_round(80, 28, 0.5))  # fmt: skip
    sheet.shine(curve("64,88 63,130 64,178"), (3, 6, 3), 0.5, body, 1.2)
    sheet.part(closed("40,180! 80,184.4 120,180! 120,194! 40,194!"), look.metal, relief=0, edge=0, clip=body, texture=_round(80, 28, 0.55))  # fmt: skip
    collar = Gradient(
        ((66, (0.5, 0.5, 0.52)), (74, (0.97, 0.97, 0.97)), (86, (0.78, 0.78, 0.8)), (94, (0.45, 0.45, 0.47)))
    )
    sheet.part(slab(67, 47, 93, 55, 2), collar, puff=2, relief=0.3, edge=0.25)
    if look.has("loop-cap"):
        sheet.part(
            ribbon(curve("68,34 66,18 80,12 94,18 92,34"), 5), darker(look.accent, 0.2), puff=2.4, relief=0.7, edge=0.35
        )
    sheet.part(
        slab(65, 26, 95, 48, 4), darker(look.accent, 0.2), puff=3, relief=0.4, edge=0.3, texture=_round(80, 15, 0.5)
    )
    for x in np.arange(67, 95, 3.4):
        sheet.line(curve(f"{x},30 {x},45"), (0, 0, 0), 0.7, 0.3, 0.1)
