"""Ink and ground told apart: from any picture of a digit to light ink on a black ground."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from sslrec.data.parts import resized_mask
from sslrec.data.shapes import rim, shape_of_digit
from sslrec.data.sheet import sheet_of, sheet_standing_out

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Luminance of red, green and blue (ITU-R BT.601)."""
LOOK = 112
"""Pictures are searched for ink at this size, in pixels on the larger side; smaller ones as they are."""
ENOUGH = 40
"""Ink on an even ground that extends over so many pixels, twice what the models see, needs no closer look."""
PHOTO_LOOK = 64
"""Photos are searched at this size; the median that finds their ground grows with its fifth power."""
EVEN, FLAT = 0.04, 0.012
"""Grey values this close, in parts of a picture's span, count as the same ground, and as free of noise."""
FAINTEST = 0.04
"""The least difference of ink from its ground, in grey values."""
FAINTEST_ENTERING = 0.35
"""The least contrast, in parts of the ground, of what touches the rim of a photo, for it to be ink."""
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
        left_out: how large the largest shape is that lies apart and was left out, see `Shape`.
        frame: `(height, width)` bool, the ring or the box around it, which was left out too; None where there is none.
        apart: `(height, width)` bool, where the shapes lie that were left out; None where there are none.
        ruled: whether it runs from side to side, as the lines of paper do.
    """

    grey: np.ndarray
    even: bool
    left_out: float
    frame: np.ndarray | None = None
    apart: np.ndarray | None = None
    ruled: bool = False


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
    apart = None if ink.apart is None else resized_mask(ink.apart, grey.shape)[top:bottom, left:right]
    closer = _ink(window, apart)
    # What lies apart may be outside of the window.
    if closer is None or (closer.ruled and not ink.ruled):
        # Closer, the lines of the paper may cover as much as the paper.
        return ink, grey
    return replace(closer, left_out=ink.left_out), window


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


def _ink(grey: np.ndarray, apart: np.ndarray | None = None) -> Ink | None:
    """Ink of a grey picture, at `LOOK` or `PHOTO_LOOK` pixels, but for what lies apart; None where there is none."""
    grey = _resized(grey, LOOK)
    ground = _even_ground(grey)
    ink = None if ground is None else _ink_on(grey, ground, even=True, apart=apart)
    if ground is not None and (ink is None or not ink.ruled):
        return ink
    grey = _resized(grey, PHOTO_LOOK)
    as_photo = _ink_on(grey, _uneven_ground(grey), even=False, apart=apart)
    return ink if as_photo is None else as_photo


def _is_ruled(ink: np.ndarray) -> bool:
    """Whether ink runs from side to side and is faint there: the lines of paper, which join what is written on it."""
    width = max(1, min(ink.shape) // 16)
    sides = ink[:width], ink[::-1][:width], ink.T[:width], ink.T[::-1][:width]
    # A digit may reach one side of a page; one that was cropped to its ink reaches more of them.
    if sum(bool(side.max() >= PENNED) for side in sides) > (width > 1):
        return False
    top, bottom, left, right = (bool(side[0].max() > 0.1) for side in sides)
    return (top and bottom) or (left and right)


def _ink_on(grey: np.ndarray, ground: Ground, even: bool, apart: np.ndarray | None = None) -> Ink | None:
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
    if apart is not None:
        ink[resized_mask(apart, ink.shape)] = 0
    ruled = even and _is_ruled(ink)
    shape = shape_of_digit(ink, even)
    ink = np.where(shape.mask, ink, np.float32(0))
    if not even and full < FAINTEST_ENTERING and bool((rim(ink) > 0.5).any()):
        # On paper this is a shadow that comes in from outside.
        return None
    return Ink(ink, even, shape.left_out, shape.frame, shape.apart, ruled)


def _even_ground(grey: np.ndarray) -> Ground | None:
    """The ground of a drawing, a scan or a screenshot: one grey value; None for a photo."""
    sides = rim(grey)
    level = float(np.median(sides))
    span = float(grey.max() - grey.min())
    off_rim, off = np.abs(sides - level), np.abs(grey - level)
    on_level = _share(off <= EVEN * span)
    flat = _share(off_rim <= FLAT * span) >= 0.55
    even = _share(off_rim <= EVEN * span) >= 0.85 and _share(off < 4 * EVEN * span) < 0.1 + on_level
    if not (flat or even) or on_level < 0.3:
        return None
    dark_ink = float((grey - level)[off > EVEN * span].sum()) < 0
    return Ground(np.full((1, 1), level, np.float32), dark_ink, 1.4826 * float(np.median(off_rim)))


def _share(mask: np.ndarray) -> float:
    """The share of a mask that is true; its `mean` takes ten times as long."""
    return np.count_nonzero(mask) / mask.size


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
