import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sslrec.artifacts import SHIPPED, TOKENIZER
from sslrec.cli import main
from sslrec.cli import train as command
from sslrec.config import ROOT
from sslrec.data import corpora, shops
from sslrec.runs.events import HOPELESS, Message, RunConfig, Status
from sslrec.runs.store import RunFolder, RunRecord, RunState
from sslrec.runs.tasks import TASKS

EVENTS = [
    {"event": "step", "step": 1, "of": 2, "loss": 0.5, "learning_rate": 0.1},
    {"event": "epoch", "step": 2, "epoch": 1, "loss": 0.5, "seconds": 0.1},
    {"event": "finished", "out": "somewhere", "metrics": {"bce": 0.07}},
]
QUIET = [{"event": "checkpoint", "step": 1}, {"event": "exhibit", "step": 0}]
"""What is for the run's folder alone."""


class Trainings:
    """Stands in for the trainings: holds what was asked of them, and ends them as wished."""

    def __init__(self) -> None:
        self.runs: list[tuple[Path, RunRecord]] = []
        self.batteries: list[dict[str, Any]] = []
        self.range_tests: list[RunConfig] = []
        self.end = RunState(Status.FINISHED)

    def train_run(self, path: Path, on_event: Callable[[dict[str, Any]], None]) -> RunState:
        self.runs.append((path, RunFolder(path).record()))
        for event in [*QUIET, *EVENTS]:
            on_event(event)
        return self.end

    def train_battery(self, task: str, *, on_event: Callable[[dict[str, Any]], None], **given: Any) -> SimpleNamespace:
        self.batteries.append({"task": task, **given})
        return SimpleNamespace(name=given["out"].name)

    def find_rate(self, config: RunConfig, steps: int, on_event: Callable[[dict[str, Any]], None]) -> SimpleNamespace:
        self.range_tests.append(config)
        return SimpleNamespace(suggested=0.01, best=0.1, diverged=False)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, set_variables: Callable[..., None]) -> Trainings:
    set_variables(ASSETS=tmp_path / "assets", HOME=tmp_path / "home")
    found = Trainings()
    names = ("train_run", "train_battery", "find_rate")
    module = SimpleNamespace(**{name: getattr(found, name) for name in names})
    monkeypatch.setitem(sys.modules, "sslrec.learning.train", module)
    monkeypatch.setattr(command, "load", lambda name: name)
    monkeypatch.setattr(RunConfig, "require_data", lambda config: None)  # no set needs to be here
    return found


def train(line: str, *more: str) -> int:
    return main(["train", *line.split(), *more])


RUNS = [name for name in SHIPPED if name not in ("digit-novelty", "digit-classifiers", TOKENIZER)]


@pytest.mark.parametrize("name", RUNS)
def test_the_command_of_each_shipped_model_rebuilds_it_in_its_place(name: str, trainings: Trainings, tmp_path: Path):
    assert main(SHIPPED[name].removeprefix("python -m sslrec ").split()) == 0
    ((path, record),) = trainings.runs
    assert path.parent == tmp_path / "home" / "runs"
    assert record.publish == str(tmp_path / "assets" / "models" / name)
    assert record.name == name
    assert record.command == SHIPPED[name]
    assert record.config.seed == 0


def test_the_shipped_classifiers_are_a_battery(trainings: Trainings, tmp_path: Path):
    assert main(SHIPPED["digit-classifiers"].removeprefix("python -m sslrec ").split()) == 0
    (call,) = trainings.batteries
    assert call["out"] == tmp_path / "assets" / "models" / "digit-classifiers"
    assert call["command"] == SHIPPED["digit-classifiers"]


def test_options_reach_the_run_and_its_command(trainings: Trainings, tmp_path: Path):
    line = (
        "autoencoder --data digits --code 12 --denoise --policy plateau --learning-rate 0.01 --epochs 3 --batch-size 32"
    )
    assert train(f"{line} --seed 5 --out", str(tmp_path / "here")) == 0
    ((path, record),) = trainings.runs
    assert path == tmp_path / "here"
    assert record.config == RunConfig("autoencoder", "digits", "plateau", 0.01, 3, 32, 5, {"code": 12, "denoise": True})
    assert record.command == f"python -m sslrec train {line} --seed 5"
    assert (record.name, record.publish) == ("here", "")


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [
        ("encoder --data digits", "digit-encoder-digits"),
        ("autoencoder --code 16", "autoencoder-16-mnist"),
        ("classifier --budget all", "digit-classifier-all-mnist"),
    ],
)
def test_other_models_are_left_in_the_home_folder(arguments: str, folder: str, trainings: Trainings, tmp_path: Path):
    assert train(arguments) == 0
    assert trainings.runs[0][1].publish == str(tmp_path / "home" / "models" / folder)


