"""The sheet that a product is drawn on: parts with volume, folds, seams, stitches, highlights, a shadow below.

Everything is drawn at four times the finished size and averaged down. A part's shading comes from a height
field (its mask, blurred, with folds and wrinkles as ridges) that is lit from the upper left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from sslrec.data.drawn.outline import Points, ribbon
from sslrec.data.drawn.raster import HEIGHT, ROOM, SCALE, WIDTH, Box, blurred, box_of, dashed, filled, grid, within

MARGIN = 9
"""Units that stay free on every side of a finished picture; shadows reach into them."""
FIELD = 2
"""Pixels per unit of height fields, which are smooth."""
_SOFTEST = 0.3  # units; less blur than this vanishes when the sheet is averaged down
_LIGHT = np.array([0.55, 0.8])
_COOL = np.array([-0.035, -0.01, 0.06], np.float32)  # what shadow adds to a colour, per channel
Colour = tuple[float, float, float]
"""Red, green and blue in [0, 1]."""
Texture = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From x and y in units to a factor near 1 on the brightness."""


class Paint(Protocol):
    """What fills a part where one colour does not."""

    def colours(self, box: Box, angle: float) -> np.ndarray:
        """Colours `(height, width, 3)` float32 of a region; the pattern is turned by `angle` degrees."""
        ...


@dataclass(frozen=True)
class Fold:
    """A ridge (or with a negative depth a crease) along a curve, tapered at its ends."""

    spine: Points
    width: float = 5.0
    depth: float = 0.5


@dataclass(frozen=True)
class Part:
    """A drawn part, for what is to stay on it: its region and mask `(height, width)` float32."""

    box: Box
    mask: np.ndarray


