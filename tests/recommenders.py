"""A small recommender made here, so that no shipped one is needed: the artefact's form with towers of a few numbers."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from sslrec import artifacts
from sslrec.config import ROOT
from sslrec.data.catalogue import read_parquet
from sslrec.data.tokens import TextTokenizer

DIM = 16
EVERY = 24
"""Of the built-in catalogue's products every so many are taken."""


@cache
def tiny_assets() -> Path:
    """An assets folder with a tokenizer, a catalogue of 54 products and a recommender for it; the same at every call.

    The text tower adds up a random vector for each piece, the picture tower sees the mean colours of a 2 x 2 grid, the
    fusion weighs what is present evenly.
    """
    folder = Path(tempfile.mkdtemp(prefix="tiny-assets"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(ROOT / "assets" / "tokenizer", folder / "tokenizer")
    (folder / "catalogue").mkdir()
    table = pq.read_table(ROOT / "assets" / "catalogue" / "catalogue.parquet")
    file = folder / "catalogue" / "catalogue.parquet"
    pq.write_table(table.take(list(range(0, table.num_rows, EVERY))), file)
    made = folder / "models" / "recommender"
    made.mkdir(parents=True)
    _write_models(made, TextTokenizer.load(folder / "tokenizer" / "tokenizer.json").vocab_size)
    settings = {"modalities": ["text", "image"], "height": 80, "width": 60, "dim": DIM, "text_length": 32}
    line = {"scale": 4.0, "offset": -2.0}
    settings["calibration"] = {"text": line, "image": {**line, "scale": 5.0}, "fused": {**line, "scale": 6.0}}
    (made / "recommender.json").write_text(json.dumps(settings))
    empty = np.zeros((0, DIM), np.float16)
    np.savez(made / "builtin.npz", text=empty, image=empty, sha256=np.array("none"))
    save(made)
    _write_vectors(made, file, folder)
    return folder


def save(made: Path) -> None:
    """Vouch for the artefact's files as they are."""
    artifacts.save(made, artifacts.Manifest("recommender", "multimodal", "builtin", "", "make", 0, {}, {}))


def _write_models(made: Path, pieces: int) -> None:
    import keras
    from keras import layers

    from sslrec.learning.export import export_litert

    ops: Any = keras.ops  # its functions say little of what they return

    def unit(x):
        return x / ops.sqrt(ops.maximum(ops.sum(x * x, axis=-1, keepdims=True), 1e-12))

    ids = keras.Input((None,), dtype="int32", name="token_ids")
    mask = keras.Input((None,), dtype="int32", name="attention_mask")
    start = keras.initializers.RandomNormal(seed=1)
    known = layers.Embedding(pieces, DIM, embeddings_initializer=start)(ids)
    vector = unit(ops.sum(known * ops.expand_dims(ops.cast(mask, "float32"), -1), axis=1))
    export_litert(keras.Model([ids, mask], {"vector": vector}), made / "text.tflite")

    image = keras.Input((80, 60, 3), name="image")
    seen = layers.Flatten()(layers.AveragePooling2D((40, 30))(image)) - 0.8
    start = keras.initializers.RandomNormal(seed=2)
    vector = unit(layers.Dense(DIM, use_bias=False, kernel_initializer=start)(seen))
    export_litert(keras.Model(image, {"vector": vector}), made / "image.tflite")

    vectors = keras.Input((None, DIM), name="vectors")
    present, bias = keras.Input((None,), name="present"), keras.Input((None,), name="bias")
    gates = ops.softmax(bias + ops.subtract(present, 1) * 1e9, axis=-1)
    parts = vectors * ops.expand_dims(gates, -1)
    total = ops.sum(parts, axis=1, keepdims=True)
    parts = parts / ops.sqrt(ops.maximum(ops.sum(total * total, axis=-1, keepdims=True), 1e-12))
    export_litert(keras.Model([vectors, present, bias], {"parts": parts, "gates": gates}), made / "fusion.tflite")


def _write_vectors(made: Path, file: Path, folder: Path) -> None:
    """`builtin.npz` as training leaves it: the towers' vectors of the catalogue in half precision."""
    import pytest

    from sslrec.config import settings
    from sslrec.serving.multimodal import MultimodalModels

    catalogue = read_parquet(file, "builtin")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSLREC_ASSETS", str(folder))
        settings.cache_clear()
        models = MultimodalModels()
        text = models.encode_texts(catalogue.titles)
        image = models.encode_pictures(catalogue.pictures(range(len(catalogue)), 80, 60))
    settings.cache_clear()
    digest = np.array(artifacts.sha256_of(file))
    np.savez(made / "builtin.npz", text=text.astype(np.float16), image=image.astype(np.float16), sha256=digest)
    save(made)
