"""What is done to a product on its way into the index: its picture decoded, its title cut into pieces, both encoded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from PIL import Image

from sslrec.channels import Stage
from sslrec.data.catalogue import letterbox
from sslrec.data.catalogue.source import Source
from sslrec.data.folding import fold_symbols
from sslrec.data.images import WHITE, decode_picture
from sslrec.serving.multimodal import IMAGE, TEXT, MultimodalModels

SIDE = 240
"""Pixels of a kept picture's larger side, at most."""
QUALITY = 85
BATCH = 32
"""Products encoded at a time."""


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


def make_stages(source: Source, models: MultimodalModels, workers: int = 2) -> dict[str, Sequence[Stage]]:
    """The stages of a pipeline for a catalogue, by modality.

    Args:
        source: where pictures are read.
        models: the towers.
        workers: threads that decode pictures.
    """
    return {
        IMAGE: (Stage("decode", decoder(source, models), workers), Stage("encode", _seen(models), batch=BATCH)),
        TEXT: (Stage("tokenize", reader(models)), Stage("encode", _said(models), batch=BATCH)),
    }


def decoder(source: Source, models: MultimodalModels) -> Callable[[tuple[bytes | str, str]], Seen]:
    """What reads and decodes a picture, given as its bytes or its name, with what to call it in an error.

    Of the file itself nothing goes on: what is kept is drawn from the pixels anew.
    """

    def decode(given: tuple[bytes | str, str]) -> Seen:
        picture, name = given
        image = decode_picture(source.read(picture), name, WHITE)
        return Seen(letterbox(image, models.height, models.width), kept_picture(image))

    return decode


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
    """What cuts a title into pieces."""
    limit = int(models.settings["text_length"])

    def read(title: str) -> Said:
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
