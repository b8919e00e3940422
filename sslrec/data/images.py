"""Pictures from outside: safe decoding of any file, and the one way from a picture to a model's digit."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from sslrec.config import settings
from sslrec.data.framing import frame_digit
from sslrec.data.ink import LUMA, ink_of
from sslrec.errors import ImageError

WORKING_SIDE = 1024
"""Larger pictures are shrunk to this many pixels on the larger side while they are decoded."""
SMALLEST_SIDE = 4
"""Fewer pixels than this on either side cannot show anything."""
CONSIDERABLE = 0.3
"""Ink that is left out counts as a shape of its own from this part of the digit's ink on."""
LARGE = 20_000_000
"""Pictures of more pixels than this, as they are decoded, have their turn one by one."""
WHITE = 255
"""The ground of a product's picture."""

_STRIP = 1 << 20  # pixels
# Decoded, a 50-megapixel picture takes 250 MB, as WebP 770 MB: two pictures at a time, of which one may be so large,
# for pages and API together. A large one waits for the other before it takes its place, so that small ones go by.
_AT_ONCE = threading.BoundedSemaphore(2)
_LARGE_AT_ONCE = threading.Lock()
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
"""What photos of a telephone in HEVC announce: their decoders are under the GPL or patents, and Pillow has none."""
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)


def decode_picture(data: bytes, name: str, ground: int | None = None) -> Image.Image:
    """Decode a picture file of any accepted format, whatever its name says.

    The declared size is checked before a pixel is decoded. Of an animation or a multi-page file the
    first frame is taken; the camera's orientation is applied; transparency is laid on a ground.

    Args:
        data: the file's bytes.
        name: what to call the file in an error.
        ground: the grey, 0 to 255, below what is transparent; by default one that lets the opaque part be seen.

    Returns:
        An `L` or `RGB` picture, at most `WORKING_SIDE` pixels on its larger side and at least `SMALLEST_SIDE` on
        the other: a longer strip is shrunk along its length alone.

    Raises:
        ImageError: the file is empty, too large, no picture, cut off, or its size is out of bounds.
    """
    limits = settings()
    if not data:
        raise ImageError("image_empty", name=name)
    if len(data) > limits.max_image_bytes:
        raise ImageError("image_too_large", name=name, size=len(data), limit=limits.max_image_bytes)
    kind = _kind_of(data)
    if kind is None:
        raise ImageError("image_heic" if _brands(data) & _HEIC else "image_format", name=name)
    try:
        # A damaged file can fail in any way a decoder can, so every failure in here is the file's.
        with Image.open(BytesIO(data), formats=[kind]) as picture:
            _check_size(picture.width, picture.height, name)
            scale = min(1, WORKING_SIDE / max(picture.size))
            # A large JPEG is decoded at half, a quarter or an eighth of its size at once.
            width, height = (max(SMALLEST_SIDE, int(side * scale)) for side in picture.size)
            picture.draft(None, (width, height))
            is_large = picture.width * picture.height > LARGE
            with _LARGE_AT_ONCE if is_large else contextlib.nullcontext(), _AT_ONCE:
                picture.load()
                return _flat(_upright(picture), ground)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        try:
            width, height = _declared_size(data, kind)
        except Exception:
            # A GIF frame that is larger than the file's own screen: the file contradicts itself.
            raise ImageError("image_truncated", name=name) from error
        raise ImageError(
            "image_pixels", name=name, width=width, height=height, limit=limits.max_image_pixels
        ) from error
    except Exception as error:
        raise ImageError("image_truncated", name=name) from error


@dataclass(frozen=True)
class PreparedDigit:
    """A digit as the models see it.

    Attributes:
        image: `(28, 28)` float32 in [0, 1]; 0 is the ground.
        several_shapes: whether the picture shows further shapes apart from this one, which are left out.
    """

    image: np.ndarray
    several_shapes: bool = False


def prepare_digit(picture: Image.Image, name: str) -> np.ndarray:
    """Bring a picture of one digit to MNIST's framing, as every model here expects it.

    Ink becomes light on a dark ground, whichever way it came; uneven lighting is evened out; the digit
    is cropped, its pen brought to an ordinary width if it is very thin or very thick, scaled so that
    its larger side fills a 20x20 box, and placed by its centre of mass. A picture that is framed so already
    passes unchanged.

    Args:
        picture: any picture, such as `decode_picture` returns.
        name: what to call the picture in an error.

    Returns:
        `(28, 28)` float32 in [0, 1]; 0 is the ground.

    Raises:
        ImageError: there is no ink on the picture, or it is too small.
    """
    return prepare_largest(picture, name).image


def prepare_largest(picture: Image.Image, name: str) -> PreparedDigit:
    """`prepare_digit`, telling whether the picture shows more than the one shape.

    Args:
        picture: any picture, such as `decode_picture` returns.
        name: what to call the picture in an error.

    Raises:
        ImageError: there is no ink on the picture, or it is too small.
    """
    _check_size(picture.width, picture.height, name)
    ink = ink_of(picture if picture.mode in ("L", "RGB") else _flat(picture))
    if ink is None:
        raise ImageError("image_blank", name=name)
    return PreparedDigit(frame_digit(ink.grey), ink.left_out > CONSIDERABLE)