@pytest.mark.parametrize("task", ["encoder", "classifiers", "novelty"])
def test_a_folder_with_other_files_is_left_alone(
    task: str, trainings: Trainings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "thesis.txt").write_text("three years of work")
    assert train(task, "--out", str(tmp_path)) == 2
    assert "holds other files than a model" in capsys.readouterr().err
    assert trainings.runs == trainings.batteries == []
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("autoencoder --data movielens", "does not learn from 'movielens'"),
        ("autoencoder --policy hope", "There is no learning-rate policy named 'hope'"),
        ("autoencoder --learning-rate 0", "A learning rate of 0.0 trains nothing"),
        ("autoencoder --batch-size 99999", "'batch_size' is 99999; choose a whole number from 1 to 16384"),
        ("autoencoder --code 0", "'--code'"),
        ("autoencoder --epochs many", "'--epochs'"),
        ("classifier --budget 7", "The option 'budget' is '7'"),
        ("juggling", "No such command"),
        ("range-test juggling", "There is no task named 'juggling'"),
        ("range-test juggling", f"choose one of: {', '.join(name for name in TASKS if name != 'adapt')}."),
        ("autoencoder --seed 3000000000", "'--seed'"),
        ("classifiers --seed 2147483647", "'--seed'"),
        ("language --data own", "--data own is a text of yours: python -m sslrec train language --text FILE"),
        ("language --data builtin --text mine.txt", "--text goes with --data own and not with 'builtin'"),
        ("language --data text --text mine.txt", "--text goes with --data own and not with 'text'"),
        ("language --text mine.txt", "mine.txt cannot be used (No such file or directory)"),
        ("language --text 0123456789abcdef", "0123456789abcdef cannot be used (No such file or directory)"),
        ("range-test language --data own", "--data own is a text of yours"),
        ("adapt", "adapting starts from an ingested catalogue: python -m sslrec catalog adapt DIR"),
        ("adapt --catalogue 0123456789abcdef", "python -m sslrec catalog adapt DIR"),
        ("range-test adapt --data own_catalogue", "python -m sslrec catalog adapt DIR"),
        ("--resume nowhere", "'nowhere' holds no training run"),
        ("--resume nowhere autoencoder", "--resume goes without a task"),
        ("--json autoencoder --epochs 1", "--json goes after the task"),
    ],
)
def test_wrong_input_is_one_line_and_2(
    line: str, message: str, trainings: Trainings, capsys: pytest.CaptureFixture[str]
):
    assert train(line) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert trainings.runs == trainings.batteries == []


def test_an_empty_text_is_not_a_text_left_out(trainings: Trainings, capsys: pytest.CaptureFixture[str]):
    """A shell makes one of a variable that is not set, and the app's own model must not be trained anew for it."""
    assert train("language --text", "") == 2
    assert "--text names no file" in capsys.readouterr().err
    assert trainings.runs == []


@pytest.mark.parametrize("task", [name for name in TASKS if name != "adapt"])
def test_a_range_test_learns_from_what_a_training_of_the_task_would(
    task: str, trainings: Trainings, capsys: pytest.CaptureFixture[str]
):
    assert train(f"range-test {task}") == 0
    assert trainings.range_tests == [RunConfig(task, TASKS[task].shipped)]
    assert capsys.readouterr().out == f"{task} on {TASKS[task].shipped}: try --learning-rate 0.01\n"
    other = TASKS[task].data[0]
    assert train(f"range-test {task} --data {other}") == 0
    assert trainings.range_tests[1].data == other


def test_the_help_of_the_range_test_names_what_can_be_tried(trainings: Trainings, capsys: pytest.CaptureFixture[str]):
    assert train("range-test --help") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(name in shown for name in TASKS if name != "adapt")
    assert "adapt" not in shown
    assert "mnist" not in shown
    assert train("range-test adapt") == 2
    assert "python -m sslrec catalog adapt DIR" in capsys.readouterr().err


@pytest.mark.parametrize("data", ["", "--data own"])
def test_a_text_of_ones_own_is_what_is_learned_from(data: str, trainings: Trainings, tmp_path: Path):
    # Whether it is worth a training, the tokenizer tells.
    shutil.copytree(ROOT / "assets" / "tokenizer", tmp_path / "assets" / "tokenizer")
    file = tmp_path / "mine.txt"
    file.write_text("\n".join(f"Sentence {n} of mine." for n in range(50)))
    assert train(f"language {data} --size tiny --text", str(file)) == 0
    ((_, record),) = trainings.runs
    number = corpora.keep(file.read_text())
    assert record.config == RunConfig("language", "own", options={"size": "tiny", "text": number})
    assert record.publish == str(tmp_path / "home" / "models" / "language-tiny-own")
    # The command of the manifest, which names the number.
    assert main(record.command.removeprefix("python -m sslrec ").split()) == 0
    assert trainings.runs[1][1].config == record.config


