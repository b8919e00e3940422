"""Our training loop, with live metrics and checkpoints, beside a plain `keras.Model.fit` of the same model."""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from benchmarks.support import report
from sslrec.data import digits
from sslrec.learning.models.autoencoder import Autoencoder
from sslrec.learning.session import RunSession
from sslrec.learning.tasks.autoencoder import to_float
from sslrec.runs.events import RunConfig
from sslrec.runs.store import RunFolder, RunRecord, RunState

TARGET = 0.97
"""Our steps per second, as a share of those of `fit`."""
QUIET: Any = 0
WARM_UP = 5
"""Steps before the clock starts: the first ones trace the graph."""


def our_steps(session: RunSession, steps: int) -> float:
    """Steps per second of the loop as a run has it: events written, checkpoints saved, commands looked for."""
    began = time.perf_counter()
    for _ in range(steps):
        session.turn()
    return steps / (time.perf_counter() - began)


def plain_steps(model: keras.Model, images: np.ndarray, batch_size: int) -> float:
    """Steps per second of one pass of `fit` over the images, without callbacks."""
    began = time.perf_counter()
    model.fit(images, images, batch_size=batch_size, epochs=1, verbose=QUIET)
    return len(images) // batch_size / (time.perf_counter() - began)


def main() -> None:
    """Measure in turns, print and keep."""
    parser = argparse.ArgumentParser(description="steps per second of the training loop and of keras.Model.fit")
    parser.add_argument("--steps", type=int, default=60, help="steps of a turn (default: 60)")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each (default: 9)")
    arguments = parser.parse_args()
    name = "mnist" if digits.find("mnist") else "digits"
    # Validation is no part of a step, and the small set must not end within the measurement.
    config = RunConfig("autoencoder", name, "cosine", epochs=10_000 if name == "digits" else None)
    with tempfile.TemporaryDirectory() as home:
        folder = RunFolder(Path(home) / "run")
        folder.create(RunRecord.new(config), RunState())
        session = RunSession(folder)
        session.prepare()
        training = session.training
        assert training is not None
        training.schedule = replace(training.schedule, validate_every=10**9)
        batch_size = training.schedule.batch_size
        plain = _plain_model(training.schedule.average)
        images = to_float(digits.load(name).x_fit)
        images = np.resize(images, (arguments.steps * batch_size, *images.shape[1:]))
        our_steps(session, WARM_UP)
        plain_steps(plain, images[: WARM_UP * batch_size], batch_size)
        ours, plains = [], []
        for _ in range(arguments.rounds):
            ours.append(our_steps(session, arguments.steps))
            plains.append(plain_steps(plain, images, batch_size))
        session.command("stop")
        session.close()
    _report(name, batch_size, ours, plains)


def _plain_model(average: float) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = Autoencoder(64)
    model.compile(
        keras.optimizers.Adam(2e-3, use_ema=average > 0, ema_momentum=average or 0.99),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    return model


def _report(data: str, batch_size: int, ours: list[float], plains: list[float]) -> None:
    ratios = [one / other for one, other in zip(ours, plains, strict=True)]
    median = statistics.median
    share = median(ours) / median(plains)
    report(
        "training",
        ["autoencoder-64", "steps per second (median)", "lowest", "highest"],
        [
            ["our loop, live metrics, checkpoints", *_three(ours)],
            ["keras.Model.fit, no callbacks", *_three(plains)],
            [f"share (target {TARGET}: {'kept' if share >= TARGET else 'missed'})", f"{share:.3f}", *_ends(ratios)],
        ],
        {
            "share": round(share, 4),
            "share_target": TARGET,
            "our_steps_per_second": round(median(ours), 2),
            "fit_steps_per_second": round(median(plains), 2),
            "rounds": len(ours),
            "batch_size": batch_size,
            "data": data,
        },
    )


def _three(values: list[float]) -> list[str]:
    return [f"{statistics.median(values):.2f}", f"{min(values):.2f}", f"{max(values):.2f}"]


def _ends(values: list[float]) -> list[str]:
    return [f"{min(values):.3f}", f"{max(values):.3f}"]


if __name__ == "__main__":
    main()
