"""One training as a user starts it: a process of its own, seconds long, on digits that come with scikit-learn."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.config import ROOT
from sslrec.data.digits import load
from sslrec.litert import LiteModel


def start(*arguments: str, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sslrec", "train", *arguments, "--json"],
        cwd=ROOT,
        env={**os.environ, "SSLREC_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.timeout(600)
def test_an_autoencoder_that_was_interrupted_and_resumed_can_be_served(tmp_path: Path):
    out = tmp_path / "mine"
    options = ["--data", "digits", "--code", "16", "--epochs", "3", "--seed", "1", "--out", str(out)]
    with start("autoencoder", *options, home=tmp_path / "home") as first:
        lines = [first.stdout.readline() for _ in range(4)]
        first.send_signal(signal.SIGINT)
        rest, said = first.communicate()
    assert first.returncode == 130
    assert re.fullmatch(rf"error: interrupted at step \d+; resume with: python -m sslrec train --resume {out}\n", said)
    assert not (out / "manifest.json").exists()
    with start("--resume", str(out), home=tmp_path / "home") as second:
        more, said = second.communicate()
    assert second.returncode == 0, said
    events = [json.loads(line) for line in [*lines, *rest.splitlines(), *more.splitlines()]]
    steps = [event for event in events if event["event"] == "step"]
    assert [event["step"] for event in steps] == list(range(1, 31))
    assert {"loss", "learning_rate", "gradient_norm", "examples_per_second"} <= steps[0].keys()
    assert steps[-1]["loss"] < 0.8 * steps[0]["loss"]
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [1, 2, 3]
    assert events[-1]["event"] == "finished"

    artifact = artifacts.load_folder(out, "mine")
    assert events[-1]["metrics"] == artifact.manifest.metrics
    assert artifact.manifest.command == "python -m sslrec train autoencoder --data digits --code 16 --epochs 3 --seed 1"
    images = load("digits").x_test[:5, ..., None].astype(np.float32) / 255
    codes = LiteModel(artifact.file("encoder.tflite"))(images)
    pictures = LiteModel(artifact.file("decoder.tflite"))(codes)
    assert codes.shape == (5, 16)
    assert pictures.shape == images.shape
    assert 0 <= pictures.min() <= pictures.max() <= 1
