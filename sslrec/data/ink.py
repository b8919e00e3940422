"""Ink and ground told apart: from any picture of a digit to light ink on a black ground."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PIL import Image, ImageFilter

from sslrec.data.parts import enclosed_by, label_parts
from sslrec.data.sheet import sheet_of, sheet_standing_out

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Luminance of red, green and blue (ITU-R BT.601)."""
LOOK = 112
"""Pictures are searched for ink at this size, in pixels on the larger side; smaller ones as they are."""
ENOUGH = 40
"""Ink on an even ground that extends over so many pixels, twice what the models see, needs no closer look."""
PHOTO_LOOK = 64
"""Photos are searched at this size; the median that finds their ground grows with its fifth power."""
GRID = 42
"""Connected parts are told apart on a grid of at most so many cells a side."""
EVEN, FLAT = 0.04, 0.012
"""Grey values this close, in parts of a picture's span, count as the same ground, and as free of noise."""
FAINTEST = 0.04
"""The least difference of ink from its ground, in grey values."""
FAINTEST_ENTERING = 0.35
"""The least contrast, in parts of the ground, of what touches the rim of a photo, for it to be ink."""
FRAMED = 0.25
"""A shape within a ring or a box, of at least so much of its height, is what is framed; dots in a zero are smaller."""
PENNED = 0.75
"""Ink from here on, on the rim of a drawing, is the pen's; the lines of ruled paper are fainter."""


@dataclass(frozen=True)
class Ground:
    """What a picture would show without ink.

    Attributes:
        grey: `(height, width)` float32, or `(1, 1)` where the ground is even.
        dark_ink: whether the ink is darker than the ground.
        noise: standard deviation of the ground around `grey`.
    """

    grey: np.ndarray
    dark_ink: bool
    noise: float


@dataclass(frozen=True)
class Ink:
    """The ink of a picture.

    Attributes:
        grey: `(height, width)` float32 in [0, 1], 0 the ground and 1 full ink, of the part of the picture that holds
            the ink.
        even: whether its ground is even, as in a drawing, a scan or a screenshot, and bears nothing but ink.
        left_out: the ink of the largest shape that lies apart and was left out, in parts of what was kept.
        frame: `(height, width)` bool, the ring or the box around it, which was left out too; None where there is none.
    """

    grey: np.ndarray
    even: bool
    left_out: float
    frame: np.ndarray | None = None


def ink_of(picture: Image.Image) -> Ink | None:
    """Find the ink of a picture.

    Args:
        picture: `L` or `RGB`, any size.

    Returns:
        The ink of the largest shape; None where there is no ink.
    """
    grey = _grey(picture)
    first = _look(grey)
    if first is not None and first[0].even:
        # Where a sheet lies on an even desk, the desk is the ground of the picture, and the sheet its only ink.
        sheet = sheet_of(first[0].grey, first[1])
    else:
        # On a desk with grain, or with light that falls off, a sheet is told by its brightness alone.
        sheet = sheet_standing_out(_resized(grey, LOOK), grey)
    second = None if sheet is None else _look(sheet.picture)
    if sheet is None or second is None or not sheet.bears(second[0].grey, second[1]):
        return None if first is None else first[0]
    return second[0]


def _look(grey: np.ndarray) -> tuple[Ink, np.ndarray] | None:
    """Find the ink and look again, closer, where it lies; return with it the part of `grey` that it covers."""
    ink = _ink(grey)
    if ink is None or ink.grey.shape == grey.shape:
        return None if ink is None else (ink, grey)
    rows, columns = np.flatnonzero(ink.grey.any(1)), np.flatnonzero(ink.grey.any(0))
    extent = int(max(rows[-1] - rows[0], columns[-1] - columns[0]))
    if extent >= ENOUGH and max(ink.grey.shape) > PHOTO_LOOK:
        return ink, grey
    # More of its shape, and for a photo a ground of its own.
    reach = 0.4 * extent + 2
    if ink.frame is not None:
        reach = min(reach, _room(ink.frame, rows, columns))
        if reach < 1:
            return ink, grey
    scale_y, scale_x = grey.shape[0] / ink.grey.shape[0], grey.shape[1] / ink.grey.shape[1]
    top, bottom = max(0, round((rows[0] - reach) * scale_y)), round((rows[-1] + 1 + reach) * scale_y)
    left, right = max(0, round((columns[0] - reach) * scale_x)), round((columns[-1] + 1 + reach) * scale_x)
    window = grey[top:bottom, left:right]
    closer = _ink(window)
    # What lies apart may be outside of the window.
    return (ink, grey) if closer is None else (replace(closer, left_out=ink.left_out), window)


