import errno
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.learning import session as sessions
from sslrec.learning import snapshots
from sslrec.learning.loop import Training
from sslrec.learning.session import RunSession
from sslrec.learning.train import train_run
from sslrec.runs import events as protocol
from sslrec.runs.events import RunConfig, Status
from sslrec.runs.store import RunFolder, RunRecord, RunState
from sslrec.runs.tasks import TASKS
from sslrec.runs.view import Digest
from tests.learning import tiny_recipe

MakeFolder = Callable[..., RunFolder]


@pytest.fixture
def make_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeFolder:
    """Make folders of new runs of a tiny task; what is no field of a configuration is one of the record."""
    monkeypatch.setitem(TASKS, "tiny", tiny_recipe.SPEC)

    def make(name: str = "run", publish: str = "", **given: Any) -> RunFolder:
        folder = RunFolder(tmp_path / name)
        folder.create(RunRecord.new(RunConfig("tiny", "digits", **given), id=name, publish=publish), RunState())
        return folder

    return make


def train(folder: RunFolder, steps: int | None = None, before: Callable[[Training], None] | None = None) -> RunSession:
    """Train to the end, or leave off after some steps as a killed process would: nothing is told to anybody."""
    session = RunSession(folder)
    session.prepare()
    if before is not None:
        before(session.training)
    made = 0
    while session.status is Status.RUNNING and (steps is None or made < steps):
        if session.trained:
            session.finish()
        else:
            session.turn()
            made += 1
    session.close()
    return session


def losses(folder: RunFolder) -> dict[int, float]:
    """What a watcher of the folder ends up with, by step."""
    digest = Digest(folder)
    digest.update()
    curves = digest.curves()
    return dict(zip(curves.steps.tolist(), curves.loss.tolist(), strict=True))


def events(folder: RunFolder, kind: str) -> list[dict[str, Any]]:
    return [event for event in folder.read_events()[0] if event["event"] == kind]


def test_a_run_leaves_curves_pictures_and_a_sound_model(make_folder: MakeFolder, tmp_path: Path):
    folder = make_folder(publish=str(tmp_path / "models" / "mine"))
    train(folder)
    state = folder.state()
    assert (state.status, state.step, state.total, state.message) == (Status.FINISHED, 12, 12, None)
    assert list(losses(folder)) == list(range(1, 13))
    epochs = events(folder, "epoch")
    assert [event["epoch"] for event in epochs] == [1, 2]
    assert all(event["validation_loss"] > 0 for event in epochs)
    exhibits = events(folder, "exhibit")
    assert [event["step"] for event in exhibits] == [0, 6, 12]
    assert exhibits[0]["inputs"] == exhibits[2]["inputs"]
    assert exhibits[0]["outputs"] != exhibits[2]["outputs"]
    assert exhibits[0]["outputs"][0]["images"][0].startswith("data:image/png;base64,")
    (step, *_) = events(folder, "step")
    assert step["gradient_norm"] > 0
    assert step["examples_per_second"] > 0
    assert 0 < step["seconds"] <= state.seconds
    for place in (folder.path, tmp_path / "models" / "mine"):
        manifest = artifacts.load_folder(place, "mine").manifest
        assert set(manifest.files) == {"model.txt"}
        assert manifest.metrics == state.metrics
        assert manifest.built_on == {"another": "0" * 64}
        assert manifest.config == {"policy": "auto", "learning_rate": 1e-2, "epochs": 2, "batch_size": 60}
    assert not folder.checkpoint_path.exists()
    assert {path.name for path in folder.path.iterdir()} == {
        *("run.json", "state.json", "events.jsonl", "manifest.json", "model.txt")
    }


def test_a_run_begins_with_all_that_its_watchers_were_promised(make_folder: MakeFolder):
    folder = make_folder(seed=7)
    train(folder, steps=0)
    (started,) = events(folder, "started")
    (row,) = [line for line in (protocol.__doc__ or "").splitlines() if line.startswith("| `started`")]
    promised = row.split("`")[3].split()
    assert {"task", "seed", "examples"} < set(promised)
    assert set(promised) == started.keys() - {"event", "step"}
    assert started["seed"] == 7


