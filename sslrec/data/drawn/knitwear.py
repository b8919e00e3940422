"""Hoodies, sweaters and cardigans."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look, ribs
from sslrec.data.drawn.outline import closed, curve, flipped, mirrored, oval, sided, slab
from sslrec.data.drawn.sheet import Fold, Part, Sheet, Texture
from sslrec.data.drawn.tops import button, cuff, long_sleeve, torso_folds

_ARMHOLE = "118,38 115.5,53 118,72"


def _hem(sheet: Sheet, look: Look) -> None:
    tone = look.accent if look.has("contrast trim") else darker(look.base, 0.05)
    band = mirrored("80,163 104,162 120.5,159! 118.5,172! 100,175 80,175.5")
    sheet.part(band, tone, puff=3, relief=0.35, drop=0.25, texture=ribs(2.3, 0.11))


def _torso(sheet: Sheet, look: Look, neck: str, texture: Texture | None, depth: float = 0.5) -> Part:
    outline = mirrored(f"{neck} 108,33.5 118,37.5! 115.5,53 118,72! 119,110 121,156 120,164! 100,167 80,167.5")
    body = sheet.part(outline, look.cloth, puff=10, relief=0.55, folds=torso_folds(sheet, depth), crumple=0.05,
                      drop=0.3, texture=texture)  # fmt: skip
    for side in (1, -1):
        sheet.seam(sided(curve(_ARMHOLE), side), body)
    return body


def hoodie(sheet: Sheet, look: Look) -> None:
    """A hooded sweatshirt."""
    for side in (1, -1):
        long_sleeve(sheet, look, side)
        cuff(sheet, look, side)
    body = _torso(sheet, look, "80,46 92,40 98,30!", None, 0.6)
    _hem(sheet, look)
    if look.has("zip-front"):
        _zip(sheet, look, 50, 175, body)
        for side in (1, -1):
            pocket = sided(closed("86,125! 101,125 112,143! 112,163! 86,163!"), side)
            flap = sheet.part(pocket, look.cloth, puff=3, relief=0.3, drop=0.25, edge=0.15)
            sheet.stitch(sided(curve("99.5,126 110.5,143.5"), side), look.thread, flap)
    else:
        pocket = sheet.part(
            mirrored("80,124! 99,124! 113,143! 113,163! 80,163!"), look.cloth, puff=3, relief=0.35, drop=0.3, edge=0.2
        )
        for side in (1, -1):
            sheet.stitch(sided(curve("98,125.6 111.4,143.6"), side), look.thread, pocket)
        sheet.stitch(curve("61,125.6 99,125.6"), look.thread, pocket)
    _hood(sheet, look)


def _hood(sheet: Sheet, look: Look) -> None:
    folds = [Fold(curve("97,14 106,28 104,46"), 6, 0.5), Fold(curve("54,24 56,38 66,52"), 5, -0.5),
             Fold(curve("64,10 56,20 55,34"), 6, 0.4), Fold(curve("106,30 100,44 90,54"), 5, -0.4)]  # fmt: skip
    outline = mirrored("80,3 95,6 107,19 112,36 108,46 96,55 80,61")
    sheet.part(outline, look.cloth, puff=8, relief=0.6, folds=folds, crumple=0.05, drop=0.4)
    lining = look.accent if look.has("contrast trim") else darker(look.base, 0.35)
    opening = mirrored("80,12 90,15.5 96.5,27 94,42 80,57!")
    inside = sheet.part(opening, lining, puff=6, relief=-0.35, edge=0.6, folds=[Fold(curve("80,14 79,36 80,56"), 6, -0.5)])  # fmt: skip
    sheet.shade(curve("62,18 80,11 98,18"), 9, 0.4, inside)
    rim = curve("80,57.5! 66,42 63.5,27 70,15.5 80,12 90,15.5 96.5,27 94,42 80,57.5!")
    sheet.line(rim, darker(look.base, 0.12), 2.8, 0.9)
    sheet.line(rim + (0, -0.3), look.light, 0.6, 0.5)
    sheet.seam(curve("56,52 66,57 80,62 94,57 104,52"), None, 0.3)
    for side, length in ((1, 90), (-1, 86)):
        cord = sided(curve(f"85.5,54 88,62 87,76 88.5,{length}"), side)
        sheet.line(cord + (0.7, 0.9), (0, 0, 0.05), 1.6, 0.35, 0.5)
        sheet.line(cord, lighter(look.accent, 0.35), 1.6)
        end = cord[-1]
        sheet.part(slab(end[0] - 1, end[1] - 1, end[0] + 1, end[1] + 4, 0.8), look.metal, puff=1)
        sheet.part(oval(cord[0, 0], cord[0, 1], 1.8, 1.8), look.metal, puff=1, relief=0.6)
        sheet.part(oval(cord[0, 0], cord[0, 1], 0.7, 0.7), (0.2, 0.2, 0.2), relief=0)


def _zip(sheet: Sheet, look: Look, top: float, bottom: float, body: Part) -> None:
    sheet.shade(curve(f"80,{top} 80,{bottom}"), 5, 0.3)
    sheet.line(curve(f"80,{top} 80,{bottom}"), darker(look.base, 0.45), 3.2)
    sheet.line(curve(f"80,{top} 80,{bottom}"), look.metal, 1.7, dashes=(0.8, 0.5))
    sheet.part(slab(78.7, top + 10, 81.3, top + 18, 1.2), look.metal, puff=1.2, relief=0.7, drop=0.4)
    for side in (1, -1):
        sheet.stitch(sided(curve(f"83.4,{top} 83.4,{bottom}"), side), look.thread, body, 0.5)


def sweater(sheet: Sheet, look: Look) -> None:
    """A knitted sweater."""
    texture = knit(look)
    for side in (1, -1):
        long_sleeve(sheet, look, side, texture)
        cuff(sheet, look, side)
    tone = look.accent if look.has("contrast trim") else darker(look.base, 0.04)
    if look.has("roll-neck"):
        _torso(sheet, look, "80,40 92,38 97,31!", texture)
        roll = mirrored("80,13 92,13.5 98,16! 97,25 99.5,37! 91,43.5 80,45")
        sheet.part(roll, tone, puff=5, relief=0.5, drop=0.4, texture=ribs(2.6, 0.12),
                   folds=[Fold(curve("62,27 80,31 98,27"), 5, 0.5)])  # fmt: skip
        sheet.part(mirrored("80,13 91,13.6 96.5,15.8! 91,18.4 80,19.2"), look.dark, puff=2, edge=0.4)
    else:
        _cut_neck(sheet, look, texture)
    _hem(sheet, look)


def _cut_neck(sheet: Sheet, look: Look, texture: Texture | None) -> None:
    tone = look.accent if look.has("contrast trim") else darker(look.base, 0.04)
    sheet.part(mirrored("80,27 92,27.5 99,29! 94,50 80,68"), look.dark, puff=3, edge=0.4, relief=0.2, texture=ribs(2.6, 0.06))  # fmt: skip
    sheet.part(mirrored("80,27 92,27.5 99,29! 90,33 80,34.5"), darker(tone, 0.1), puff=2, texture=ribs(2.4, 0.1))
    if look.has("V-neck"):
        _torso(sheet, look, "80,70! 90,50 97,29.5!", texture)
        edge = curve("62.5,29.5 70,50 80,69! 90,50 97.5,29.5")
    else:
        _torso(sheet, look, "80,46.5 92,42 97,29.5!", texture)
        edge = curve("62.5,29.5 68,42 80,46.5 92,42 97.5,29.5")
    sheet.line(edge + (0, 1.5), darker(tone, 0.35), 6.2, 0.5, 0.4)
    sheet.line(edge + (0, 0.7), tone, 5.2)
    sheet.line(edge + (0, 0.7), darker(tone, 0.25), 5.2, 0.45, 0.0, None, (0.8, 1.3))
    sheet.line(edge + (0, -1.2), lighter(tone, 0.35), 0.7, 0.5, 0.2)


def knit(look: Look) -> Texture | None:
    """The knit that a sweater's details name."""
    if look.has("ribbed"):
        return ribs(3.6, 0.13)
    if look.has("cable-knit"):
        return _cables
    return lambda x, y: 1 + 0.035 * np.cos(x * 2.6 + 1.2 * np.abs(np.mod(y, 2.4) - 1.2))


