"""Which connected parts of a picture's ink are the digit: not its neighbours, specks, frames, nor the sheet's edge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image, ImageFilter

from sslrec.data.parts import enclosed_by, label_parts

GRID = 42
"""Connected parts are told apart on a grid of at most so many cells a side."""
FRAMED, FRAMED_INK = 0.25, 0.05
"""A shape within a ring or a box, of at least so much of its height and of its ink, is what is framed; dots in a zero
are lower, and the remains of lines within the lines of squared paper are fainter."""
TALL = 0.5
"""A part of at least so much of the digit's height may be a digit of its own; bars and dots of a digit are lower."""
NEAR, NEAR_WITHIN = 0.1, 0.17
"""How far, in parts of their height, two tall parts of one digit may lie apart, and where both together have the shape
of one digit; digits side by side lie further apart."""
SLIGHT = 0.1
"""A part of less of the digit's ink is no digit, however tall: a line, or a crease of the paper."""
WIDEST, SLIMMEST = 1.0, 0.5
"""Parts side by side together have the shape of one digit where their width is at most so much, in parts of their
height; one above the other, where it is at least so much."""

LYING, UNDERLINED = 0.3, 0.8
"""A line under a digit, as tells a 6 from a 9, is at most so high in parts of its width, and at least so wide in parts
of the digit's; one that is low and touches the digit is a stroke of it."""


@dataclass(frozen=True)
class Shape:
    """The parts of the ink that belong to the digit.

    Attributes:
        mask: `(height, width)` bool, or a `(1, 1)` True where all of the ink belongs.
        left_out: the ink of the largest part that lies apart and does not enter from outside, in parts of what belongs;
            of one that is as tall as a digit its height, in parts of the digit's, where that is more.
        frame: `(height, width)` bool, what frames the digit; None where nothing does.
        apart: `(height, width)` bool, the shapes that lie apart; None where none does.
    """

    mask: np.ndarray
    left_out: float = 0.0
    frame: np.ndarray | None = None
    apart: np.ndarray | None = None


