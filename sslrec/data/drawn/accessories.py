"""Scarves, sunglasses, watches, belts and umbrellas."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.cloth import Gradient
from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look, courses, ribs
from sslrec.data.drawn.outline import Points, closed, curve, flipped, mirrored, oval, ribbon, sided, slab, turned
from sslrec.data.drawn.sheet import Colour, Fold, Sheet


def scarf(sheet: Sheet, look: Look) -> None:
    """A scarf looped once, with fringes or hems."""
    texture = ribs(3.4, 0.1) if look.has("chunky") else None
    tails = ((closed("62,84! 88,82! 92,120 88,184! 54,186! 56,124"), 2.0, 184.0, 54.0, 88.0),
             (closed("84,82! 104,80! 116,110 120,160! 92,164! 88,122"), -6.0, 161.0, 92.0, 120.0))  # fmt: skip
    for outline, angle, low, left, right in reversed(tails):
        folds = [Fold(curve(f"{(left + right) / 2 + shift},86 {(left + right) / 2 + shift * 1.3},124 {(left + right) / 2 + shift * 1.6},{low}"), 5, depth)
                 for shift, depth in ((-8, 0.7), (0, -0.6), (8, 0.6))]  # fmt: skip
        if look.has("fringed"):
            for x in np.arange(left + 1, right, 2.6):
                end = curve(
                    f"{x},{low - 2} {x + float(sheet.rng.normal(0, 0.6))},{low + 7} {x + float(sheet.rng.normal(0, 1.3))},{low + 15}"
                )
                sheet.line(end, darker(look.base, float(sheet.rng.uniform(0, 0.25))), (1.9, 1.5, 0.9))
        part = sheet.part(
            outline, look.cloth, angle=angle, puff=6, relief=0.6, folds=folds, crumple=0.05, drop=0.35, texture=texture
        )
        if not look.has("fringed"):
            sheet.stitch(curve(f"{left + 0.5},{low - 3} {right - 0.5},{low - 5}"), look.thread, part)
    back = mirrored("80,18 104,22 122,38 120,54! 100,44 80,42")
    sheet.part(back, darker(look.base, 0.3), puff=6, relief=0.5, texture=texture)
    turns = [Fold(curve(text), 6, depth) for text, depth in (
        ("38,44 52,70 84,86", 0.8), ("44,40 60,62 92,76", -0.7), ("122,42 108,64 80,82", 0.7), ("118,38 100,58 70,74", -0.7))]  # fmt: skip
    loop = closed("36,36! 44,24 60,20! 64,34 80,44 96,34 100,20! 116,24 124,36! 126,60 112,82 92,96 68,96 48,82 34,60")
    sheet.part(
        loop, look.cloth, angle=18, puff=12, relief=0.7, folds=turns, crumple=0.06, drop=0.5, texture=texture, edge=0.3
    )
    knot = [Fold(curve("70,80 72,96 68,110"), 5, 0.8), Fold(curve("82,80 82,96 80,112"), 5, -0.7)]
    sheet.part(closed("60,76! 76,70 92,76! 94,96 90,112! 74,116 58,112! 56,94"), look.cloth, angle=-14, puff=8, relief=0.65,
               folds=knot, drop=0.5, texture=texture, edge=0.3)  # fmt: skip


_LENSES = {
    "aviator": "104,84 126,82 140,90 140,106 130,124 114,128 98,118 90,100 92,88",
    "round": "114,80 130,86 138,102 132,118 116,126 99,120 91,104 97,87",
    "square": "94,84! 118,81 140,84! 140,104 135,120! 114,123 97,119! 92,102",
    "cat-eye": "92,90! 112,84 134,80 149,74! 143,96 134,114 114,121 98,114 91,102",
}


def sunglasses(sheet: Sheet, look: Look) -> None:
    """Sunglasses from the front."""
    shape = look.details["frame"]
    wire = shape in ("aviator", "round")
    sheet.ground(18, 142, 128, 3, 0.3)
    frame: Colour = look.base
    for side in (1, -1):
        temple = sided(curve("139,86 147,85 151,90 152,100 150,112"), side)
        sheet.part(
            ribbon(temple, (4.6, 4.4, 3.6, 2.6, 1.6)), darker(look.base, 0.22), puff=2, relief=0.6, gloss=0.6, edge=0.35
        )
    bridge = curve("70,96 75,89 80,87.5 85,89 90,96")
    sheet.part(ribbon(bridge, 2.4 if wire else 5.0), frame, puff=1.6, relief=0.8, gloss=0.7, edge=0.35)
    if shape == "aviator":
        sheet.part(ribbon(curve("62,84 80,80 98,84"), 2.4), frame, puff=1.4, relief=0.8, gloss=0.7, edge=0.35)
    for side in (1, -1):
        lens = sided(closed(_LENSES[shape]), side)
        middle = lens.mean(0)
        rim = (lens - middle) * (1.05 if wire else 1.16) + middle
        low: Colour = (0.42, 0.36, 0.33) if look.has("brown lenses") else (0.40, 0.44, 0.50)
        top: Colour = (0.16, 0.11, 0.09) if look.has("brown lenses") else (0.08, 0.09, 0.12)
        if look.has("mirrored lenses"):
            low, top = lighter(look.accent, 0.45), darker(look.accent, 0.35)
        glass = sheet.part(lens, Gradient(((80, top), (128, low)), vertical=True), puff=10, relief=0.3, edge=0.2)
        x, y = middle
        flare = closed(f"{x - 20},{y - 22}! {x - 6},{y - 24}! {x - 22},{y + 22}! {x - 34},{y + 22}!")
        sheet.part(flare, (1, 1, 1), opacity=0.2, relief=0, edge=0, clip=glass)
        sheet.part(flare + (19, 0), (1, 1, 1), opacity=0.1, relief=0, edge=0, clip=glass)
        sheet.part(
            rim, frame if wire else look.cloth, holes=[lens], puff=2.2, relief=0.75, gloss=0.8, edge=0.4, drop=0.35
        )
        if not wire:
            sheet.part(sided(slab(138, 84, 142, 87, 0.8), side), look.metal, puff=1, relief=0.8)


def watch(sheet: Sheet, look: Look) -> None:
    """A wrist watch with a strap or a steel bracelet."""
    for side, (top, bottom) in ((-1, (14.0, 74.0)), (1, (126.0, 188.0))):
        near, far = (bottom, top) if side < 0 else (top, bottom)
        outline = closed(f"64,{near}! 96,{near}! 93,{(near + far) / 2} 91,{far}! 69,{far}! 67,{(near + far) / 2}")
        if look.has("steel bracelet"):
            steel = Gradient(((64, (0.55, 0.56, 0.58)), (72, (0.88, 0.89, 0.9)), (80, (0.97, 0.97, 0.97)), (89, (0.78, 0.79, 0.8)), (96, (0.5, 0.51, 0.53))))  # fmt: skip
            band = sheet.part(outline, steel, puff=4, relief=0.5, edge=0.35, texture=courses(7.5, 0.13))
            for y in np.arange(min(near, far) + 4, max(near, far), 7.5):
                sheet.seam(curve(f"62,{y} 98,{y}"), band, 0.5)
            for x in (73.5, 86.5):
                sheet.seam(curve(f"{x},{min(near, far)} {x},{max(near, far)}"), band, 0.4)
        else:
            band = sheet.part(outline, look.cloth, puff=7, relief=0.6, gloss=0.35, edge=0.32, crumple=0.03)
            edge = curve(f"66.5,{near} 69.5,{(near + far) / 2} 71.5,{far}")
            for path in (edge, flipped(edge)):
                sheet.stitch(path, look.thread, band, 0.8)
            if side > 0:
                for y in np.arange(150, 186, 7):
                    sheet.part(oval(80, float(y), 1.4, 1.4), darker(look.base, 0.65), relief=0, edge=0)
    if not look.has("steel bracelet"):
        sheet.part(slab(66, 8, 94, 20, 3), look.metal, holes=[slab(70, 11, 90, 17, 1)], puff=1.6, relief=0.9, drop=0.3)
        sheet.part(slab(65, 30, 95, 36, 2), look.cloth, puff=2, relief=0.6, drop=0.4, edge=0.35)
    _watch_case(sheet, look)


def _watch_case(sheet: Sheet, look: Look) -> None:
    square = look.has("square")

    def face(size: float) -> Points:
        return slab(80 - size, 100 - size, 80 + size, 100 + size, size * 0.3) if square else oval(80, 100, size, size)

    metal = look.metal
    sheet.part(slab(110, 96, 117, 104, 1.5), metal, puff=1.6, relief=0.9, texture=courses(1.8, 0.15))
    for x in (66, 94):
        sheet.part(slab(x - 4, 66, x + 4, 134, 3), metal, puff=2.5, relief=0.9, edge=0.4)
    sheet.part(
        face(33),
        Gradient(((47, lighter(metal, 0.7)), (75, metal), (113, darker(metal, 0.45)))),
        puff=4,
        relief=0.8,
        edge=0.4,
        drop=0.45,
    )
    sheet.part(face(28.5), darker(metal, 0.25), puff=2, relief=-0.8, edge=0.3)
    dial = (
        look.base
        if look.has("steel bracelet")
        else lighter(look.accent, 0.72)
        if look.has("pale dial")
        else darker(look.accent, 0.55)
    )
    part = sheet.part(face(27), dial, puff=12, relief=-0.15, edge=0.35)
    ink = (0.13, 0.13, 0.16) if sum(dial) > 1.6 else (0.96, 0.96, 0.94)
    for hour in range(12):
        long = hour % 3 == 0
        mark = slab(79.2 if not long else 78.7, 76, 80.8 if not long else 81.3, 82 if long else 80)
        sheet.part(turned(mark, 30 * hour, (80, 100)), ink, relief=0.2, edge=0, clip=part)
    if look.has("chronograph"):
        for x, y in ((70, 100), (90, 100), (80, 111)):
            sheet.part(oval(x, y, 5.4, 5.4), darker(dial, 0.22), puff=2, relief=-0.4, edge=0.3)
            sheet.line(curve(f"{x},{y} {x + 2.6},{y - 2.8}"), ink, 0.7)
    for angle, length, width in ((305.0, 14.0, 2.4), (60.0, 20.5, 1.8)):
        hand = closed(f"{80 - width / 2},103! 80,{100 - length}! {80 + width / 2},103!")
        sheet.part(turned(hand, angle, (80, 100)), ink, relief=0.3, edge=0, drop=0.35)
    sheet.part(turned(slab(79.6, 79, 80.4, 106), 170, (80, 100)), (0.8, 0.16, 0.12), relief=0, edge=0)
    sheet.part(oval(80, 100, 2, 2), metal, puff=1, relief=0.9)
    glint = closed("58,92! 68,78 80,73! 72,84 62,104!")
    sheet.part(glint, (1, 1, 1), opacity=0.22, relief=0, edge=0, clip=part)


def _braid(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 0.9 + 0.22 * np.abs(np.sin((x + y) * 0.5) * np.sin((x - y) * 0.5)) ** 0.6


def belt(sheet: Sheet, look: Look) -> None:
    """A belt rolled up, its buckle in front."""
    sheet.ground(30, 132, 131, 3.4)
    texture = _braid if look.has("braided") else None
    tones = (darker(look.base, 0.42), darker(look.base, 0.3))
    for number, (half, top) in enumerate(((46, 66.0), (38, 68.0))):
        ring = oval(82, top + 12, half, half * 0.34)
        hole = oval(82, top + 13, half - 3.4, half * 0.34 - 2.6)
        sheet.part(ring, tones[number], holes=[hole], puff=2, relief=0.6, edge=0.35)
    inner = closed("42,80! 60,70 82,67 104,70 122,80! 122,100! 104,92 82,90 60,92 42,100!")
    sheet.part(inner, darker(look.base, 0.5), puff=6, relief=-0.4, edge=0.45)
    spiral = closed("50,86! 66,78 84,77 100,80 112,86! 112,104! 84,99 50,104!")
    sheet.part(spiral, darker(look.base, 0.32), puff=6, relief=-0.3, edge=0.45, texture=texture)
    front = sheet.part(
        closed("32,78! 36,88 56,96 82,98.5 110,96 128,88 132,78! 132,106! 128,118 108,127 82,130 54,127 36,118 32,106!"),
        look.cloth, puff=8, relief=0.55, gloss=0.45, edge=0.32, crumple=0.02, texture=texture, drop=0.3,
    )  # fmt: skip
    for text in (
        "33,83 38,92 56,99.6 82,102 110,99.6 127,92 131.4,83",
        "33,103 38,114 56,123.4 82,126.4 110,123.4 127,114 131.4,103",
    ):
        if texture is None:
            sheet.stitch(curve(text), look.thread, front, 0.8)
    if texture is None:
        for x in (98, 107, 115.5):
            sheet.part(oval(x, 112 - (x - 82) ** 2 * 0.0045, 1.7, 2.1), darker(look.base, 0.75), relief=0, edge=0)
    loop = closed("82,96! 90,96! 90,132! 82,132.5!")
    sheet.part(loop, darker(look.base, 0.08), puff=2, relief=0.6, gloss=0.3, drop=0.4, edge=0.35)
    outline = slab(46, 90, 80, 136, 5) if not look.has("round-buckle") else oval(62, 113, 22, 24)
    hole = slab(51.5, 96, 74.5, 130, 3) if not look.has("round-buckle") else oval(62, 113, 15.5, 17.5)
    sheet.part(outline, look.metal, holes=[hole], puff=3, relief=0.95, gloss=0.5, edge=0.4, drop=0.55)
    sheet.part(slab(60, 110.5, 83, 115.5, 2), look.metal, puff=2, relief=0.9, edge=0.4, drop=0.5)


def umbrella(sheet: Sheet, look: Look) -> None:
    """An open umbrella with a crook handle."""
    sheet.line(curve("80,78 80,168"), (0.3, 0.3, 0.33), 2.6)
    sheet.shine(curve("79.4,80 79.4,166"), 0.8, 0.6, None, 0.2)
    wood: Colour = (0.5, 0.31, 0.17) if look.has("wooden-handled") else (0.16, 0.16, 0.18)
    crook = curve("80,150 80,176 84,188 93,190 99,182 98,175")
    sheet.part(ribbon(crook, (5, 5.6, 5.6, 5.2)), wood, puff=2.6, relief=0.8, gloss=0.6, edge=0.35)
    sheet.part(slab(77, 145, 83, 151, 1), look.metal, puff=1.5, relief=0.8)
    under = closed("8,98! 26,90 44,98 62,90 80,96 98,90 116,98 134,90 152,98! 116,84 80,80 44,84")
    sheet.part(under, darker(look.base, 0.55), puff=4, relief=-0.2, edge=0.3)
    ribs_at = (("80,22 52,40 28,70 8,98", -1.0), ("80,22 66,44 50,74 44,97", -1.0), ("80,22 80,60 80,95", -0.9),
               ("80,22 94,44 110,74 116,97", -1.0), ("80,22 108,40 132,70 152,98", -1.0))  # fmt: skip
    folds = [Fold(curve(text), 5, depth) for text, depth in ribs_at]
    dome = sheet.part(
        closed("80,22! 108,27 134,48 152,98! 142,93 134,91.5 125,94 116,99! 107,93 98,91 89,93 80,97! 71,93 62,91 53,93 44,99! 35,94 26,91.5 18,93 8,98! 26,48 52,27"),
        look.cloth, puff=16, relief=0.7, folds=folds, edge=0.28, drop=0.3,
    )  # fmt: skip
    for text, _ in ribs_at[1:-1]:
        sheet.seam(curve(text), dome, 0.4)
    sheet.line(curve("80,12 80,24"), darker(look.metal, 0.4), (1.6, 3))
    sheet.part(oval(80, 24, 4, 2.4), darker(look.base, 0.25), puff=1.5, relief=0.7)
    for text in (
        "8,98 18,93 26,91.5 35,94 44,99",
        "44,99 53,93 62,91 71,93 80,97",
        "80,97 89,93 98,91 107,93 116,99",
        "116,99 125,94 134,91.5 142,93 152,98",
    ):
        sheet.line(curve(text) + (0, -1.6), darker(look.base, 0.25), 1.0, 0.5, 0.1, dome)
    for x, y in ((8, 98), (44, 99), (80, 97), (116, 99), (152, 98)):
        sheet.part(oval(x, y + 1, 1.3, 1.8), look.metal, puff=1, relief=0.7)