@pytest.mark.parametrize("policy", ["cosine", "plateau", "adaptive", "auto", "prodigy", "schedule_free"])
def test_a_run_that_is_cut_off_anywhere_ends_with_the_same_losses(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch, policy: str
):
    whole = make_folder("whole", policy=policy)
    train(whole)
    monkeypatch.setattr(sessions, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(sessions, "CHECKPOINT_SHARE", 1e9)
    cut = make_folder("cut", policy=policy)
    for steps in (random.Random(policy).randrange(1, 6), 4):
        train(cut, steps)
        with cut.events_path.open("ab") as stream:
            stream.write(b'{"event": "step", "st')  # the line that a killed process was writing
    train(cut)
    assert losses(cut) == losses(whole)
    assert cut.state().metrics == whole.state().metrics
    assert [e["loss"] for e in events(cut, "epoch")][-2:] == [e["loss"] for e in events(whole, "epoch")]


def test_runs_in_turns_begin_alike_and_do_not_disturb_each_other(make_folder: MakeFolder):
    policies = ("cosine", "constant")
    alone = [make_folder(f"alone-{policy}", policy=policy) for policy in policies]
    race = [make_folder(f"race-{policy}", policy=policy) for policy in policies]
    for folder in alone:
        train(folder)
    sessions = [RunSession(folder) for folder in race]
    for session in sessions:
        session.prepare()
    while not all(session.trained for session in sessions):
        for session in sessions:
            session.turn()
    for session in sessions:
        session.close()
    assert [losses(folder) for folder in race] == [losses(folder) for folder in alone]
    assert losses(race[0])[1] == losses(race[1])[1]
    assert losses(race[0])[12] != losses(race[1])[12]


def test_a_stopped_run_is_saved_where_it_is(make_folder: MakeFolder):
    folder = make_folder()
    session = RunSession(folder)
    session.prepare()
    session.turn()
    session.turn()
    session.command("stop")
    session.close()
    assert (folder.state().status, folder.state().step) == (Status.STOPPED, 2)
    train(folder)
    assert folder.state().status is Status.FINISHED
    assert [event["step"] for event in events(folder, "resumed")] == [2]


def test_what_is_asked_for_before_the_first_step_is_not_lost(make_folder: MakeFolder):
    folder = make_folder()
    session = RunSession(folder)
    session.command("set_rate", rate=1e-4)
    session.command("pause")
    session.prepare()
    assert session.status is Status.PAUSED
    session.command("resume")
    session.turn()
    session.close()
    assert [event["reason"] for event in events(folder, "learning_rate")] == ["hand"]


@pytest.mark.timeout(60)
def test_what_is_asked_for_before_a_training_that_cannot_begin_is_dropped(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
):
    def refuse(config: RunConfig) -> None:
        raise MemoryError("the data")

    monkeypatch.setattr(sessions, "Prepared", refuse)
    folder = make_folder()
    session = RunSession(folder)
    session.command("set_rate", rate=1e-4)
    session.prepare()
    session.close()
    assert folder.state().status is Status.FAILED


def test_an_interruption_while_a_checkpoint_is_read_leaves_it_whole(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
):
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    folder = make_folder()
    session = RunSession(folder)
    session.prepare()
    session.turn()
    session.command("stop")
    session.close()
    with monkeypatch.context() as patched:
        patched.setattr(sessions, "restore", interrupt)
        state = train_run(folder.path)
    assert (state.status, state.step) == (Status.INTERRUPTED, 1)
    train(folder)
    assert [event["step"] for event in events(folder, "resumed")] == [1]


@pytest.mark.parametrize("policy", ["cosine", "constant"])
def test_a_rate_set_in_a_pause_outlives_the_process(make_folder: MakeFolder, policy: str):
    folder = make_folder(policy=policy)
    session = RunSession(folder)
    session.prepare()
    session.turn()
    session.command("pause")
    session.command("set_rate", rate=1e-4)
    session.command("stop")
    session.close()
    train(folder, 1)
    assert events(folder, "step")[-1]["learning_rate"] == pytest.approx(1e-4, rel=0.5)


def test_a_run_whose_end_could_not_be_written_keeps_its_checkpoint(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
):
    def refuse(folder: RunFolder, state: RunState) -> None:
        if state.status is Status.FINISHED:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(folder, state)

    folder, write = make_folder(), RunFolder.write_state
    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "write_state", refuse)
        train(folder)
    assert (folder.state().status, folder.state().message.code) == (Status.FAILED, "run_disk_full")
    train(folder)
    assert [event["step"] for event in events(folder, "resumed")] == [12]
    assert folder.state().status is Status.FINISHED


