"""A sheet of paper on a desk, told from a digit in a broad pen: both are large and of one colour, and have holes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from sslrec.data.parts import label_parts, resized_mask
from sslrec.data.strokes import with_margin

LEAST_SIDE = 20
"""A sheet's shorter side, in pixels of the picture that is searched for ink."""
LONGEST = 2.5
"""A sheet's longer side over its shorter one; a broad `1` is longer."""
LEAST_PAPER = 0.6
"""The least share of a sheet that is not written on."""
SLANTED, STRAIGHT = 0.82, 0.93
"""The least share of its fitting box that a sheet fills, and one seen from above; an ellipse, as of a 0, fills .785."""
EDGE = 0.04
"""How much of a sheet's shorter side is left out along its edge, where shadows and the desk shine through."""
SAME = 0.08
"""Grey values this close, in parts of the difference of paper and desk, count as the same."""
FAINTEST = 0.12
"""The least difference of writing from its paper, in grey values; the grain of a broad pen is fainter."""
LEAST_SHARE = 0.05
"""The least share of a picture that a sheet covers, where it is told by its brightness."""
LEAST_LIGHT = 0.2
"""The least light anywhere on a desk, in parts of that on its middle; light that falls off further is no plane."""
LINE = 0.5
"""The most that a paper's lines differ from it, in parts of what differs most on the sheet."""
BAR = 0.6
"""The share of its box from which on a shape is a bar or a block, as the holes of printed digits are."""