def test_adapting_is_left_to_the_command_that_knows_the_catalogue(
    trainings: Trainings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert train("--help") == 0
    assert "adapt" not in capsys.readouterr().out
    number = "0123456789abcdef"
    shops.own_folder(number).mkdir(parents=True)
    assert train(f"adapt --catalogue {number}") == 0
    assert trainings.runs[0][1].config.options == {"catalogue": number}


def test_train_alone_shows_the_help(trainings: Trainings, capsys: pytest.CaptureFixture[str]):
    assert train("") == 2
    assert "autoencoder" in capsys.readouterr().out


def test_json_is_one_event_a_line_and_the_last_one_is_the_end(trainings: Trainings, capsys: pytest.CaptureFixture[str]):
    assert train("encoder --json") == 0
    captured = capsys.readouterr()
    assert [json.loads(line) for line in captured.out.splitlines()] == EVENTS
    assert captured.err == ""


def test_people_see_the_epochs_and_the_folder(trainings: Trainings, capsys: pytest.CaptureFixture[str]):
    assert train("encoder") == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("digit-encoder: ")
    assert "epoch: epoch 1, loss 0.5000" in captured.err
    assert "finished: bce 0.0700" in captured.err


def test_a_closed_stdout_ends_no_training(tmp_path: Path):
    script = (
        "import os, sys\n"
        "from sslrec.cli.progress import shown\n"
        "with shown(True) as on_event:\n"
        "    print('ready', flush=True); sys.stdin.readline()\n"
        "    for number in range(3):\n"
        "        on_event({'event': 'step', 'step': number})\n"
        "print('all', file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", script]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT) as process:
        assert process.stdout.readline() == "ready\n"
        process.stdout.close()
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stderr.read() == "all\n"
    assert process.returncode == 0


def test_a_run_is_taken_before_the_seconds_of_an_import(
    trainings: Trainings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "here"
    assert train("encoder --out", str(out)) == 0
    RunFolder(out).write_state(RunState(Status.INTERRUPTED, step=9))
    learning, found = command._learning, []

    def meanwhile() -> Any:
        found.append(train("--resume", str(out)))
        return learning()

    monkeypatch.setattr(command, "_learning", meanwhile)
    assert train("--resume", str(out)) == 0
    assert found == [2]
    assert "holds a training that is starting" in capsys.readouterr().err
    assert len(trainings.runs) == 2


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        (Message("run_not_finite", {"step": 7, "loss": "nan"}), 1, "The loss became nan at step 7; start again with"),
        (Message("run_disk_full", {"step": 7}), 1, "The disk was full at step 7; free some space"),
        (
            Message("run_damaged", {"folder": "x"}),
            2,
            "The run in x cannot go on, as its checkpoint cannot be read; start",
        ),
        (Message("run_foreign", {"folder": "x"}), 2, "The run in x cannot go on, as its checkpoint belongs to another"),
        (None, 1, "The training process ended by itself"),
    ],
)
def test_a_training_that_fails_is_one_line(
    trainings: Trainings, message: Message | None, code: int, said: str, capsys: pytest.CaptureFixture[str]
):
    trainings.end = RunState(Status.FAILED, message)
    assert train("encoder --json") == code
    captured = capsys.readouterr()
    assert captured.err.startswith(f"error: {said}")
    assert captured.err.count("\n") == 1


