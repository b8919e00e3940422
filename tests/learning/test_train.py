import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sslrec import artifacts
from sslrec.errors import DataError
from sslrec.learning import train as training
from sslrec.learning.optim import policies
from sslrec.runs import tasks
from sslrec.runs.events import RunConfig
from tests.learning import tiny_recipe


def write_one_file(data, folder: Path, seed: int, on_event, *, text: str = "first"):
    (folder / "model.txt").write_text(text)
    on_event({"event": "epoch", "epoch": 1})
    return {"examples": len(data.x_fit), "seed": seed}


def fail(data, folder: Path, seed: int, on_event):
    (folder / "half.txt").write_text("half")
    raise FloatingPointError("the loss is nan at step 3")


@pytest.fixture
def batteries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "BATTERIES", {"write": write_one_file, "fail": fail})


@pytest.mark.usefixtures("batteries")
def test_a_battery_leaves_an_artefact_whose_manifest_says_where_it_comes_from(tmp_path: Path):
    events, out = [], tmp_path / "models" / "mine"
    manifest = training.train_battery(
        "write", data="digits", out=out, command="how I made it", seed=7, options={"text": "x"}, on_event=events.append
    )
    loaded = artifacts.load_folder(out, "mine")
    assert loaded.manifest == manifest
    assert (manifest.name, manifest.task, manifest.data, manifest.seed) == ("mine", "write", "digits", 7)
    assert manifest.command == "how I made it"
    assert manifest.config == {"text": "x"}
    assert manifest.metrics["seed"] == 7
    assert {"keras", "numpy"} < set(manifest.versions)
    assert set(manifest.files) == {"model.txt"}
    assert [event["event"] for event in events] == ["epoch", "finished"]
    assert json.dumps(events)  # a screen or a pipe can take every event


@pytest.mark.usefixtures("batteries")
def test_a_battery_that_fails_leaves_the_older_artefact_and_no_litter(tmp_path: Path):
    out = tmp_path / "mine"
    training.train_battery("write", data="digits", out=out, command="first")
    with pytest.raises(FloatingPointError):
        training.train_battery("fail", data="digits", out=out, command="second")
    assert artifacts.load_folder(out, "mine").manifest.command == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.usefixtures("batteries")
def test_a_second_battery_replaces_the_first(tmp_path: Path):
    out = tmp_path / "mine"
    training.train_battery("write", data="digits", out=out, command="first")
    training.train_battery("write", data="digits", out=out, command="second", options={"text": "second"})
    assert artifacts.load_folder(out, "mine").file("model.txt").read_text() == "second"


@pytest.mark.usefixtures("batteries")
def test_a_battery_interrupted_while_its_files_are_moved_leaves_the_older_artefact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out, replace, moved = tmp_path / "mine", Path.replace, []

    def interrupt_once(path: Path, target: Path) -> Path:
        if target == out and not moved:
            moved.append(path)
            raise KeyboardInterrupt
        return replace(path, target)

    training.train_battery("write", data="digits", out=out, command="first")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupt_once)
        with pytest.raises(KeyboardInterrupt):
            training.train_battery("write", data="digits", out=out, command="second")
    assert moved
    assert artifacts.load_folder(out, "mine").manifest.command == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.usefixtures("batteries")
def test_unknown_data_is_refused_before_anything_is_written(tmp_path: Path):
    with pytest.raises(DataError, match="There is no data set named 'nothing'"):
        training.train_battery("write", data="nothing", out=tmp_path / "mine", command="")
    assert not list(tmp_path.iterdir())


def test_a_range_test_suggests_a_rate_below_the_best_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(tasks.TASKS, "tiny", tiny_recipe.SPEC)
    events: list[dict[str, Any]] = []
    found = training.find_rate(RunConfig("tiny", "digits"), 40, events.append)
    assert found.suggested is not None
    assert found.best is not None
    assert 1e-5 < found.suggested < found.best < 1
    assert [event["learning_rate"] for event in events] == pytest.approx(found.rates[: len(events)], rel=1e-5)
    assert {event["of"] for event in events} == {40}


def test_a_range_test_leaves_out_what_belongs_to_the_policy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(tasks.TASKS, "tiny", tiny_recipe.SPEC)
    monkeypatch.setattr(tiny_recipe, "Schedule", partial(tiny_recipe.Schedule, options={"muon": True}))
    assert training.find_rate(RunConfig("tiny", "digits", "cosine"), 20).suggested


def test_what_a_range_test_and_a_battery_tell_is_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(tasks.TASKS, "tiny", tiny_recipe.SPEC)
    advance = training.Training.advance
    monkeypatch.setattr(
        training.Training, "advance", lambda one: [{**event, "gradient_norm": float("inf")} for event in advance(one)]
    )
    events: list[dict[str, Any]] = []
    training.find_rate(RunConfig("tiny", "digits"), 10, events.append)
    assert [event["gradient_norm"] for event in events] == [None] * len(events)

    def measure_nothing(data, folder: Path, seed: int, on_event) -> dict[str, float]:
        (folder / "model.txt").write_text("a model")
        on_event({"event": "classifier", "accuracy": float("nan")})
        return {"accuracy": float("nan")}

    monkeypatch.setattr(training, "BATTERIES", {"measure": measure_nothing})
    events.clear()
    training.train_battery("measure", data="digits", out=tmp_path / "mine", command="", on_event=events.append)
    assert (events[0]["accuracy"], events[1]["metrics"]) == (None, {"accuracy": None})
    assert "NaN" not in (tmp_path / "mine" / "manifest.json").read_text()


def test_the_app_knows_every_policy_without_keras():
    assert tasks.POLICIES == policies.POLICIES
