"""Backpacks, handbags and totes."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look
from sslrec.data.drawn.outline import closed, curve, mirrored, oval, ribbon, sided, slab
from sslrec.data.drawn.sheet import Colour, Fold, Sheet

_TAN: Colour = (0.66, 0.43, 0.25)


def _zip(sheet: Sheet, look: Look, text: str, pull: bool = True) -> None:
    path = curve(text)
    sheet.shade(path + (0, 1), 4, 0.3)
    sheet.line(path, darker(look.base, 0.55), 2.8)
    sheet.line(path, look.metal, 1.3, dashes=(0.8, 0.6))
    if pull:
        x, y = path[-1]
        sheet.part(slab(x - 1.3, y - 1.5, x + 1.3, y + 9, 1.2), look.metal, puff=1.2, relief=0.8, drop=0.4)


def backpack(sheet: Sheet, look: Look) -> None:
    """A backpack: round with a zip, or with a flap and buckles."""
    sheet.ground(36, 124, 190)
    trim = _TAN if look.has("flap-top") else darker(look.accent, 0.08)
    for side in (1, -1):
        strap = sided(curve("100,40 128,62 135,112 120,172"), side)
        sheet.part(ribbon(strap, (9, 10, 8, 5)), darker(look.base, 0.3), puff=3, relief=0.5, edge=0.35)
        sheet.part(
            sided(closed("118,118! 130,122 133,150 130,182! 116,186!"), side),
            darker(look.base, 0.2),
            puff=5,
            relief=0.5,
        )
    loop = curve("68,34 70,18 80,14 90,18 92,34")
    sheet.part(ribbon(loop, 4.6), trim, puff=2, relief=0.6, edge=0.3)
    folds = [Fold(curve("48,70 56,90 52,110"), 8, 0.4), Fold(curve("112,60 104,84 110,112"), 8, -0.4)]
    body = sheet.part(
        mirrored("80,27 102,29 116,42 120,70 121,120 122,170 118,184! 98,188 80,188.5"),
        look.cloth, puff=14, relief=0.6, folds=folds, crumple=0.05, drop=0.3,
    )  # fmt: skip
    if look.has("flap-top"):
        flap = sheet.part(mirrored("80,26 103,28 117,40 120,62! 121,92 112,108! 80,112"), look.cloth, puff=10, relief=0.55,
                          drop=0.5, crumple=0.04, edge=0.28)  # fmt: skip
        sheet.stitch(curve("41,64 41,91 49.5,105 80,109.4 110.5,105 119,91 119,64"), look.thread, flap)
        for side in (1, -1):
            strap = sided(slab(97, 84, 105, 134, 2), side)
            sheet.part(strap, trim, puff=2, relief=0.5, edge=0.35, drop=0.45)
            x = 101 if side > 0 else 59
            sheet.part(slab(x - 6, 116, x + 6, 127, 2), look.metal, holes=[slab(x - 4, 118, x + 4, 125, 1)], puff=1.2, relief=0.9, drop=0.4)  # fmt: skip
    else:
        _zip(sheet, look, "41,100 42,66 50,47 80,38 110,47 118,66 119,98")
    pocket = sheet.part(mirrored("80,128! 104,128 111,136! 113,176 80,179"), look.cloth, puff=8, relief=0.55, drop=0.4, edge=0.28)  # fmt: skip
    sheet.stitch(curve("50,175 49.5,138 57,130.4 80,130 103,130.4 110.5,138 111,175"), look.thread, pocket, 0.0)
    if look.has("flap-top"):
        sheet.stitch(curve("48,172 50.6,138 57,131 80,130.4 103,131 109.4,138 112,172"), look.thread, pocket)
    else:
        _zip(sheet, look, "50,138 60,135.5 80,135 100,135.5 109,138")
        sheet.part(slab(68, 104, 92, 116, 2), trim, puff=2, relief=0.4, edge=0.3, drop=0.3)
        sheet.stitch(curve("70,106 90,106! 90,114! 70,114! 70,106"), look.thread)
    base = sheet.part(mirrored("80,176! 121.5,173! 122,182 118,186! 98,190 80,190.5"), trim, puff=5, relief=0.5, edge=0.3, drop=0.2)  # fmt: skip
    sheet.stitch(curve("38,175.5 60,178 80,178.4 100,178 122,175.5"), lighter(trim, 0.5), base)
    sheet.seam(curve("44,60 42,110 42,172"), body, 0.25)


def handbag(sheet: Sheet, look: Look) -> None:
    """A handbag: structured with a top handle, a flap bag on a chain, or a bucket."""
    {"top-handle": _top_handle, "flap": _flap_bag, "bucket": _bucket}[look.details["shape"]](sheet, look)


def _top_handle(sheet: Sheet, look: Look) -> None:
    sheet.ground(20, 140, 172)
    for shift, tone in ((0.0, darker(look.base, 0.35)), (5.0, darker(look.base, 0.1))):
        arch = curve(f"54,{92 + shift} 54,{58 + shift} 66,{36 + shift} 80,{32 + shift} 94,{36 + shift} 106,{58 + shift} 106,{92 + shift}")  # fmt: skip
        sheet.part(ribbon(arch, 5.6), tone, puff=2.4, relief=0.7, gloss=0.5, edge=0.35, drop=0.2)
    sheet.part(mirrored("80,80! 118,80! 128,92! 80,96!"), darker(look.base, 0.3), puff=3, relief=0.4)
    body = sheet.part(
        mirrored("80,86! 124,86! 130,110 138,162! 136,170! 100,172 80,172"),
        look.cloth, puff=13, relief=0.6, gloss=0.3, edge=0.3, crumple=0.03, drop=0.2,
        folds=[Fold(curve("34,100 44,124 40,160"), 10, 0.5), Fold(curve("126,100 118,126 122,160"), 10, -0.5)],
    )  # fmt: skip
    sheet.stitch(curve("38.5,88.6 121.5,88.6! 127.6,110 135,160! 133.6,167! 100,169 60,169 26.4,167! 25,160! 32.4,110 38.5,88.6"), look.thread, body)  # fmt: skip
    sheet.part(
        mirrored("80,86! 125,86! 127,97! 80,99!"),
        darker(look.base, 0.1),
        puff=2.5,
        relief=0.5,
        gloss=0.4,
        edge=0.3,
        drop=0.4,
    )
    for x in (54, 106):
        sheet.part(closed(f"{x - 6},90! {x + 6},90! {x + 6},106 {x},114! {x - 6},106!"), darker(look.base, 0.14), puff=2, relief=0.5, gloss=0.4, edge=0.35, drop=0.4)  # fmt: skip
        sheet.part(oval(x, 97, 4.2, 4.2), look.metal, holes=[oval(x, 97, 2.2, 2.2)], puff=1.2, relief=0.9, drop=0.4)
    sheet.part(slab(73, 92, 87, 108, 2.4), look.metal, puff=3, relief=0.8, edge=0.35, drop=0.45)
    sheet.shine(curve("76,95 76,105"), 1.6, 0.7, None, 0.5)
    sheet.part(slab(78.6, 97, 81.4, 103, 1.2), darker(look.metal, 0.6), relief=0.1)
    tag = curve("106,104 112,118 111,130")
    sheet.line(tag, darker(look.base, 0.4), 1.2)
    sheet.part(
        closed("107,128! 115,127! 117,146! 111,151 106,146!"), look.accent, puff=2, relief=0.5, drop=0.4, edge=0.3
    )


def _quilt(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    one, two = np.abs(np.sin((x + y) * 0.262)), np.abs(np.sin((x - y) * 0.262))
    return 0.86 + 0.24 * np.sqrt(one * two)


def _flap_bag(sheet: Sheet, look: Look) -> None:
    sheet.ground(24, 136, 170)
    chain = curve("32,92 24,50 52,22 80,16 108,22 136,50 128,92")
    sheet.line(chain + (0.6, 1), (0, 0, 0.05), 3, 0.2, 0.7)
    for start, tone in ((0, darker(look.metal, 0.25)), (1, look.metal)):
        steps = chain[start * 2 :: 4]
        for x, y in steps:
            sheet.part(oval(float(x), float(y), 2.9, 2.0, 30 if start else -40), tone, holes=[oval(float(x), float(y), 1.5, 0.8, 30 if start else -40)], puff=1, relief=0.8, edge=0.3)  # fmt: skip
    body = sheet.part(mirrored("80,86! 126,86! 134,96 135,160! 130,170! 80,170!"), look.cloth, puff=13, relief=0.6, gloss=0.3, edge=0.3)  # fmt: skip
    sheet.stitch(curve("29,100 28.5,160! 32,167! 128,167! 131.5,160! 131,100"), look.thread, body)
    quilt = _quilt if look.has("quilted") else None
    flap = sheet.part(mirrored("80,82! 124,82 133,90! 134,112 118,136! 100,140 80,141"), look.cloth, puff=10, relief=0.6,
                      gloss=0.3, edge=0.3, drop=0.5, texture=quilt)  # fmt: skip
    sheet.stitch(
        curve("29.5,92 28.6,112 43.6,133.4 60,137 80,138 100,137 116.4,133.4 131.4,112 130.5,92"), look.thread, flap
    )
    sheet.part(oval(80, 130, 8, 8), look.metal, puff=4, relief=0.8, edge=0.35, drop=0.5)
    sheet.part(oval(80, 130, 5.4, 5.4), darker(look.metal, 0.1), holes=[oval(80, 130, 3.6, 3.6)], puff=1, relief=0.7)
    sheet.shine(curve("75.5,127 78,124.5 81,124"), 1.2, 0.8, None, 0.4)


def _bucket(sheet: Sheet, look: Look) -> None:
    sheet.ground(34, 126, 186)
    strap = curve("40,84 34,44 60,16 80,12 100,16 126,44 120,84")
    sheet.part(ribbon(strap, 5.4), darker(look.base, 0.18), puff=2.2, relief=0.6, gloss=0.4, edge=0.35)
    sheet.part(oval(80, 78, 41, 9), darker(look.base, 0.5), puff=5, edge=0.5, relief=-0.3)
    gathers = [Fold(curve(f"{80 + s * 38},78 {80 + s * 40},110 {80 + s * 38},150"), 5, 0.7 if n % 2 else -0.7) for n, s in enumerate(np.linspace(-0.9, 0.9, 9))]  # fmt: skip
    body = sheet.part(closed("39,78! 60,86 80,87.5 100,86 121,78! 124,120 126,176! 122,184! 100,188 60,188 38,184! 34,176! 36,120"), look.cloth, puff=16, relief=0.6, folds=gathers, gloss=0.3, edge=0.3, crumple=0.03)  # fmt: skip
    sheet.stitch(curve("39.5,82 60,89.6 80,91 100,89.6 120.5,82"), look.thread, body)
    for x in (48, 64, 80, 96, 112):
        y = 98 + 3.4 * (1 - ((x - 80) / 40) ** 2)
        sheet.part(oval(x, y, 2.6, 2.8), look.metal, holes=[oval(x, y, 1.3, 1.5)], puff=1, relief=0.9, drop=0.3)
    cord = curve("36.5,96 48,99 64,101 80,101.4 96,101 112,99 123.5,96")
    sheet.line(cord + (0.4, 1), (0, 0, 0.05), 2.6, 0.3, 0.5)
    sheet.part(ribbon(cord, 2.4), darker(look.accent, 0.1), puff=1.2, relief=0.6)
    for side in (1, -1):
        sheet.part(
            ribbon(sided(curve("81,102 88,116 86,138"), side), 2.4),
            darker(look.accent, 0.1),
            puff=1.2,
            relief=0.6,
            drop=0.4,
        )
        x = 86 if side > 0 else 74
        sheet.part(
            closed(f"{x - 2},136! {x + 2},136! {x + 4.5},154! {x - 4.5},154!"),
            look.accent,
            puff=2,
            relief=0.6,
            drop=0.4,
        )
    band = sheet.part(closed("35,160! 60,166 100,166 125,160! 126,176! 122,184! 100,188 60,188 38,184! 34,176!"), darker(look.base, 0.14), puff=6, relief=0.5, gloss=0.3, edge=0.3, drop=0.2)  # fmt: skip
    sheet.stitch(curve("35,163 60,169 100,169 125,163"), look.thread, band)


def tote(sheet: Sheet, look: Look) -> None:
    """A tote: open, with long handles."""
    sheet.ground(30, 130, 188)
    tone = _TAN if look.has("leather handles") else darker(look.base, 0.12)
    back = curve("58,84 58,44 70,22 80,20 90,22 102,44 102,84")
    sheet.part(ribbon(back, 5.5), darker(tone, 0.35), puff=2, relief=0.5, edge=0.35)
    sheet.part(mirrored("80,74 118,76! 120,90! 80,92!"), darker(look.base, 0.45), puff=4, relief=-0.2, edge=0.4)
    folds = [Fold(curve("44,96 54,120 50,160"), 10, 0.5), Fold(curve("116,92 104,126 112,168"), 10, -0.5),
             Fold(curve("60,176 78,160 104,168"), 9, 0.4), Fold(curve("70,96 76,110 90,104"), 8, -0.3)]  # fmt: skip
    body = sheet.part(mirrored("80,85 104,84 121,80! 124,120 127,182! 122,188! 80,189"), look.cloth, puff=12, relief=0.55,
                      folds=folds, crumple=0.09, edge=0.25,
                      texture=lambda x, y: 1 + 0.03 * np.sin(x * 4.1) * np.sin(y * 4.3))  # fmt: skip
    for rise in (3.0, 8.6):
        sheet.stitch(curve(f"39.4,{80 + rise} 56,{84 + rise} 80,{85 + rise} 104,{84 + rise} 120.6,{80 + rise}"), look.thread, body)  # fmt: skip
    front = curve("56,112 55,60 66,32 80,29 94,32 105,60 104,112")
    sheet.line(front + (1, 1.6), (0, 0, 0.05), 6, 0.16, 1.2)
    sheet.part(ribbon(front, 6.4), tone, puff=2.4, relief=0.5, edge=0.35)
    for x in (56, 104):
        sheet.stitch(
            curve(f"{x - 2.2},92 {x + 2.2},92! {x + 2.2},110! {x - 2.2},110! {x - 2.2},92"), lighter(tone, 0.5)
        )
        sheet.stitch(curve(f"{x - 2},93 {x + 2},109"), lighter(tone, 0.5))
    if look.has("front pocket"):
        pocket = sheet.part(slab(58, 118, 102, 164, 3), look.cloth, puff=4, relief=0.4, edge=0.28, drop=0.4)
        sheet.stitch(curve("60,120 100,120! 100,162! 60,162! 60,120"), look.thread, pocket)