def _room(frame: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> int:
    """How many pixels around rows and columns a frame leaves free on every side."""
    around = np.argwhere(frame)
    below = np.minimum(around - (rows[0], columns[0]), 0)
    above = np.maximum(around - (rows[-1], columns[-1]), 0)
    return int((above - below).max(axis=1).min()) - 1


def _grey(picture: Image.Image) -> np.ndarray:
    """Grey values in [0, 1]: luminance, or the channel with far more contrast (yellow on white)."""
    luminance = np.asarray(picture.convert("L"), np.float32) / 255
    if picture.mode != "RGB":
        return luminance
    channels = np.asarray(picture.resize((32, 32), Image.Resampling.BOX), np.float32) / 255
    spreads = channels.std(axis=(0, 1))
    best = int(spreads.argmax())
    if spreads[best] > 2 * (channels @ LUMA).std() + 0.004:
        return np.asarray(picture.getchannel(best), np.float32) / 255
    return luminance


def _resized(grey: np.ndarray, side: int) -> np.ndarray:
    """Shrink to at most `side` pixels by averaging; return the same array where it is small enough."""
    largest = max(grey.shape)
    if largest <= side:
        return grey
    size = (max(1, round(grey.shape[1] * side / largest)), max(1, round(grey.shape[0] * side / largest)))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def _ink(grey: np.ndarray) -> Ink | None:
    """Ink of a grey picture, at `LOOK` or `PHOTO_LOOK` pixels; None where there is none."""
    grey = _resized(grey, LOOK)
    ground = _even_ground(grey)
    ink = None if ground is None else _ink_on(grey, ground, even=True)
    if ground is not None and (ink is None or not _is_ruled(ink.grey)):
        return ink
    grey = _resized(grey, PHOTO_LOOK)
    as_photo = _ink_on(grey, _uneven_ground(grey), even=False)
    return ink if as_photo is None else as_photo


def _is_ruled(ink: np.ndarray) -> bool:
    """Whether ink runs from side to side and is faint there: the lines of paper, which join what is written on it."""
    shown = ink > 0.1
    across, down = shown[:, 0].any() and shown[:, -1].any(), shown[0].any() and shown[-1].any()
    return bool(across or down) and float(_rim(ink).max()) < PENNED


def _ink_on(grey: np.ndarray, ground: Ground, even: bool) -> Ink | None:
    """Ink on a known ground; None where there is none."""
    sign = -1 if ground.dark_ink else 1
    difference = sign * (grey - ground.grey)
    if float(difference.max()) < max(FAINTEST, 7 * ground.noise):
        return None
    # Light multiplies what paper and ink reflect: in parts of the ground, ink in the shade is as strong.
    contrast = difference / np.maximum(ground.grey, 0.03)
    strong = contrast[contrast > contrast.max() / 2]
    full = float(np.sort(strong)[int(0.9 * (len(strong) - 1))])
    floor = float(np.median(3.5 * ground.noise / np.maximum(ground.grey, 0.03)))
    if not even:
        # Ruled lines and the remains of shadows are fainter than the pen.
        floor = max(floor, 0.25 * full)
    ink = np.clip((contrast - floor) / (full - floor), 0, 1).astype(np.float32)
    digit, left_out, frame = _of_the_digit(ink, even)
    ink = np.where(digit, ink, np.float32(0))
    if not even and full < FAINTEST_ENTERING and bool((_rim(ink) > 0.5).any()):
        # On paper this is a shadow that comes in from outside.
        return None
    return Ink(ink, even, left_out, frame)


def _rim(grey: np.ndarray) -> np.ndarray:
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


def _even_ground(grey: np.ndarray) -> Ground | None:
    """The ground of a drawing, a scan or a screenshot: one grey value; None for a photo."""
    rim = _rim(grey)
    level = float(np.median(rim))
    span = float(grey.max() - grey.min())
    off_rim, off = np.abs(rim - level), np.abs(grey - level)
    flat = (off_rim <= FLAT * span).mean() >= 0.55
    even = (off_rim <= EVEN * span).mean() >= 0.85 and (off < 4 * EVEN * span).mean() < 0.1 + (
        off <= EVEN * span
    ).mean()
    if not (flat or even) or (off <= EVEN * span).mean() < 0.3:
        return None
    dark_ink = float((grey - level)[off > EVEN * span].sum()) < 0
    return Ground(np.full((1, 1), level, np.float32), dark_ink, 1.4826 * float(np.median(off_rim)))


def _uneven_ground(grey: np.ndarray) -> Ground:
    """The ground of a photo: the paper with its shading, as it would be without ink.

    A median over a wide window sees through strokes of either kind and keeps the edges of shadows. The
    rare values that differ most from a narrower median are ink, and tell whether the ink is dark.
    """
    picture = Image.fromarray(np.clip(grey * 255 + 0.5, 0, 255).astype(np.uint8))
    near = _median(picture, max(grey.shape) // 4)
    dark_ink = bool(((_median(picture, 3) - near) ** 5).sum() < 0)
    ground = _median(picture, int(max(grey.shape) / 2.2))
    return Ground(ground, dark_ink, 1.4826 * float(np.median(np.abs(grey - ground))))


def _median(picture: Image.Image, window: int) -> np.ndarray:
    return np.asarray(picture.filter(ImageFilter.MedianFilter(window | 1)), np.float32) / 255


def _of_the_digit(ink: np.ndarray, even: bool) -> tuple[np.ndarray, float, np.ndarray | None]:
    """The connected parts that belong to the digit; not specks, frames, nor the edge of a sheet.

    Args:
        ink: `(height, width)` float32 in [0, 1].
        even: whether the ground is even; on a photo whatever enters from outside is no ink.

    Returns:
        `(height, width)` bool, or a `(1, 1)` True where all of it does; and the mass of the largest part that lies
        apart and does not enter from outside, in parts of what belongs; and what frames it, if anything does.
    """
    block = -(-max(ink.shape) // GRID)
    high, wide = -(-ink.shape[0] // block), -(-ink.shape[1] // block)
    cells = np.zeros((high * block, wide * block), np.float32)
    cells[: ink.shape[0], : ink.shape[1]] = ink
    cells = cells.reshape(high, block, wide, block)
    labels, count = label_parts(cells.max(axis=(1, 3)) > (0.1 if even else 0.3))
    if count == 1 and even:
        return np.ones((1, 1), bool), 0.0, None
    cell_mass = cells.sum(axis=(1, 3)).ravel()
    mass = np.bincount(labels.ravel(), cell_mass, count + 1)
    mass[0] = 0
    contact = np.bincount(_rim(labels), minlength=count + 1)
    entering = contact > (min(high, wide) // 2 if even else 0)
    if mass[~entering].sum() > (0.3 if even else 0.1) * mass.sum():
        mass[entering] = 0
    main = int(mass.argmax())
    frame, may_belong = None, np.ones(count + 1, bool)
    framed = _framed(labels, main)
    if len(framed):
        frame, may_belong = labels == main, np.isin(np.arange(count + 1), framed)
        mass[main] = 0
        main = int(np.where(may_belong, mass, 0).argmax())
    rows, columns = np.nonzero(labels == main)
    reach = 0.5 * max(np.ptp(rows), np.ptp(columns)) + 2
    kept = may_belong & (mass >= (0.03 if even else 0.1) * mass[main])
    for part in np.flatnonzero(kept):
        part_rows, part_columns = np.nonzero(labels == part)
        gap_y = max(part_rows.min() - rows.max(), rows.min() - part_rows.max(), 0)
        gap_x = max(part_columns.min() - columns.max(), columns.min() - part_columns.max(), 0)
        kept[part] = max(gap_y, gap_x) <= reach
    apart = np.where(kept | entering, 0, mass).max() / mass[kept].sum()
    # A cell more on every side keeps the faint edges of the strokes.
    near = np.asarray(Image.fromarray(kept[labels].astype(np.uint8)).filter(ImageFilter.MaxFilter(3))) > 0
    full = partial(_enlarged, block=block, shape=ink.shape)
    return full(near), float(apart), None if frame is None else full(frame)


def _enlarged(mask: np.ndarray, block: int, shape: tuple[int, ...]) -> np.ndarray:
    """A mask of a grid's cells as one of a picture's pixels."""
    return mask.repeat(block, axis=0).repeat(block, axis=1)[: shape[0], : shape[1]]


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
