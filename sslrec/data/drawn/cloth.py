"""Patterned cloth: from places on the sheet to colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from sslrec.data.drawn.raster import HEIGHT, ROOM, SCALE, WIDTH, Box, grid
from sslrec.data.drawn.sheet import Colour

_MARGIN = 1.3  # how much larger than the sheet the noise is that turned patterns are cut from


@dataclass(frozen=True)
class Cloth:
    """Cloth with a pattern.

    Attributes:
        pattern: a name of `PATTERNS`.
        base: the colour that the product is named for.
        mates: the colours that go with it, at least two.
        size: a factor on the pattern's size.
        seed: decides warp and scatter.
        split: where colour blocks meet and the middle of gradients, in units from the top.
    """

    pattern: str
    base: Colour
    mates: tuple[Colour, ...]
    size: float = 1.0
    seed: int = 0
    split: float = 100.0
    _noise: tuple[np.ndarray, ...] = field(default=(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.pattern in ("plain", "colour block", "gradient"):
            return
        rng = np.random.default_rng(self.seed)
        object.__setattr__(self, "_noise", tuple(_smooth_noise(rng, sigma) for sigma in (14.0, 14.0, 4.5, 4.5)))

    def colours(self, box: Box, angle: float) -> np.ndarray:
        """Colours `(height, width, 3)` float32 of a region; the pattern is turned by `angle` degrees."""
        x, y = grid(box)
        shape = (box[3] - box[1], box[2] - box[0])
        if self.pattern == "plain":
            return np.broadcast_to(np.array(self.base, np.float32), (*shape, 3))
        if self.pattern in ("colour block", "gradient"):
            return PATTERNS[self.pattern](self, np.broadcast_to(x, shape), np.broadcast_to(y, shape))
        turn = np.deg2rad(angle)
        left, top, right, bottom = box
        warp_x, warp_y = (noise[top:bottom, left:right] for noise in self._noise[:2])
        across, down = x - WIDTH / 2, y - HEIGHT / 2
        local_x = across * np.cos(turn) + down * np.sin(turn) + warp_x * 0.6
        local_y = -across * np.sin(turn) + down * np.cos(turn) + warp_y * 0.6
        return PATTERNS[self.pattern](self, local_x / self.size, local_y / self.size)

    def mate(self, number: int) -> Colour:
        """One of the colours that go with the base."""
        return self.mates[number % len(self.mates)]

    def noise(self, x: np.ndarray, y: np.ndarray, which: int) -> np.ndarray:
        """Smooth noise of about [-2, 2] at places in units from the sheet's middle."""
        sheet = self._noise[2 + which]
        rows = ((y + HEIGHT / 2) * SCALE).astype(np.int32) % sheet.shape[0]
        columns = ((x + WIDTH / 2) * SCALE).astype(np.int32) % sheet.shape[1]
        return sheet[rows, columns]


@dataclass(frozen=True)
class Gradient:
    """Colours that pass into each other across the sheet, as on metal and glass.

    Attributes:
        stops: place in units and colour, in ascending order.
        vertical: down the sheet rather than across it.
    """

    stops: tuple[tuple[float, Colour], ...]
    vertical: bool = False

    def colours(self, box: Box, angle: float) -> np.ndarray:
        """Colours of a region; the angle does not matter."""
        x, y = grid(box)
        at = np.broadcast_to(y if self.vertical else x, (box[3] - box[1], box[2] - box[0]))
        places = [place for place, _ in self.stops]
        channels = [np.interp(at, places, [colour[channel] for _, colour in self.stops]) for channel in range(3)]
        return np.stack(channels, -1).astype(np.float32)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two; `share` 1 is the second."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def _smooth_noise(rng: np.random.Generator, sigma: float) -> np.ndarray:
    coarse = rng.standard_normal((ROOM, WIDTH)).astype(np.float32)
    coarse = gaussian_filter(coarse, sigma, mode="wrap")
    coarse /= coarse.std()
    return np.asarray(Image.fromarray(coarse).resize((WIDTH * SCALE, ROOM * SCALE), Image.Resampling.BILINEAR))


