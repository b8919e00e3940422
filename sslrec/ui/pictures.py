"""Arrays as pictures inside the page: data URIs, so that nothing has to be fetched while a visitor draws."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
from PIL import Image

PAPER, INK = (24, 25, 31), (255, 246, 232)
"""Colours of 0 and 1 in a model's picture."""
COLD, WARM = (56, 189, 214), (255, 112, 60)
"""Colours of -1 and 1 in a heat map."""


def _ramp(*stops: tuple[int, int, int]) -> bytes:
    """A 256-colour palette through evenly spaced colours."""
    places = np.linspace(0, 255, len(stops))
    channels = [np.interp(np.arange(256), places, [stop[i] for stop in stops]) for i in range(3)]
    return np.stack(channels, 1).round().astype(np.uint8).tobytes()


_GREY = _ramp(PAPER, INK)
_DIVERGING = _ramp(COLD, PAPER, WARM)


def _painted_uri(indices: np.ndarray, palette: bytes) -> str:
    picture = Image.fromarray(indices, "L")
    picture.putpalette(palette)
    return _png_uri(picture)


def _png_uri(picture: Image.Image) -> str:
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def digit_uri(image: np.ndarray) -> str:
    """A model's picture: `(height, width)` float32 in [0, 1] to a data URI."""
    return _painted_uri((np.clip(image, 0, 1) * 255).astype(np.uint8), _GREY)


def heat_uri(values: np.ndarray, scale: float | None = None) -> str:
    """A heat map, cold below zero and warm above.

    Args:
        values: `(height, width)` float32.
        scale: the magnitude that gets the full colour; by default the largest one.
    """
    top = scale or max(float(np.abs(values).max()), 1e-6)
    return _painted_uri((np.clip(values / top, -1, 1) * 127 + 128).astype(np.uint8), _DIVERGING)


def overlay_uri(image: np.ndarray, values: np.ndarray) -> str:
    """A heat map on top of the faint digit it belongs to.

    Args:
        image: `(height, width)` float32 in [0, 1].
        values: `(height, width)` float32; its largest magnitude gets the full colour.
    """
    paper, ink = np.array(PAPER, np.float32), np.array(INK, np.float32)
    ground = paper + (ink - paper) * 0.4 * np.clip(image, 0, 1)[..., None]
    strength = np.clip(values / max(float(np.abs(values).max()), 1e-6), -1, 1)[..., None]
    colour = np.where(strength > 0, np.array(WARM, np.float32), np.array(COLD, np.float32))
    mixed = ground + (colour - ground) * np.abs(strength) * 0.85
    return _png_uri(Image.fromarray(mixed.round().astype(np.uint8)))


def thumbnail_uri(picture: Image.Image, side: int = 64) -> str:
    """A small copy of any picture, as a JPEG data URI."""
    small = picture.convert("RGB")
    small.thumbnail((side, side))
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