def test_an_interrupted_training_names_the_command_that_goes_on(
    trainings: Trainings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    trainings.end = RunState(Status.INTERRUPTED, step=9)
    out = tmp_path / "here"
    assert train("encoder --json --out", str(out)) == 130
    assert capsys.readouterr().err == (
        f"error: interrupted at step 9; resume with: python -m sslrec train --resume {out}\n"
    )
    RunFolder(out).write_state(trainings.end)
    trainings.end = RunState(Status.FINISHED)
    assert train("--json --resume", str(out)) == 0
    RunFolder(out).write_state(RunState(Status.INTERRUPTED, step=9))
    assert train("--resume", str(out), "--json") == 0
    assert [path for path, _ in trainings.runs] == [out, out, out]


def test_a_command_that_goes_on_can_be_pasted_whatever_the_folder_is_called(
    trainings: Trainings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    trainings.end = RunState(Status.INTERRUPTED, step=9)
    out = tmp_path / "my run; it's new"
    assert train("encoder --json --out", str(out)) == 130
    said = capsys.readouterr().err.rpartition("resume with: ")[2]
    assert shlex.split(said) == ["python", "-m", "sslrec", "train", "--resume", str(out)]


def test_a_run_that_goes_on_publishes_where_models_lie_now(
    trainings: Trainings, tmp_path: Path, set_variables: Callable[..., None], capsys: pytest.CaptureFixture[str]
):
    trainings.end = RunState(Status.INTERRUPTED, step=9)
    for line in ("encoder", "encoder --data digits"):
        assert train(line) == 130
    set_variables(ASSETS=tmp_path / "moved" / "assets", HOME=tmp_path / "moved" / "home")
    trainings.end = RunState(Status.FINISHED)
    places = [
        tmp_path / "moved" / "assets" / "models" / "digit-encoder",
        tmp_path / "moved" / "home" / "models" / "digit-encoder-digits",
    ]
    moved = tmp_path
    for (path, _), place in zip(tuple(trainings.runs), places, strict=True):
        moved = path.rename(tmp_path / path.name)
        RunFolder(moved).write_state(RunState(Status.INTERRUPTED, step=9))
        assert train("--resume", str(moved)) == 0
        assert (trainings.runs[-1][0], trainings.runs[-1][1].publish) == (moved, str(place))
        assert f": {place}\n" in capsys.readouterr().out
    (places[1] / "thesis").mkdir(parents=True)
    RunFolder(moved).write_state(RunState(Status.INTERRUPTED, step=9))
    assert train("--resume", str(moved)) == 2
    assert "holds other files than a model" in capsys.readouterr().err


def test_a_run_that_can_go_on_is_not_overwritten(
    trainings: Trainings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "here"
    assert train("encoder --out", str(out)) == 0
    RunFolder(out).write_state(RunState(Status.INTERRUPTED, step=9))
    RunFolder(out).checkpoint_path.write_bytes(b"hours of work")
    assert train("encoder --out", str(out)) == 2
    assert f"resume it with: python -m sslrec train --resume {out}" in capsys.readouterr().err
    for message in (Message("run_disk_full", {"step": 9}), None):
        RunFolder(out).write_state(RunState(Status.FAILED, message, step=9))
        assert train("encoder --out", str(out)) == 2
        assert RunFolder(out).checkpoint_path.read_bytes() == b"hours of work"


@pytest.mark.parametrize("code", HOPELESS)
def test_a_run_that_has_to_start_anew_makes_room(code: str, trainings: Trainings, tmp_path: Path):
    out = tmp_path / "here"
    assert train("encoder --out", str(out)) == 0
    params = {"step": 9, "loss": "nan", "first": 1.0, "folder": str(out)}
    RunFolder(out).write_state(RunState(Status.FAILED, Message(code, params), step=9))
    RunFolder(out).checkpoint_path.write_bytes(b"of no use")
    assert train("encoder --out", str(out)) == 0
    assert not RunFolder(out).checkpoint_path.exists()


def test_a_run_that_has_just_begun_is_not_overwritten(
    trainings: Trainings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "here"
    assert train("encoder --out", str(out)) == 0
    RunFolder(out).write_state(RunState(Status.STARTING).by(os.getpid()))
    RunFolder(out).events_path.write_text("{}\n")
    assert train("encoder --out", str(out)) == 2
    assert "holds a run that is not finished" in capsys.readouterr().err
    assert RunFolder(out).events_path.exists()


@pytest.mark.parametrize("status", [Status.FINISHED, Status.RUNNING])
def test_only_a_run_that_left_off_is_resumed(
    status: Status, trainings: Trainings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "here"
    assert train("encoder --out", str(out)) == 0
    RunFolder(out).write_state(RunState(status).by(os.getpid()))
    assert train("--resume", str(out)) == 2
    assert f"'{out}' holds a training that is {status}, so there is nothing to resume" in capsys.readouterr().err


def test_old_runs_make_room(trainings: Trainings, tmp_path: Path, set_variables: Callable[..., None]):
    set_variables(MAX_RUNS=2)
    for _ in range(4):
        assert train("encoder --data digits") == 0
        RunFolder(trainings.runs[-1][0]).write_state(RunState(Status.FINISHED))
    kept = {path.name for path in (tmp_path / "home" / "runs").iterdir()}
    assert kept == {path.name for path, _ in trainings.runs[-2:]}
