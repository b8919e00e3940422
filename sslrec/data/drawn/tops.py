"""T-shirts, shirts, polo shirts, hoodies and sweaters."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look, courses, ribs
from sslrec.data.drawn.outline import closed, curve, flipped, mirrored, oval, sided, slab, spot
from sslrec.data.drawn.sheet import Fold, Part, Sheet, Texture

_BODY_FOLDS = ("44,76 56,92 62,118", "42,108 58,122 68,146", "50,150 62,140 88,136", "72,92 84,112 82,146")


def torso_folds(sheet: Sheet, depth: float = 0.5) -> list[Fold]:
    """Soft folds that run from the armpits and gather above the hem, not twice the same."""
    folds = []
    for text in _BODY_FOLDS:
        for side, sign in ((1, 1), (-1, -1)):
            strength = depth * sheet.rng.uniform(0.35, 1.1)
            path = sided(curve(text), -side) + sheet.rng.normal(0, 4, 2)
            folds.append(Fold(path, float(sheet.rng.choice([6, 8, 10])), sign * strength))
    return folds


def t_shirt(sheet: Sheet, look: Look) -> None:
    """A T-shirt laid flat."""
    long = look.has("long-sleeved")
    for side in (1, -1):
        if long:
            long_sleeve(sheet, look, side)
        else:
            short_sleeve(sheet, look, side)
    depth = {"crew-neck": 45, "V-neck": 62, "scoop-neck": 57}[look.details["neck"]]
    style = "!" if look.has("V-neck") else ""
    inside = sheet.part(mirrored("80,29 91,29.5 99,30! 93,50 80,64"), look.dark, puff=3, edge=0.5, relief=0.2)
    sheet.part(mirrored("80,33.5 90,32 97,29.5! 98,31 90,36 80,37.5"), darker(look.base, 0.15), puff=1.5, clip=inside)
    wide = 98.5 if look.has("scoop-neck") else 96.5
    body = sheet.part(
        mirrored(
            f"80,{depth}{style} {80 + (wide - 80) * 0.66},{30 + (depth - 30) * (0.5 if style else 0.72)} {wide},30! "
            "108,33 118,37.5! 115,52 118,72! 118.5,110 121,166! 100,169 80,169.5"
        ),
        look.cloth,
        puff=9,
        relief=0.5,
        folds=torso_folds(sheet),
        crumple=0.05,
        drop=0.3,
    )
    neck = curve(f"{160 - wide},30 {160 - (80 + (wide - 80) * 0.66)},{30 + (depth - 30) * (0.5 if style else 0.72)} "
                 f"80,{depth}{style} {80 + (wide - 80) * 0.66},{30 + (depth - 30) * (0.5 if style else 0.72)} {wide},30")  # fmt: skip
    trim = look.accent if look.has("contrast trim") else darker(look.base, 0.06)
    sheet.line(neck + (0, 1.4), darker(trim, 0.25), 4.6, 0.9, 0.1, body)
    sheet.line(neck + (0, 1.2), trim, 3.6, 1, 0.1, body)
    sheet.stitch(neck + (0, 4.4), look.thread, body, 0.5)
    sheet.seam(curve("117.5,38 115,52 118,71"), body)
    sheet.seam(flipped(curve("117.5,38 115,52 118,71")), body)
    for rise in (4.4, 6.0):
        sheet.stitch(curve(f"38,{166 - rise} 60,{169 - rise} 80,{169.5 - rise} 100,{169 - rise} 122,{166 - rise}"), look.thread, body, 0.55)  # fmt: skip
    if look.has("chest pocket"):
        chest_pocket(sheet, look)


def chest_pocket(sheet: Sheet, look: Look, x: float = 90, y: float = 76) -> None:
    """A patch pocket on the (wearer's) left of the chest."""
    outline = closed(f"{x},{y}! {x + 19},{y}! {x + 19},{y + 18}! {x + 9.5},{y + 23}! {x},{y + 18}!")
    pocket = sheet.part(outline, look.cloth, puff=2, relief=0.3, edge=0.25, drop=0.28)
    sheet.stitch(curve(f"{x + 1.2},{y} {x + 1.2},{y + 17.3}! {x + 9.5},{y + 21.6}! {x + 17.8},{y + 17.3}! {x + 17.8},{y}"), look.thread, pocket)  # fmt: skip
    sheet.stitch(curve(f"{x},{y + 3} {x + 19},{y + 3}"), look.thread, pocket)


def short_sleeve(sheet: Sheet, look: Look, side: int) -> None:
    """A sleeve to above the elbow, on one side."""
    outline = sided(closed("116,36.5! 127,43 134,54 147,84! 136,91 124,94! 119,82 113,70! 112,50"), side)
    folds = [
        Fold(sided(curve("119,44 124,66 128,88"), side), 5, 0.45),
        Fold(sided(curve("114,70 124,70 134,64"), side), 4, -0.5),
    ]
    sleeve = sheet.part(outline, look.cloth, angle=-26 * side, puff=7, folds=folds, crumple=0.05)
    trim = sided(curve("148,80.5 137,87 121.5,91"), side)
    if look.has("contrast trim"):
        sheet.line(sided(curve("147,83 136,90 123,93"), side), look.accent, 5.5, 1, 0, sleeve)
    sheet.stitch(trim + (-0.6 * side, -0.8), look.thread, sleeve, 0.55)


def long_sleeve(sheet: Sheet, look: Look, side: int, texture: Texture | None = None) -> Part:
    """A sleeve to the wrist, on one side."""
    outline = sided(closed("116,36.5! 127,43 133,56 140,100 147,156! 140,160 132,161.5! 124,120 113,72! 112,50"), side)
    folds = [
        Fold(sided(curve("121,46 128,84 136,150"), side), 6, 0.4),
        Fold(sided(curve("114,74 124,82 134,80"), side), 5, -0.55),
        Fold(sided(curve("120,96 129,104 138,102"), side), 5, 0.5),
        Fold(sided(curve("125,118 134,122 141,118"), side), 4, -0.5),
        Fold(sided(curve("128,136 136,140 143,134"), side), 5, 0.45),
    ]
    return sheet.part(outline, look.cloth, angle=-10 * side, puff=7, folds=folds, crumple=0.06, texture=texture)


def cuff(sheet: Sheet, look: Look, side: int) -> None:
    """A ribbed cuff."""
    outline = sided(closed("146.5,153! 139,157 131,158.5! 133.5,170! 141,169.5 147.5,167!"), side)
    tone = look.accent if look.has("contrast trim") else darker(look.base, 0.05)
    sheet.part(outline, tone, puff=3, relief=0.35, drop=0.25, texture=ribs(2.2, 0.1))


def shirt(sheet: Sheet, look: Look) -> None:
    """A button-down shirt."""
    short = look.has("short-sleeved")
    for side in (1, -1):
        if short:
            short_sleeve(sheet, look, side)
        else:
            sleeve = long_sleeve(sheet, look, side)
            end = sided(closed("147.5,152! 140,156.5 130.5,158! 132.5,170.5! 141,170 149,167!"), side)
            band = sheet.part(end, look.cloth, angle=80, puff=3, relief=0.3, drop=0.25, edge=0.3)
            sheet.stitch(sided(curve("131.5,159.5 140,158 147.5,154"), side), look.thread, band, 0.6)
            sheet.shade(sided(curve("131,157 140,155.5 147,151.5"), side), 2, 0.25, sleeve)
            button(sheet, *spot(144.5, 162, side), look)
    sheet.part(mirrored("80,31 92,28 98,27! 94,42 80,52!"), look.dark, puff=3, edge=0.4, relief=0.2)
    body = sheet.part(
        mirrored("80,56! 90,40 96,29! 108,33 118,37.5! 115,52 117,72! 117.5,110 119,160! 115,169 103,172 80,177"),
        look.cloth,
        puff=9,
        relief=0.5,
        folds=torso_folds(sheet),
        crumple=0.05,
        drop=0.3,
    )
    sheet.seam(curve("117.5,38 115,52 117,71"), body)
    sheet.seam(flipped(curve("117.5,38 115,52 117,71")), body)
    placket = sheet.part(slab(75.8, 52, 84.2, 180), look.cloth, puff=1.6, relief=0.25, edge=0.22, drop=0.2, clip=body)
    for x in (77.2, 82.8):
        sheet.stitch(curve(f"{x},54 {x},186"), look.thread, placket, 0.5)
    sheet.stitch(curve("41,158 46,167 58,170 80,175 102,170 114,167 119,158"), look.thread, body, 0.5)
    for y in np.arange(66, 172, 17.5):
        button(sheet, 80, float(y), look)
    if look.has("chest pocket"):
        chest_pocket(sheet, look, 91, 74)
    for side in (1, -1):
        _collar(sheet, look, side)
    button(sheet, 80, 54.5, look)


def _collar(sheet: Sheet, look: Look, side: int) -> None:
    if look.has("band collar"):
        outline = sided(closed("80,50.5! 90,38 95,26.5! 100,29.5! 95,42 80,58!"), side)
        stand = sheet.part(outline, look.cloth, angle=40 * side, puff=2, relief=0.35, edge=0.3, drop=0.3)
        sheet.stitch(sided(curve("80,56.3 94,41 98.6,29"), side), look.thread, stand, 0.6)
        return
    outline = sided(closed("80,50! 88,39 93.5,25.5! 99,26 102.5,31! 104,45 101.5,60! 91,56 80,52.5!"), side)
    leaf = sheet.part(outline, look.cloth, angle=35 * side, puff=3, relief=0.4, edge=0.32, drop=0.42)
    sheet.stitch(sided(curve("82.5,51.8 91,54.3 100.4,58! 102.4,45 101,32"), side), look.thread, leaf, 0.6)


def button(sheet: Sheet, x: float, y: float, look: Look) -> None:
    """A button with two holes."""
    colour = lighter(look.accent, 0.55)
    sheet.part(oval(x, y, 1.75, 1.75), colour, puff=1, relief=0.5, edge=0.35, drop=0.35)
    for shift in (-0.5, 0.5):
        sheet.part(oval(x + shift, y, 0.3, 0.3), darker(colour, 0.6), relief=0, edge=0)


def polo(sheet: Sheet, look: Look) -> None:
    """A polo shirt with a ribbed collar."""
    for side in (1, -1):
        if look.has("long-sleeved"):
            long_sleeve(sheet, look, side)
            cuff(sheet, look, side)
        else:
            short_sleeve(sheet, look, side)
            band = sided(closed("149,82! 137,90 122.5,93! 124,98! 138,95.5 151,87.5!"), side)
            sheet.part(band, look.accent if look.has("contrast trim") else darker(look.base, 0.08), puff=2, texture=ribs(2, 0.08), drop=0.2)  # fmt: skip
    sheet.part(mirrored("80,30 92,27.5 98,27! 92,44 80,54!"), look.dark, puff=3, edge=0.4, relief=0.2)
    body = sheet.part(
        mirrored("80,58! 90,41 96,29! 108,33 118,37.5! 115,52 118,72! 118.5,110 120,165! 100,168 80,168.5"),
        look.cloth,
        puff=9,
        folds=torso_folds(sheet),
        crumple=0.05,
        drop=0.3,
    )
    sheet.seam(curve("117.5,38 115,52 118,71"), body)
    sheet.seam(flipped(curve("117.5,38 115,52 118,71")), body)
    tone = look.accent if look.has("contrast trim") else darker(look.base, 0.06)
    placket = sheet.part(slab(75, 54, 85, 92, 1), tone, puff=1.6, relief=0.3, edge=0.3, drop=0.3)
    for x in (76.3, 83.7):
        sheet.stitch(curve(f"{x},56 {x},91"), look.thread, placket, 0.5)
    if look.has("zip-neck"):
        sheet.line(curve("80,54 80,88"), darker(look.metal, 0.45), 1.5)
        sheet.line(curve("80,54 80,88"), look.metal, 1.0, dashes=(0.6, 0.7))
        sheet.part(slab(78.9, 86, 81.1, 92, 1), look.metal, puff=1, drop=0.3)
    else:
        for y in (64, 74, 85):
            button(sheet, 80, y, look)
    for side in (1, -1):
        outline = sided(closed("80,52! 87,40 93,25.5! 99,26 103,32! 103,46 99,59! 90,57.5 80,55!"), side)
        leaf = sheet.part(outline, tone, puff=3, relief=0.4, edge=0.3, drop=0.4, texture=courses(2.1, 0.05))
        sheet.line(sided(curve("81,54 90,56.2 98.3,57.4! 101.6,46 101.6,33"), side), look.thread, 0.9, 0.45, 0, leaf)
    for rise in (4.4, 6.0):
        sheet.stitch(curve(f"39,{165 - rise} 60,{168 - rise} 80,{168.5 - rise} 100,{168 - rise} 121,{165 - rise}"), look.thread, body, 0.55)  # fmt: skip
