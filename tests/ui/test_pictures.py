"""Arrays arrive in the page as pictures of the right colours."""

import base64
from io import BytesIO

import numpy as np
from PIL import Image

from sslrec.ui.pictures import COLD, INK, PAPER, WARM, digit_uri, heat_uri, overlay_uri, thumbnail_uri


def pixels(uri: str) -> np.ndarray:
    head, data = uri.split(",")
    assert head in ("data:image/png;base64", "data:image/jpeg;base64")
    return np.asarray(Image.open(BytesIO(base64.b64decode(data))).convert("RGB"))


def test_a_digit_is_ink_on_paper():
    image = np.zeros((28, 28), np.float32)
    image[3, 5] = 1
    shown = pixels(digit_uri(image))
    assert shown.shape == (28, 28, 3)
    assert tuple(shown[3, 5]) == INK
    assert tuple(shown[0, 0]) == PAPER


def test_a_heat_map_is_warm_above_zero_and_cold_below():
    values = np.zeros((4, 4), np.float32)
    values[0, 0], values[3, 3] = 2, -2
    shown = pixels(heat_uri(values)).astype(int)
    assert np.abs(shown[0, 0] - WARM).max() <= 2
    assert np.abs(shown[3, 3] - COLD).max() <= 2
    assert np.abs(shown[1, 1] - PAPER).max() <= 2


def test_a_heat_map_keeps_to_the_scale_it_is_given():
    weak = pixels(heat_uri(np.full((2, 2), 0.1, np.float32), 1.0)).astype(int)
    assert np.abs(weak[0, 0] - WARM).max() > 50


def test_a_flat_heat_map_is_paper():
    assert np.abs(pixels(heat_uri(np.zeros((2, 2), np.float32))).astype(int) - PAPER).max() <= 2
    assert np.abs(pixels(overlay_uri(np.zeros((2, 2)), np.zeros((2, 2)))).astype(int) - PAPER).max() <= 2


def test_an_overlay_shows_the_heat_on_the_digit():
    image, values = np.zeros((2, 2), np.float32), np.zeros((2, 2), np.float32)
    image[0], values[1, 1] = 1, 1
    shown = pixels(overlay_uri(image, values)).astype(int)
    assert shown[0, 0].sum() > shown[1, 0].sum()
    assert shown[1, 1, 0] > shown[1, 1, 2]


def test_a_thumbnail_is_small_whatever_came():
    assert pixels(thumbnail_uri(Image.new("L", (400, 100)))).shape == (16, 64, 3)
    assert pixels(thumbnail_uri(Image.new("RGBA", (3, 9)))).shape == (9, 3, 3)
