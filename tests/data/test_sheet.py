import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sslrec.data.images import decode_picture, prepare_digit, prepare_largest
from sslrec.data.ink import ink_of
from sslrec.data.sheet import sheet_of, sheet_standing_out
from tests.pictures import encoded, seven

WANTED = prepare_digit(seven(300, pen=28), "seven")


def on_desk(
    desk: float, pen: float = 0.12, angle: float = 0, side: int = 300, noise: float = 0.02, lines: int = 0
) -> Image.Image:
    """A sheet of 800 x 600 with the seven in its middle, on an even desk, as a photo; greys in [0, 1].

    Its lines, if it has any, lie so many pixels apart.
    """
    ink = 1 - np.asarray(seven(side, pen=side * 28 // 300), np.float64) / 255
    sheet = np.full((600, 800), 0.92)
    for top in range(lines // 2, 600 if lines else 0, lines or 1):
        sheet[top : top + 4] = 0.65
    top, left = (600 - side) // 2, (800 - side) // 2
    part = sheet[top : top + side, left : left + side]
    part -= (part - pen) * ink
    turned = Image.fromarray((sheet * 255).astype(np.uint8)).convert("LA").rotate(angle, expand=True)
    photo = Image.new("L", (1200, 900), round(desk * 255))
    photo.paste(turned.convert("L"), ((1200 - turned.width) // 2, (900 - turned.height) // 2), turned.getchannel("A"))
    shown = np.asarray(photo, np.float64) + np.random.default_rng(0).normal(0, noise * 255, (900, 1200))
    return decode_picture(encoded(Image.fromarray(np.clip(shown, 0, 255).astype(np.uint8)), "JPEG"), "photo")


def likeness(picture: Image.Image, wanted: np.ndarray = WANTED) -> float:
    """Correlation of the prepared picture with the digit."""
    return float(np.corrcoef(prepare_digit(picture, "photo").ravel(), wanted.ravel())[0, 1])


@pytest.mark.parametrize("desk", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
def test_the_digit_on_a_sheet_on_a_desk_is_found(desk: float):
    picture = on_desk(desk)
    assert likeness(picture) > 0.95
    assert not prepare_largest(picture, "photo").several_shapes


@pytest.mark.parametrize(("pen", "side", "noise"), [(0.55, 300, 0.02), (0.12, 160, 0.0), (0.12, 500, 0.04)])
def test_a_pencil_and_a_small_and_a_large_digit_are_found_too(pen: float, side: int, noise: float):
    assert likeness(on_desk(0.4, pen, side=side, noise=noise)) > 0.93


def test_a_sheet_may_lie_askew():
    wanted = prepare_digit(seven(300, pen=28).rotate(20, fillcolor=255), "seven")
    assert likeness(on_desk(0.4, angle=20), wanted) > 0.9


@pytest.mark.parametrize("lines", [50, 80])
@pytest.mark.parametrize("angle", [-12, -5, 3, 8])
def test_a_sheet_that_lies_askew_may_be_lined(angle: float, lines: int):
    wanted = prepare_digit(seven(300, pen=28).rotate(angle, fillcolor=255), "seven")
    assert likeness(on_desk(0.3, angle=angle, lines=lines), wanted) > 0.9


def test_what_was_written_near_the_edge_of_a_turned_sheet_stays_as_it_is():
    turned = np.asarray(Image.new("L", (80, 80), 1).rotate(8, expand=True)) > 0
    grey = np.where(turned, np.float32(0.9), np.float32(0.3))
    rows, columns = np.indices(grey.shape)
    grey[turned & (columns > 60) & ((rows // 8 == 3) | (rows // 8 == 8))] = 0.1
    sheet = sheet_of(turned.astype(np.float32), grey)
    assert sheet is not None
    assert sheet.picture.min() == pytest.approx(0.1)
    assert sheet.picture[:, -1].min() == pytest.approx(0.9)


def test_light_ink_on_a_dark_sheet_is_found():
    assert likeness(on_desk(0.4).point(lambda value: 255 - value)) > 0.95


def test_an_empty_sheet_stays_what_it_was():
    ink = ink_of(on_desk(0.4, pen=0.92))
    assert ink is not None
    assert (ink.grey > 0.5).mean() > 0.3


def broad(digit: str, stroke: int) -> Image.Image:
    """A digit in the heaviest letters: Pillow's own, thickened."""
    picture = Image.new("L", (340, 300), 255)
    font = ImageFont.load_default(200)
    ImageDraw.Draw(picture).text((170, 150), digit, 0, font, "mm", stroke_width=stroke)
    return picture


def is_kept(picture: Image.Image) -> bool:
    """Whether the outline of the ink is the outline of all that differs from the ground."""
    shown = np.asarray(picture) != picture.getpixel((0, 0))
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    ink = ink_of(picture)
    assert ink is not None
    found = np.flatnonzero(ink.grey.any(1)), np.flatnonzero(ink.grey.any(0))
    ratio = (np.ptp(rows) + 1) / (np.ptp(columns) + 1)
    return bool((np.ptp(found[0]) + 1) / (np.ptp(found[1]) + 1) == pytest.approx(ratio, rel=0.1))


def in_slanting_light(picture: Image.Image, falloff: float, grain: float = 0) -> Image.Image:
    """A picture whose right side has less light than its left, and a desk or paper with coarse grain."""
    greys = np.asarray(picture, np.float64)
    coarse = np.random.default_rng(1).normal(0, grain * 255, (picture.height // 8, picture.width // 8))
    greys = greys + np.asarray(Image.fromarray(coarse).resize(picture.size, Image.Resampling.BICUBIC))
    fine = np.random.default_rng(2).normal(0, 4, greys.shape)
    shown = greys * (1 - falloff * np.linspace(0, 1, picture.width)) + fine
    return Image.fromarray(np.clip(shown, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("side", [120, 300])
@pytest.mark.parametrize("desk", [0.3, 0.5, 0.6])
@pytest.mark.parametrize("falloff", [0.1, 0.2, 0.3])
def test_light_may_fall_off_across_the_desk(falloff: float, desk: float, side: int):
    picture = in_slanting_light(on_desk(desk, angle=3, side=side).convert("L"), falloff)
    wanted = prepare_digit(seven(300, pen=28).rotate(3, fillcolor=255), "seven")
    assert likeness(picture, wanted) > 0.9


@pytest.mark.parametrize("angle", [0, 10])
def test_the_desk_may_have_grain(angle: float):
    picture = in_slanting_light(on_desk(0.35, angle=angle).convert("L"), 0.25, grain=0.03)
    wanted = prepare_digit(seven(300, pen=28).rotate(angle, fillcolor=255), "seven")
    assert likeness(picture, wanted) > 0.85


@pytest.mark.parametrize("falloff", [0.2, 0.4])
@pytest.mark.parametrize("stroke", [8, 16])
@pytest.mark.parametrize("digit", list("0123456789"))
def test_a_broad_digit_in_slanting_light_is_no_sheet(digit: str, stroke: int, falloff: float):
    picture = Image.new("L", (680, 600), 225)
    letters = broad(digit, stroke)
    picture.paste(40, (170, 150), letters.point(lambda value: 255 - value))
    assert sheet_in_use(in_slanting_light(picture, falloff)) is False


def test_a_picture_too_small_for_a_sheet_has_none():
    assert sheet_standing_out(np.eye(8, dtype=np.float32), np.eye(8, dtype=np.float32)) is None


def sheet_in_use(picture: Image.Image) -> bool:
    """Whether what stands out of a picture is taken for a sheet that bears ink: its ink is then what is inside."""
    grey = np.asarray(picture, np.float32) / 255
    sheet = sheet_standing_out(np.asarray(Image.fromarray(grey).resize((112, 99), Image.Resampling.BOX)), grey)
    if sheet is None:
        return False
    inside = ink_of(Image.fromarray(np.clip(sheet.picture * 255, 0, 255).astype(np.uint8)))
    return inside is not None and sheet.bears(inside.grey, sheet.picture)


@pytest.mark.parametrize("stroke", [8, 16, 24])
@pytest.mark.parametrize("digit", list("0123456789"))
@pytest.mark.parametrize("ink", [0, 255])
def test_a_broad_digit_is_no_sheet(digit: str, stroke: int, ink: int):
    assert is_kept(broad(digit, stroke).point(lambda value: abs(ink - value)))


@pytest.mark.parametrize("wall", [0.2, 0.3, 0.36])
@pytest.mark.parametrize("width", [70, 90, 110])
def test_the_zero_of_a_display_is_no_sheet(wall: float, width: int):
    picture = Image.new("L", (300, 300), 255)
    thick = int(wall * width)
    picture.paste(0, (100, 70, 100 + width, 230))
    picture.paste(255, (100 + thick, 70 + thick, 100 + width - thick, 230 - thick))
    assert is_kept(picture)


@pytest.mark.parametrize("noise", [0, 6])
@pytest.mark.parametrize("width", [20, 50, 90])
def test_a_filled_bar_is_no_sheet(width: int, noise: float):
    greys = np.full((300, 300), 220.0)
    greys[60:240, 150 - width // 2 : 150 + width // 2] = 40
    greys += np.random.default_rng(0).normal(0, noise, greys.shape)
    ink = ink_of(Image.fromarray(greys.astype(np.uint8)))
    assert ink is not None
    rows, columns = (np.flatnonzero((ink.grey > 0.5).any(axis)) for axis in (1, 0))
    assert np.ptp(rows) / np.ptp(columns) == pytest.approx(180 / width, rel=0.2)
    assert (ink.grey[rows[0] : rows[-1], columns[0] : columns[-1]] > 0.5).mean() > 0.95


def test_the_grey_of_paper_and_desk_are_told():
    ink = np.zeros((60, 60), np.float32)
    ink[10:50, 12:48] = 1
    ink[25:35, 28:32] = 0
    grey = np.where(ink > 0, 0.9, 0.3).astype(np.float32)
    grey[25:35, 28:32] = 0.1
    sheet = sheet_of(ink, grey)
    assert sheet is not None
    assert (sheet.paper, sheet.desk) == (pytest.approx(0.9), pytest.approx(0.3))
    assert sheet.straight
    # A twenty-fifth of 36 pixels and one more are left out on every side.
    assert sheet.picture.shape == (36, 32)


@pytest.mark.parametrize(("side", "bar", "gap"), [(400, 26, 4), (112, 8, 1), (640, 46, 6)])
def test_slats_are_no_sheet(side: int, bar: int, gap: int):
    picture = np.full((side, side), 255, np.uint8)
    margin = side // 8
    for top in range(margin, side - margin - bar, bar + gap):
        picture[top : top + bar, margin : side - margin] = 0
    assert prepare_digit(Image.fromarray(picture), "slats").max() > 0
