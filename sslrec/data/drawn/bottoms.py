"""Jeans, trousers and shorts."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look, ribs
from sslrec.data.drawn.outline import closed, curve, mirrored, oval, sided, slab, spot
from sslrec.data.drawn.sheet import Fold, Part, Sheet, Texture


def _leg_folds(sheet: Sheet, side: int, bottom: float) -> list[Fold]:
    knee = 18 + (bottom - 18) * 0.58
    texts = [
        "84,66 96,62 112,66",
        "82,72 92,80 98,96",
        f"92,{knee - 6} 102,{knee - 2} 112,{knee - 8}",
        f"90,{knee + 6} 102,{knee + 8} 112,{knee + 3}",
        f"94,{bottom - 16} 104,{bottom - 13} 112,{bottom - 18}",
    ]
    folds = []
    for number, text in enumerate(texts):
        path = sided(curve(text), side) + sheet.rng.normal(0, 2, 2)
        depth = sheet.rng.uniform(0.3, 0.7) * (1 if number % 2 else -1)
        folds.append(Fold(path, float(sheet.rng.choice([4, 5, 6])), depth))
    folds.append(Fold(sided(curve(f"104,40 103,{knee} 103,{bottom - 8}"), side), 12, 0.3))
    return folds


def _legs(sheet: Sheet, look: Look, outline: str, bottom: float, texture: Texture | None, crease: bool) -> list[Part]:
    parts = []
    for side in (-1, 1):
        folds = _leg_folds(sheet, side, bottom)
        if crease:
            folds.append(Fold(sided(curve(f"101,60 102,{bottom * 0.55} 103,{bottom - 1}"), side), 4, 0.6))
        parts.append(
            sheet.part(sided(closed(outline), side), look.cloth, angle=-2 * side, puff=9, relief=0.55, folds=folds,
                       crumple=0.05, texture=texture, drop=0.25)
        )  # fmt: skip
    return parts


def _waist(sheet: Sheet, look: Look, loops: bool = True) -> None:
    sheet.part(mirrored("80,17 100,16 112.5,14! 112,20 80,22"), look.dark, puff=2, edge=0.4)
    band = sheet.part(mirrored("80,19 100,18 112.5,15! 114,26! 100,28.5 80,29"), look.cloth, puff=2.2, relief=0.4, drop=0.3, edge=0.3)  # fmt: skip
    for shift in (1.7, 8.4):
        sheet.stitch(curve(f"48,{15.2 + shift} 60,{17.8 + shift} 80,{18.6 + shift} 100,{17.8 + shift} 112,{15.2 + shift}"), look.thread, band, 0.7)  # fmt: skip
    if loops:
        for x, y in ((62, 18), (98, 18), (50, 15.5), (110, 15.5)):
            sheet.part(
                slab(x - 1.5, y - 1.5, x + 1.5, y + 13, 0.6), look.cloth, puff=1.2, relief=0.5, drop=0.4, edge=0.4
            )


def jeans(sheet: Sheet, look: Look) -> None:
    """Jeans, seen from the front."""
    fit = look.details["fit"]
    hem = {"straight": (94, 119), "skinny": (97, 112), "wide-leg": (90, 128), "flared": (91, 129)}[fit]
    knee = {"straight": (88, 120), "skinny": (90, 115), "wide-leg": (86, 124), "flared": (91, 116)}[fit]
    outline = f"80,26! 100,26 114,24! 118,52 120,78 {knee[1]},120 {hem[1]},190! {(hem[0] + hem[1]) / 2},193 {hem[0]},192! {knee[0]},124 82,78 80,70!"  # fmt: skip
    legs = _legs(sheet, look, outline, 190, _denim, crease=False)
    for side, part in zip((-1, 1), legs, strict=True):
        middle = (knee[0] + knee[1]) / 2
        fade = sided(curve(f"102,50 103,90 {middle},134"), side)
        sheet.line(fade, lighter(look.base, 0.6), (6, 15, 4), 0.3 if look.has("faded") else 0.14, 5, part)
        sheet.stitch(sided(curve(f"{hem[0] + 1},188 {(hem[0] + hem[1]) / 2},189.5 {hem[1] - 1},186.5"), side), look.accent, part, 0.75)  # fmt: skip
        sheet.seam(sided(curve("113,28 109,44 116,56"), side), part)
        sheet.stitch(sided(curve("111,28 106.5,45 116,58.4"), side), look.accent, part, 0.85)
        sheet.stitch(sided(curve("100,29 97.5,49 104,60"), side), look.accent, part, 0.0)
        for place in ((113.0, 30.0), (116.0, 55.0)):
            x, y = spot(*place, side)
            sheet.part(oval(x, y, 1.1, 1.1), (0.72, 0.48, 0.26), puff=1, relief=0.9, drop=0.3)
        if look.has("ripped"):
            _rip(sheet, look, side, middle, part)
    sheet.seam(curve("80,28 80,71"), None, 0.5)
    sheet.stitch(curve("81.5,30 81.5,70"), look.accent)
    sheet.stitch(curve("88,30 87.5,50 84,58 80.5,61"), look.accent)
    sheet.stitch(curve("90,30 89.4,51 85.5,60 80.5,63.5"), look.accent)
    _waist(sheet, look)
    sheet.part(oval(80, 24, 2.6, 2.6), (0.75, 0.55, 0.33), puff=1.8, relief=0.9, edge=0.4, drop=0.4)


def _denim(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Twill: fine diagonals, irregular."""
    return 1 + 0.045 * np.sin((x * 1.9 + y * 3.3) * 1.35) * np.sin(x * 0.93 + 2.1 * np.sin(y * 0.37))


