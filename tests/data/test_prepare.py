from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from sslrec.config import settings
from sslrec.data.digits import find, load
from sslrec.data.images import prepare_digit, prepare_largest
from sslrec.data.strokes import stroke_width
from sslrec.errors import ImageError
from tests.pictures import seven, two_digits

WANTED = prepare_digit(seven(), "seven")


def prepared(picture: Image.Image) -> np.ndarray:
    return prepare_digit(picture, "picture")


def difference(picture: Image.Image) -> float:
    return float(np.abs(prepared(picture) - WANTED).mean())


def on_sheet(sheet: np.ndarray, contrast: float = 0.8, light_ink: bool = False) -> Image.Image:
    """The seven on a large sheet with the given shading, values in [0, 1]."""
    ink = np.zeros(sheet.shape)
    height, width = sheet.shape
    digit = np.asarray(seven(200, pen=18), np.float64) / 255
    ink[height // 4 : height // 4 + 200, width // 3 : width // 3 + 200] = 1 - digit
    shown = sheet * (1 + 3 * ink) / 4 if light_ink else sheet * (1 - contrast * ink)
    return Image.fromarray((np.clip(shown, 0, 1) * 255).astype(np.uint8))


def shading(rng: np.random.Generator, noise: float = 0.02) -> np.ndarray:
    """Paper under a lamp at one side: half as bright at the other, with the camera's noise."""
    across, down = np.meshgrid(np.linspace(0, 1, 640), np.linspace(0, 1, 480))
    return 0.9 - 0.35 * across - 0.1 * down**2 + rng.normal(0, noise, across.shape)


def test_the_result_has_mnists_framing():
    rows, columns = np.nonzero(WANTED > 0.1)
    assert WANTED.shape == (28, 28)
    assert WANTED.dtype == np.float32
    assert WANTED.min() == 0
    assert WANTED.max() == pytest.approx(1, abs=0.02)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20, 21)
    for axis in (0, 1):
        mass = WANTED.sum(axis=1 - axis)
        assert (mass * np.arange(28)).sum() / mass.sum() == pytest.approx(14, abs=0.5)


def test_a_framed_picture_passes_unchanged():
    framed = Image.fromarray(np.round(WANTED * 255).astype(np.uint8))
    assert difference(framed) < 0.02


@pytest.mark.skipif(find("mnist") is None, reason="needs MNIST in SSLREC_DATA")
@pytest.mark.parametrize("inverted", [False, True])
def test_mnists_own_digits_pass_unchanged(inverted: bool):
    images = load("mnist").x_train[:300]
    changes = [
        np.abs(prepared(Image.fromarray(255 - image if inverted else image)) - image / 255).mean() for image in images
    ]
    assert np.median(changes) < 0.001
    # The rest are specks and broken scan lines, which are left out, and the very thick pens.
    assert np.mean(np.array(changes) < 0.005) >= 0.97


@pytest.mark.parametrize(("ink", "ground"), [(255, 0), (0, 255), (90, 200), (200, 90), (250, 230)])
def test_ink_may_be_dark_or_light_or_faint(ink: int, ground: int):
    assert difference(seven(ink=ink, ground=ground)) < 0.02


@pytest.mark.parametrize("ink", ["yellow", "red", "blue", "lime"])
def test_ink_may_have_any_colour(ink: str):
    picture = Image.composite(Image.new("RGB", (84, 84), "white"), Image.new("RGB", (84, 84), ink), seven())
    assert difference(picture) < 0.02


def test_colours_of_the_same_brightness_are_told_apart():
    mask = seven()
    picture = Image.composite(Image.new("RGB", (84, 84), (255, 0, 0)), Image.new("RGB", (84, 84), (0, 130, 0)), mask)
    assert difference(picture) < 0.02


