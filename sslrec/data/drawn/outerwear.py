"""Jackets, puffer jackets, blazers and coats."""

from __future__ import annotations

from sslrec.data.drawn.colours import darker, lighter
from sslrec.data.drawn.look import Look, ribs
from sslrec.data.drawn.outline import closed, curve, mirrored, oval, sided, slab, spot
from sslrec.data.drawn.sheet import Fold, Part, Sheet
from sslrec.data.drawn.tops import button, cuff, long_sleeve, torso_folds

_ARMHOLE = "119,38 116.5,53 119,72"


def _fronts(sheet: Sheet, look: Look, outline: str, depth: float = 0.5, crumple: float = 0.06) -> Part:
    body = sheet.part(
        mirrored(outline), look.cloth, puff=10, relief=0.55, folds=torso_folds(sheet, depth), crumple=crumple, drop=0.3
    )
    for side in (1, -1):
        sheet.seam(sided(curve(_ARMHOLE), side), body)
    return body


def zipper(sheet: Sheet, look: Look, top: float, bottom: float) -> None:
    """A metal zip down the middle, with its slider."""
    sheet.shade(curve(f"80,{top} 80,{bottom}"), 6, 0.3)
    sheet.line(curve(f"80,{top} 80,{bottom}"), darker(look.base, 0.5), 3.4)
    sheet.line(curve(f"80,{top} 80,{bottom}"), look.metal, 1.8, dashes=(0.8, 0.5))
    sheet.part(slab(78.6, top + 2, 81.4, top + 6, 1.2), look.metal, puff=1.2, relief=0.7, drop=0.4)
    sheet.part(slab(79.2, top + 6, 80.8, top + 12, 0.8), look.metal, puff=1, relief=0.7, drop=0.4)


def jacket(sheet: Sheet, look: Look) -> None:
    """A short jacket: a bomber or a trucker."""
    for side in (1, -1):
        long_sleeve(sheet, look, side)
    if look.has("bomber"):
        _bomber(sheet, look)
    else:
        _trucker(sheet, look)


def _bomber(sheet: Sheet, look: Look) -> None:
    tone = look.accent if look.has("contrast trim") else darker(look.base, 0.18)
    for side in (1, -1):
        cuff(sheet, look, side)
    sheet.part(mirrored("80,26 92,26.5 98,28! 93,42 80,52!"), darker(look.accent, 0.25), puff=3, edge=0.5)
    body = _fronts(sheet, look, "80,48! 90,40 98,29! 109,33 119,37.5! 116.5,53 119,72! 121,110 123,154 120,162! 80,165!", 0.7, 0.09)  # fmt: skip
    sheet.part(mirrored("80,160.5 104,160 120,157! 117,173! 100,176 80,176.5"), tone, puff=3, drop=0.3,
               texture=ribs(2.3, 0.11))  # fmt: skip
    zipper(sheet, look, 47, 176)
    for side in (1, -1):
        collar = sided(closed("80,46! 89,38 95,25! 99.5,26! 98,38 90,49 80,57!"), side)
        sheet.part(collar, tone, puff=3, relief=0.4, drop=0.4, texture=ribs(2.2, 0.1))
        welt = sided(closed("98,118! 112,136! 108.5,139! 94.5,121!"), side)
        sheet.part(welt, look.cloth, puff=1.5, relief=0.4, drop=0.4, edge=0.3)
        sheet.stitch(sided(curve("84,54 84,158"), side), look.thread, body, 0.5)
    # The pocket on the arm, small and with a zip.
    sheet.line(curve("133,74 136,92"), darker(look.base, 0.5), 2.2)
    sheet.line(curve("133,74 136,92"), look.metal, 1.1, dashes=(0.7, 0.5))


