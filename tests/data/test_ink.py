import numpy as np
import pytest
from PIL import Image, ImageDraw

from sslrec.data.framing import frame_digit
from sslrec.data.images import prepare_digit, prepare_largest
from sslrec.data.ink import ink_of
from tests.pictures import seven


def test_ink_of_a_drawing_keeps_its_greys():
    drawing = seven(ink=255, ground=0)
    ink = ink_of(drawing)
    assert ink is not None
    assert ink.even
    assert ink.left_out == 0
    np.testing.assert_allclose(ink.grey, np.asarray(drawing) / 255, atol=0.01)


def test_half_as_much_contrast_is_the_same_ink():
    strong, faint = ink_of(seven()), ink_of(seven(ink=128))
    assert strong is not None
    assert faint is not None
    np.testing.assert_allclose(strong.grey, faint.grey, atol=0.02)


def test_an_even_picture_has_no_ink():
    assert ink_of(Image.new("RGB", (90, 60), "pink")) is None


@pytest.mark.parametrize("side", [40, 400])
def test_what_is_left_out_is_told_in_parts_of_what_is_kept(side: int):
    picture = Image.new("L", (side * 3, side * 2), 255)
    # A bar of 40 x 16 parts, and one of half its length, far to the right.
    unit = side // 40
    picture.paste(0, (10 * unit, 20 * unit, 26 * unit, 60 * unit))
    picture.paste(0, (90 * unit, 20 * unit, 106 * unit, 40 * unit))
    ink = ink_of(picture)
    assert ink is not None
    assert ink.left_out == pytest.approx(0.5, abs=0.05)


def page(squared: bool, ink: int, line: int, width: int = 2) -> Image.Image:
    """A clean page of 600 x 800 with printed lines 50 pixels apart, and the seven over them."""
    lines = Image.new("L", (600, 800), 250)
    draw = ImageDraw.Draw(lines)
    for y in range(50, 800, 50):
        draw.line((0, y, 600, y), fill=line, width=width)
    for x in range(50, 600 if squared else 0, 50):
        draw.line((x, 0, x, 800), fill=line, width=width)
    digit = seven(300, pen=20).point(lambda value: 255 - value)
    lines.paste(ink, (140, 230), digit)
    return lines


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize(("ink", "line", "width"), [(30, 165, 2), (90, 165, 2), (60, 200, 3), (30, 220, 1)])
def test_the_lines_of_a_clean_page_are_no_ink(squared: bool, ink: int, line: int, width: int):
    found = prepare_digit(page(squared, ink, line, width), "page")
    wanted = prepare_digit(seven(300, pen=20), "seven")
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("pitch", [18, 24, 31])
@pytest.mark.parametrize("side", [180, 300])
def test_pale_squares_close_together_are_no_ink(side: int, pitch: int):
    picture = np.full((500, 500), 255, np.uint8)
    for line in range(2):
        picture[pitch // 2 + line :: pitch] = picture[:, pitch // 2 + line :: pitch] = 168
    digit = seven(side, pen=side // 12)
    squares = Image.fromarray(picture)
    squares.paste(20, (90, 120), digit.point(lambda value: 255 - value))
    found = prepare_largest(squares, "squares")
    assert not found.several_shapes
    assert np.corrcoef(found.image.ravel(), prepare_digit(digit, "seven").ravel())[0, 1] > 0.9


@pytest.mark.parametrize("side", [84, 300])
def test_a_digit_cropped_to_its_ink_is_not_taken_for_lines(side: int):
    drawing = seven(side, pen=side // 10)
    rows, columns = (np.flatnonzero((np.asarray(drawing) < 128).any(axis)) for axis in (1, 0))
    cropped = drawing.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))
    ink = ink_of(cropped)
    assert ink is not None
    assert ink.even
    assert (ink.grey > 0.5).mean() == pytest.approx((np.asarray(cropped) < 128).mean(), abs=0.04)


def framed(draw_frame: str | None, inner: int) -> Image.Image:
    """A four as tall as `inner`, in a ring or a box of 200 pixels, or in none."""
    picture = Image.new("L", (260, 260), 255)
    pen = ImageDraw.Draw(picture)
    if draw_frame:
        getattr(pen, draw_frame)((30, 30, 229, 229), outline=0, width=8)
    half = inner / 2
    strokes = [(-0.1, -1), (-0.5, 0.2), (0.5, 0.2)], [(0.25, -0.4), (0.25, 1)]
    for points in strokes:
        pen.line([(130 + half * x, 130 + half * y) for x, y in points], 0, 9)
    return picture


@pytest.mark.parametrize("inner", [60, 90, 120])
@pytest.mark.parametrize("frame", ["ellipse", "rectangle"])
def test_a_ring_or_a_box_around_a_digit_is_left_out(frame: str, inner: int):
    ink, plain = ink_of(framed(frame, inner)), ink_of(framed(None, inner))
    assert ink is not None
    assert plain is not None
    assert ink.left_out == 0
    assert frame_digit(ink.grey) == pytest.approx(frame_digit(plain.grey), abs=0.25)


def test_a_shape_beside_the_ring_is_told():
    picture = Image.new("L", (400, 260), 255)
    picture.paste(framed("ellipse", 90))
    ImageDraw.Draw(picture).line([(320, 60), (380, 60), (340, 200)], 0, 9)
    ink = ink_of(picture)
    assert ink is not None
    assert ink.left_out > 0.5
    plain = ink_of(framed("ellipse", 90))
    assert plain is not None
    assert frame_digit(ink.grey) == pytest.approx(frame_digit(plain.grey), abs=0.3)


def test_a_dot_in_a_zero_frames_nothing():
    picture = Image.new("L", (120, 120), 255)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((30, 10, 90, 110), outline=0, width=9)
    pen.ellipse((54, 54, 66, 66), fill=0)
    ink = ink_of(picture)
    assert ink is not None
    assert ink.frame is None
    assert np.ptp(np.flatnonzero(ink.grey.any(axis=1))) > 0.8 * len(ink.grey) - 10