def _painted(shape: tuple[int, ...], layers: list[tuple[np.ndarray | None, Colour]]) -> np.ndarray:
    """Colours where each layer lies over the one before; a layer's mask is bool or an opacity."""
    colours = np.empty((*shape, 3), np.float32)
    for mask, colour in layers:
        if mask is None:
            colours[:] = colour
        elif mask.dtype == bool:
            colours[mask] = colour
        else:
            colours += (np.array(colour, np.float32) - colours) * mask[..., None]
    return colours


def _plain(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _painted(x.shape, [(None, cloth.base)])


def _striped(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _painted(x.shape, [(None, cloth.base), (np.mod(y, 10) < 4.2, cloth.mate(0))])


def _pinstriped(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _painted(x.shape, [(None, cloth.base), ((np.mod(x, 6.5) < 1.3) * np.float32(0.85), cloth.mate(0))])


def _checked(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    bands = (np.mod(x, 12) < 6).astype(np.float32) + (np.mod(y, 12) < 6)
    return _painted(x.shape, [(None, mixed(cloth.base, (1, 1, 1), 0.86)), (bands * 0.5, cloth.base)])


def _tartan(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    def lines(at: np.ndarray, start: float, width: float, strength: float) -> np.ndarray:
        return (np.mod(at - start, 24) < width) * np.float32(strength)

    dark = mixed(cloth.base, (0.05, 0.06, 0.12), 0.62)
    layers: list[tuple[np.ndarray | None, Colour]] = [(None, cloth.base)]
    for at in (x, y):
        layers += [
            (lines(at, 0, 8, 0.5), dark),
            (lines(at, 15, 1.5, 0.8), cloth.mate(0)),
            (lines(at, 3.4, 1.2, 0.7), cloth.mate(1)),
        ]
    return _painted(x.shape, layers)


def _dotted(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    pitch, row = 9.0, np.floor(y / 7.8)
    across = np.mod(x + np.mod(row, 2) * pitch / 2, pitch) - pitch / 2
    down = np.mod(y, 7.8) - 3.9
    return _painted(x.shape, [(None, cloth.base), (across**2 + down**2 < 2.3**2, cloth.mate(0))])


def _cells(
    x: np.ndarray, y: np.ndarray, pitch: float
) -> tuple[np.ndarray, np.ndarray, Callable[[int], np.ndarray]]:  # fmt: skip
    """A staggered lattice: x and y from each cell's jittered middle, and per-cell random numbers in [0, 1)."""
    row = np.floor(y / pitch)
    shifted = x + np.mod(row, 2) * pitch / 2
    column = np.floor(shifted / pitch)

    def random(number: int) -> np.ndarray:
        value = np.sin(column * 12.9898 + row * 78.233 + number * 37.719) * 43758.5453
        return value - np.floor(value)

    across = shifted - (column + 0.5) * pitch - (random(1) - 0.5) * pitch * 0.25
    down = y - (row + 0.5) * pitch - (random(2) - 0.5) * pitch * 0.25
    return across, down, random


def _floral(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    layers: list[tuple[np.ndarray | None, Colour]] = [(None, cloth.base)]
    leaf = mixed(cloth.base, (0.16, 0.36, 0.22), 0.72)
    across, down, random = _cells(x + 8, y + 5, 16)
    turn = random(3) * 6.28
    along = across * np.cos(turn) + down * np.sin(turn)
    beside = -across * np.sin(turn) + down * np.cos(turn)
    layers.append((np.abs(beside) < 1.7 * (1 - (along / 6.3) ** 2), leaf))
    across, down, random = _cells(x, y, 16)
    radius = np.hypot(across, down)
    angle = np.arctan2(down, across) + random(3) * 6.28
    size = 4.1 + 1.7 * random(4)
    petals = size * (0.72 + 0.3 * np.abs(np.cos(angle * 2.5)))
    second = random(5) > 0.55
    layers += [
        ((radius < petals) & second, cloth.mate(0)),
        ((radius < petals) & ~second, cloth.mate(1)),
        ((radius < petals) & (radius > petals * 0.55) & (np.abs(np.cos(angle * 2.5)) < 0.2), leaf),
        (radius < size * 0.27, (0.98, 0.8, 0.3)),
    ]
    return _painted(x.shape, layers)


def _camouflage(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    first, second = cloth.noise(x, y, 0), cloth.noise(y + 31, x + 57, 1)
    return _painted(
        x.shape,
        [
            (None, cloth.base),
            (first > 0.35, mixed(cloth.base, (0.1, 0.11, 0.09), 0.5)),
            (second > 0.55, mixed(cloth.base, (0.93, 0.9, 0.8), 0.5)),
            (first + second < -1.35, mixed(cloth.base, (0.06, 0.06, 0.06), 0.8)),
        ],
    )


def _leopard(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    across, down, random = _cells(x, y, 8.4)
    radius = np.hypot(across * 1.12, down) + cloth.noise(x, y, 0) * 0.4
    angle = np.arctan2(down, across) + random(3) * 6.28
    size = 2.5 + random(4) * 0.9
    ring = (radius < size) & (radius > size * 0.5) & (np.cos(angle * 1.5) > -0.75)
    spot = mixed(cloth.base, (0.09, 0.05, 0.04), 0.82)
    return _painted(
        x.shape,
        [(None, mixed(cloth.base, (1, 0.93, 0.8), 0.3)), (radius < size * 0.6, cloth.base), (ring, spot)],
    )


def _zigzag(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    wave = np.mod(y + np.abs(np.mod(x, 10) - 5) * 0.9, 15)
    return _painted(
        x.shape, [(None, cloth.base), (wave < 4.4, cloth.mate(0)), ((wave > 8) & (wave < 10), cloth.mate(1))]
    )


def _argyle(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    def diamond(shift_x: float, shift_y: float) -> np.ndarray:
        return np.abs(np.mod(x + shift_x, 22) - 11) / 11 + np.abs(np.mod(y + shift_y, 32) - 16) / 16

    one, two = diamond(0, 0), diamond(11, 16)
    lines = np.minimum(np.abs(diamond(11, 0) - 1), np.abs(diamond(0, 16) - 1)) < 0.035
    dark = mixed(cloth.base, (0.05, 0.05, 0.1), 0.35)
    return _painted(
        x.shape,
        [(None, cloth.base), (one < 1, mixed(cloth.base, cloth.mate(0), 0.75)), (two < 0.0, dark),
         (lines * np.float32(0.9), cloth.mate(1))],
    )  # fmt: skip


def _tie_dyed(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    radius = np.hypot(x, y + 6) + cloth.noise(x, y, 0) * 3.2
    rings = 0.5 + 0.5 * np.sin(radius / 5.2 + np.arctan2(y + 6, x) * 2)
    second = (0.5 + 0.5 * np.sin(radius / 11 + 1)) * 0.45
    return _painted(
        x.shape, [(None, cloth.base), (rings**1.5 * 0.85, mixed(cloth.base, (1, 1, 1), 0.8)), (second, cloth.mate(1))]
    )


def _colour_block(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    band = 11 * cloth.size
    return _painted(
        x.shape,
        [(None, cloth.base), (y < cloth.split, cloth.mate(0)),
         ((y > cloth.split - band) & (y < cloth.split), cloth.mate(1))],
    )  # fmt: skip


def _gradient(cloth: Cloth, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    share = ((y - cloth.split) / 80 + 0.56).clip(0, 1).astype(np.float32)
    share = share * share * (3 - 2 * share)
    return _painted(x.shape, [(None, mixed(cloth.mate(0), (1, 1, 1), 0.12)), (share, cloth.base)])


PATTERNS: dict[str, Callable[[Cloth, np.ndarray, np.ndarray], np.ndarray]] = {
    "plain": _plain,
    "striped": _striped,
    "pinstriped": _pinstriped,
    "checked": _checked,
    "tartan": _tartan,
    "dotted": _dotted,
    "floral": _floral,
    "camouflage": _camouflage,
    "leopard": _leopard,
    "zigzag": _zigzag,
    "argyle": _argyle,
    "tie-dyed": _tie_dyed,
    "colour block": _colour_block,
    "gradient": _gradient,
}
"""Every pattern by name: a function from cloth, x and y (units from the sheet's middle) to colours."""
