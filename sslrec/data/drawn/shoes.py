"""Shoes, seen from the side: sneakers, boots, loafers, heels, sandals."""

from __future__ import annotations

import numpy as np

from sslrec.data.drawn.colours import brightness, darker, lighter
from sslrec.data.drawn.look import Look
from sslrec.data.drawn.outline import Points, closed, curve, oval, ribbon, sided, slab, spot
from sslrec.data.drawn.sheet import Colour, Fold, Part, Sheet

_SOLE: Colour = (0.95, 0.94, 0.91)
_RUBBER: Colour = (0.17, 0.16, 0.17)


def _leather(
    sheet: Sheet, outline: Points, look: Look, *, colour: Colour | None = None, drop: float = 0.0, gloss: float = 0.5
) -> Part:
    return sheet.part(outline, look.cloth if colour is None else colour, puff=9, relief=0.6, gloss=gloss, edge=0.3,
                      crumple=0.03, grain=(4, 4), drop=drop)  # fmt: skip


def sneaker(sheet: Sheet, look: Look) -> None:
    """A sneaker: low or high."""
    high = look.has("high-top")
    sheet.ground(14, 149, 137)
    top = "19,52 21,40! 36,42 52,38 62,30!" if high else "20,96 23,84! 36,89 48,89 57,83 64,73!"
    front = "72,29 77,36! 80,56 90,78" if high else "72,71 78,76! 86,86"
    inside = "22,42! 38,40 60,32! 64,46 40,58!" if high else "24,85! 42,86 62,75! 66,84 46,96 30,94!"
    sheet.part(closed(inside), darker(look.accent, 0.25), puff=4, edge=0.5)
    tongue = "56,44! 60,24 72,20 79,27! 86,60 92,84!" if high else "56,88! 62,70 72,64 80,69! 88,82 100,94!"
    sheet.part(closed(tongue), lighter(look.base, 0.12), puff=4, relief=0.5, edge=0.3)
    folds = [Fold(curve("96,98 104,96 110,102"), 4, -0.4), Fold(curve("104,104 112,100 118,105"), 4, 0.4)]
    upper = sheet.part(
        closed(f"18,126! 15,108 {top} {front} 108,95 130,100 145,108 149,124! 100,128 50,127"),
        look.cloth, puff=9, relief=0.55, folds=folds, gloss=0.22, edge=0.28, crumple=0.03,
    )  # fmt: skip
    trim = look.accent
    cap = sheet.part(closed("116,126! 118,108 126,98.5! 142,103 150,112 150,127!"), trim, puff=6, relief=0.5, gloss=0.25, drop=0.2, clip=upper)  # fmt: skip
    heel = sheet.part(closed(f"14,127! 14,100 {'18,66 20,50! 30,52' if high else '20,92 22,83! 31,88'} 36,100 42,127!"), trim, puff=6, relief=0.5, gloss=0.25, drop=0.2, clip=upper)  # fmt: skip
    sheet.stitch(curve("118,126 120,109 128,100.5"), look.thread, cap)
    sheet.stitch(curve(f"{'28.5,54' if high else '29.5,90'} 34,101 40,126"), look.thread, heel)
    if look.has("side stripe"):
        stripe = curve("44,124 62,116 76,103 84,90")
        sheet.part(ribbon(stripe, (9, 7, 4)), lighter(trim, 0.1), puff=2, relief=0.4, drop=0.2, clip=upper)
    else:
        sheet.seam(curve("48,126 60,106 88,100 114,112"), upper)
        sheet.stitch(curve("50,126 62,108 88,102 113,114"), look.thread, upper, 0.6)
    rim = curve("22,84 36,89.5 48,89.5 57,83.5 64,73") if not high else curve("21,41 36,43 52,39 62,31")
    sheet.line(rim + (0, 1.4), darker(look.base, 0.2), 4.2, 0.9, 0.2, upper)
    sheet.line(rim + (0, 0.6), lighter(look.base, 0.25), 0.9, 0.5, 0.3, upper)
    guard = curve("62,75 74,89 92,99 106,105" if not high else "60,34 66,58 76,80 92,96 106,104")
    sheet.part(ribbon(guard, (7, 9, 8)), darker(look.base, 0.1), puff=2, relief=0.4, drop=0.2, clip=upper)
    _laces(sheet, look, high)
    sole = sheet.part(closed("11,121! 40,124 90,125 130,121 151,118! 154,127 149,135.5 138,138 24,138 13,135 10,128"),
                      _SOLE if not look.has("dark sole") else _RUBBER, puff=4, relief=0.45, edge=0.3, drop=0.3)  # fmt: skip
    sheet.line(curve("11,126 40,129 90,130 130,126.5 153,123.5"), darker(trim, 0.05), 1.5, 0.9, 0.1, sole)
    sheet.line(curve("12,135 24,138 138,138 150,134") + (0, -0.6), (0.55, 0.42, 0.3) if look.has("gum sole") else darker(_SOLE, 0.55), 2.4, 0.9, 0.2, sole)  # fmt: skip
    for x in range(122, 150, 4):
        sheet.line(curve(f"{x},128.5 {x + 0.5},134"), darker(_SOLE, 0.4), 0.7, 0.5, 0.1, sole)


