"""What is done to a product on its way into the index: its picture decoded, its title cut into pieces, both encoded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from PIL import Image

from sslrec.channels import Stage
from sslrec.config import settings
from sslrec.data.catalogue import letterbox
from sslrec.data.catalogue.picture_files import within
from sslrec.data.catalogue.source import Source
from sslrec.data.folding import fold_symbols
from sslrec.data.images import WHITE, decode_picture
from sslrec.data.markup import plain_text
from sslrec.errors import SslrecError
from sslrec.serving.multimodal import IMAGE, TEXT, MultimodalModels

SIDE = 240
"""Pixels of a kept picture's larger side, at most."""
QUALITY = 85
BATCH = 32
"""Products encoded at a time."""
WAITING = 64 << 20
"""Bytes of pictures that came within a table and wait to be decoded, at most."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture on its way.

    Attributes:
        pixels: `(height, width, 3)` uint8 as the picture tower takes it, then its vector, `(dim,)` float32.
        kept: the picture anew, small, as a JPEG file.
    """

    pixels: np.ndarray = field(repr=False)
    kept: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """A title on its way.

    Attributes:
        pieces: `(n,)` int32 as the text tower takes them, then its vector, `(dim,)` float32.
        is_known: whether the model knows a word of it.
    """

    pieces: np.ndarray = field(repr=False)
    is_known: bool


Given = tuple[bytes | str, str]
"""A picture's bytes or its name for `Source.read`, and what to call it in an error."""


class Decoder:
    """Reads and decodes pictures, of which few bytes wait at a time.

    Of the file itself nothing goes on: what is kept is drawn from the pixels anew.

    Args:
        source: where pictures are read.
        models: the towers.
    """

    def __init__(self, source: Source, models: MultimodalModels) -> None:
        self._source, self._models = source, models
        self._lock = threading.Lock()
        self._waiting = 0

    def admit(self, picture: bytes | str, name: str) -> Given | Seen | SslrecError:
        """What to send to the stage for a picture.

        Where too many bytes wait already the picture is decoded at once: whoever reads the rows is held back by that
        work, and as nobody waits for anybody, nothing can be left waiting when the ingest is stopped.

        Args:
            picture: its bytes, or its name.
            name: what to call it in an error.

        Returns:
            The same, what it became, or why it cannot be used.
        """
        if isinstance(picture, str):
            return picture, name
        try:
            within(picture, name, settings().max_image_bytes)
            with self._lock:
                has_room = self._waiting + len(picture) <= WAITING
                self._waiting += len(picture) if has_room else 0
            return (picture, name) if has_room else self._decode(picture, name)
        except SslrecError as error:
            return error

    def __call__(self, given: Given | Seen) -> Seen:
        """Decode a picture that was admitted; one that is decoded stays as it is.

        Raises:
            SslrecError: it cannot be read or decoded.
        """
        if isinstance(given, Seen):
            return given
        picture, name = given
        try:
            return self._decode(picture, name)
        finally:
            if isinstance(picture, bytes):
                with self._lock:
                    self._waiting -= len(picture)

    def _decode(self, picture: bytes | str, name: str) -> Seen:
        image = decode_picture(self._source.read(picture), name, WHITE)
        return Seen(letterbox(image, self._models.height, self._models.width), kept_picture(image))


def make_stages(decode: Decoder, models: MultimodalModels, workers: int = 2) -> dict[str, Sequence[Stage]]:
    """The stages of a pipeline for a catalogue, by modality.

    Args:
        decode: decodes the pictures.
        models: the towers.
        workers: threads that decode pictures.
    """
    return {
        IMAGE: (Stage("decode", decode, workers), Stage("encode", _seen(models), batch=BATCH)),
        TEXT: (Stage("tokenize", reader(models)), Stage("encode", _said(models), batch=BATCH)),
    }


def kept_picture(image: Image.Image) -> bytes:
    """A picture as a small JPEG file."""
    small = image if image.mode == "RGB" else image.convert("RGB")
    if max(small.size) > SIDE:
        small = small.copy()
        small.thumbnail((SIDE, SIDE), Image.Resampling.BICUBIC)
    stream = BytesIO()
    # Pillow takes a comment along that came with the file.
    small.save(stream, "JPEG", quality=QUALITY, comment=b"")
    return stream.getvalue()


def reader(models: MultimodalModels) -> Callable[[str], Said]:
    """What cuts a title into pieces, without its HTML."""
    limit = int(models.settings["text_length"])

    def read(title: str) -> Said:
        title = plain_text(title)
        return Said(models.tokenizer.encode(fold_symbols(title), limit).ids, models.reads(title))

    return read


def _seen(models: MultimodalModels) -> Callable[[list[Seen]], list[Seen]]:
    def encode(batch: list[Seen]) -> list[Seen]:
        vectors = models.encode_pictures(np.stack([one.pixels for one in batch]))
        return [Seen(vector, one.kept) for vector, one in zip(vectors, batch, strict=True)]

    return encode


def _said(models: MultimodalModels) -> Callable[[list[Said]], list[Said]]:
    def encode(batch: list[Said]) -> list[Said]:
        vectors = models.encode_ids([one.pieces for one in batch])
        return [Said(vector, one.is_known) for vector, one in zip(vectors, batch, strict=True)]

    return encode
