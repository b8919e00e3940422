"""Pictures for tests: a clear digit, and every way in which a file can be wrong."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw


def seven(side: int = 84, pen: int = 8, ink: int = 0, ground: int = 255) -> Image.Image:
    """A 7 with a round pen, as someone would draw it."""
    large = Image.new("L", (side * 4, side * 4), ground)
    points = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]
    line = [(x * side * 4, y * side * 4) for x, y in points]
    draw = ImageDraw.Draw(large)
    draw.line(line, fill=ink, width=pen * 4, joint="curve")
    for x, y in (line[0], line[-1]):
        draw.ellipse((x - pen * 2, y - pen * 2, x + pen * 2, y + pen * 2), fill=ink)
    return large.resize((side, side), Image.Resampling.BOX)


def two_digits(gap: int = 60) -> Image.Image:
    """A 7 and, beside it, a smaller 7."""
    page = Image.new("L", (220 + gap, 120), 255)
    page.paste(seven(110, pen=10), (0, 5))
    page.paste(seven(90, pen=9), (110 + gap, 15))
    return page


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """A picture as the bytes of a file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png_declaring(width: int, height: int) -> bytes:
    """A small PNG file that says it holds a picture of any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


@dataclass(frozen=True)
class Bad:
    """A file that is refused: its name, bytes, the error's code and the HTTP status."""

    name: str
    make: Callable[[], bytes]
    code: str
    status: int


BAD = [
    Bad("empty.png", lambda: b"", "image_empty", 400),
    Bad("text.png", lambda: b"This is a letter, not a picture.\n" * 9, "image_format", 415),
    Bad("bmw.bmp", lambda: b"BMW is a car maker, and this is a text about it.", "image_format", 415),
    Bad("page.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_format", 415),
    Bad("document.pdf", lambda: b"%PDF-1.7\n1 0 obj", "image_format", 415),
    Bad("phone.jpg", lambda: ftyp("heic", "mif1", "heic"), "image_heic", 415),
    Bad("phone.heif", lambda: ftyp("mif1", "mif1", "heix"), "image_heic", 415),
    Bad("film.mp4", lambda: ftyp("isom", "iso2", "mp41"), "image_format", 415),
    Bad("header.avif", lambda: ftyp("avif", "avif", "mif1"), "image_truncated", 422),
    Bad("cut.avif", lambda: encoded(seven(), "AVIF")[:400], "image_truncated", 422),
    Bad("cut.png", lambda: encoded(seven())[:300], "image_truncated", 422),
    Bad("cut.jpg", lambda: encoded(seven(), "JPEG")[:500], "image_truncated", 422),
    Bad("header.png", lambda: b"\x89PNG\r\n\x1a\n", "image_truncated", 422),
    Bad("pixel.png", lambda: encoded(Image.new("L", (1, 1))), "image_too_small", 422),
    Bad("line.png", lambda: encoded(Image.new("L", (100, 2))), "image_too_small", 422),
    Bad("huge.png", lambda: png_declaring(50_000, 50_000), "image_pixels", 413),
    Bad("large.png", lambda: png_declaring(9_000, 9_000), "image_pixels", 413),
    Bad("huge.gif", lambda: gif_declaring(50_000), "image_pixels", 413),
    Bad("outgrown.gif", lambda: gif_declaring(50_000, screen=10), "image_truncated", 422),
    Bad("huge.webp", lambda: webp_declaring(50_000), "image_pixels", 413),
    Bad("heavy.png", lambda: encoded(seven()) + bytes(10_000_000), "image_too_large", 413),
    Bad("white.png", lambda: encoded(Image.new("L", (84, 84), 255)), "image_blank", 422),
    Bad("black.jpg", lambda: encoded(Image.new("RGB", (84, 84)), "JPEG"), "image_blank", 422),
    Bad("glass.png", lambda: encoded(Image.new("RGBA", (84, 84), (200, 20, 20, 0))), "image_blank", 422),
]


def ftyp(major: str, *compatible: str) -> bytes:
    """The first box of a file of ISO 14496-12, and nothing useful behind it."""
    box = major.encode() + bytes(4) + "".join(compatible).encode()
    return struct.pack(">I", len(box) + 8) + b"ftyp" + box + bytes(200)


def gif_declaring(side: int, screen: int | None = None) -> bytes:
    """A GIF file that says how large its only frame is, and holds nothing of it; its screen may be smaller."""
    head = b"GIF89a" + struct.pack("<HHBBB", screen or side, screen or side, 0, 0, 0)
    return head + b"," + struct.pack("<HHHH", 0, 0, side, side) + b"\0\x02\x02\x44\x01\0;"


def webp_declaring(side: int) -> bytes:
    """The header of an extended WebP file that says how large its canvas is."""
    size = (side - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 100) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size * 2 + bytes(60)