def _cables(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Plaits in columns with ribs between them."""
    across = np.mod(x - 80 + 10, 20) - 10
    swing = np.sin(y * (6.2832 / 15)) * 2.6
    front = np.exp(-(((across - swing) / 1.9) ** 2)) * (0.75 + 0.25 * np.cos(y * (6.2832 / 15)))
    back = np.exp(-(((across + swing) / 1.9) ** 2)) * (0.75 - 0.25 * np.cos(y * (6.2832 / 15)))
    trench = np.exp(-(((np.abs(across) - 6) / 0.9) ** 2))
    between = (np.abs(across) > 7.4) * np.cos(across * 2.6) * 0.05
    return 0.93 + 0.2 * np.maximum(front, back) - 0.2 * trench + between


def cardigan(sheet: Sheet, look: Look) -> None:
    """A buttoned cardigan."""
    texture = knit(look)
    for side in (1, -1):
        long_sleeve(sheet, look, side, texture)
        cuff(sheet, look, side)
    sheet.part(mirrored("80,27 92,27.5 99,29! 95,60 80,92"), look.dark, puff=3, edge=0.4, relief=0.2, texture=ribs(2.6, 0.06))  # fmt: skip
    _torso(sheet, look, "80,92! 90,58 97,29.5!", texture)
    _hem(sheet, look)
    tone = look.accent if look.has("contrast trim") else darker(look.base, 0.06)
    edge = curve("62.5,28.5 70,56 80,89! 80,176")
    other = flipped(curve("62.5,28.5 70,56 80,88"))
    for path in (other, edge):
        sheet.line(path + (0.5, 1), (0, 0, 0.06), 7.4, 0.28, 0.8, None)
        sheet.line(path, tone, 6.2)
        sheet.line(path, darker(tone, 0.25), 6.2, 0.4, 0.0, None, (0.8, 1.4))
    for y in (97, 115, 133, 151, 169):
        button(sheet, 80, y, look)
    for side in (1, -1):
        if look.has("patch pockets"):
            pocket = sided(closed("92,128! 112,127! 112.5,154! 92,155!"), side)
            sheet.part(pocket, look.cloth, puff=2.5, relief=0.35, drop=0.3, texture=texture)
            sheet.part(sided(closed("92,128! 112,127! 112,132! 92,133!"), side), tone, puff=1.5, texture=ribs(2.2, 0.1))
