"""Fit the novelty score to the shipped models: `python -m sslrec train novelty`."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image

from sslrec import artifacts
from sslrec.data.digits import DigitData
from sslrec.data.images import prepare_digit
from sslrec.data.nondigits import make_nondigits
from sslrec.evaluation.canvas import place_on_canvas
from sslrec.serving.digits import DigitReader
from sslrec.serving.novelty import fit_novelty

TURNED_AWAY = 0.005
"""Share of the validation digits, as they are and as people draw them, that may be taken for no digit."""


def calibrate_novelty(data: DigitData, out: Path, command: str, seed: int = 0) -> artifacts.Manifest:
    """Fit the score on the validation digits against made-up pictures and leave it in `out`.

    Args:
        data: MNIST; only its validation part is read.
        out: the artefact's folder.
        command: what the user typed, for the manifest.
        seed: decides the canvases and the made-up pictures.

    Returns:
        The manifest that was written.

    Raises:
        ArtifactError: the autoencoder or the classifier is missing or damaged.
    """
    reader = DigitReader()
    canvases = place_on_canvas(data.x_validation, seed)
    drawn = np.stack([prepare_digit(Image.fromarray(canvas), "canvas") for canvas in canvases])
    digits = np.concatenate([data.x_validation.astype(np.float32) / 255, drawn])
    others = make_nondigits(data.x_validation, len(digits), seed).astype(np.float32) / 255
    inside, outside = _answers(reader, digits), _answers(reader, others)
    model = fit_novelty(inside, outside, TURNED_AWAY)
    out.mkdir(parents=True, exist_ok=True)
    (out / "novelty.json").write_text(json.dumps(asdict(model), indent=2) + "\n", "utf-8")
    manifest = artifacts.Manifest(
        name=out.name,
        task="novelty",
        data=data.name,
        data_sha256=data.sha256,
        command=command,
        seed=seed,
        versions={package: version(package) for package in ("numpy", "scikit-learn", "ai-edge-litert")},
        metrics={
            "made_up_pictures_recognised": float((model.score(*outside) > 0.5).mean()),
            "digits_turned_away": float((model.score(*inside) > 0.5).mean()),
        },
        config={"turned_away": TURNED_AWAY},
        built_on={name: artifacts.load(name).digest for name in ("autoencoder-64", "digit-classifiers")},
    )
    return artifacts.save(out, manifest).manifest


def _answers(reader: DigitReader, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return images, reader.autoencoder(64)(images), reader.classify(images)
