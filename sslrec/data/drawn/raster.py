"""Masks: outlines filled, blurred and cut into dashes, on the grid that a sheet is drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from sslrec.data.drawn.outline import Points

WIDTH, HEIGHT = 160, 200
SCALE = 4
"""Pixels per unit while drawing."""
ROOM = 250
"""How far down there is room to draw, in units; what is drawn is brought into the picture's frame at the end."""
Box = tuple[int, int, int, int]
"""Left, top, right and bottom of a region, in drawing pixels."""


def grid(box: Box) -> tuple[np.ndarray, np.ndarray]:
    """X and y in units of a region's pixels, as `(1, width)` and `(height, 1)` float32."""
    left, top, right, bottom = box
    x = (np.arange(left, right, dtype=np.float32) + 0.5) / SCALE
    y = (np.arange(top, bottom, dtype=np.float32) + 0.5) / SCALE
    return x[None, :], y[:, None]


def box_of(points: Points, margin: float = 1.0) -> Box:
    """The region round a curve, as far as the sheet goes."""
    low, high = points.min(0) - margin, points.max(0) + margin
    left, top = (max(0, int(np.floor(value * SCALE))) for value in low)
    right = min(WIDTH * SCALE, int(np.ceil(high[0] * SCALE)))
    bottom = min(ROOM * SCALE, int(np.ceil(high[1] * SCALE)))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def filled(box: Box, scale: int, outlines: Sequence[Points], holes: Sequence[Points] = ()) -> np.ndarray:
    """A mask `(height, width)` float32 of a region in pixels of 1/scale unit."""
    image = Image.new("L", (box[2] - box[0], box[3] - box[1]))
    pen: Any = ImageDraw.Draw(image)
    for level, shapes in ((255, outlines), (0, holes)):
        for shape in shapes:
            pen.polygon((shape * scale - (box[0] + 0.5, box[1] + 0.5)).ravel().tolist(), fill=level)
    return np.asarray(image, np.float32) / 255


def blurred(mask: np.ndarray, sigma: float) -> np.ndarray:
    """A mask blurred by so many units, in a coarse copy: what is soft needs no fine pixels."""
    coarse = np.asarray(Image.fromarray(mask).reduce(SCALE))
    return np.asarray(Image.fromarray(gaussian_filter(coarse, sigma, truncate=3)).resize(mask.shape[::-1]))


def dashed(spine: Points, dash: float, gap: float) -> list[Points]:
    """The pieces of a curve that a dashed line draws."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(spine, axis=0), axis=1))])
    starts = np.arange(0, max(lengths[-1] - dash * 0.5, 0.01), dash + gap)
    pieces = []
    for start in starts:
        at = np.linspace(start, min(start + dash, lengths[-1]), 3)
        pieces.append(np.column_stack([np.interp(at, lengths, spine[:, axis]) for axis in (0, 1)]))
    return pieces


def within(box: Box, other: Box, mask: np.ndarray) -> np.ndarray:
    """Another region's mask as it lies within a region."""
    found = np.zeros((box[3] - box[1], box[2] - box[0]), np.float32)
    left, top = max(box[0], other[0]), max(box[1], other[1])
    right, bottom = min(box[2], other[2]), min(box[3], other[3])
    if left < right and top < bottom:
        found[top - box[1] : bottom - box[1], left - box[0] : right - box[0]] = mask[
            top - other[1] : bottom - other[1], left - other[0] : right - other[0]
        ]
    return found
