import numpy as np
import pytest
from PIL import Image, ImageDraw

from sslrec.data.framing import frame_digit
from sslrec.data.images import PreparedDigit, prepare_digit, prepare_largest
from sslrec.data.ink import ink_of
from sslrec.data.shapes import shape_of_digit
from tests.pictures import seven

FIVE = [[(0, 0.3), (0, 0.55), (0.35, 0.55), (0.45, 0.8), (0.3, 1), (-0.05, 1)]]
BAR = [[(0.05, 0.1), (0.5, 0.1)]]
STROKES_APART = {
    "a five with its bar apart": FIVE + BAR,
    "a five with its upper half apart": [[(0.1, 0.35), (0.6, 0)], [(0, 0.5), (0.5, 0.6), (0.45, 0.9), (-0.1, 1)]],
    "an open four": [[(0, 0), (0, 0.55), (0.35, 0.55)], [(0.5, 0.1), (0.5, 1)]],
    "a one in two strokes": [[(0, 0), (0, 0.48)], [(0, 0.58), (0, 1)]],
}


def drawn(strokes: list[list[tuple[float, float]]], height: int = 200, pen: int = 14) -> Image.Image:
    """Strokes in parts of the height, on white."""
    picture = Image.new("L", (height + 160, height + 160), 255)
    for points in strokes:
        ImageDraw.Draw(picture).line([(100 + height * x, 80 + height * y) for x, y in points], 0, pen, joint="curve")
    return picture