def test_a_crash_names_the_step_that_the_run_goes_on_from(make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch):
    folder = make_folder()
    session = RunSession(folder)
    session.prepare()
    assert session.recorder.settle()
    session.turn()
    session.turn()

    def crash(_: Training) -> None:
        raise ValueError("the cat sat on the keyboard")

    monkeypatch.setattr(Training, "advance", crash)
    session.turn()
    session.close()
    monkeypatch.undo()
    monkeypatch.setitem(TASKS, "tiny", tiny_recipe.SPEC)
    assert (folder.state().message.code, folder.state().message.params["step"]) == ("run_crashed", 0)
    train(folder)
    assert [event["step"] for event in events(folder, "resumed")] == [0]


def test_what_could_not_be_measured_is_null_in_every_file(make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch):
    def unmeasured(recipe: tiny_recipe.TinyRecipe, made: Path, on_event: object) -> dict[str, Any]:
        recipe.export(made)
        return {"corpora": {"own": {"top_1": float("nan")}}}

    folder = make_folder()
    monkeypatch.setattr(tiny_recipe.TinyRecipe, "finish", unmeasured)
    train(folder)
    for name in ("state.json", "manifest.json", "events.jsonl"):
        assert "NaN" not in (folder.path / name).read_text()
    assert folder.state().metrics == {"corpora": {"own": {"top_1": None}}}


def test_a_snapshot_is_an_artefact_and_changes_nothing(make_folder: MakeFolder):
    plain, seen = make_folder("plain"), make_folder("seen")
    train(plain)
    session = RunSession(seen)
    session.prepare()
    session.turn()
    session.command("snapshot")
    while not session.trained:
        session.turn()
    session.close()
    assert losses(seen) == losses(plain)
    (snapshot,) = events(seen, "snapshot")
    manifest = artifacts.load_folder(seen.path / snapshot["folder"], "snapshot").manifest
    assert manifest.metrics["step"] == 1
    assert set(manifest.files) == {"model.txt"}


def test_only_the_latest_snapshots_are_kept(make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshots, "SNAPSHOTS", 2)
    folder = make_folder()
    session = RunSession(folder)
    session.prepare()
    for _ in range(11):
        session.turn()
        if session.training.step in (2, 9, 11):
            session.command("snapshot")
    session.close()
    assert {path.name for path in (folder.path / "snapshots").iterdir()} == {"step-9", "step-11"}


def stopped(folder: RunFolder, steps: int = 2) -> RunSession:
    """A run that was stopped after some steps, and has said so; its process has not left yet."""
    session = RunSession(folder)
    session.prepare()
    for _ in range(steps):
        session.turn()
    session.command("stop")
    assert session.recorder.settle()
    assert folder.state().status is Status.STOPPED
    return session


def test_a_stopped_run_leaves_its_weights_as_a_model_once_its_stop_is_told(make_folder: MakeFolder):
    folder = make_folder()
    session = stopped(folder)
    assert events(folder, "snapshot") == []
    session.close()
    (snapshot,) = events(folder, "snapshot")
    artifact = artifacts.load_folder(folder.path / snapshot["folder"], "snapshot")
    assert (snapshot["step"], artifact.manifest.metrics["step"], set(artifact.manifest.files)) == (2, 2, {"model.txt"})
    assert (folder.state().status, folder.state().message, folder.state().step) == (Status.STOPPED, None, 2)
    train(folder)
    assert folder.state().status is Status.FINISHED