def _laces(sheet: Sheet, look: Look, high: bool) -> None:
    lace = (0.97, 0.97, 0.95) if brightness(look.base) < 0.75 else darker(look.accent, 0.1)
    start, stop = ((62.0, 36.0), (99.0, 96.0)) if high else ((67.0, 77.0), (100.0, 98.0))
    count = 7 if high else 5
    for number, share in enumerate(np.linspace(0, 1, count)):
        x, y = start[0] + (stop[0] - start[0]) * share, start[1] + (stop[1] - start[1]) * share
        bend = 6.0 * (1 - share) if high else 0.0
        x -= bend * np.sin(share * np.pi)
        strand = curve(f"{x - 5},{y + 4.5} {x + 2},{y + 0.5} {x + 11 - number * 0.3},{y - 4}")
        sheet.part(ribbon(strand, 3.0), lace, puff=1.6, relief=0.6, edge=0.35, drop=0.4)
        sheet.part(oval(x - 4.5, y + 4.3, 1.2, 1.2), look.metal, puff=1, relief=0.7)


def boot(sheet: Sheet, look: Look) -> None:
    """An ankle boot: Chelsea or laced."""
    sheet.ground(18, 149, 147)
    sheet.part(closed("28,30! 48,25 74,29! 72,36 48,38 30,36!"), darker(look.base, 0.55), puff=3, edge=0.5)
    folds = [Fold(curve("54,86 68,88 84,84"), 5, -0.6), Fold(curve("50,94 66,98 86,95"), 5, 0.6), Fold(curve("98,102 108,100 116,106"), 5, -0.4)]  # fmt: skip
    upper = sheet.part(
        closed("22,134! 20,116 26,96 29,70 27,32! 44,36 60,35 75,30! 76,56 79,76 92,91 116,101 138,108 148,120 149,134!"),
        look.cloth, puff=12, relief=0.65, folds=folds, gloss=0.6, edge=0.32, crumple=0.04, grain=(3, 4),
    )  # fmt: skip
    if look.has("Chelsea"):
        sheet.part(closed("42,36! 62,35! 60,66 54,84! 46,66!"), darker(look.accent, 0.45), puff=2, relief=0.35,
                          drop=-0.2, texture=lambda x, y: 1 + 0.12 * np.cos(x * 2.6) + 0 * y)  # fmt: skip
        sheet.stitch(curve("40,38 44.5,67 54,87 62,67 64,37"), look.thread, upper)
        sheet.seam(curve("54,86 58,110 54,134"), upper, 0.3)
        for x in (30.0, 73.0):
            sheet.part(
                ribbon(curve(f"{x},33 {x - 2},22 {x + 3},22 {x + 2},34"), 2.6),
                darker(look.accent, 0.3),
                puff=1,
                relief=0.5,
            )
    else:
        tongue = closed("62,36! 66,20 76,20 82,27! 86,60 106,97! 84,101!")
        sheet.part(tongue, darker(look.base, 0.12), puff=3, relief=0.5, edge=0.3)
        guard = sheet.part(closed("60,35.5! 75,31! 76,56 80,76 96,93! 82,104 66,84 62,60!"), look.cloth, puff=4, relief=0.5, gloss=0.4, drop=0.3)  # fmt: skip
        sheet.stitch(curve("62,38 64,60 68,83 82,101"), look.thread, guard)
        for x, y in ((70, 42), (70, 53), (71.5, 64), (75, 75), (82, 85)):
            sheet.part(ribbon(curve(f"{x - 5},{y + 3} {x + 4},{y} {x + 12},{y - 5}"), 2.3), darker(look.accent, 0.35), puff=1.4, relief=0.7, drop=0.4)  # fmt: skip
            sheet.part(oval(x - 4.6, y + 3, 1.5, 1.5), look.metal, puff=1, relief=0.9)
    sheet.seam(curve("100,95 106,112 102,134"), upper, 0.35)
    sheet.stitch(curve("102.4,96 108.4,112 104.4,134"), look.thread, upper, 0.6)
    sheet.shine(curve("122,106 134,111 142,120"), (0.5, 4, 0.5), 0.5, upper, 1.4)
    sheet.shine(curve("33,48 34,70 32,92"), (0.5, 4, 0.5), 0.3, upper, 1.5)
    _welt(sheet, look, look.has("chunky sole"))