@pytest.mark.parametrize(("left", "top"), [(0, 0), (216, 10), (30, 200), (216, 216)])
@pytest.mark.parametrize("side", [50, 84])
def test_place_and_size_change_nothing(left: int, top: int, side: int):
    canvas = Image.new("L", (300, 300), 255)
    canvas.paste(seven(side, pen=side // 10), (left, top))
    assert difference(canvas) < 0.03


def test_a_digit_cut_close_keeps_its_polarity():
    box = seven().point(lambda value: 255 - value).getbbox()
    assert difference(seven().crop(box)) < 0.03


@pytest.mark.parametrize(("pen", "least", "most"), [(1, 1.0, 2.0), (26, 2.5, 5.0)])
def test_very_thin_and_very_thick_pens_become_ordinary(pen: int, least: float, most: float):
    picture = Image.fromarray((prepared(seven(pen=pen)) * 255).astype(np.uint8))
    enlarged = np.asarray(picture.resize((112, 112), Image.Resampling.BICUBIC), np.float32) / 255
    assert least <= stroke_width(enlarged) / 4 <= most


@pytest.mark.parametrize("first", [True, False])
def test_a_thin_one_beside_a_fat_zero_is_told(first: bool):
    """It has a fifth of the zero's ink."""
    picture = Image.new("L", (320, 200), 255)
    draw = ImageDraw.Draw(picture)
    one, zero = (40, 90) if first else (270, 40)
    draw.line((one, 50, one, 150), 0, 8)
    draw.ellipse((zero + 20, 40, zero + 110, 160), outline=0, width=26)
    assert prepare_largest(picture, "ten").several_shapes
    assert not prepare_largest(picture.crop((zero, 0, zero + 130, 200)), "zero").several_shapes


def test_specks_are_left_out():
    picture = seven()
    ImageDraw.Draw(picture).rectangle((2, 80, 3, 81), fill=0)
    assert difference(picture) < 0.005


def test_a_digit_in_two_strokes_stays_whole():
    picture = Image.new("L", (100, 100), 255)
    draw = ImageDraw.Draw(picture)
    draw.line([(35, 20), (35, 55), (75, 55)], fill=0, width=6)
    draw.line([(62, 35), (62, 48)], fill=0, width=6)
    image = prepared(picture)
    assert image[:10, 15:].max() > 0.8


@pytest.mark.parametrize("light_ink", [False, True])
@pytest.mark.parametrize("factor", [1, 4])
def test_a_second_digit_is_left_out_and_told(light_ink: bool, factor: int):
    page = two_digits().resize((280 * factor, 120 * factor))
    found = prepare_largest(page.point(lambda value: 255 - value) if light_ink else page, "page")
    assert found.several_shapes
    assert np.abs(found.image - WANTED).mean() < 0.02


def test_a_second_digit_on_a_photo_is_told():
    sheet = shading(np.random.default_rng(3))
    sheet[120:360, 60:300] *= np.asarray(seven(240, pen=22), np.float64) / 320 + 0.2
    sheet[120:340, 400:620] *= np.asarray(seven(220, pen=20), np.float64) / 320 + 0.2
    assert prepare_largest(Image.fromarray((np.clip(sheet, 0, 1) * 255).astype(np.uint8)), "photo").several_shapes


def five_apart(side: int) -> Image.Image:
    """A 5 whose top stroke does not touch the rest."""
    picture = Image.new("L", (side, side), 255)
    draw, unit, pen = ImageDraw.Draw(picture), side / 100, side // 14
    draw.line([(unit * x, unit * y) for x, y in ((38, 25), (38, 48), (60, 52), (60, 75), (35, 78))], fill=0, width=pen)
    draw.line([(50 * unit, 16 * unit), (72 * unit, 14 * unit)], fill=0, width=pen)
    return picture


@pytest.mark.parametrize("side", [56, 112, 280])
def test_a_five_whose_top_stroke_is_apart_is_one_shape(side: int):
    found = prepare_largest(five_apart(side), "five")
    assert not found.several_shapes
    assert found.image[:9, 14:].max() > 0.8


@pytest.mark.skipif(find("mnist") is None, reason="needs MNIST in SSLREC_DATA")
def test_mnists_own_digits_are_one_shape_each():
    images = load("mnist").x_train[:1000]
    several = [prepare_largest(Image.fromarray(image), "digit").several_shapes for image in images]
    assert sum(several) <= 1


def test_specks_and_frames_and_shadows_are_no_shapes_of_their_own():
    speckled, framed = seven(), seven()
    ImageDraw.Draw(speckled).rectangle((2, 80, 3, 81), fill=0)
    ImageDraw.Draw(framed).rectangle((0, 0, 83, 83), outline=0)
    sheet = shading(np.random.default_rng(1))
    sheet[:, 420:] *= 0.6
    for picture in (speckled, framed, on_sheet(sheet)):
        assert not prepare_largest(picture, "one").several_shapes


def test_the_frame_of_a_screenshot_is_left_out():
    picture = seven()
    ImageDraw.Draw(picture).rectangle((0, 0, 83, 83), outline=0)
    assert difference(picture) < 0.02


@pytest.mark.parametrize("light_ink", [False, True])
def test_a_photo_under_uneven_light_shows_the_digit(light_ink: bool):
    sheet = shading(np.random.default_rng(0)) * (0.4 if light_ink else 1)
    assert np.corrcoef(prepared(on_sheet(sheet, light_ink=light_ink)).ravel(), WANTED.ravel())[0, 1] > 0.9


def test_the_edge_of_a_shadow_is_no_ink():
    sheet = shading(np.random.default_rng(1))
    sheet[:, 420:] *= 0.6
    assert np.corrcoef(prepared(on_sheet(sheet)).ravel(), WANTED.ravel())[0, 1] > 0.9


def test_ruled_paper_shows_the_digit():
    sheet = shading(np.random.default_rng(2))
    sheet[::24] *= 0.88
    assert np.corrcoef(prepared(on_sheet(sheet)).ravel(), WANTED.ravel())[0, 1] > 0.9


BLANK: dict[str, Callable[[], Image.Image]] = {
    "white": lambda: Image.new("L", (84, 84), 255),
    "black": lambda: Image.new("L", (28, 28)),
    "grey": lambda: Image.new("RGB", (300, 200), (120, 130, 140)),
    "noise": lambda: Image.fromarray((235 + np.random.default_rng(0).normal(0, 4, (200, 300))).astype(np.uint8)),
    "paper": lambda: Image.fromarray((shading(np.random.default_rng(0)) * 255).astype(np.uint8)),
    "soft paper": lambda: Image.fromarray((shading(np.random.default_rng(0), 0) * 255).astype(np.uint8)),
    "blurred noise": lambda: Image.effect_noise((200, 200), 12).filter(ImageFilter.GaussianBlur(1)),
}


@pytest.mark.parametrize("kind", BLANK)
def test_a_picture_without_ink_is_refused(kind: str):
    with pytest.raises(ImageError) as caught:
        prepare_digit(BLANK[kind](), "sheet.png")
    assert str(caught.value) == ("'sheet.png' shows no ink on its ground; draw or send a picture with one digit on it.")


def test_a_picture_without_room_is_refused():
    with pytest.raises(ImageError, match="has only 3 x 90 pixels; send at least 4 x 4"):
        prepare_digit(Image.new("L", (3, 90)), "strip.png")


def test_a_picture_in_memory_that_is_too_large_is_refused():
    limit = settings().max_image_pixels
    with pytest.raises(ImageError, match=f"more than the {limit:,} allowed"):
        prepare_digit(Image.new("1", (limit // 4, 5)), "wide.png")


@pytest.mark.parametrize("size", [(4, 4), (5, 300), (300, 5), (4, 2000)])
def test_any_size_gives_a_picture_or_a_reason(size: tuple[int, int]):
    picture = Image.new("L", size, 255)
    picture.putpixel((size[0] // 2, size[1] // 2), 0)
    try:
        image = prepared(picture)
    except ImageError as error:
        reason = error.code
    else:
        reason = None
        assert image.shape == (28, 28)
    assert reason in (None, "image_blank")