def shape_of_digit(ink: np.ndarray, even: bool) -> Shape:
    """Find the connected parts that belong to the digit.

    Args:
        ink: `(height, width)` float32 in [0, 1].
        even: whether the ground is even; on a photo whatever enters from outside is no ink.
    """
    block = -(-max(ink.shape) // GRID)
    high, wide = -(-ink.shape[0] // block), -(-ink.shape[1] // block)
    cells = np.zeros((high * block, wide * block), np.float32)
    cells[: ink.shape[0], : ink.shape[1]] = ink
    cells = cells.reshape(high, block, wide, block)
    labels, count = label_parts(cells.max(axis=(1, 3)) > (0.1 if even else 0.3))
    if count == 1 and even:
        return Shape(np.ones((1, 1), bool))
    mass = np.bincount(labels.ravel(), cells.sum(axis=(1, 3)).ravel(), count + 1)
    mass[0] = 0
    contact = np.bincount(rim(labels), minlength=count + 1)
    entering = contact > (min(high, wide) // 2 if even else 0)
    if mass[~entering].sum() > (0.3 if even else 0.1) * mass.sum():
        mass[entering] = 0
    main = _above_line(labels, mass)
    frame, may_belong = None, np.ones(count + 1, bool)
    around, framed = _frame_of(labels, np.where(entering, 0, mass), main)
    if len(framed):
        frame, may_belong = labels == around, np.isin(np.arange(count + 1), framed)
        mass[around] = 0
        main = _above_line(labels, np.where(may_belong, mass, 0))
    kept = may_belong & (mass >= (0.03 if even else 0.1) * mass[main])
    # A pixel between two strokes of so small a picture tells nothing.
    least = int(block == 1)
    far = np.zeros(count + 1, bool)
    for part in np.flatnonzero(kept):
        far[part] = part != main and not _is_near(labels == main, labels == part, least)
    kept &= ~far
    left_out = _left_out(labels, np.where(kept | entering, 0, mass) / mass[kept].sum(), main)
    # A cell more on every side keeps the faint edges of the strokes.
    near = _widened(kept[labels])
    shown = partial(_enlarged, block=block, shape=ink.shape)
    return Shape(
        shown(near),
        float(left_out),
        None if frame is None else shown(frame),
        shown(_widened(far[labels]) & ~near) if far.any() else None,
    )


def _left_out(labels: np.ndarray, shares: np.ndarray, main: int) -> float:
    """How large the largest part is that does not belong: a thin 1 has little ink beside a fat 0.

    Args:
        labels: `(height, width)` of the parts.
        shares: `(parts,)` ink in parts of what belongs; 0 of what does not count.
        main: number of the digit's main part.
    """
    largest, height = float(shares.max()), np.ptp(np.nonzero(labels == main)[0]) + 1
    for part in np.flatnonzero(shares >= SLIGHT):
        share = (np.ptp(np.nonzero(labels == part)[0]) + 1) / height
        largest = max(largest, min(1.0, share) if share >= TALL else 0.0)
    return largest


def rim(grey: np.ndarray) -> np.ndarray:
    """The outermost pixels, a sixteenth of the picture wide."""
    width = max(1, min(grey.shape) // 16)
    return np.concatenate(
        [
            grey[:width].ravel(),
            grey[-width:].ravel(),
            grey[width:-width, :width].ravel(),
            grey[width:-width, -width:].ravel(),
        ]
    )


def _is_near(main: np.ndarray, part: np.ndarray, least: int) -> bool:
    """Whether a part lies so near to the digit's main part that it is a stroke of it, and no digit of its own."""
    rows, columns = np.nonzero(main)
    part_rows, part_columns = np.nonzero(part)
    gap_y = max(part_rows.min() - rows.max(), rows.min() - part_rows.max(), 0)
    gap_x = max(part_columns.min() - columns.max(), columns.min() - part_columns.max(), 0)
    gap, height, part_height = max(gap_y, gap_x), np.ptp(rows) + 1, np.ptp(part_rows) + 1
    if _underlines(part, main):
        return False
    if gap == 0 or part_height < TALL * height:
        return bool(gap <= 0.5 * max(np.ptp(rows), np.ptp(columns)) + 2)
    both = main | part
    width = np.ptp(np.flatnonzero(both.any(axis=0))) + 1
    slimness = width / (np.ptp(np.flatnonzero(both.any(axis=1))) + 1)
    as_one = slimness >= SLIMMEST if gap_y > gap_x else slimness <= WIDEST
    # The gap of parts in neighbouring cells is one.
    return bool(gap - 1 <= max(least, (NEAR_WITHIN if as_one else NEAR) * max(height, part_height)))


def _underlines(line: np.ndarray, digit: np.ndarray) -> bool:
    """Whether a part is a line under another one."""
    (high, wide), (digit_high, digit_wide) = _box(line), _box(digit)
    over = np.flatnonzero(digit.any(axis=1))[-1] < np.flatnonzero(line.any(axis=1))[0]
    long = max(UNDERLINED * digit_wide, LYING * digit_high)
    return bool(over and high <= min(LYING * wide, LYING * digit_high) and wide >= long)


def _box(mask: np.ndarray) -> tuple[int, int]:
    """Height and width of the box of a mask."""
    rows, columns = np.nonzero(mask)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def _above_line(labels: np.ndarray, mass: np.ndarray) -> int:
    """The part of most ink, or the one that it underlines."""
    main, *others = np.argsort(-mass, kind="stable")[:3]
    for other in others:
        if mass[other] > FRAMED_INK * mass[main] and _underlines(labels == main, labels == other):
            return int(other)
    return int(main)


def _frame_of(labels: np.ndarray, mass: np.ndarray, main: int) -> tuple[int, np.ndarray]:
    """What frames the digit, and the parts within; none where nothing does.

    A frame may hold more ink than the digit, and then is the main part, or less.
    """
    row, column = np.argwhere(labels == main)[0]
    # What is around a cell is met on every straight way out: of many specks hardly one is.
    ways = labels[row, :column], labels[row, column:], labels[:row, column], labels[row:, column]
    met = set.intersection(*(set(way.tolist()) for way in ways)) - {0, main}
    for around in (main, *sorted(met)):
        framed = _framed(labels, around)
        # Lines of paper, which enter from outside, have no mass here.
        if mass[framed].sum() >= FRAMED_INK * mass[around] > 0 and (around == main or main in framed):
            return around, framed
    return main, np.zeros(0, int)


def _framed(labels: np.ndarray, frame: int) -> np.ndarray:
    """The parts within a part that is a frame around them: a ring, a box; none where it is no frame."""
    around = labels == frame
    rows, columns = np.nonzero(around)
    others = np.setdiff1d(labels[rows.min() : rows.max(), columns.min() : columns.max()], (0, frame))
    if not len(others):
        return others
    inside = np.setdiff1d(labels[enclosed_by(around)], (0, frame))
    tall = np.flatnonzero(np.isin(labels, inside).any(axis=1))
    return inside if len(tall) and np.ptp(tall) + 1 >= FRAMED * (np.ptp(rows) + 1) else inside[:0]


def _enlarged(mask: np.ndarray, block: int, shape: tuple[int, ...]) -> np.ndarray:
    """A mask of a grid's cells as one of a picture's pixels."""
    return mask.repeat(block, axis=0).repeat(block, axis=1)[: shape[0], : shape[1]]


def _widened(mask: np.ndarray) -> np.ndarray:
    """A mask with a cell more on every side."""
    return np.asarray(Image.fromarray(mask.astype(np.uint8)).filter(ImageFilter.MaxFilter(3))) > 0