def _welt(sheet: Sheet, look: Look, chunky: bool) -> None:
    deep = 4 if chunky else 0
    sole = sheet.part(closed(f"20,131! 60,134 110,134 150,130! 152,{138 + deep} 140,{142 + deep} 92,{141 + deep} 64,{142}! 60,{148 + deep}! 22,{148 + deep}! 20,140!"),
                      _RUBBER if chunky or brightness(look.base) > 0.3 else darker((0.45, 0.3, 0.18), 0.1), puff=2.5, relief=0.4, edge=0.35, drop=0.35)  # fmt: skip
    sheet.stitch(curve("22,133.2 60,136 110,136 149,132.4"), (0.85, 0.75, 0.55), sole, 0.9)
    if chunky:
        for x in range(26, 150, 9):
            sheet.line(curve(f"{x},141 {x + 1},{148 + deep}"), (0.02, 0.02, 0.02), 2.0, 0.8, 0.2, sole)


def loafer(sheet: Sheet, look: Look) -> None:
    """A loafer: penny, tasselled or with a horsebit."""
    sheet.ground(14, 150, 129)
    inside = closed("24,82! 50,80 80,86! 76,96 50,96 30,94!")
    sheet.part(inside, (0.75, 0.6, 0.44) if brightness(look.base) < 0.6 else darker(look.accent, 0.2), puff=4, edge=0.5)
    upper = _leather(sheet, closed("16,122! 14,104 18,90 22,79! 32,86 48,91 64,92 76,86 84,80! 102,86 126,93 144,103 150,114 150,122! 100,124 50,124"), look, gloss=0.6)  # fmt: skip
    apron = sheet.part(closed("78,84! 86,80! 104,86 124,94 134,102 132,108 118,107 96,100!"), look.cloth, puff=4, relief=0.5, gloss=0.6, drop=0.15, edge=0.2)  # fmt: skip
    sheet.line(curve("78,86 96,100.5 118,107.6 132,108.4 135,102"), darker(look.base, 0.5), 1.2, 0.7, 0.2)
    sheet.stitch(curve("78,88.4 96,102.8 118,110 133,110.4 137.6,103"), look.thread, upper, 0.9)
    strap = sheet.part(closed("72,88! 88,79! 98,84 100,92 94,112! 78,110! 84,96!"), darker(look.base, 0.06), puff=3, relief=0.5, gloss=0.4, drop=0.4, clip=upper)  # fmt: skip
    if look.has("penny"):
        sheet.part(closed("86,91! 94,92! 92,98! 85,97!"), darker(look.base, 0.55), relief=0.1, edge=0.1)
        sheet.stitch(curve("81,109 86,96 78,89"), look.thread, strap, 0.7)
    elif look.has("horsebit"):
        sheet.line(curve("80,104 90,96 99,88"), darker(look.metal, 0.5), 2.8, 0.8)
        sheet.line(curve("80,104 90,96 99,88"), look.metal, 1.8)
        for x, y in ((81, 103), (98, 89)):
            ring = oval(x, y, 3.8, 3.8)
            sheet.part(ring, look.metal, holes=[oval(x, y, 2.1, 2.1)], puff=1, relief=0.9, drop=0.4)
    else:
        for shift in (0, 6):
            tassel = closed(f"{88 + shift},92! {91 + shift},92! {96 + shift},108! {87 + shift},109!")
            sheet.part(tassel, darker(look.base, 0.12), puff=2, relief=0.6, drop=0.4,
                       texture=lambda x, y: 1 + 0.2 * np.cos(x * 3.4) + 0 * y)  # fmt: skip
            sheet.part(oval(89.5 + shift, 92, 2.4, 2.2), look.base, puff=1.5, relief=0.7, drop=0.3)
    sheet.line(curve("22,80 32,87 48,92 64,93 76,87.5") + (0, 0.6), lighter(look.base, 0.35), 1.1, 0.6, 0.2, upper)
    sheet.stitch(curve("22,82.6 32,89.6 48,94.6 64,95.6 76,90"), look.thread, upper, 0.6)
    sheet.seam(curve("40,90 44,106 40,124"), upper, 0.35)
    sheet.shine(curve("120,99 134,104 143,113"), (0.5, 4, 0.5), 0.45, apron, 1.2)
    sheet.shine(curve("24,96 23,106 26,116"), (0.5, 3.4, 0.5), 0.35, upper, 1.2)
    sole = sheet.part(closed("14,119! 60,122 110,122 151,118.5! 152,124 146,127 92,126.5 58,126! 54,130.5! 16,130.5! 14,125"), darker((0.4, 0.27, 0.17), 0.1), puff=2, relief=0.4, edge=0.35, drop=0.3)  # fmt: skip
    sheet.stitch(curve("16,121 60,124 110,124 150,120.6"), (0.85, 0.75, 0.55), sole, 0.8)


