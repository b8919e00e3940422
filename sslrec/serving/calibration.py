"""Fit the novelty score to the shipped models: `python -m sslrec train novelty`."""

from __future__ import annotations

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
from sslrec.serving.novelty import Seen, fit_novelty

TURNED_AWAY = 0.005
"""Share of the validation digits, as they are and as people draw them, that may be taken for no digit."""
BUILT_ON = ("autoencoder-64", "digit-classifiers", "digit-encoder")
LEARNED = 8000
"""Digits that are learned from, at most; each as it is and as people draw it, beside as many made-up pictures."""


def calibrate_novelty(data: DigitData, out: Path, command: str, seed: int = 0) -> artifacts.Manifest:
    """Fit the score on digits against made-up pictures and leave it in `out`.

    Args:
        data: MNIST; its test part is not read.
        out: the artefact's folder.
        command: what the user typed, for the manifest.
        seed: decides the canvases and the made-up pictures.

    Returns:
        The manifest that was written.

    Raises:
        ArtifactError: the autoencoder, the classifier or the encoder is missing or damaged.
    """
    reader = DigitReader()
    known, validation = data.x_fit[:LEARNED], data.x_validation
    digits, unseen = (_seen(reader, _as_they_come(part, seed)) for part in (known, validation))
    # Of another seed, for the same one would draw the same signs.
    others, unseen_others = (_seen(reader, _made_up(part, of)) for part, of in ((known, seed), (validation, seed + 1)))
    model = fit_novelty(digits, others, unseen, TURNED_AWAY, seed)
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / "novelty.npz", allow_pickle=False, **vars(model))
    manifest = artifacts.Manifest(
        name=out.name,
        task="novelty",
        data=data.name,
        data_sha256=data.sha256,
        command=command,
        seed=seed,
        versions={package: version(package) for package in ("numpy", "scikit-learn", "ai-edge-litert")},
        metrics={
            "made_up_pictures_recognised": float((model.score(unseen_others) > 0.5).mean()),
            "digits_turned_away": float((model.score(unseen) > 0.5).mean()),
        },
        config={"turned_away": TURNED_AWAY},
        built_on={name: artifacts.load(name).digest for name in BUILT_ON},
    )
    return artifacts.save(out, manifest).manifest


def _as_they_come(digits: np.ndarray, seed: int) -> np.ndarray:
    """Digits as they are, and as people draw them: `(n, 28, 28)` uint8 to `(2 n, 28, 28)` float32 in [0, 1]."""
    drawn = [prepare_digit(Image.fromarray(canvas), "canvas") for canvas in place_on_canvas(digits, seed)]
    return np.concatenate([digits.astype(np.float32) / 255, np.stack(drawn)])


def _made_up(digits: np.ndarray, seed: int) -> np.ndarray:
    return make_nondigits(digits, 2 * len(digits), seed).astype(np.float32) / 255


def _seen(reader: DigitReader, images: np.ndarray) -> Seen:
    return Seen(images, reader.autoencoder(64)(images), reader.classify(images), reader.features(images))
