"""MNIST's framing: ink cropped, its pen made ordinary, scaled to a 20x20 box, placed by its centre of mass."""

from __future__ import annotations

import numpy as np
from PIL import Image

from sslrec.data.strokes import stroke_width, widened, with_margin

SIDE, BOX, CENTRE = 28, 20, 14.5
"""A 20x20 box whose centre of mass lies in the middle of pixel 14 of 28x28."""
THIN, THICK = 1.8, 3.2
"""Stroke widths, in pixels of the 28x28 picture, that pens are brought to when they lie outside; chosen on validation
digits drawn with pens far thinner and thicker than MNIST's."""
EDGE = 0.1
"""Fainter ink than this does not count for the box, as in MNIST itself."""

SUPPORT = 3
"""How many pixels of the larger of both grids a filter sees beyond one, and one more."""

_FINE = 4


def frame_digit(ink: np.ndarray) -> np.ndarray:
    """Bring ink to the framing of LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition".

    Args:
        ink: `(height, width)` float32, 0 the ground and 1 full ink, at least one pixel above `EDGE`.

    Returns:
        `(28, 28)` float32 in [0, 1].
    """
    crop = _cropped(ink)
    if max(crop.shape) == BOX:
        return _placed(crop)
    # Strokes are measured, widened and narrowed on a finer grid, where a pixel is a small step.
    fine = _scaled(crop, _FINE)
    width = stroke_width(fine) / _FINE
    if THIN <= width <= THICK:
        return _scaled(crop, 1)
    change = (THIN if width < THIN else THICK) - width
    return _scaled(_cropped(widened(fine, change * _FINE)), 1)


def _cropped(ink: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero((ink > EDGE).any(1)), np.flatnonzero((ink > EDGE).any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _placed(crop: np.ndarray) -> np.ndarray:
    """Place ink that has the size already: by whole pixels, as MNIST's own was, so that nothing is resampled."""
    window = np.zeros((SIDE, SIDE), np.float32)
    (y, x), (height, width) = (round(start) for start in _starts(crop, 1, SIDE)), crop.shape
    window[y : y + height, x : x + width] = crop
    return window


def _scaled(crop: np.ndarray, fineness: int) -> np.ndarray:
    """Scale and place ink in one resampling, in a frame that is `fineness` times 28 pixels wide."""
    side = SIDE * fineness
    scale = BOX * fineness / max(crop.shape)
    # The frame in the crop's own pixels; the margin keeps it, and what a filter sees beyond it, in the padded crop.
    length, starts = side / scale, _starts(crop, scale, side)
    beyond = max(*starts, *(side - start - scale * size for start, size in zip(starts, crop.shape, strict=True)))
    margin = int(np.ceil(beyond / scale + SUPPORT / min(scale, 1)))
    y, x = (margin - start / scale for start in starts)
    sampling = Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.HAMMING
    padded = Image.fromarray(with_margin(crop, margin))
    return np.clip(np.asarray(padded.resize((side, side), sampling, box=(x, y, x + length, y + length))), 0, 1)


def _starts(crop: np.ndarray, scale: float, side: int) -> tuple[float, float]:
    """Where the scaled crop's first row and column go, so that its centre of mass is right and it is whole."""
    mass = float(crop.sum())
    starts = []
    for axis in (0, 1):
        along = crop.sum(axis=1 - axis)
        centre = float(along @ np.arange(len(along))) / mass + 0.5
        starts.append(min(max(CENTRE / SIDE * side - centre * scale, 0), side - len(along) * scale))
    return starts[0], starts[1]