def heel(sheet: Sheet, look: Look) -> None:
    """A court shoe with a high, middling or block heel."""
    rise = {"stiletto": 0.0, "block-heel": 8.0, "kitten-heel": 24.0}[look.details["heel"]]
    top = 44.0 + rise
    sheet.ground(112, 150, 139, 2.4)
    sheet.ground(20, 40, 139, 2.4)
    block = look.has("block-heel")
    stem = f"18,{top + 26}! 44,{top + 36}! 40,112 38,139! 21,139! 18,112" if block else f"17,{top + 24}! 42,{top + 36}! 33,{top + 58} 29,139! 23,139! 22,{top + 52}"  # fmt: skip
    shaft = sheet.part(closed(stem), darker(look.base, 0.08), puff=5, relief=0.7, gloss=0.6, edge=0.35)
    sheet.shine(curve(f"24,{top + 36} 25,112 25,134"), (0.5, 2, 0.5), 0.4, shaft, 0.7)
    sheet.part(closed(f"16,{top + 20}! 50,{top + 32} 84,{top + 72 - rise * 0.5} 112,136! 148,136! 148,139.5! 108,140 78,{top + 80 - rise * 0.5} 46,{top + 42} 18,{top + 29}!"),
               (0.72, 0.55, 0.4), puff=1.5, relief=0.4, edge=0.35)  # fmt: skip
    sheet.part(closed(f"22,{top + 6}! 50,{top + 18} 84,{top + 54 - rise * 0.4} 112,120! 108,128 70,{top + 56} 30,{top + 26}!"), (0.88, 0.76, 0.62), puff=4, edge=0.35)  # fmt: skip
    upper = _leather(
        sheet,
        closed(f"15,{top + 26}! 13,{top + 12} 17,{top}! 26,{top + 14} 48,{top + 30} 72,{top + 54 - rise * 0.4} 92,{top + 68 - rise * 0.7} 108,112! 124,114 140,124 153,137! 118,139 100,{138} 72,{top + 76 - rise * 0.5} 44,{top + 40}"),
        look, gloss=0.8,
    )  # fmt: skip
    rim = curve(
        f"17,{top + 1} 26,{top + 15} 48,{top + 31} 72,{top + 55 - rise * 0.4} 92,{top + 69 - rise * 0.7} 108,113"
    )
    sheet.line(rim, lighter(look.base, 0.4), 1.0, 0.6, 0.2, upper)
    sheet.shine(curve("116,119 130,124 142,133"), (0.5, 4.4, 0.5), 0.6, upper, 1.2)
    sheet.shine(curve(f"19,{top + 8} 20,{top + 18} 26,{top + 26}"), (0.4, 2.6, 0.4), 0.5, upper, 0.9)
    if look.has("bow"):
        for outline in ("110,114! 100,104 97,112 100,119!", "110,114! 122,106 125,114 120,121!"):
            sheet.part(closed(outline), look.accent, puff=3, relief=0.6, drop=0.4, edge=0.3)
        sheet.part(oval(110.5, 114.5, 3, 3.4), look.accent, puff=2, relief=0.6, drop=0.4)
    elif look.has("ankle strap"):
        strap = curve(f"18,{top + 4} 14,{top - 12} 30,{top - 17} 50,{top - 12} 52,{top + 2} 36,{top + 2} 19,{top + 3}")
        sheet.part(ribbon(strap, 3.4), look.cloth, puff=1.4, relief=0.6, gloss=0.4, drop=0.2)
        sheet.part(slab(37, top - 20, 43, top - 11, 1), look.metal, holes=[slab(38.4, top - 18, 41.6, top - 13, 0.5)], puff=1, relief=0.9, drop=0.3)  # fmt: skip


