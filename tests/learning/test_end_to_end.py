"""One training as a user starts it: a process of its own, seconds long, on digits that come with scikit-learn."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.config import ROOT
from sslrec.data.digits import load
from sslrec.serving.runtime import LiteModel


@pytest.mark.timeout(300)
def test_an_autoencoder_trained_from_the_command_line_can_be_served(tmp_path: Path):
    out = tmp_path / "mine"
    options = ["--data", "digits", "--code", "16", "--epochs", "3", "--seed", "1", "--out", str(out), "--json"]
    finished = subprocess.run(
        [sys.executable, "-m", "sslrec", "train", "autoencoder", *options],
        cwd=ROOT,
        env={**os.environ, "SSLREC_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    events = [json.loads(line) for line in finished.stdout.splitlines()]
    steps = [event["loss"] for event in events if event["event"] == "step"]
    assert steps[-1] < 0.8 * steps[0]
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
