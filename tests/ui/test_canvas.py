"""What the canvas accepts from a browser, and the picture it makes of it."""

from math import cos, sin, tau
from types import SimpleNamespace

import numpy as np
import pytest

from sslrec.data.images import prepare_digit
from sslrec.serving.digits import shared_reader
from sslrec.ui import canvas
from sslrec.ui.canvas import GROUND, MAX_NUMBERS, MAX_STROKES, SIDE, Drawing, drawing_canvas, drawing_from

LINE = [20, 100, 50, 100, 230]


def payload(*strokes, drawing=False):
    return {"strokes": list(strokes), "drawing": drawing}


def test_strokes_of_a_browser_are_taken_as_they_are():
    drawing = drawing_from(payload(LINE, [12, 5, 5], drawing=True))
    assert drawing == Drawing((tuple(LINE), (12, 5, 5)), in_progress=True)
    assert not drawing.is_blank


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "strokes",
        [LINE],
        {},
        {"strokes": "x"},
        payload([20, 100]),
        payload([20, 100, 50, 100]),
        payload([20, 100, 5.5]),
        payload([20, True, 5]),
        payload([20, -1, 5]),
        payload([20, SIDE + 1, 5]),
        payload([0, 10, 10]),
        payload(LINE, "x"),
        payload(LINE, {"width": 3}),
        payload(*[[20, 1, 1]] * (MAX_STROKES + 1)),
        payload([20, *[1] * MAX_NUMBERS]),
    ],
)
def test_anything_else_is_a_blank_canvas(sent):
    assert drawing_from(sent).is_blank


def test_the_picture_shows_the_strokes_at_their_place_and_width():
    whole = np.asarray(Drawing((tuple(LINE),)).to_picture())
    assert whole.shape == (SIDE + 2 * GROUND, SIDE + 2 * GROUND)
    picture = whole[GROUND:-GROUND, GROUND:-GROUND]
    assert picture[140, 92:108].min() == 255
    assert picture[140, :88].max() == picture[140, 113:].max() == 0
    # The round end reaches half a width beyond the last point.
    assert picture[238, 100] == 255
    assert picture[242:, :].max() == 0


def test_a_dot_is_ink():
    assert np.asarray(Drawing(((24, 140, 140),)).to_picture()).sum() > 0


@pytest.mark.parametrize("shift", [(-60, -40), (0, 0), (70, 30)])
def test_the_model_sees_the_same_digit_wherever_it_is_drawn(shift):
    seven = [100, 60, 180, 60, 130, 220]
    moved = [value + shift[index % 2] for index, value in enumerate(seven)]
    there = prepare_digit(Drawing(((22, *moved),)).to_picture(), "canvas")
    here = prepare_digit(Drawing(((22, *seven),)).to_picture(), "canvas")
    assert np.abs(there - here).mean() < 0.01


RING = [number for turn in range(61) for number in (140 + 138 * sin(turn * tau / 60), 140 - 138 * cos(turn * tau / 60))]
EIGHT = [
    number
    for middle in (75, 205)
    for turn in range(31)
    for number in (140 + 60 * sin(turn * tau / 30), middle - 62 * cos(turn * tau / 30))
]


@pytest.mark.parametrize(
    ("label", "width", "points"),
    [
        (0, 22, RING),
        (0, 40, RING),
        (7, 22, [4, 4, 276, 4, 120, 276]),
        (2, 22, [4, 60, 60, 6, 220, 6, 274, 70, 240, 130, 4, 276, 276, 276]),
        (8, 40, EIGHT),
    ],
)
def test_a_digit_that_fills_the_canvas_is_read(shipped_models, label, width, points):
    drawing = drawing_from(payload([width, *(round(number) for number in points)]))
    reading = shared_reader().read(prepare_digit(drawing.to_picture(), "canvas"))
    assert int(reading.probabilities.argmax()) == label


def test_a_browser_whose_session_was_lost_is_answered_at_once(monkeypatch):
    session = {}
    monkeypatch.setattr(canvas, "st", SimpleNamespace(session_state=session))
    monkeypatch.setattr(canvas, "t", str)
    # Streamlit knows what a browser sent for a component once that is shown.
    monkeypatch.setattr(canvas, "_component", lambda key, **_: session.setdefault(key, {"drawing": payload(LINE)}))
    assert drawing_canvas("canvas").strokes == (tuple(LINE),)
    del session["canvas"]  # as on a visit to another page
    monkeypatch.setattr(canvas, "_component", lambda **_: None)
    assert drawing_canvas("canvas").strokes == (tuple(LINE),)