def _kind_of(data: bytes) -> str | None:
    """The format that a file's first bytes announce."""
    if data.startswith(b"\x89PNG"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "TIFF"
    if _brands(data) & {b"avif", b"avis"}:
        return "AVIF"
    # Text may well begin with "BM": look at the header's length too.
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    return None


def _brands(data: bytes) -> set[bytes]:
    """What a file of ISO 14496-12, such as AVIF or HEIC, says that it can be read as."""
    if data[4:8] != b"ftyp":
        return set()
    box = data[8 : min(int.from_bytes(data[:4], "big"), 400)]
    return {box[start : start + 4] for start in range(0, len(box), 4) if start != 4}


def _check_size(width: int, height: int, name: str) -> None:
    limit = settings().max_image_pixels
    if width * height > limit:
        raise ImageError("image_pixels", name=name, width=width, height=height, limit=limit)
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError("image_too_small", name=name, width=width, height=height)


def _declared_size(data: bytes, kind: str) -> tuple[int, int]:
    """Size of a picture that Pillow refuses to open because it declares so many pixels."""
    if kind == "WEBP":
        # Its plugin checks before there is an object to ask; the header has three layouts.
        if data[12:16] == b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        if data[12:16] == b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    factory, _ = Image.OPEN[kind]
    with factory(BytesIO(data), b"") as picture:
        return picture.size


def _flat(picture: Image.Image, ground: int | None = None) -> Image.Image:
    """Any mode to `L` or `RGB`, shrunk to the working size, transparency laid on a ground."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;"):
        picture = _eight_bits(picture)
    if picture.has_transparency_data:
        laid = _shrunk(picture, "RGBA")
        return _on_ground(laid, _ground_of(laid) if ground is None else ground)
    return _shrunk(picture, "L" if picture.mode in ("1", "L") else "RGB")


def _shrunk(picture: Image.Image, mode: str) -> Image.Image:
    """Convert, then average down to the working size: palettes and single bits cannot be averaged.

    It goes strip by strip, for a converted copy of the whole made 400 MB of 50 megapixels.
    """
    factor = -(-max(picture.size) // WORKING_SIDE)
    across, down = (max(1, min(factor, side // SMALLEST_SIDE)) for side in picture.size)
    if across == down == 1:
        return picture.convert(mode)
    shrunk = Image.new(mode, (-(-picture.width // across), -(-picture.height // down)))
    rows = max(1, _STRIP // (picture.width * down)) * down
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height))).convert(mode)
        shrunk.paste(strip.reduce((across, down)), (0, top // down))
    return shrunk


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point grey to 8 bits, by the depth that the values fill.

    It goes strip by strip: copies of the whole in floating point made 600 MB of 40 megapixels.
    """
    rows = max(1, _STRIP // picture.width)
    starts = range(0, picture.height, rows)
    lows, highs = zip(*((values.min(), values.max()) for values in _strips(picture, starts)), strict=True)
    low, high = float(min(lows)), float(max(highs))
    if low >= 0 and high <= 65535:
        low, high = 0.0, next(top for top in (1, 255, 1023, 4095, 16383, 65535) if high <= top)
    transparent = picture.info.get("transparency")
    grey = Image.new("LA" if isinstance(transparent, int) else "L", picture.size)
    for start, values in zip(starts, _strips(picture, starts), strict=True):
        strip = Image.fromarray(((values - low) * (255 / max(high - low, 1e-12))).astype(np.uint8))
        if isinstance(transparent, int):
            strip.putalpha(Image.fromarray(np.where(values == transparent, np.uint8(0), np.uint8(255))))
        grey.paste(strip, (0, start))
    return grey


def _strips(picture: Image.Image, starts: range) -> Iterator[np.ndarray]:
    """Strips of so many rows, as float32 with 0 for what is no number."""
    for start in starts:
        strip = picture.crop((0, start, picture.width, min(start + starts.step, picture.height)))
        yield np.nan_to_num(np.asarray(strip, np.float32), nan=0, posinf=0, neginf=0)


def _on_ground(picture: Image.Image, ground: int) -> Image.Image:
    canvas = Image.new("RGBA", picture.size, (ground,) * 3 + (255,))
    return Image.alpha_composite(canvas, picture).convert("RGB")


def _ground_of(picture: Image.Image) -> int:
    """The grey on which an `RGBA` picture is seen: white or black, or its own ground where that is what is opaque."""
    pixels = np.asarray(picture, np.float32)
    opaque = pixels[..., 3] >= 128
    if not opaque.any():
        return WHITE
    grey = pixels[..., :3][opaque] @ LUMA
    if opaque.mean() > 0.5 and grey.std() > 16:
        return round(float(np.median(grey)))
    return 0 if grey.mean() > 128 else WHITE


def _upright(picture: Image.Image) -> Image.Image:
    """Apply the camera's orientation; a note that cannot be read is no reason to refuse the picture."""
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(picture, in_place=True)
    return picture