def _trucker(sheet: Sheet, look: Look) -> None:
    for side in (1, -1):
        end = sided(closed("147.5,152! 140,156.5 130.5,158! 132.5,170.5! 141,170 149,167!"), side)
        band = sheet.part(end, look.cloth, angle=80, puff=3, relief=0.3, drop=0.25, edge=0.3)
        sheet.stitch(sided(curve("131.5,159.8 140,158.2 147.5,154"), side), look.thread, band, 0.7)
        _rivet(sheet, look, *spot(143, 162.5, side))
    sheet.part(mirrored("80,29 92,27 98,27! 94,42 80,52!"), look.dark, puff=3, edge=0.4)
    body = _fronts(sheet, look, "80,54! 90,40 97,29! 109,33 119,37.5! 116.5,53 119,72! 120,110 119,160! 80,162!", 0.6, 0.08)  # fmt: skip
    sheet.part(
        mirrored("80,158! 119,156! 119,170! 100,172 80,172.5"), look.cloth, puff=2, relief=0.35, drop=0.3, edge=0.3
    )
    sheet.part(slab(75.5, 54, 84.5, 172), look.cloth, puff=1.6, relief=0.3, edge=0.3, drop=0.25)
    for side in (1, -1):
        for text in ("84.5,80 117,80", "90,100 94,156", "106,100 103,156"):
            sheet.seam(sided(curve(text), side), body)
            sheet.stitch(sided(curve(text), side) + (-1.4 * side, 1.2), look.thread, body, 0.75)
        flap = sided(closed("89,80! 110,80! 110,89! 99.5,94 89,89!"), side)
        sheet.part(flap, look.cloth, puff=1.8, relief=0.3, drop=0.4, edge=0.35)
        sheet.stitch(sided(curve("90.3,81 90.3,88.3! 99.5,92.5 108.7,88.3! 108.7,81"), side), look.thread, None, 0.75)
        _rivet(sheet, look, *spot(99.5, 89.5, side))
        sheet.stitch(sided(curve("76.6,56 76.6,171"), side), look.thread, None, 0.75)
        sheet.stitch(curve("42,159.5 118,159.5"), look.thread, None, 0.6)
    leaf_collar(sheet, look)
    for y in (66, 86, 105, 124, 143, 165):
        _rivet(sheet, look, 80, y)


def _rivet(sheet: Sheet, look: Look, x: float, y: float) -> None:
    sheet.part(oval(x, y, 2.1, 2.1), look.metal, puff=1.5, relief=0.9, edge=0.4, drop=0.4)
    sheet.part(oval(x, y, 0.9, 0.9), darker(look.metal, 0.25), puff=1, relief=-0.6, edge=0.2)


def leaf_collar(sheet: Sheet, look: Look) -> None:
    """A turned-down collar."""
    for side in (1, -1):
        outline = sided(closed("80,50! 88,38 93.5,25! 100,25.5 104,31! 106,46 103,62! 92,58 80,52.5!"), side)
        leaf = sheet.part(outline, look.cloth, angle=35 * side, puff=3, relief=0.45, edge=0.32, drop=0.45)
        sheet.stitch(sided(curve("82,52 92,56.2 101.8,60! 104.4,46 102.6,32"), side), look.thread, leaf, 0.7)


def puffer(sheet: Sheet, look: Look) -> None:
    """A quilted down jacket."""
    gilet = look.has("sleeveless")
    for side in (1, -1):
        if not gilet:
            _quilted_sleeve(sheet, look, side)
    sheet.part(mirrored("80,22 92,23 99,27! 93,44 80,50!"), darker(look.accent, 0.2), puff=3, edge=0.5)
    tubes = []
    for number, y in enumerate(range(50, 176, 14)):
        bow = 2.2 if number % 2 else 1.4
        tubes.append(Fold(curve(f"40,{y} 60,{y + bow} 80,{y + 0.5} 100,{y + bow} 120,{y}"), 4, -1.15))
    shoulder = "80,44! 91,38 99,29! 109,33 117,38!" if gilet else "80,44! 91,38 99,29! 109,33 119,37.5!"
    body = sheet.part(
        mirrored(f"{shoulder} 116,54 120,72! 123,82 121,90 124,104 122,118 124,132 122,146 123,160 119,170! 100,173 80,173.5"),
        look.cloth, puff=10, relief=0.62, folds=tubes, crumple=0.12, grain=(2.2, 3.5), drop=0.3, gloss=0.25,
    )  # fmt: skip
    for y in range(50, 176, 14):
        sheet.seam(curve(f"36,{y} 60,{y + 1.8} 80,{y + 0.5} 100,{y + 1.8} 124,{y}"), body, 0.3)
    for side in (1, -1):
        sheet.seam(sided(curve(_ARMHOLE), side), body)
        if gilet:
            sheet.line(sided(curve("117,38 116,54 120,72"), side), darker(look.base, 0.3), 2.4)
        sheet.line(sided(curve("104,122 110,146"), side), darker(look.base, 0.55), 2.2)
        sheet.line(sided(curve("104,122 110,146"), side), look.metal, 1.0, dashes=(0.7, 0.6))
    sheet.part(mirrored("80,16 93,17 100,21! 94,26 80,28"), darker(look.accent, 0.15), puff=3, edge=0.5)
    stand = sheet.part(mirrored("80,23 93,22 100.5,20! 105,30 103.5,37! 93,46 80,49"), look.cloth, puff=5, relief=0.55,
                       drop=0.4, gloss=0.25, crumple=0.1, grain=(2.2, 3.5),
                       folds=[Fold(curve("56,31 66,35.5 80,37 94,35.5 104,31"), 3, -1.0)])  # fmt: skip
    sheet.seam(curve("56,31 66,35.5 80,37 94,35.5 104,31"), stand, 0.3)
    zipper(sheet, look, 24, 173)


