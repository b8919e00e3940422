import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sslrec.artifacts import SHIPPED, load_folder
from sslrec.cli import main
from sslrec.cli import train as command

EVENTS = [
    {"event": "step", "step": 1, "of": 2, "loss": 0.5, "learning_rate": 0.1},
    {"event": "epoch", "epoch": 1, "loss": 0.5, "seconds": 0.1},
    {"event": "finished", "out": "somewhere", "metrics": {"bce": 0.07}},
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, set_variables: Callable[..., None]) -> list[dict[str, Any]]:
    """Stands in for the trainings; holds what was asked of them."""
    set_variables(ASSETS=tmp_path / "assets", HOME=tmp_path / "home")
    calls: list[dict[str, Any]] = []

    def train(task: str, *, on_event: Callable[[dict[str, Any]], None], **given: Any) -> SimpleNamespace:
        calls.append({"task": task, **given})
        for event in EVENTS:
            on_event(event)
        return SimpleNamespace(name=given["out"].name)

    monkeypatch.setitem(sys.modules, "sslrec.learning.train", SimpleNamespace(train=train))
    monkeypatch.setattr(command, "load", lambda name: name)
    return calls


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "digit-novelty"])
def test_the_command_of_each_shipped_model_rebuilds_it_in_its_place(
    name: str, asked: list[dict[str, Any]], tmp_path: Path
):
    assert main(SHIPPED[name].removeprefix("python -m sslrec ").split()) == 0
    (call,) = asked
    assert call["out"] == tmp_path / "assets" / "models" / name
    assert call["command"] == SHIPPED[name]
    assert call["seed"] == 0


def test_options_reach_the_training_and_its_manifest(asked: list[dict[str, Any]], tmp_path: Path):
    arguments = "train autoencoder --data digits --code 12 --denoise --epochs 3 --seed 5 --out"
    assert main([*arguments.split(), str(tmp_path / "here")]) == 0
    (call,) = asked
    assert call == {
        "task": "autoencoder",
        "data": "digits",
        "out": tmp_path / "here",
        "command": "python -m sslrec train autoencoder --data digits --code 12 --denoise --epochs 3 --seed 5",
        "seed": 5,
        "options": {"code": 12, "denoise": True, "epochs": 3},
    }


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [("encoder --data digits", "digit-encoder-digits"), ("autoencoder --code 16", "autoencoder-16-mnist")],
)
def test_other_models_are_left_in_the_home_folder(
    arguments: str, folder: str, asked: list[dict[str, Any]], tmp_path: Path
):
    assert main(["train", *arguments.split()]) == 0
    assert asked[0]["out"] == tmp_path / "home" / "models" / folder


@pytest.mark.parametrize("task", ["encoder", "novelty"])
def test_a_folder_with_other_files_is_left_alone(
    task: str, asked: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "thesis.txt").write_text("three years of work")
    assert main(["train", task, "--out", str(tmp_path)]) == 2
    assert "holds other files than a model" in capsys.readouterr().err
    assert asked == []
    assert (tmp_path / "thesis.txt").exists()


def test_json_is_one_event_a_line(asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]):
    assert main(["train", "encoder", "--json"]) == 0
    captured = capsys.readouterr()
    assert [json.loads(line) for line in captured.out.splitlines()] == EVENTS
    assert captured.err == ""


def test_people_see_the_epochs_and_the_folder(asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]):
    assert main(["train", "encoder"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("digit-encoder: ")
    assert "epoch: epoch 1, loss 0.5000" in captured.err


def test_a_training_that_diverges_is_one_line(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def train(*unused: object, **given: object) -> None:
        raise FloatingPointError("the loss is nan at step 7; try a lower learning rate")

    monkeypatch.setattr(sys.modules["sslrec.learning.train"], "train", train)
    assert main(["train", "encoder", "--json"]) == 1
    assert capsys.readouterr().err == "error: the loss is nan at step 7; try a lower learning rate.\n"


def test_a_real_training_leaves_a_sound_artefact(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    place = tmp_path / "autoencoder-8"
    arguments = [
        "train",
        "autoencoder",
        "--data",
        "digits",
        "--code",
        "8",
        "--epochs",
        "1",
        "--out",
        str(place),
        "--json",
    ]
    assert main(arguments) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[0]["event"] == "step"
    assert events[-1]["event"] == "finished"
    manifest = load_folder(place, "autoencoder-8").manifest
    assert manifest.metrics == events[-1]["metrics"]
    assert manifest.command == "python -m sslrec train autoencoder --data digits --code 8 --epochs 1"
    assert str(tmp_path) not in (place / "manifest.json").read_text("utf-8")