def _rip(sheet: Sheet, look: Look, side: int, middle: float, part: Part) -> None:
    pale = lighter(look.base, 0.75)
    y = 118.0 if side > 0 else 126.0
    for row in range(6):
        shift = float(sheet.rng.normal(0, 1))
        path = sided(curve(f"{middle - 8 + shift},{y + row * 2} {middle},{y + 0.6 + row * 2} {middle + 8 + shift},{y + row * 2}"), side)  # fmt: skip
        sheet.line(path, darker(look.base, 0.5), (0.4, 1.6, 0.4), 0.6, 0.1, part)
        sheet.line(path + (0, 0.5), pale, (0.3, 1.0, 0.3), 0.95, 0.1, part)


def trousers(sheet: Sheet, look: Look) -> None:
    """Trousers: chinos, tailored or joggers."""
    joggers = look.has("jogger")
    hem = (97, 113) if joggers else (94, 117)
    outline = f"80,26! 100,26 114,24! 118.5,52 119.5,78 118,120 {hem[1]},188! {(hem[0] + hem[1]) / 2},191 {hem[0]},190! 88,124 82,78 80,70!"  # fmt: skip
    legs = _legs(sheet, look, outline, 190, None, crease=look.has("tailored"))
    for side, part in zip((-1, 1), legs, strict=True):
        sheet.seam(sided(curve("109,27 115.5,56"), side), part)
        sheet.stitch(sided(curve("107.4,27 113.6,57"), side), look.thread, part, 0.6)
        if look.has("tailored"):
            sheet.seam(sided(curve("98,29 100,48"), side), part, 0.35)
        if joggers:
            band = sided(closed(f"{hem[0] - 1},186! {hem[1] + 1},184! {hem[1]},197! {hem[0]},198.5!"), side)
            sheet.part(band, darker(look.base, 0.06), puff=3, drop=0.3, texture=ribs(2.2, 0.11))
        else:
            sheet.stitch(sided(curve(f"{hem[0] + 1},185 {hem[1] - 1},183"), side), look.thread, part, 0.5)
    sheet.seam(curve("80,28 80,71"), None, 0.45)
    if joggers:
        sheet.part(mirrored("80,17 100,16 112.5,14! 114,27! 100,29.5 80,30"), look.cloth, puff=2.5, drop=0.3, texture=ribs(2.6, 0.14))  # fmt: skip
        for side, low in ((1, 60), (-1, 55)):
            sheet.line(sided(curve(f"83,24 86,38 84,{low}"), side) + (0.7, 0.8), (0, 0, 0.05), 1.4, 0.35, 0.4)
            sheet.line(sided(curve(f"83,24 86,38 84,{low}"), side), lighter(look.accent, 0.4), 1.5)
        return
    sheet.stitch(curve("88,30 87.5,50 84,58 80.5,61"), look.thread)
    _waist(sheet, look)
    sheet.part(oval(80, 24, 1.9, 1.9), lighter(look.accent, 0.35), puff=1.2, relief=0.6, edge=0.4, drop=0.4)


def shorts(sheet: Sheet, look: Look) -> None:
    """Shorts: with a waistband and turn-ups, cargo pockets or a drawstring."""
    out = 130 if look.has("cargo") else 126
    outline = f"80,26! 100,26 114,24! 120,48 124,72 {out},106! 110,112 86,113! 82,84 80,70!"
    legs = _legs(sheet, look, outline, 110, None, crease=False)
    for side, part in zip((-1, 1), legs, strict=True):
        sheet.seam(sided(curve("109,27 116.5,54"), side), part)
        sheet.stitch(sided(curve("107.4,27 114.6,55"), side), look.thread, part, 0.7)
        if look.has("turn-up"):
            band = sided(closed(f"84.5,103! 108,102.5 {out - 1},97! {out + 1},107! 110,113.5 85.5,114.5!"), side)
            sheet.part(band, look.cloth, angle=5 * side, puff=2.5, relief=0.4, drop=0.4, edge=0.3)
        else:
            for rise in (4.2, 5.8):
                sheet.stitch(sided(curve(f"86,{113 - rise} 110,{112 - rise} {out},{106 - rise}"), side), look.thread, part, 0.6)  # fmt: skip
        if look.has("cargo"):
            pocket = sided(closed("104,72! 124.5,69! 127,94! 106,98!"), side)
            sheet.part(pocket, look.cloth, puff=2.5, relief=0.4, drop=0.4, edge=0.3)
            flap = sided(closed("103,70! 125,67! 126,76! 115,80 104,79!"), side)
            sheet.part(flap, look.cloth, puff=2, relief=0.4, drop=0.4, edge=0.3)
            sheet.stitch(sided(curve("105,77.4 115,78.4 124.6,74.6"), side), look.thread, None, 0.7)
    sheet.seam(curve("80,28 80,71"), None, 0.45)
    if look.has("drawstring"):
        sheet.part(mirrored("80,17 100,16 112.5,14! 114,27! 100,29.5 80,30"), look.cloth, puff=2.5, drop=0.3, texture=ribs(2.8, 0.16))  # fmt: skip
        for side, low in ((1, 54), (-1, 49)):
            sheet.line(sided(curve(f"82,25 87,36 84,{low}"), side) + (0.7, 0.8), (0, 0, 0.05), 1.4, 0.35, 0.4)
            sheet.line(sided(curve(f"82,25 87,36 84,{low}"), side), lighter(look.accent, 0.4), 1.6)
        return
    sheet.stitch(curve("88,30 87.5,50 84,58 80.5,61"), look.thread)
    _waist(sheet, look)
    sheet.part(oval(80, 24, 2.0, 2.0), lighter(look.accent, 0.35), puff=1.2, relief=0.6, edge=0.4, drop=0.4)
