"""Dresses and skirts."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look
from sslrec.data.drawn.outline import closed, curve, mirrored, oval, ribbon, sided, slab
from sslrec.data.drawn.sheet import Fold, Sheet
from sslrec.data.drawn.tops import button, short_sleeve


def _drapes(sheet: Sheet, top: float, bottom: float, waist: float, hem: float, count: int = 7) -> list[Fold]:
    """Folds that fan out from a waist to a hem; `waist` and `hem` are half widths."""
    folds = []
    for number, share in enumerate(np.linspace(-0.86, 0.86, count)):
        share += float(sheet.rng.normal(0, 0.03))
        x0, x1 = 80 + share * waist * 0.9, 80 + share * hem * 0.97
        start = top + float(sheet.rng.uniform(0, 22))
        middle = (x0 * 0.55 + x1 * 0.45) + float(sheet.rng.normal(0, 1.5))
        path = curve(f"{x0},{start} {middle},{(start + bottom) / 2} {x1},{bottom + 6}")
        folds.append(
            Fold(path, float(sheet.rng.choice([6, 8])), (0.8 if number % 2 else -0.8) * sheet.rng.uniform(0.6, 1.1))
        )
    return folds


def dress(sheet: Sheet, look: Look) -> None:
    """A dress: strappy, with short sleeves, or a shirt dress."""
    long = look.has("maxi")
    bottom = 236.0 if long else 186.0
    hem = 50.0 if long else 53.0
    if look.has("strappy"):
        strap = curve("61,47 62,32 70,20 80,16 90,20 98,32 99,47")
        sheet.part(ribbon(strap, 3.4), look.base, puff=1.2, relief=0.5, edge=0.3)
        sheet.part(mirrored("80,50 96,46! 104,58! 80,66"), look.dark, puff=2, edge=0.4)
        neck = "80,56 90,50 98,43! 106,52 113,66!"
    else:
        for side in (1, -1):
            if look.has("short-sleeved"):
                short_sleeve(sheet, look, side)
        sheet.part(mirrored("80,28 92,28.5 98,29.5! 93,50 80,66"), look.dark, puff=3, edge=0.4)
        neck = "80,58! 90,42 97,30! 107,33 116,38! 113,54 115,70!"
    skirt = mirrored(f"80,98! 104,98! 116,122 {80 + hem * 0.84},{bottom - 46} {80 + hem},{bottom}! {80 + hem * 0.6},{bottom + 4.5} 80,{bottom + 6}")  # fmt: skip
    part = sheet.part(skirt, look.cloth, puff=10, relief=0.6, folds=_drapes(sheet, 100, bottom, 24, hem), crumple=0.05)
    sheet.stitch(curve(f"{80 - hem},{bottom - 4} {80 - hem * 0.6},{bottom + 0.5} 80,{bottom + 2} {80 + hem * 0.6},{bottom + 0.5} {80 + hem},{bottom - 4}"), look.thread, part, 0.5)  # fmt: skip
    folds = [Fold(curve("52,66 62,80 66,98"), 6, 0.5), Fold(curve("108,66 98,80 94,98"), 6, -0.5),
             Fold(curve("74,70 78,84 78,99"), 6, 0.4)]  # fmt: skip
    bodice = sheet.part(mirrored(f"{neck} 109,84 105,100! 80,101!"), look.cloth, puff=8, relief=0.55, folds=folds, drop=0.25, crumple=0.04)  # fmt: skip
    if look.has("short-sleeved"):
        for side in (1, -1):
            sheet.seam(sided(curve("116,38 113,54 115,70"), side), bodice)
    _front(sheet, look, bottom)
    tone = look.accent if look.has("belted") else darker(look.base, 0.14)
    height = 7 if look.has("belted") else 3
    belt = mirrored(f"80,{97} 96,{96.6} 105.5,95! 106,{95 + height}! 96,{97 + height} 80,{97.4 + height}")
    sheet.part(belt, tone, puff=2, relief=0.45, drop=0.3, edge=0.3)
    if look.has("belted"):
        sheet.part(slab(75, 95, 85, 106, 2), look.metal, holes=[slab(77, 97, 83, 104, 1)], puff=1, relief=0.8, drop=0.4)


def _front(sheet: Sheet, look: Look, bottom: float) -> None:
    if look.has("strappy"):
        sheet.line(curve("62,43 70,50 80,56 90,50 98,43") + (0, 0.8), darker(look.base, 0.2), 1.8, 0.9)
        sheet.stitch(curve("62,45 70,52.4 80,58.4 90,52.4 98,45"), look.thread)
    else:
        edge = curve("62.5,30 70,42 80,58! 90,42 97.5,30")
        sheet.line(edge + (0, 1), darker(look.base, 0.12), 2.6, 1)
        sheet.line(edge + (0, 0), lighter(look.base, 0.25), 0.6, 0.6)
    if look.has("button-front"):
        sheet.seam(curve(f"83,58 83,{bottom + 5}"))
        sheet.seam(curve(f"77,58 77,{bottom + 5}"))
        for y in np.arange(66, bottom, 15):
            if not 92 < y < 107:
                button(sheet, 80, float(y), look)


def skirt(sheet: Sheet, look: Look) -> None:
    """A skirt: A-line, pleated or pencil."""
    style, long = look.details["cut"], look.has("midi")
    bottom = 168.0 if long else 134.0
    hem = {"A-line": 54.0, "pleated": 56.0, "pencil": 32.0}[style] * (1.08 if long and style != "pencil" else 1)
    waist = 30.0
    outline = mirrored(f"80,38! {80 + waist},36! {80 + waist + (hem - waist) * 0.42 + 4},72 {80 + hem * 0.94},{bottom - 26} {80 + hem},{bottom}! {80 + hem * 0.6},{bottom + 5} 80,{bottom + 6.5}")  # fmt: skip
    folds: list[Fold] = []
    if style == "A-line":
        folds = _drapes(sheet, 48, bottom, waist, hem)
    elif style == "pencil":
        folds = [Fold(curve("58,60 78,66 100,60"), 7, 0.4), Fold(curve(f"60,{bottom - 40} 80,{bottom - 34} 102,{bottom - 42}"), 8, 0.4)]  # fmt: skip
    shares = np.linspace(-1, 1, 15)
    if style == "pleated":
        folds = [Fold(curve(f"{80 + s * waist},40 {80 + s * (waist + hem) / 2},{(40 + bottom) / 2} {80 + s * hem},{bottom + 6}"), 4, 0.9)
                 for s in shares[:-1] + 1 / 15]  # fmt: skip
    part = sheet.part(outline, look.cloth, puff=10, relief=0.6, folds=folds, crumple=0.05)
    if style == "pleated":
        for share in shares[1:-1]:
            path = curve(f"{80 + share * waist},38 {80 + share * (waist + hem) / 2},{(40 + bottom) / 2} {80 + share * hem},{bottom + 7}")  # fmt: skip
            sheet.shade(path + (1.2, 0), 2.6, 0.3, part)
            sheet.seam(path, part, 0.35)
    else:
        sheet.stitch(curve(f"{80 - hem},{bottom - 4.5} {80 - hem * 0.6},{bottom + 0.5} 80,{bottom + 2} {80 + hem * 0.6},{bottom + 0.5} {80 + hem},{bottom - 4.5}"), look.thread, part, 0.55)  # fmt: skip
    if style == "pencil":
        sheet.seam(curve(f"80,46 80,{bottom + 6}"), part, 0.35)
    if look.has("button-front"):
        sheet.part(slab(76, 44, 84, bottom + 6.4), look.cloth, puff=1.5, relief=0.3, drop=0.25, edge=0.3, clip=part)
        for y in np.arange(54, bottom, 14):
            button(sheet, 80, float(y), look)
    sheet.part(mirrored("80,29 98,28 109,26! 108,33 80,35"), look.dark, puff=2, edge=0.4)
    band = sheet.part(mirrored("80,32 98,31 109.5,27! 110.5,40! 98,43 80,43.5"), look.cloth, puff=2.4, relief=0.4, drop=0.35, edge=0.3)  # fmt: skip
    sheet.stitch(curve("50,38.5 62,41.3 80,41.8 98,41.3 110,38.5"), look.thread, band, 0.6)
    if look.has("tie-waist"):
        for side in (1, -1):
            tail = sided(closed("80,38! 90,46 95,70! 88,74! 85,54 78,42!"), side)
            sheet.part(tail, look.accent, puff=2, relief=0.5, drop=0.4, edge=0.3)
            loop = sided(closed("80,38! 90,28 101,30 100,40 90,43!"), side)
            sheet.part(loop, look.accent, puff=3, relief=0.6, drop=0.4, edge=0.3)
        sheet.part(oval(80, 38.5, 4, 4.6), look.accent, puff=2, relief=0.6, drop=0.4)
