import numpy as np
import pytest
from PIL import Image

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
    assert ink.left_out == pytest.approx(0.5, abs=0.03)
