from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from sslrec.data.catalogue import decode_rgb, letterbox
from sslrec.errors import ImageError
from tests.data.catalogue.samples import picture


def plain(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), (10, 20, 30))


def test_a_picture_of_the_size_comes_back_untouched():
    noise = np.random.default_rng(0).integers(0, 256, (8, 6, 3)).astype(np.uint8)
    np.testing.assert_array_equal(letterbox(Image.fromarray(noise), 8, 6), noise)


@pytest.mark.parametrize(
    ("size", "rows", "columns"),
    [
        ((20, 10), slice(5, 15), slice(0, 20)),
        ((10, 20), slice(0, 20), slice(5, 15)),
        ((5, 5), slice(0, 20), slice(0, 20)),
    ],
)
def test_what_does_not_fill_the_frame_lies_in_its_middle_on_white(size, rows, columns):
    frame = letterbox(plain(*size), 20, 20)
    inside = np.zeros((20, 20), bool)
    inside[rows, columns] = True
    assert (frame[inside] == (10, 20, 30)).all()
    assert (frame[~inside] == 255).all()


def test_a_thin_picture_keeps_at_least_a_pixel():
    frame = letterbox(plain(1000, 4), 16, 16)
    assert (frame != 255).any()


def test_grey_becomes_rgb_and_the_ground_can_be_chosen():
    frame = letterbox(Image.new("L", (4, 8), 7), 8, 8, ground=(1, 2, 3))
    assert frame.shape == (8, 8, 3)
    assert (frame[:, 3] == 7).all()
    assert (frame[:, 0] == (1, 2, 3)).all()


def test_decoding_goes_through_the_safe_decoder():
    assert (decode_rgb(picture((9, 8, 7)), "a", 8, 6) == (9, 8, 7)).all()
    with pytest.raises(ImageError, match=r"'a\.png' is not a picture"):
        decode_rgb(b"GIF!", "a.png", 8, 8)


@pytest.mark.parametrize(("side", "colour"), [(20, (235, 235, 235)), (36, (60, 90, 200)), (8, (0, 0, 0))])
def test_a_product_cut_out_of_its_ground_stands_on_white(side, colour):
    """Whatever its colour and size: black beneath a pale one, or grey beneath a large one, is another picture."""
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:side, :side, :3] = colour
    pixels[: side // 2, :side, :3] //= 2
    pixels[:side, :side, 3] = 255
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    frame = decode_rgb(stream.getvalue(), "a", 40, 40)
    assert (frame[:side, :side] == pixels[:side, :side, :3]).all()
    assert (frame[side:] == 255).all()
    assert (frame[:, side:] == 255).all()
