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