@dataclass(frozen=True)
class Sheet:
    """A sheet on a desk.

    Attributes:
        picture: `(height, width)` float32, what a camera would show of the inside of the sheet alone.
        paper: grey value of the paper.
        desk: grey value of what is around it.
        straight: whether its outline is a rectangle.
    """

    picture: np.ndarray
    paper: float
    desk: float
    straight: bool

    def bears(self, ink: np.ndarray, grey: np.ndarray) -> bool:
        """Whether ink was written on the sheet; what is seen through the holes of a printed 0 or 8 was not.

        Holes show what is around the sheet, softened where they are narrow, and are blocks. Ink of such a grey is
        told from them by its strokes, on a sheet of which nothing else could be meant.

        Args:
            ink: `(height, width)` float32 in [0, 1], found on the sheet.
            grey: the same part of `picture`, at any size.
        """
        shown = resized_mask(ink > 0.5, grey.shape)
        difference = self.paper - float(np.median(grey[shown]))
        if abs(difference) < FAINTEST:
            return False
        contrast = difference / (self.paper - self.desk)
        if not 0 < contrast < 1 + SAME:
            return True
        rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
        box = shown[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return self.straight and float(box.mean()) < BAR


def sheet_of(ink: np.ndarray, grey: np.ndarray) -> Sheet | None:
    """The sheet that was taken for ink, if it is one.

    Args:
        ink: `(height, width)` float32 in [0, 1].
        grey: the same part of the picture, at its own size.
    """
    solid = ink > 0.5
    if min(solid.any(1).sum(), solid.any(0).sum()) < LEAST_SIDE:
        return None
    high, wide = _fitting_box(solid)
    # Filled from side to side a shape is no smaller than with its holes filled, and far sooner so.
    if max(high, wide) > LONGEST * min(high, wide) or _from_side_to_side(solid) < SLANTED * high * wide:
        return None
    whole = _without_holes(solid)
    filled = float(whole.sum()) / (high * wide)
    if filled < SLANTED:
        return None
    border = round(EDGE * min(high, wide)) + 1
    mask = Image.fromarray(with_margin(whole.astype(np.uint8), 1)).filter(ImageFilter.MinFilter(2 * border + 1))
    inside = np.asarray(mask)[1:-1, 1:-1] > 0
    # Bars close together fill their box as well, and nothing of them is away from an edge.
    if not inside.any() or solid[inside].mean() < LEAST_PAPER:
        return None
    inside = resized_mask(inside, grey.shape)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    paper = float(np.median(grey[inside & resized_mask(solid, grey.shape)]))
    desk = float(np.median(grey[resized_mask(ink == 0, grey.shape) & ~resized_mask(whole, grey.shape)]))
    return Sheet(_with_corners(grey[box], inside[box], paper), paper, desk, filled >= STRAIGHT)


def _with_corners(grey: np.ndarray, inside: np.ndarray, paper: float) -> np.ndarray:
    """A turned sheet in its box: the corners take the grey of the paper, and its lines go on to the sides."""
    last = inside.shape[1] - 1
    first, end = inside.argmax(axis=1)[:, None], last - inside[:, ::-1].argmax(axis=1)[:, None]
    spread = np.take_along_axis(grey, np.clip(np.arange(last + 1)[None], first, end), axis=1)
    # What was written up to the edge does not go on; it differs more from the paper than its lines do.
    written = np.abs(spread - paper) > LINE * float(np.abs(grey[inside] - paper).max())
    return np.where(inside | ~written, spread, np.float32(paper)).astype(np.float32)


def sheet_standing_out(small: np.ndarray, grey: np.ndarray) -> Sheet | None:
    """The sheet on a desk that has grain, or on which light falls off, if there is one.

    Args:
        small: `(height, width)` float32 in [0, 1], the whole picture at a size to search it.
        grey: the same picture at its own size.

    Returns:
        The sheet in the light of the desk's middle; None where nothing of a sheet's shape stands out.
    """
    if min(small.shape) < LEAST_SIDE:
        return None
    # A sheet that lies apart leaves the rim to the desk, and light multiplies what desk and sheet reflect.
    slope = _slope_of_rim(small)
    even, levelled = small / _light(slope, small.shape), None
    light = even > _threshold(even)
    for mask in (light, ~light):
        labels, count = label_parts(mask)
        sizes = np.bincount(labels.ravel(), minlength=count + 1)
        sizes[0] = 0
        largest = labels == int(sizes.argmax()) if count else mask
        if largest.mean() < LEAST_SHARE or _sides(largest).any():
            continue
        levelled = grey / _light(slope, grey.shape) if levelled is None else levelled
        sheet = sheet_of(largest.astype(np.float32), levelled)
        if sheet is not None:
            return sheet
    return None


def _sides(grey: np.ndarray) -> np.ndarray:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _axes(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of a picture from -1 to 1, to be broadcast."""
    high, wide = shape
    return np.linspace(-1, 1, high, dtype=np.float32)[:, None], np.linspace(-1, 1, wide, dtype=np.float32)[None]


def _slope_of_rim(grey: np.ndarray) -> tuple[float, float]:
    """By how much the outermost pixels brighten down and to the right, in parts of their mean."""
    # On the whole rim both axes are balanced and apart from each other: each slope is a quotient.
    down, right = (_sides(np.broadcast_to(axis, grey.shape)) for axis in _axes(grey.shape))
    rim = _sides(grey)
    mean = max(float(rim.mean()), 1e-3)
    return float(rim @ down / (down @ down)) / mean, float(rim @ right / (right @ right)) / mean


def _light(slope: tuple[float, float], shape: tuple[int, ...]) -> np.ndarray:
    """The light on every pixel, in parts of that on the middle."""
    down, right = _axes(shape)
    return np.maximum(1 + slope[0] * down + slope[1] * right, np.float32(LEAST_LIGHT)).astype(np.float32)


def _threshold(grey: np.ndarray) -> float:
    """The grey value that parts light from dark best (Otsu)."""
    counts, edges = np.histogram(grey, 64)
    below, total = np.cumsum(counts)[:-1], np.cumsum(counts * (edges[:-1] + edges[1:]) / 2)
    above = grey.size - below
    means = total[:-1] / np.maximum(below, 1), (total[-1] - total[:-1]) / np.maximum(above, 1)
    return float(edges[1 + int((below.astype(np.float64) * above * (means[0] - means[1]) ** 2).argmax())])


def _without_holes(mask: np.ndarray) -> np.ndarray:
    """The mask with all that cannot be reached from outside."""
    labels, _ = label_parts(~with_margin(mask, 1))
    return labels[1:-1, 1:-1] != labels[0, 0]


def _from_side_to_side(mask: np.ndarray) -> int:
    """How many pixels of a mask's rows lie between the outermost ones, these included."""
    rows = mask[mask.any(1)]
    return int((rows.shape[1] - rows.argmax(1) - rows[:, ::-1].argmax(1)).sum())


def _fitting_box(mask: np.ndarray) -> tuple[float, float]:
    """Sides of the smallest rectangle, turned by whole degrees, that holds a mask."""
    rows = np.flatnonzero(mask.any(1))
    left, right = mask[rows].argmax(1), mask.shape[1] - 1 - mask[rows, ::-1].argmax(1)
    points = np.stack([np.concatenate([left, right]), np.tile(rows, 2)]).astype(np.float32)
    angles = np.deg2rad(np.arange(90, dtype=np.float32))
    cosine, sine = np.cos(angles), np.sin(angles)
    along, across = np.stack([cosine, sine], axis=1) @ points, np.stack([-sine, cosine], axis=1) @ points
    sides = np.stack([np.ptp(along, axis=1), np.ptp(across, axis=1)]) + 1
    high, wide = sides[:, sides.prod(axis=0).argmin()]
    return float(high), float(wide)