def sandal(sheet: Sheet, look: Look) -> None:
    """A pair of flat sandals from above: slides, flip-flops, or with crossed straps."""
    for side in (-1, 1):
        _footbed(sheet, look, side)
        straps = {
            "two-strap": ("88,70 100,62 118,60 137,66", "91,106 102,100 118,99 133,103"),
            "slide": ("87,76 100,68 118,67 138,73",),
            "flip-flop": ("92,104 94,84 105,56", "138,102 128,80 105,56"),
            "cross-strap": ("88,66 104,70 122,86 134,104", "137,68 121,72 105,88 93,106"),
        }[look.details["strap"]]
        width: tuple[float, ...] = {"slide": (37.0, 33.0, 37.0), "flip-flop": (9.0, 6.0, 4.0)}.get(look.details["strap"], (19.0, 16.0, 19.0))  # fmt: skip
        for text in straps:
            spine = sided(curve(text), side)
            sheet.part(
                ribbon(spine, width), look.cloth, angle=8 * side, puff=6, relief=0.55, gloss=0.35, edge=0.32, drop=0.5
            )
            if look.has("flip-flop"):
                continue
            for shift in (-width[1] / 2 + 1.6, width[1] / 2 - 1.6):
                sheet.stitch(spine + (0, shift), look.thread, None, 0.7)
            if look.has("two-strap"):
                _buckle(sheet, look, spine[-8, 0], spine[-8, 1])
        if look.has("flip-flop"):
            sheet.part(oval(*spot(105, 56, side), 3, 3), look.base, puff=2, relief=0.7, drop=0.4)


def _buckle(sheet: Sheet, look: Look, x: float, y: float) -> None:
    sheet.part(slab(x - 5, y - 7, x + 5, y + 7, 2), look.metal, holes=[slab(x - 3, y - 4.8, x + 3, y + 4.8, 1)],
               puff=1.2, relief=0.9, edge=0.35, drop=0.5)  # fmt: skip
    sheet.line(curve(f"{x},{y} {x + 4.5},{y}"), lighter(look.metal, 0.4), 1.3)


def _footbed(sheet: Sheet, look: Look, side: int) -> None:
    outline = sided(closed("112,20 128,25 138,46 138,74 131,104 131,140 128,172 114,184 100,174 96,144 95,108 87,80 86,50 96,27"), side)  # fmt: skip
    dark = look.has("dark sole")
    sheet.part(outline + (1.2, 3.2), _RUBBER if dark else (0.62, 0.47, 0.32), puff=3, relief=0.4, edge=0.35)
    bed = sheet.part(outline, darker((0.36, 0.3, 0.26), 0.1) if dark else (0.85, 0.73, 0.56), puff=8, relief=0.5, edge=0.3,
                     folds=[Fold(sided(curve("108,120 112,146 116,168"), side), 12, -0.7),
                            Fold(sided(curve("100,44 112,66 126,52"), side), 12, -0.6)])  # fmt: skip
    middle = outline.mean(0)
    rim = (outline - middle) * (0.9, 0.955) + middle
    sheet.stitch(np.concatenate([rim, rim[:1]]), (0.95, 0.9, 0.8), bed, 0.85)
