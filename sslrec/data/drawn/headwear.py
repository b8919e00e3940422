"""Caps, beanies and hats."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look, ribs
from sslrec.data.drawn.outline import closed, curve, mirrored, oval, ribbon, slab
from sslrec.data.drawn.sheet import Fold, Sheet


def cap(sheet: Sheet, look: Look) -> None:
    """A baseball cap, three quarters from the front; or one with a flat brim."""
    flat = look.has("flat-brim")
    folds = [Fold(curve("52,58 48,80 50,104"), 8, 0.4), Fold(curve("104,50 114,74 116,98"), 8, -0.35)]
    crown = sheet.part(closed("24,118! 22,92 30,66 50,46 78,38 106,44 126,64 134,92 135,112! 110,106 80,104 50,110"),
                       look.cloth, puff=20, relief=0.75, folds=folds, crumple=0.03, edge=0.28)  # fmt: skip
    if look.has("mesh back"):
        sheet.part(closed("24,118! 22,92 30,66 48,48! 40,72 38,96 40,112!"), look.accent, puff=8, relief=0.5, clip=crown,
                   texture=lambda x, y: 1 - 0.3 * ((np.mod(x + y, 3.2) < 1.1) | (np.mod(x - y, 3.2) < 1.1)))  # fmt: skip
    for text in ("78,38 56,62 50,110", "78,38 102,60 112,106", "78,38 46,50 28,88"):
        sheet.seam(curve(text), crown, 0.4)
        sheet.stitch(curve(text) + (1.6, 0), look.thread, crown, 0.5)
    for x, y in ((66, 62), (94, 60), (120, 72), (40, 74)):
        sheet.part(oval(x, y, 1.7, 1.5), darker(look.base, 0.5), puff=1, relief=-0.5, edge=0.2)
    sheet.part(oval(78, 38, 4.6, 2.8), darker(look.base, 0.08), puff=2, relief=0.7, drop=0.3)
    brim = "44,111! 76,102 112,105 134,111! 150,124 152,132! 120,128 80,130 42,140! 38,124" if flat else "44,111! 76,102 112,105 134,111! 146,124 149,138! 124,130 92,131 50,146! 40,128"  # fmt: skip
    visor = sheet.part(closed(brim), look.accent if look.has("contrast brim") else look.cloth, angle=4, puff=8, relief=0.6, edge=0.3, drop=0.5)  # fmt: skip
    for share in (0.25, 0.5, 0.75):
        y = 108 + share * 24
        sheet.stitch(curve(f"{43 - share * 3},{y + 4} 78,{y - 3} 112,{y - 2} {136 + share * 11},{y + 3}"), look.thread, visor, 0.6)  # fmt: skip
    sheet.line(curve("44,111 76,102 112,105 134,111"), darker(look.base, 0.5), 1.2, 0.6, 0.3)


def beanie(sheet: Sheet, look: Look) -> None:
    """A knitted beanie, with or without a bobble."""
    rib = ribs(4.6, 0.16)
    crown = sheet.part(mirrored("80,42 102,47 119,64 126,92 127,130! 80,132!"), look.cloth, puff=24, relief=0.75,
                       texture=rib, edge=0.3, crumple=0.02,
                       folds=[Fold(curve(f"80,42 {80 + d * 0.7},70 {80 + d},120"), 6, -0.35) for d in (-30, -12, 10, 28)])  # fmt: skip
    sheet.shade(curve("66,45 80,50 94,45"), 10, 0.2, crown)
    if look.has("bobble"):
        _bobble(sheet, look, 80, 30)
    if look.has("turn-up"):
        sheet.part(mirrored("80,118! 128,114 130,118! 131,146 127,152! 80,156"), darker(look.base, 0.06), puff=8, relief=0.6,
                   texture=rib, drop=0.5, edge=0.3)  # fmt: skip
        sheet.part(slab(70, 128, 90, 144, 1.5), look.accent, puff=1.5, relief=0.3, edge=0.25, drop=0.3)
        sheet.stitch(curve("71.5,129.5 88.5,129.5! 88.5,142.5! 71.5,142.5! 71.5,129.5"), lighter(look.accent, 0.6))
    else:
        sheet.part(
            mirrored("80,129 104,128 127,124! 127,135! 104,139 80,140"),
            darker(look.base, 0.1),
            puff=3,
            texture=ribs(2.4, 0.14),
            drop=0.2,
        )


def _bobble(sheet: Sheet, look: Look, x: float, y: float) -> None:
    sheet.part(oval(x, y, 15, 14), darker(look.accent, 0.2), puff=12, relief=0.8, edge=0.3)
    for _ in range(230):
        angle, radius = float(sheet.rng.uniform(0, 2 * np.pi)), 16 * float(np.sqrt(sheet.rng.uniform(0.02, 1)))
        px, py = x + np.cos(angle) * radius, y + np.sin(angle) * radius * 0.94
        light = 0.5 - (py - y) / 40 - (px - x) / 60 + float(sheet.rng.uniform(-0.12, 0.12))
        tone = (
            lighter(look.accent, max(0.0, light - 0.35)) if light > 0.35 else darker(look.accent, (0.35 - light) * 0.9)
        )
        end = (px + np.cos(angle) * 4.4, py + np.sin(angle) * 4.4)
        sheet.line(np.array([[px, py], end]), tone, (1.9, 0.6), 0.95)


def hat(sheet: Sheet, look: Look) -> None:
    """A wide-brimmed hat or a bucket hat."""
    if look.has("bucket"):
        sheet.part(oval(80, 128, 56, 17), darker(look.base, 0.35), puff=8, relief=-0.3, edge=0.4)
        brim = sheet.part(closed("42,104! 60,110 80,112 100,110 118,104! 134,128 140,140! 112,150 80,153 48,150 20,140! 26,128"), look.cloth, puff=9, relief=0.6, edge=0.3)  # fmt: skip
        for share in (0.25, 0.5, 0.75):
            y = 108 + share * 40
            sheet.stitch(curve(f"{40 - share * 18},{y - 2 + share * 2} 60,{y + 3} 80,{y + 4.6} 100,{y + 3} {120 + share * 18},{y - 2 + share * 2}"), look.thread, brim, 0.6)  # fmt: skip
        crown = sheet.part(mirrored("80,56 100,58 112,66! 118,86 120,105! 100,111 80,113"), look.cloth, puff=14, relief=0.65, edge=0.3, crumple=0.05, drop=0.2)  # fmt: skip
        sheet.stitch(curve("48,68 60,72 80,74 100,72 112,68"), look.thread, crown, 0.7)
        sheet.seam(curve("48,66 60,70 80,72 100,70 112,66"), crown, 0.4)
        for x in (58, 64, 98, 104):
            sheet.part(oval(x, 88, 1.4, 1.5), look.metal, puff=1, relief=0.8)
        return

    def straw(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 1 + 0.07 * np.cos(y * 2.4 + 0.004 * (x - 80) ** 2) + 0.05 * np.cos(x * 2.2) * np.cos(y * 2.4)

    brim = sheet.part(oval(80, 124, 72, 22), look.cloth, puff=14, relief=0.6, edge=0.3, texture=straw)
    sheet.shade(curve("46,132 62,139 80,141 98,139 114,132"), 12, 0.35, brim)
    sheet.part(mirrored("80,58 94,59 108,68 115,92 117,122! 100,130 80,132"), look.cloth, puff=18, relief=0.7, edge=0.28,
                       texture=straw, folds=[Fold(curve("74,60 80,72 84,62"), 8, -0.7)])  # fmt: skip
    sheet.part(closed("44,106! 60,113 80,115 100,113 116,106! 117,122! 100,130 80,132 60,130 43,122!"), look.accent, puff=4, relief=0.5, edge=0.3, drop=0.25)  # fmt: skip
    if look.has("ribbon bow"):
        sheet.part(closed("112,112! 124,104 130,112 124,122!"), look.accent, puff=3, relief=0.6, drop=0.4, edge=0.3)
        sheet.part(
            closed("110,114! 118,126 124,140! 116,142! 108,122!"), look.accent, puff=3, relief=0.6, drop=0.4, edge=0.3
        )
        sheet.part(ribbon(curve("110,108 110,120"), 6), darker(look.accent, 0.1), puff=2, relief=0.6, drop=0.4)
