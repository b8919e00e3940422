"""A language model of a few thousand random weights as an artefact, for tests of what serves one."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np

from sslrec import artifacts
from sslrec.data.tokens import train_tokenizer

LINES = [f"{colour} {thing}, size {n}" for n in range(9) for colour in ("blue", "red") for thing in ("shoe", "shirt")]
LENGTH = 16
LAYERS, HEADS, DIM = 1, 2, 8


@cache
def tiny_language() -> Path:
    """The artefact's folder, made once for a test process."""
    import keras

    from sslrec.learning.encoders.text import TextConfig
    from sslrec.learning.export import export_litert
    from sslrec.learning.models.language import MaskedLanguageModel, build_fill_in

    folder = Path(tempfile.mkdtemp(prefix="language-")) / "language"
    tokenizer = train_tokenizer(LINES, 70)
    keras.utils.set_random_seed(0)
    size = TextConfig(tokenizer.vocab_size, LENGTH, DIM, LAYERS, HEADS, 16)
    model = MaskedLanguageModel(size)
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign_add(rng.normal(0, 0.3, variable.shape))
    folder.mkdir()
    export_litert(build_fill_in(model), folder / "fill-in.tflite", weights="float32")
    tokenizer.save(folder, LENGTH)
    (folder / "config.json").write_text(json.dumps({"model_type": "distilbert", **asdict(size)}))
    corpora = {"gutenberg": {"loss": 2.0, "top_1": 0.4, "top_5": 0.6, "trigram_top_1": 0.2, "hidden": 30}}
    manifest = artifacts.Manifest(
        name="language",
        task="language",
        data="text",
        data_sha256="0" * 64,
        command="python -m sslrec train language --data text",
        seed=0,
        versions={},
        metrics={"corpora": corpora, "weights": 5000, "rows": {"gutenberg": 1200}},
        history=[{"epoch": 1, "loss": 5.0, "validation_loss": 4.5}, {"epoch": 2, "loss": 3.0, "validation_loss": 3.5}],
    )
    artifacts.save(folder, manifest)
    return folder