def _quilted_sleeve(sheet: Sheet, look: Look, side: int) -> None:
    outline = sided(closed("117,36.5! 129,43 136,58 141,78 143,98 147,118 148,138 150,158! 141,162 132,162! 125,120 114,72! 113,50"), side)  # fmt: skip
    tubes = [Fold(sided(curve(f"{112 + n * 2.2:.1f},{64 + n * 14} {124 + n * 2.2:.1f},{66 + n * 14} {138 + n * 2.2:.1f},{60 + n * 14}"), side), 4, -1.1)
             for n in range(7)]  # fmt: skip
    sleeve = sheet.part(outline, look.cloth, angle=-10 * side, puff=8, relief=0.62, folds=tubes, crumple=0.12,
                        grain=(2.2, 3.5), gloss=0.25)  # fmt: skip
    for fold in tubes:
        sheet.seam(fold.spine, sleeve, 0.3)
    end = sided(closed("150,156! 141,160 131.5,160.5! 133,167! 141,167 150.5,163!"), side)
    sheet.part(end, darker(look.base, 0.15), puff=2.5, drop=0.25, texture=ribs(2.2, 0.1))


def coat(sheet: Sheet, look: Look) -> None:
    """A long coat: a trench coat, or a single-breasted wool coat."""
    trench = look.has("trench")
    for side in (1, -1):
        sleeve = long_sleeve(sheet, look, side)
        sheet.stitch(sided(curve("132,149 140,147 146,143"), side), look.thread, sleeve, 0.6)
        if trench:
            strap = sided(closed("129,142! 146,136! 146.5,140.5! 130,146.5!"), side)
            sheet.part(strap, look.cloth, puff=1.5, relief=0.4, drop=0.4, edge=0.35)
    sheet.part(mirrored("80,26 92,25 98,27! 95,60 80,88!"), darker(look.accent, 0.3), puff=3, edge=0.5)
    body = sheet.part(
        mirrored("80,88! 90,56 97,29! 109,33 119,37.5! 116.5,53 118,72! 115,106 121,150 127,214! 104,217 80,217"),
        look.cloth, puff=10, relief=0.55, crumple=0.06, drop=0.3,
        folds=[*torso_folds(sheet, 0.4), Fold(curve("60,130 54,170 50,212"), 9, 0.6),
               Fold(curve("102,128 108,170 112,212"), 9, -0.6), Fold(curve("92,130 96,170 98,212"), 8, 0.45)],
    )  # fmt: skip
    for side in (1, -1):
        sheet.seam(sided(curve("119,38 116.5,53 118,72"), side), body)
        welt = sided(closed("100,142! 113,150! 110.5,165! 97.5,157!") if trench else closed("96,146! 114,144! 114.5,150! 96.5,152!"), side)  # fmt: skip
        sheet.part(welt, look.cloth, puff=1.8, relief=0.35, drop=0.35, edge=0.35)
    opening = 69.0 if trench else 78.0
    front = curve(f"80,90 {opening},102 {opening},216")
    sheet.shade(front + (-1.6, 0), 4, 0.4, body)
    sheet.line(front, darker(look.base, 0.5), 0.8, 0.8, 0.1, body)
    sheet.stitch(front + (2.2, 0), look.thread, body, 0.5)
    if trench:
        _belt(sheet, look)
    for y in (104, 145, 168) if trench else (104, 126, 148, 170):
        for x in (75, 95) if trench else (82,):
            button(sheet, x, y, look)
    _lapels(sheet, look, wide=trench)


