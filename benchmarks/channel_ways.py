"""One way of taking fashion_products through the recommender's stages, in a process of its own.

`python -m benchmarks.channel_ways WAY ITEMS FILE` leaves the vectors in FILE and prints seconds and peak memory.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import resident
from sslrec.channels import Pipeline, Row, Stage
from sslrec.data.catalogue import Catalogue, decode_rgb, load_catalogue
from sslrec.data.tokens import pad
from sslrec.serving.multimodal import MultimodalModels
from sslrec.serving.vectors import index_vectors

BATCH = 32
"""Items that a tower takes at a time, in every way."""


class Ingest:
    """What all ways share: the rows, the stages, and the index that the vectors go into.

    Args:
        catalogue: the products.
        items: how many of them.
    """

    def __init__(self, catalogue: Catalogue, items: int) -> None:
        self.catalogue = catalogue
        self.items = items
        self.titles = catalogue.titles
        self.models = MultimodalModels()
        self.vectors = np.empty((items, self.models.dim), np.float32)

    @cached_property
    def _limit(self) -> int:
        return int(self.models.settings["text_length"])

    def rows(self) -> Iterator[tuple[int, bytes, str]]:
        """Number, picture file and title of each product."""
        for row in range(self.items):
            yield row, self.catalogue.image(row) or b"", self.titles[row]

    def decode(self, data: bytes) -> np.ndarray:
        """A picture file to `(height, width, 3)` uint8."""
        return decode_rgb(data, "picture", self.models.height, self.models.width)

    def tokenize(self, title: str) -> np.ndarray:
        """A title to `(n,)` int32."""
        return self.models.tokenizer.encode(title, self._limit).ids

    def see(self, pictures: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """Pictures to `(n, dim)` float32."""
        return self.models.encode_pictures(np.asarray(pictures))

    def read(self, texts: Sequence[np.ndarray]) -> np.ndarray:
        """Token ids to `(n, dim)` float32."""
        return self.models.encode_ids(texts)

    def index(self, rows: Sequence[int] | np.ndarray, text: Any, image: Any) -> None:
        """Put the products' vectors in their places."""
        self.vectors[np.asarray(rows)] = index_vectors(np.asarray(text), np.asarray(image))


def one_after_another(ingest: Ingest) -> None:
    """Each stage called when the one before it has ended, batch by batch."""
    batch: list[tuple[int, np.ndarray, np.ndarray]] = []
    for row, data, title in ingest.rows():
        batch.append((row, ingest.decode(data), ingest.tokenize(title)))
        if len(batch) == BATCH or row == ingest.items - 1:
            rows, pictures, texts = zip(*batch, strict=True)
            ingest.index(rows, ingest.read(texts), ingest.see(pictures))
            batch.clear()


def through_channels(ingest: Ingest) -> None:
    """The pipeline of the app: a thread for each stage, bounded channels between them."""
    stages = {
        "image": (Stage("decode", ingest.decode), Stage("encode", ingest.see, batch=BATCH)),
        "text": (Stage("tokenize", ingest.tokenize), Stage("encode", ingest.read, batch=BATCH)),
    }
    rows = (Row(row, {"image": data, "text": title}) for row, data, title in ingest.rows())
    with Pipeline(rows, stages, batch_size=BATCH, capacity=2 * BATCH) as pipeline:
        for batch in pipeline:
            ingest.index(batch.keys, batch.parts["text"], batch.parts["image"])  # type: ignore[arg-type]


def tensorflow_data(ingest: Ingest) -> None:
    """`tf.data` over the same stages: map, prefetch, zip."""
    _tensorflow_data(ingest, own_decoder=False)


def tensorflow_data_own_decoder(ingest: Ingest) -> None:
    """`tf.data` with TensorFlow's JPEG decoder in place of the safe one, which takes any format and size."""
    _tensorflow_data(ingest, own_decoder=True)


def _tensorflow_data(ingest: Ingest, own_decoder: bool) -> None:
    import tensorflow as tf

    height, width = ingest.models.height, ingest.models.width

    def framed(number: Any) -> Any:
        if not own_decoder:
            decode = lambda row: ingest.decode(ingest.catalogue.image(int(row)) or b"")  # noqa: E731
            frame = tf.numpy_function(decode, [number], tf.uint8)
        else:
            data = tf.numpy_function(lambda row: ingest.catalogue.image(int(row)), [number], tf.string)
            # White around it: what is resized has black round it.
            inverted = tf.image.resize_with_pad(255 - tf.io.decode_jpeg(data, channels=3), height, width)
            frame = tf.cast(255 - tf.round(inverted), tf.uint8)
        return tf.ensure_shape(frame, (height, width, 3))

    def tokens(number: Any) -> Any:
        found = tf.numpy_function(lambda row: ingest.tokenize(ingest.titles[int(row)]), [number], tf.int32)
        return tf.ensure_shape(found, (None,))

    def read(token_ids: np.ndarray) -> np.ndarray:
        return ingest.read([row[row != padding] for row in token_ids])

    padding, auto = ingest.models.tokenizer.pad_id, tf.data.AUTOTUNE
    numbers = tf.data.Dataset.range(ingest.items)
    pictures = numbers.map(framed, num_parallel_calls=auto).batch(BATCH)
    pictures = pictures.map(lambda batch: tf.numpy_function(ingest.see, [batch], tf.float32)).prefetch(auto)
    texts = numbers.map(tokens, num_parallel_calls=auto).padded_batch(BATCH, (None,), tf.constant(padding, tf.int32))
    texts = texts.map(lambda batch: tf.numpy_function(read, [batch], tf.float32)).prefetch(auto)
    for rows, image, text in tf.data.Dataset.zip(numbers.batch(BATCH), pictures, texts).prefetch(auto):
        ingest.index(rows.numpy(), text.numpy(), image.numpy())


WAYS: dict[str, Callable[[Ingest], None]] = {
    way.__name__: way for way in (one_after_another, through_channels, tensorflow_data, tensorflow_data_own_decoder)
}


def warm_up(ingest: Ingest, way: Callable[[Ingest], None]) -> None:
    """Load what every way needs: the towers, with the memory that a full batch of the longest texts takes."""
    texts = [ingest.tokenize("shoe " * 50)] * BATCH
    pad(texts, ingest.models.tokenizer.pad_id)
    ingest.read(texts)
    ingest.see([ingest.decode(ingest.catalogue.image(0) or b"")] * BATCH)
    if way is not one_after_another:
        items, ingest.items = ingest.items, min(ingest.items, 2 * BATCH)
        way(ingest)
        ingest.items = items


def main() -> None:
    """Take the products that way, print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("items", type=int)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    ingest, way = Ingest(load_catalogue("fashion_products"), given.items), WAYS[given.way]
    warm_up(ingest, way)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    process = Path("/proc/self").resolve().name
    before, cpu, began = resident(int(process)), time.process_time(), time.perf_counter()
    way(ingest)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resident(int(process), peak=True) - ingest.vectors.nbytes / 1e6
    np.save(given.file, ingest.vectors)
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "before_megabytes": before, "peak_megabytes": peak}))


if __name__ == "__main__":
    main()
