"""Pictures that look drawn and are no digits, made by code: the other side of the novelty score.

No data set of other things is needed, so that Fashion-MNIST stays what it is for: the test.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from sslrec.data.images import prepare_digit

SIDE = 28
CANVAS = 280
"""Side of what signs are drawn on before they are framed as a visitor's drawing is."""

SIGNS: dict[str, str] = {
    "A": "0,1 .5,0 1,1;.2,.62 .8,.62",
    "E": "1,0 0,0 0,1 1,1;0,.5 .8,.5",
    "F": "1,0 0,0 0,1;0,.5 .8,.5",
    "H": "0,0 0,1;1,0 1,1;0,.5 1,.5",
    "K": "0,0 0,1;.9,0 0,.55 1,1",
    "M": "0,1 .05,0 .5,.65 .95,0 1,1",
    "N": "0,1 0,0 1,1 1,0",
    "R": "0,1 0,0 .7,.05 .85,.25 .7,.5 0,.52;.4,.52 .95,1",
    "T": "0,0 1,0;.5,0 .5,1",
    "W": "0,0 .25,1 .5,.35 .75,1 1,0",
    "L": "0,0 0,1 .9,1",
    "V": "0,0 .5,1 1,0",
    "X": "0,0 1,1;1,0 0,1",
    "Y": "0,0 .5,.5 1,0;.5,.5 .5,1",
    "plus": ".5,0 .5,1;0,.5 1,.5",
    "equals": "0,.3 1,.3;0,.7 1,.7",
    "bar": "0,.5 1,.5",
    "dot": ".5,.5 .52,.5",
    "tick": "0,.55 .35,1 1,0",
    "asterisk": ".5,0 .5,1;.07,.25 .93,.75;.93,.25 .07,.75",
    "zigzag": "0,.6 .2,.3 .4,.7 .6,.3 .8,.7 1,.4",
    "lightning": ".6,0 .2,.55 .75,.45 .35,1",
    "hash": ".3,0 .3,1;.7,0 .7,1;0,.3 1,.3;0,.7 1,.7",
    "arrow": "0,.5 1,.5;.65,.15 1,.5 .65,.85",
    "triangle": ".5,0 0,1 1,1 .5,0",
    "square": "0,0 1,0 1,1 0,1 0,0",
    "diamond": ".5,0 1,.5 .5,1 0,.5 .5,0",
    "pentagon": ".5,0 1,.38 .8,1 .2,1 0,.38 .5,0",
    "cup": "0,.1 .05,1 .7,1 .75,.1 0,.1;.75,.3 1,.35 1,.65 .7,.75",
    "house": "0,1 0,.45 .5,0 1,.45 1,1 0,1",
    "heart": ".5,1 .05,.5 .02,.22 .2,.02 .4,.08 .5,.3 .6,.08 .8,.02 .98,.22 .95,.5 .5,1",
    "star": ".5,0 .62,.36 1,.36 .7,.6 .8,1 .5,.76 .2,1 .3,.6 0,.36 .38,.36 .5,0",
    "face": ".5,0 .85,.15 1,.5 .85,.85 .5,1 .15,.85 0,.5 .15,.15 .5,0;.3,.35 .3,.4;.7,.35 .7,.4;.3,.65 .5,.8 .7,.65",
}
"""Letters that look like no digit, marks and outlines, by strokes: their points, x and y of a unit square."""


def make_nondigits(digits: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Make pictures in MNIST's framing that are no digits.

    In equal parts: scribbles, polygons and blobs, filled textures, digits cut into tiles and shuffled,
    two digits laid over each other, and three times as many signs: what people draw to see what happens.

    Args:
        digits: `(n, 28, 28)` uint8 digits that shuffled and overlaid ones are made from.
        count: how many.
        seed: decides everything.

    Returns:
        `(count, 28, 28)` uint8.
    """
    rng = np.random.default_rng(seed)
    makers = (_scribble, _shape, _texture, _shuffled, _overlaid, _sign, _sign, _sign)
    return np.stack([makers[index % len(makers)](rng, digits) for index in range(count)])


def _scribble(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    picture = Image.new("L", (SIDE * 4, SIDE * 4))
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.integers(2, 5)):
        points = np.cumsum(rng.normal(0, 22, (rng.integers(4, 9), 2)), axis=0) + SIDE * 2
        points = np.clip(points, 16, SIDE * 4 - 16)
        pen.line([(float(x), float(y)) for x, y in points], 255, int(rng.integers(5, 12)), joint="curve")
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _shape(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    picture = Image.new("L", (SIDE * 4, SIDE * 4))
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.integers(1, 4)):
        points = [(float(x), float(y)) for x, y in rng.uniform(10, SIDE * 4 - 10, (rng.integers(3, 7), 2))]
        pen.polygon(points, fill=int(rng.integers(60, 256)))
    blurred = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 4))))
    return np.asarray(blurred.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _texture(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    cells = int(rng.integers(4, SIDE))
    noise = Image.fromarray(rng.integers(0, 256, (cells, cells)).astype(np.uint8))
    field = np.asarray(noise.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).astype(np.float32)
    top, left = rng.integers(0, 10, 2)
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[top : SIDE - top, left : SIDE - left] = 1
    return (field * mask).astype(np.uint8)


def _shuffled(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    tile = int(rng.choice([4, 7, 14]))
    digit = digits[rng.integers(len(digits))]
    tiles = digit.reshape(SIDE // tile, tile, SIDE // tile, tile).swapaxes(1, 2).reshape(-1, tile, tile)
    tiles = tiles[rng.permutation(len(tiles))]
    return tiles.reshape(SIDE // tile, SIDE // tile, tile, tile).swapaxes(1, 2).reshape(SIDE, SIDE)


def _overlaid(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    first, second = digits[rng.integers(len(digits), size=2)]
    return np.maximum(np.rot90(first, int(rng.integers(1, 4))), second)


def _sign(rng: np.random.Generator, digits: np.ndarray) -> np.ndarray:
    strokes = SIGNS[str(rng.choice(list(SIGNS)))].split(";")
    angle, slant = rng.normal(0, 0.1), rng.normal(0, 0.12)
    turned = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    placed = turned @ np.array([[rng.uniform(0.65, 1.1), slant], [0, 1]]) * rng.uniform(100, 180)
    width = int(rng.integers(12, 40))
    picture = Image.new("L", (CANVAS, CANVAS))
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        points = np.array([[float(number) for number in point.split(",")] for point in stroke.split()])
        points = (points - 0.5 + rng.normal(0, 0.03, points.shape)) @ placed.T + CANVAS / 2
        pen.line([(float(x), float(y)) for x, y in points], 255, width, joint="curve")
        for x, y in points:  # a pen's round ends
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), 255)
    return np.round(prepare_digit(picture, "sign") * 255).astype(np.uint8)