def _belt(sheet: Sheet, look: Look) -> None:
    band = mirrored("80,116! 100,115.5 116.5,113! 117,124! 100,127 80,127.5!")
    belt = sheet.part(band, look.cloth, puff=2.5, relief=0.45, drop=0.45, edge=0.35)
    for shift in (1.6, 9.6):
        sheet.stitch(curve(f"44,{113.6 + shift} 60,{115.8 + shift} 80,{116.2 + shift} 100,{115.8 + shift} 116,{113.6 + shift}"), look.thread, belt, 0.6)  # fmt: skip
    sheet.part(closed("86,120! 97,132 103,152! 96,155! 90,136 82,126!"), look.cloth, puff=2, relief=0.45, drop=0.4)
    sheet.part(slab(78, 113, 92, 130.5, 2), darker(look.accent, 0.5), holes=[slab(80.8, 116, 89.2, 127.6, 1)], puff=1.5, relief=0.8, drop=0.4)  # fmt: skip


def _lapels(sheet: Sheet, look: Look, wide: bool) -> None:
    out = 112 if wide else 107
    for side in (1, -1):
        lapel = sided(closed(f"80,90! 87,62 96,36! {out},58! {out - 3},64! {out + 1},68! 98,82 81,96!"), side)
        leaf = sheet.part(lapel, look.cloth, angle=30 * side, puff=3.5, relief=0.5, drop=0.5, edge=0.3)
        sheet.stitch(sided(curve(f"82,93 97,80 {out - 1.5},68"), side), look.thread, leaf, 0.6)
        collar = sided(closed(f"88,44! 91,34 92,23.5! 99,23 104,29! 109,44 {out + 1},57! 97,50 88,46!"), side)
        sheet.part(collar, look.cloth, angle=40 * side, puff=3.5, relief=0.5, drop=0.5, edge=0.3)
    sheet.part(mirrored("80,21 90,21.5 97,25! 90,30 80,32"), look.cloth, puff=3, relief=0.5, drop=0.4, edge=0.3)


def blazer(sheet: Sheet, look: Look) -> None:
    """A tailored jacket."""
    for side in (1, -1):
        sleeve = long_sleeve(sheet, look, side)
        for number in range(3):
            button(sheet, *spot(136.5 + number * 0.6, 146 + number * 4.5, side), look)
        sheet.seam(sided(curve("134,156 132,142"), side), sleeve, 0.25)
    lining = sheet.part(mirrored("80,26 92,25 98,27! 97,70 80,112!"), darker(look.accent, 0.12), puff=3, edge=0.5)
    sheet.shade(curve("64,30 80,36 96,30"), 8, 0.35, lining)
    sheet.part(slab(75, 34, 85, 39, 1), lighter(look.accent, 0.6), puff=1, edge=0.2)
    body = _fronts(sheet, look, "80,112! 91,70 97,29! 109,33 119,37.5! 116.5,53 117,72! 115,106 119,146 118,160! 112,172 98,175 81,172!", 0.45)  # fmt: skip
    front = curve("80,112 79,140 80,160 74,173")
    sheet.shade(front + (-1.4, 0), 3.5, 0.4, body)
    sheet.line(front, darker(look.base, 0.5), 0.8, 0.8, 0.1, body)
    for side in (1, -1):
        sheet.seam(sided(curve("97,88 99,112 97,132"), side), body, 0.25)
        flap = sided(closed("92,134! 112,131.5! 113,139! 93,142!"), side)
        sheet.part(flap, look.cloth, puff=1.8, relief=0.35, drop=0.45, edge=0.35)
    sheet.part(closed("94,82! 108,79.5! 108.6,83.5! 94.6,86!"), look.cloth, puff=1.2, relief=0.35, drop=0.35, edge=0.3)
    if look.has("pocket square"):
        sheet.part(closed("95,84! 95.5,73! 100,77! 103,69! 108.6,80!"), lighter(look.accent, 0.35), puff=1.5, relief=0.5, edge=0.3)  # fmt: skip
    for y in (118, 134):
        button(sheet, 81.5, y, look)
    for side in (1, -1):
        lapel = sided(closed("80,114! 87,72 96,36! 107,56! 104,62! 108,66! 99,92 81,118!"), side)
        sheet.part(lapel, look.cloth, angle=25 * side, puff=3.5, relief=0.5, drop=0.5, edge=0.3)
        collar = sided(closed("88,46! 91,34 92,23.5! 99,23 103,28! 107,42 108.5,55! 97,51 88,48!"), side)
        sheet.part(collar, look.cloth, angle=40 * side, puff=3.5, relief=0.5, drop=0.5, edge=0.3)
    sheet.part(mirrored("80,21 90,21.5 97,25! 90,30 80,32"), look.cloth, puff=3, relief=0.5, drop=0.4, edge=0.3)
