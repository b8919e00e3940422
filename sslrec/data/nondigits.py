"""Pictures that look drawn and are no digits, made by code: the other side of the novelty score.

No data set of other things is needed, so that Fashion-MNIST stays what it is for: the test.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 28


def make_nondigits(digits: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Make pictures in MNIST's framing that are no digits.

    In equal parts: scribbles, polygons and blobs, filled textures, digits cut into tiles and shuffled,
    two digits laid over each other.

    Args:
        digits: `(n, 28, 28)` uint8 digits that the last two kinds are made from.
        count: how many.
        seed: decides everything.

    Returns:
        `(count, 28, 28)` uint8.
    """
    rng = np.random.default_rng(seed)
    makers = (_scribble, _shape, _texture, _shuffled, _overlaid)
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
