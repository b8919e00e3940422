"""Product pictures as arrays: decoded safely, letterboxed to the size that an encoder or a page wants."""

from __future__ import annotations

import numpy as np
from PIL import Image

from sslrec.data.images import WHITE, decode_picture


def letterbox(
    picture: Image.Image, height: int, width: int, ground: tuple[int, int, int] = (WHITE, WHITE, WHITE)
) -> np.ndarray:
    """Bring a picture to a size without distorting it: scaled to fit, its sides or its top and bottom filled up.

    Args:
        picture: any picture, such as `decode_picture` returns.
        height: wanted height in pixels.
        width: wanted width in pixels.
        ground: what fills the rest, as red, green and blue.

    Returns:
        `(height, width, 3)` uint8 RGB.
    """
    scale = min(width / picture.width, height / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    colour = picture if picture.mode == "RGB" else picture.convert("RGB")
    if size != picture.size:
        colour = colour.resize(size, Image.Resampling.BICUBIC)
    if size == (width, height):
        return np.array(colour)
    framed = Image.new("RGB", (width, height), ground)
    framed.paste(colour, ((width - size[0]) // 2, (height - size[1]) // 2))
    return np.array(framed)


def decode_rgb(data: bytes, name: str, height: int, width: int) -> np.ndarray:
    """Decode a picture file and letterbox it on white.

    Args:
        data: the file's bytes, in any accepted format.
        name: what to call the picture in an error.
        height: wanted height in pixels.
        width: wanted width in pixels.

    Returns:
        `(height, width, 3)` uint8 RGB.

    Raises:
        ImageError: the bytes are no picture, or a damaged, too small or too large one.
    """
    return letterbox(decode_picture(data, name, WHITE), height, width)