def no_space(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("what", ["export", "event"])
def test_weights_that_cannot_be_put_into_files_turn_no_stop_into_a_failure(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, what: str
):
    folder = make_folder()
    session = stopped(folder)
    if what == "export":
        monkeypatch.setattr(tiny_recipe.TinyRecipe, "export", no_space)
    else:
        monkeypatch.setattr(session.recorder, "_append", no_space)
    session.close()
    assert (folder.state().status, folder.state().message) == (Status.STOPPED, None)
    assert events(folder, "snapshot") == []
    assert ("No space left on device" in caplog.text) == (what == "export")
    assert not list(folder.path.glob(".snapshot-*"))
    assert folder.checkpoint_path.is_file()


@pytest.mark.parametrize("how", ["interrupted", "untrained", "resumed elsewhere"])
def test_weights_that_nobody_asked_for_are_not_put_into_files(make_folder: MakeFolder, how: str):
    folder = make_folder()
    session = stopped(folder, 0 if how == "untrained" else 2)
    if how == "interrupted":
        session = RunSession(folder)
        session.prepare()
        session.turn()
        session.command("interrupt")
    elif how == "resumed elsewhere":
        folder.write_state(replace(folder.state(), status=Status.QUEUED).by(1))
    session.close()
    assert events(folder, "snapshot") == []


def test_a_training_that_diverges_leaves_its_last_good_weights_as_a_model(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
):
    folder = make_folder()
    session = RunSession(folder)
    session.prepare()
    for _ in range(3):
        session.turn()
    session.command("pause")  # which saves
    session.command("resume")
    session.turn()
    good = session.training.task.model.trainable_variables
    for variable in good:
        variable.assign(variable * np.nan)
    session.turn()
    session.close()
    assert (folder.state().status, folder.state().message.code) == (Status.FAILED, "run_not_finite")
    (snapshot,) = events(folder, "snapshot")
    found = folder.path / snapshot["folder"]
    assert artifacts.load_folder(found, "snapshot").manifest.metrics["step"] == snapshot["step"] == 3
    assert np.isfinite(float((found / "model.txt").read_text()))
    assert np.isfinite(snapshot["metrics"]["validation_loss"])


def test_what_a_killed_process_left_unfinished_goes_when_the_run_goes_on(make_folder: MakeFolder):
    folder = make_folder()
    stopped(folder).close()
    for name in (".snapshot-abc", ".artifact-abc"):
        (folder.path / name).mkdir()
        (folder.path / name / "half.tflite").write_text("half")
    train(folder)
    assert [path.name for path in folder.path.iterdir() if path.name.startswith(".")] == []


def test_a_run_keeps_its_model_where_the_copy_cannot_be_published(make_folder: MakeFolder, tmp_path: Path):
    (tmp_path / "models").write_text("a file where a folder is wanted")
    folder = make_folder(publish=str(tmp_path / "models" / "mine"))
    train(folder)
    assert folder.state().status is Status.FAILED
    assert artifacts.load_folder(folder.path, "run").file("model.txt").is_file()
    (tmp_path / "models").unlink()
    train(folder)
    assert folder.state().status is Status.FINISHED
    for place in (folder.path, tmp_path / "models" / "mine"):
        assert set(artifacts.load_folder(place, "mine").manifest.files) == {"model.txt"}


def test_a_rate_that_is_far_too_high_fails_with_the_step_and_keeps_good_weights(make_folder: MakeFolder):
    folder = make_folder(policy="constant", learning_rate=1e30)
    train(folder)
    state = folder.state()
    assert state.status is Status.FAILED
    assert state.message.code == "run_not_finite"
    assert 1 <= state.message.params["step"] <= 12
    assert str(state.message).endswith("start again with a lower learning rate.")
    with np.load(folder.checkpoint_path) as arrays:
        assert all(np.isfinite(arrays[name]).all() for name in arrays.files)
    for line in folder.events_path.read_text().splitlines():
        json.loads(line, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))


def test_weights_that_turn_into_nan_are_not_kept(make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sessions, "CHECKPOINT_SECONDS", 0.0)
    folder = make_folder()
    session = RunSession(folder)
    session.prepare()
    session.turn()
    variable = session.training.task.model.trainable_variables[0]
    variable.assign(variable * np.nan)
    session.turn()
    session.close()
    assert folder.state().status is Status.FAILED
    with np.load(folder.checkpoint_path) as arrays:
        assert all(np.isfinite(arrays[name]).all() for name in arrays.files)