class Sheet:
    """A white sheet.

    Args:
        rng: decides wrinkles.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.pixels = np.ones((ROOM * SCALE, WIDTH * SCALE, 3), np.float32)
        self.cover = np.zeros((ROOM * SCALE, WIDTH * SCALE), np.float32)
        self._ground = np.zeros((ROOM * FIELD, WIDTH * FIELD), np.float32)

    def part(
        self,
        outline: Points,
        paint: Paint | Colour,
        *,
        holes: Sequence[Points] = (),
        angle: float = 0.0,
        puff: float = 6.0,
        relief: float = 0.5,
        folds: Sequence[Fold] = (),
        crumple: float = 0.0,
        grain: tuple[float, float] = (5.0, 8.0),
        edge: float = 0.22,
        gloss: float = 0.0,
        drop: float = 0.0,
        texture: Texture | None = None,
        opacity: float = 1.0,
        clip: Part | None = None,
    ) -> Part:
        """Draw a filled part with volume.

        Args:
            outline: the closed outline.
            paint: a colour or a pattern.
            holes: outlines that are cut out.
            angle: how far the pattern is turned on this part, in degrees.
            puff: how far the rounding reaches in from the edge, in units.
            relief: how strongly the light models the form.
            folds: ridges and creases.
            crumple: depth of random wrinkles.
            grain: their size across and down, in units.
            edge: how much darker the very edge is.
            gloss: strength of the highlight where the form faces the light.
            drop: darkness of the shadow that the part casts on what lies below it.
            texture: a factor on the brightness.
            opacity: 1 covers what is below.
            clip: a part that this one must stay on.

        Returns:
            The part.
        """
        box = box_of(outline)
        mask = filled(box, SCALE, [outline], holes)
        if clip is not None:
            mask = mask * within(box, clip.box, clip.mask)
        if drop:
            self._cast(outline, holes, drop)
        light = self._light(box, outline, holes, puff, relief, folds, crumple, grain, edge, gloss)
        if texture is not None:
            light = light * texture(*grid(box))
        # From here on the mask is also the opacity.
        self._lay(box, _lit(_colours(paint, box, angle), light), mask * opacity)
        return Part(box, mask)

    def line(
        self,
        spine: Points,
        colour: Colour,
        width: float | tuple[float, ...] = 0.7,
        opacity: float = 1.0,
        soft: float = 0.0,
        clip: Part | None = None,
        dashes: tuple[float, float] | None = None,
    ) -> None:
        """Draw a line without volume.

        Args:
            spine: the curve.
            colour: its colour.
            width: width in units, or several widths from the beginning to the end.
            opacity: 1 covers what is below.
            soft: how far its edge is blurred, in units.
            clip: a part that it must stay on.
            dashes: length of dash and gap, in units.
        """
        box = box_of(spine, 2 + float(np.max(width)) + 3 * soft)
        pieces = [spine] if dashes is None else dashed(spine, *dashes)
        mask = filled(box, SCALE, [ribbon(piece, width) for piece in pieces])
        if soft >= _SOFTEST:
            mask = blurred(mask, soft)
        if clip is not None:
            mask = mask * within(box, clip.box, clip.mask)
        else:
            # Only a line that is a part itself may reach beyond what is drawn.
            mask = mask if dashes is None and not soft else mask * self._covered(box)
        self._lay(box, np.array(colour, np.float32), mask * opacity)

    def seam(self, spine: Points, clip: Part | None = None, strength: float = 0.34) -> None:
        """A seam: a fine dark line with a fine light one beside it."""
        self.line(spine + 0.55, (1, 1, 1), 0.6, strength * 0.35, 0.15, clip)
        self.line(spine, (0.02, 0.02, 0.06), 0.6, strength, 0.12, clip)

    def stitch(self, spine: Points, colour: Colour, clip: Part | None = None, opacity: float = 0.8) -> None:
        """A row of stitches."""
        self.line(spine, colour, 0.55, opacity, 0.05, clip, (1.5, 0.9))

    def shade(self, spine: Points, width: float, strength: float = 0.3, clip: Part | None = None) -> None:
        """A soft shadow along a curve."""
        self.line(spine, (0.03, 0.03, 0.08), width, strength, width * 0.4, clip)

    def shine(
        self, spine: Points, width: float | tuple[float, ...], strength: float = 0.5, clip: Part | None = None,
        soft: float | None = None,
    ) -> None:  # fmt: skip
        """A highlight along a curve, as on leather, metal or glass."""
        blur = float(np.max(width)) * 0.3 if soft is None else soft
        self.line(spine, (1, 1, 1), width, strength, blur, clip)

    def ground(self, left: float, right: float, y: float, depth: float = 3.0, strength: float = 0.5) -> None:
        """The contact shadow of something that stands on the floor from `left` to `right` at height `y`."""
        yy, xx = np.mgrid[0 : ROOM * FIELD, 0 : WIDTH * FIELD].astype(np.float32) / FIELD
        middle, half = (left + right) / 2, (right - left) / 2
        for spread, rise, share in ((0.96, 0.55, 0.55), (1.02, 1.3, 0.45)):
            across = np.abs((xx - middle) / (half * spread))
            down = (yy - y) / (depth * rise)
            self._ground += strength * share * np.exp(-(across**8) * 1.5 - down**2)

    def finish(self, lift: float = 0.16, fill: float = 1.0, mirror: bool = False) -> Image.Image:
        """The finished picture, with the product in its middle.

        Args:
            lift: darkness of the soft shadow of something that lies or hangs close to the ground.
            fill: how much of the room within the margins the product takes, at most 1.
            mirror: swap left and right.

        Returns:
            An `RGB` picture of `WIDTH` x `HEIGHT` pixels on white.
        """
        small = self.cover.reshape(ROOM * FIELD, 2, WIDTH * FIELD, 2).mean((1, 3))
        shadow = np.roll(gaussian_filter(small, 2.2 * FIELD, truncate=3), (2 * FIELD, FIELD), (0, 1)) * lift
        shadow = np.minimum(np.maximum(shadow, self._ground), 0.8)
        rows, columns = np.flatnonzero((small > 0.05).any(1)) * 2, np.flatnonzero((small > 0.05).any(0)) * 2
        wide, high = columns[-1] - columns[0] + 2, rows[-1] - rows[0] + 2
        zoom = fill * min((WIDTH - 2 * MARGIN) * SCALE / wide, (HEIGHT - 2 * MARGIN) * SCALE / high)
        side_x, side_y = WIDTH * SCALE / zoom, HEIGHT * SCALE / zoom
        x, y = (columns[0] + columns[-1] + 2 - side_x) / 2, (rows[0] + rows[-1] + 2 - side_y) / 2
        # The frame may reach beyond the sheet, where all is white.
        left, top = int(np.floor(x)), int(np.floor(y))
        canvas = np.full((int(side_y) + 3, int(side_x) + 3, 3), 255, np.uint8)
        box = (
            max(left, 0),
            max(top, 0),
            min(left + canvas.shape[1], WIDTH * SCALE),
            min(top + canvas.shape[0], ROOM * SCALE),
        )
        canvas[box[1] - top : box[3] - top, box[0] - left : box[2] - left] = self._composed(box, shadow)
        x, y = x - left, y - top
        framed = Image.fromarray(canvas).resize(
            (WIDTH, HEIGHT), Image.Resampling.LANCZOS, (x, y, x + side_x, y + side_y)
        )
        return framed.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirror else framed

    def _composed(self, box: Box, shadow: np.ndarray) -> np.ndarray:
        """What is drawn in a region, on its shadow on white, as `(height, width, 3)` uint8."""
        left, top, right, bottom = box
        step = SCALE / FIELD
        soft = Image.fromarray(shadow).resize(
            (right - left, bottom - top),
            Image.Resampling.BILINEAR,
            (left / step, top / step, right / step, bottom / step),
        )
        pixels = 1 - np.asarray(soft)[..., None] * np.array([1.0, 0.985, 0.955], np.float32)
        cover = self._covered(box)[..., None]
        pixels += (self.pixels[top:bottom, left:right] - pixels) * cover
        return (pixels.clip(0, 1) * 255 + 0.5).astype(np.uint8)

    def _covered(self, box: Box) -> np.ndarray:
        left, top, right, bottom = box
        return self.cover[top:bottom, left:right]

    def _lay(self, box: Box, colours: np.ndarray, mask: np.ndarray) -> None:
        left, top, right, bottom = box
        here = self.pixels[top:bottom, left:right]
        cover = self.cover[top:bottom, left:right]
        total = mask + cover * (1 - mask)
        share = (mask / np.maximum(total, 1e-6))[..., None]
        here += (colours - here) * share
        cover[:] = total

    def _cast(self, outline: Points, holes: Sequence[Points], strength: float) -> None:
        box = box_of(outline, 9)
        mask = filled(box, SCALE, [outline + (0.6, 1.4)], [hole + (0.6, 1.4) for hole in holes])
        shadow = blurred(mask, 1.5) * strength * (self._covered(box) > 0.5)
        left, top, right, bottom = box
        self.pixels[top:bottom, left:right] *= 1 - shadow[..., None] * np.array([1.0, 0.98, 0.92], np.float32)

    def _light(
        self, box: Box, outline: Points, holes: Sequence[Points], puff: float, relief: float,
        folds: Sequence[Fold], crumple: float, grain: tuple[float, float], edge: float, gloss: float,
    ) -> np.ndarray:  # fmt: skip
        """Brightness factors `(height, width)` of a part."""
        margin = int(np.ceil(puff)) + 4
        step = SCALE // FIELD
        left, top, right, bottom = box
        field = (
            left // step - margin * FIELD,
            top // step - margin * FIELD,
            -(-right // step) + margin * FIELD,
            -(-bottom // step) + margin * FIELD,
        )
        mask = filled(field, FIELD, [outline], holes)
        height = gaussian_filter(mask, puff * FIELD * 0.5, truncate=3) * puff * 1.6
        for width in sorted({fold.width for fold in folds}):
            for sign in (1, -1):
                chosen = [fold for fold in folds if fold.width == width and (fold.depth > 0) == (sign > 0)]
                if not chosen:
                    continue
                ridge = np.zeros_like(mask)
                for fold in chosen:
                    taper = ribbon(fold.spine, (0.3, width, width, 0.3))
                    ridge = np.maximum(ridge, filled(field, FIELD, [taper]) * abs(fold.depth))
                height += sign * gaussian_filter(ridge, width * FIELD * 0.35, truncate=3) * width
        if crumple:
            noise = self.rng.standard_normal(mask.shape).astype(np.float32)
            noise = gaussian_filter(noise, (grain[1] * FIELD, grain[0] * FIELD), truncate=3)
            height += noise / max(float(noise.std()), 1e-9) * crumple * min(grain)
        slope_y, slope_x = np.gradient(height, 1 / FIELD)
        facing = _LIGHT[0] * slope_x + _LIGHT[1] * slope_y
        light = 1 + relief * np.tanh(facing * 0.8)
        inner = gaussian_filter(mask, 1.3 * FIELD, truncate=3) * 2 - 1
        light -= edge * (1 - inner.clip(0, 1)) ** 1.5
        if gloss:
            light += gloss * (facing.clip(0, None) / (0.4 + facing.clip(0, None))) ** 2
        large = Image.fromarray(light.astype(np.float32)).resize(
            ((field[2] - field[0]) * step, (field[3] - field[1]) * step), Image.Resampling.BILINEAR
        )
        x, y = left - field[0] * step, top - field[1] * step
        return np.asarray(large)[y : y + bottom - top, x : x + right - left]


def _colours(paint: Paint | Colour, box: Box, angle: float) -> np.ndarray:
    return np.array(paint, np.float32) if isinstance(paint, tuple) else paint.colours(box, angle)


def _lit(colours: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Shadow multiplies a colour and cools it a little; light goes towards white."""
    factor = light[..., None].clip(0.05, 1.9)
    dark = np.minimum(factor, 1)
    shaded = colours * (dark + (1 - dark) * _COOL * 2)
    return shaded + (1 - shaded) * (factor - dark) * 0.6