def cut_out(picture: Image.Image) -> Image.Image:
    """A picture cropped to its ink, as tall as 120 pixels."""
    rows, columns = (np.flatnonzero((np.asarray(picture) < 128).any(axis)) for axis in (1, 0))
    ink = picture.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))
    return ink.resize((max(1, ink.width * 120 // ink.height), 120), Image.Resampling.BILINEAR)


def beside(first: Image.Image, second: Image.Image, gap: int, down: bool = False) -> Image.Image:
    """Two cropped digits with so many pixels between them, one beside or below the other."""
    picture = Image.new("L", (420, 420), 255)
    picture.paste(first, (60, 60))
    picture.paste(second, (60, 60 + first.height + gap) if down else (60 + first.width + gap, 60))
    return picture


def alone(digit: Image.Image) -> np.ndarray:
    picture = Image.new("L", (240, 240), 255)
    picture.paste(digit, (60, 60))
    return prepare_digit(picture, "digit")


def is_one_of(found: PreparedDigit, digits: list[Image.Image]) -> bool:
    return max(np.corrcoef(found.image.ravel(), alone(digit).ravel())[0, 1] for digit in digits) > 0.95


@pytest.mark.parametrize("photo", [False, True])
@pytest.mark.parametrize("gap", [36, 48, 70])
def test_of_two_digits_in_a_row_one_is_read_and_that_is_told(gap: int, photo: bool):
    digits = [
        cut_out(seven(200, pen=16)),
        cut_out(drawn([[(0.3, 0), (0, 0.55), (0.6, 0.55)], [(0.45, 0.2), (0.45, 1)]])),
    ]
    picture = beside(digits[0], digits[1], gap)
    if photo:
        light = np.asarray(picture) * np.linspace(0.85, 0.6, picture.width)
        picture = Image.fromarray((light + np.random.default_rng(0).normal(0, 3, light.shape)).astype(np.uint8))
    found = prepare_largest(picture, "row")
    assert found.several_shapes
    assert is_one_of(found, digits)


def test_of_two_digits_one_below_the_other_one_is_read_and_that_is_told():
    digits = [cut_out(drawn(FIVE)), cut_out(drawn([[(0.3, 0), (0, 0.55), (0.6, 0.55)], [(0.45, 0.2), (0.45, 1)]]))]
    found = prepare_largest(beside(digits[0], digits[1], 50, down=True), "column")
    assert found.several_shapes
    assert is_one_of(found, digits)


@pytest.mark.parametrize("pen", [10, 16])
@pytest.mark.parametrize("height", [120, 250])
@pytest.mark.parametrize("strokes", STROKES_APART.values(), ids=STROKES_APART)
def test_strokes_of_one_digit_that_lie_apart_are_kept(strokes: list[list[tuple[float, float]]], height: int, pen: int):
    picture = drawn(strokes, height, pen)
    ink = ink_of(picture)
    assert ink is not None
    assert ink.left_out == 0
    dark = (np.asarray(picture) < 128).any(axis=1)
    assert ink.grey.any(axis=1).mean() >= dark.mean() - 0.01


def test_a_pixel_between_two_strokes_of_a_tiny_picture_does_not_part_them():
    tiny = np.zeros((8, 8), np.float32)
    tiny[1:7, 2] = tiny[1:7, 4] = 1
    assert shape_of_digit(tiny, even=True).left_out == 0


def framed(frame: str | None, width: int) -> Image.Image:
    """A broad five of 100 pixels in a ring or a box of 200 pixels, or in none."""
    picture = Image.new("L", (260, 260), 255)
    pen = ImageDraw.Draw(picture)
    if frame:
        getattr(pen, frame)((30, 30, 229, 229), outline=0, width=width)
    for points in [*FIVE, [(0, 0.45), (0, 0), (0.45, 0)]]:
        pen.line([(108 + 100 * x, 80 + 100 * y) for x, y in points], 0, 18, joint="curve")
    return picture


@pytest.mark.parametrize("width", [2, 3, 4])
@pytest.mark.parametrize("frame", ["ellipse", "rectangle"])
def test_a_frame_lighter_than_its_digit_is_left_out(frame: str, width: int):
    ink, plain = ink_of(framed(frame, width)), ink_of(framed(None, 0))
    assert ink is not None
    assert plain is not None
    assert ink.frame is not None
    assert ink.left_out == 0
    assert frame_digit(ink.grey) == pytest.approx(frame_digit(plain.grey), abs=0.25)


@pytest.mark.parametrize("slashed", [False, True])
def test_a_zero_with_a_broad_dot_or_a_slash_within_stays_whole(slashed: bool):
    picture = Image.new("L", (200, 260), 255)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((40, 30, 160, 230), outline=0, width=9)
    if slashed:
        pen.line((140, 60, 60, 200), 0, 9)
    else:
        pen.ellipse((80, 110, 120, 150), fill=0)
    ink = ink_of(picture)
    assert ink is not None
    assert ink.frame is None
    assert np.ptp(np.flatnonzero(ink.grey.any(axis=1))) > 0.7 * len(ink.grey)


SIX = [[(0.35, 0), (0.05, 0.45), (0, 0.75), (0.2, 1), (0.45, 0.85), (0.4, 0.6), (0.05, 0.65)]]
ONE = [[(0.2, 0), (0.2, 1)]]


@pytest.mark.parametrize("tilt", [0, 0.05])
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("strokes", [SIX, ONE], ids=["six", "one"])
def test_a_line_under_a_digit_is_no_stroke_of_it(strokes: list[list[tuple[float, float]]], lines: int, tilt: float):
    under = [[(-0.1, 1.2 + 0.2 * line), (0.6, 1.2 + tilt + 0.2 * line)] for line in range(lines)]
    found = prepare_digit(drawn(strokes + under, 120, 10), "underlined")
    assert np.corrcoef(found.ravel(), prepare_digit(drawn(strokes, 120, 10), "alone").ravel())[0, 1] > 0.98


def test_the_foot_of_a_one_is_kept_or_left_out_and_nothing_else():
    found = prepare_digit(drawn([*ONE, [(0, 1.12), (0.4, 1.12)]]), "one").ravel()
    footed, bare = (prepare_digit(drawn(one), "one").ravel() for one in ([*ONE, [(0, 1), (0.4, 1)]], ONE))
    assert max(np.corrcoef(found, footed)[0, 1], np.corrcoef(found, bare)[0, 1]) > 0.9