@pytest.mark.parametrize("file", ["events.jsonl", ".checkpoint.npz.tmp"])
def test_a_full_disk_is_said_in_the_state(make_folder: MakeFolder, file: str):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    folder = make_folder()
    (folder.path / file).symlink_to(full)
    train(folder)
    state = folder.state()
    assert state.status is Status.FAILED
    assert state.message.code == "run_disk_full"


def test_a_disk_that_has_no_room_for_the_news_of_it_either_is_told_to_whoever_asked_for_the_training(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
):
    folder, write = make_folder(), RunFolder.write_state

    def refuse(folder: RunFolder, state: RunState) -> None:
        if state.status.alive and state.step < 6:
            write(folder, state)
        else:
            no_space()

    monkeypatch.setattr(RunFolder, "write_state", refuse)
    monkeypatch.setattr(sessions, "CHECKPOINT_SECONDS", 0.0)
    state = train_run(folder.path)
    assert folder.state().status is Status.RUNNING
    assert (state.status, state.message.code) == (Status.FAILED, "run_disk_full")


def test_a_damaged_checkpoint_is_said(make_folder: MakeFolder):
    folder = make_folder()
    folder.checkpoint_path.write_bytes(b"no arrays")
    train(folder)
    assert folder.state().message.code == "run_damaged"
    said = str(folder.state().message)
    assert f"The run in {folder.path.name} cannot go on, as its checkpoint cannot be read" in said
    assert str(folder.path.parent) not in said  # the page shows it to visitors, too


def test_a_checkpoint_of_another_model_is_said(make_folder: MakeFolder):
    donor, folder = make_folder("donor", policy="schedule_free"), make_folder("run")
    train(donor, 1)
    folder.checkpoint_path.write_bytes(donor.checkpoint_path.read_bytes())
    train(folder)
    assert "its checkpoint belongs to another model" in str(folder.state().message)


@pytest.mark.parametrize("change", ["data", "model", "length"])
def test_a_run_whose_data_length_or_origin_has_changed_does_not_go_on(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch, change: str
):
    def build(config: RunConfig) -> tiny_recipe.TinyRecipe:
        recipe = tiny_recipe.TinyRecipe(config)
        if change == "data":
            recipe.source = (recipe.source[0], "f" * 64)
        elif change == "model":
            recipe.built_on = {"another": "1" * 64}
        else:
            recipe.schedule = replace(recipe.schedule, epochs=3)
        return recipe

    folder = make_folder()
    train(folder, 1)
    kept = folder.checkpoint_path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(tiny_recipe, "build", build)
        train(folder)
    assert (folder.state().status, folder.state().message.code) == (Status.FAILED, "run_changed")
    assert folder.checkpoint_path.read_bytes() == kept
    train(folder)
    assert folder.state().status is Status.FINISHED


def test_a_checkpoint_that_does_not_say_its_origin_is_gone_on_from(make_folder: MakeFolder):
    folder = make_folder()
    train(folder, 1)
    with np.load(folder.checkpoint_path) as arrays:
        older = dict(arrays)
    meta = json.loads(older["meta"].tobytes())
    assert meta.pop("origin")["built_on"] == {"another": "0" * 64}
    assert meta.pop("total") == 12
    np.savez(
        folder.checkpoint_path,
        allow_pickle=False,
        **older | {"meta": np.frombuffer(json.dumps(meta).encode(), np.uint8)},
    )
    train(folder)
    assert folder.state().status is Status.FINISHED


def test_an_error_in_a_task_ends_the_run_and_not_the_worker(make_folder: MakeFolder):
    def break_it(training: Training) -> None:
        def validate() -> dict[str, float]:
            raise RuntimeError("the ruler is broken")

        training.task.validate = validate

    folder = make_folder()
    train(folder, before=break_it)
    assert folder.state().status is Status.FAILED
    assert "RuntimeError: the ruler is broken" in str(folder.state().message)
