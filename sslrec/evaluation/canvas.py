"""Digits as people draw them: anywhere on a canvas, small or large, with a thin or a thick pen."""

from __future__ import annotations

import numpy as np
from PIL import Image

from sslrec.data.strokes import stroke_width, widened

CANVAS = 56
"""Side of the canvas, in pixels."""
SCALES = (0.5, 1.5)
"""Smallest and largest size, in parts of the digit's size in MNIST."""
PENS = (-1.0, 2.0)
"""Largest narrowing and widening of the pen, in pixels of the 28x28 picture."""

_FINE = 4


def place_on_canvas(images: np.ndarray, seed: int) -> np.ndarray:
    """Draw each digit at a random place, scale and stroke width on a canvas of its own.

    Strokes are widened or narrowed on a four times finer grid, by up to `PENS` but never below half
    their width; then the digit is scaled by one of `SCALES` and put, whole, anywhere on the canvas.
    Every value is drawn uniformly.

    Args:
        images: `(n, 28, 28)` uint8, 0 the ground.
        seed: the draw's seed; the same seed gives the same canvases.

    Returns:
        `(n, 56, 56)` uint8, anti-aliased, 0 the ground.
    """
    rng = np.random.default_rng(seed)
    return np.stack([_canvas(image, rng) for image in images])


def _canvas(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    side = _FINE * len(image)
    fine = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
    width = stroke_width(fine.astype(np.float32) / 255)
    change = max(_FINE * rng.uniform(*PENS), -width / 2)
    # Room around the picture lets a wide pen grow beyond its edge.
    fine = widened(np.pad(fine, 2 * _FINE), change)
    rows, columns = np.flatnonzero(fine.any(1)), np.flatnonzero(fine.any(0))
    crop = fine[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = rng.uniform(*SCALES) / _FINE
    top, left = (rng.uniform(0, CANVAS - scale * length) for length in crop.shape)
    # One resampling scales and places: output pixel 0 begins `start / scale` before the digit does.
    whole_top, whole_left = int(top), int(left)
    high, wide = (int(np.ceil(scale * length)) + 2 for length in crop.shape)
    margin = int(np.ceil(3 / scale))
    padded = Image.fromarray(np.pad(crop, margin))
    start_y, start_x = margin - (top - whole_top) / scale, margin - (left - whole_left) / scale
    box = (start_x, start_y, start_x + wide / scale, start_y + high / scale)
    tile = np.asarray(padded.resize((wide, high), Image.Resampling.BOX, box=box))
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    part = canvas[whole_top : whole_top + high, whole_left : whole_left + wide]
    part[:] = tile[: part.shape[0], : part.shape[1]]
    return canvas
